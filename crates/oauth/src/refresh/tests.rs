use jiff::ToSpan as _;

use super::*;
use crate::Grants;

fn client(id: i64, client_type: ClientType) -> Client {
    Client {
        id: ClientId::new(id).unwrap(),
        client_type,
        redirect_uris: Vec::new(),
        grants: Grants {
            code: true,
            implicit: false,
        },
        pkce_required: false,
    }
}

fn granted_at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn token() -> RefreshToken<&'static str> {
    RefreshToken {
        client: ClientId::new(7).unwrap(),
        grant: "grant",
        scope: Scope::All,
        grant_revoked: false,
        granted_at: granted_at(),
        used_at: granted_at(),
        rotated_at: None,
    }
}

const RULES: RefreshRules = RefreshRules {
    grace: SignedDuration::from_secs(10),
    lifetime: None,
    idle_lifetime: None,
};

type Outcome = Result<Refreshed<&'static str>, RefreshError<&'static str>>;

const KEPT: Outcome = Ok(Refreshed {
    grant: "grant",
    scope: Scope::All,
    rotate: false,
});
const ROTATED: Outcome = Ok(Refreshed {
    grant: "grant",
    scope: Scope::All,
    rotate: true,
});
const REUSED: Outcome = Err(RefreshError::Reused { grant: "grant" });

const fn refused(error: TokenError) -> Outcome {
    Err(RefreshError::Refused(error))
}

#[test]
fn a_refresh_token_works_for_its_own_client_while_its_grant_lives() {
    let confidential = client(7, ClientType::Confidential);
    let public = client(7, ClientType::Public);
    let other = client(8, ClientType::Confidential);
    let implicit = Client {
        grants: Grants {
            code: false,
            implicit: true,
        },
        ..public.clone()
    };
    let revoked = RefreshToken {
        grant_revoked: true,
        ..token()
    };
    for (loaded, by, expected) in [
        (Some(&token()), &confidential, KEPT),                       // AS-49
        (Some(&token()), &public, ROTATED),                          // AS-48
        (Some(&token()), &other, refused(TokenError::InvalidGrant)), // AS-47
        (None, &confidential, refused(TokenError::InvalidGrant)),
        (Some(&revoked), &confidential, refused(TokenError::Revoked)), // AS-51, decision 1
        (Some(&revoked), &other, refused(TokenError::InvalidGrant)),
        (Some(&token()), &implicit, refused(TokenError::UnauthorizedClient)),
    ] {
        for requested in [None, Some(Scope::All)] {
            assert_eq!(
                refresh(loaded, by, requested, &RULES, granted_at()),
                expected,
                "{loaded:?} {by:?}"
            );
        }
    }
}

#[test]
fn a_rotated_token_is_reused_only_within_its_grace() {
    // AS-48, decision 6
    let public = client(7, ClientType::Public);
    let other = client(8, ClientType::Public);
    let rotated = RefreshToken {
        rotated_at: Some(granted_at() + 1.hour()),
        ..token()
    };
    for (by, seconds, expected) in [
        (&public, 3600, ROTATED),
        (&public, 3609, ROTATED),
        (&public, 3610, REUSED),
        (&public, 90_000, REUSED),
        (&other, 90_000, refused(TokenError::InvalidGrant)),
    ] {
        let now = granted_at() + seconds.seconds();
        assert_eq!(refresh(Some(&rotated), by, None, &RULES, now), expected, "{seconds}");
    }
    assert_eq!(REUSED.map_err(|error| error.answer()), Err(TokenError::Revoked));
}

#[test]
fn refresh_tokens_end_only_where_the_settings_say_so() {
    // AS-50
    let confidential = client(7, ClientType::Confidential);
    let used = RefreshToken {
        used_at: granted_at() + 20.hours(),
        ..token()
    };
    let hours = |hours| Some(SignedDuration::from_hours(hours));
    let ended = refused(TokenError::Revoked);
    for (lifetime, idle_lifetime, after, expected) in [
        (None, None, 1_000_000, KEPT),
        (hours(24), None, 23, KEPT),
        (hours(24), None, 24, ended.clone()),
        (None, hours(5), 24, KEPT),
        (None, hours(5), 25, ended.clone()),
        (hours(24), hours(5), 24, ended.clone()),
    ] {
        let rules = RefreshRules {
            lifetime,
            idle_lifetime,
            ..RULES
        };
        let now = granted_at() + after.hours();
        assert_eq!(
            refresh(Some(&used), &confidential, None, &rules, now),
            expected,
            "{lifetime:?} {after}"
        );
    }
}
