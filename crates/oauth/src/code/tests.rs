use jiff::ToSpan as _;

use super::*;
use crate::{ClientType, Grants};

const REDIRECT_URI: &str = "https://app.test/cb";

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

fn verifier(byte: u8) -> Verifier {
    Verifier::from_entropy([byte; 32])
}

fn issued_at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn code(challenge: Option<u8>) -> AuthorizationCode<&'static str> {
    AuthorizationCode {
        client: ClientId::new(7).unwrap(),
        redirect_uri: REDIRECT_URI.to_owned(),
        challenge: challenge.map(|byte| verifier(byte).challenge()),
        scope: Scope::All,
        grant: "grant",
        expires_at: issued_at() + 10.minutes(),
        redeemed_at: None,
    }
}

const GRANTED: Result<Redeemed<&str>, RedeemError<&str>> = Ok(Redeemed {
    grant: "grant",
    scope: Scope::All,
});
const REFUSED: Result<Redeemed<&str>, RedeemError<&str>> = Err(RedeemError::Refused(TokenError::InvalidGrant));
const REPLAYED: Result<Redeemed<&str>, RedeemError<&str>> = Err(RedeemError::Replayed { grant: "grant" });

#[test]
fn a_code_is_exchanged_by_its_client_at_its_redirect_uri_with_its_verifier() {
    let own = client(7, ClientType::Confidential);
    let other = client(8, ClientType::Confidential);
    let public = client(7, ClientType::Public);
    let strict = Client {
        pkce_required: true,
        ..own.clone()
    };
    for (challenge, by, redirect_uri, proof, expected) in [
        (None, &own, Some(REDIRECT_URI), None, GRANTED),
        (None, &other, Some(REDIRECT_URI), None, REFUSED), // AS-25
        // AS-26
        (None, &own, None, None, REFUSED),
        (None, &own, Some("https://app.test/cb/"), None, REFUSED),
        // AS-30
        (Some(1), &own, Some(REDIRECT_URI), Some(1), GRANTED),
        (Some(1), &own, Some(REDIRECT_URI), Some(2), REFUSED),
        (Some(1), &own, Some(REDIRECT_URI), None, REFUSED),
        (Some(1), &public, Some(REDIRECT_URI), Some(1), GRANTED),
        (None, &own, Some(REDIRECT_URI), Some(1), REFUSED), // AS-31
        // AS-32, for codes that were issued before the rule held
        (None, &public, Some(REDIRECT_URI), None, REFUSED),
        (None, &strict, Some(REDIRECT_URI), None, REFUSED),
    ] {
        let proof = proof.map(verifier);
        let outcome = redeem(&code(challenge), by, redirect_uri, proof.as_ref(), issued_at());
        assert_eq!(outcome, expected, "{challenge:?} {redirect_uri:?} {proof:?}");
    }
}

#[test]
fn a_code_lives_ten_minutes() {
    // AS-22
    let own = client(7, ClientType::Confidential);
    for (seconds, expected) in [(0, GRANTED), (599, GRANTED), (600, REFUSED), (601, REFUSED)] {
        let now = issued_at() + seconds.seconds();
        assert_eq!(
            redeem(&code(None), &own, Some(REDIRECT_URI), None, now),
            expected,
            "{seconds}"
        );
    }
}

#[test]
fn only_the_owner_s_second_use_has_the_grant_revoked() {
    // AS-23, RFC 6749 section 4.1.2
    let own = client(7, ClientType::Public);
    let other = client(8, ClientType::Public);
    let used = AuthorizationCode {
        redeemed_at: Some(issued_at()),
        ..code(Some(1))
    };
    for (by, redirect_uri, proof, minutes, expected) in [
        (&own, REDIRECT_URI, 1, 1, REPLAYED),
        (&own, REDIRECT_URI, 1, 30, REPLAYED),
        (&other, REDIRECT_URI, 1, 1, REFUSED),
        (&own, "https://app.test/other", 1, 1, REFUSED),
        (&own, REDIRECT_URI, 2, 1, REFUSED),
    ] {
        let now = issued_at() + minutes.minutes();
        let outcome = redeem(&used, by, Some(redirect_uri), Some(&verifier(proof)), now);
        assert_eq!(outcome, expected, "{redirect_uri} {proof} {minutes}");
        assert_eq!(outcome.unwrap_err().answer(), TokenError::InvalidGrant);
    }
}

#[test]
fn an_application_without_the_code_grant_exchanges_nothing() {
    // AS-40
    let implicit = Client {
        grants: Grants {
            code: false,
            implicit: true,
        },
        ..client(7, ClientType::Public)
    };
    let outcome = redeem(
        &code(Some(1)),
        &implicit,
        Some(REDIRECT_URI),
        Some(&verifier(1)),
        issued_at(),
    );
    assert_eq!(outcome, Err(RedeemError::Refused(TokenError::UnauthorizedClient)));
}
