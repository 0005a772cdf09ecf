//! Refresh tokens and the life of access tokens.

use oauth::ClientType;
use provider::{Actor, Role};

use crate::world::{App, Tokens, World, secret};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const PKCE: [(&str, &str); 2] = [
    ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ("code_challenge_method", "S256"),
];

async fn connected(change: impl FnOnce(&mut provider::Settings)) -> (World, App, Tokens) {
    let world = World::start_with(change).await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &app).await;
    (world, app, tokens)
}

async fn public(world: &World) -> (App, Tokens) {
    let app = world.app(world.acme().await, ClientType::Public).await;
    let code = world
        .logged_in("ada@example.test")
        .await
        .authorize_with(&app, &PKCE)
        .await;
    let tokens = world
        .exchange_with(&app, &code, &[("code_verifier", VERIFIER)])
        .await
        .tokens();
    (app, tokens)
}

fn gone() -> (u16, String) {
    (403, "invalid_grant".to_owned())
}

#[tokio::test]
async fn an_access_token_lives_two_hours_and_can_be_renewed_for_ever() {
    // AS-53, AS-50
    let (world, app, tokens) = connected(|_| {}).await;
    world.later(7199);
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, 200);
    world.later(2);
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, 403);
    world.later(5 * 365 * 86_400);
    let renewed = world.refresh(&app, tokens.refresh()).await;
    assert_eq!(world.api(&renewed.tokens().access, "/v2/me").await.status, 200);
}

#[tokio::test]
async fn a_confidential_application_keeps_its_refresh_token() {
    // AS-49
    let (world, app, tokens) = connected(|_| {}).await;
    let refreshes = (0..20).map(|_| world.refresh(&app, tokens.refresh()));
    for answer in futures_util::future::join_all(refreshes).await {
        let json = answer.json();
        let keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["access_token", "expires_in", "token_type"]);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_public_application_gets_another_refresh_token_each_time() {
    // AS-48
    let world = World::start().await;
    let (app, first) = public(&world).await;
    let second = world.refresh(&app, first.refresh()).await.tokens();
    assert_ne!(second.refresh(), first.refresh());
    // The answer was lost on the way: for a while the old one still works.
    world.later(9);
    let third = world.refresh(&app, first.refresh()).await.tokens();
    assert_eq!(world.api(&third.access, "/v2/me").await.status, 200);
    // Later it is a sign of theft, and ends them all.
    world.later(2);
    assert_eq!(world.refresh(&app, first.refresh()).await.refusal(), gone());
    for tokens in [&second, &third] {
        assert_eq!(world.api(&tokens.access, "/v2/me").await.status, 403);
        assert_eq!(world.refresh(&app, tokens.refresh()).await.refusal(), gone());
    }
}

#[tokio::test]
async fn a_refresh_token_works_for_its_own_application_only() {
    // AS-47
    let (world, _, tokens) = connected(|_| {}).await;
    let other = world.app(world.account("Beta").await, ClientType::Confidential).await;
    let refused = world.refresh(&other, tokens.refresh()).await;
    assert_eq!(refused.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn what_was_never_issued_is_not_told_from_what_is_malformed() {
    let (world, app, tokens) = connected(|_| {}).await;
    let mut forged = tokens.refresh().to_owned();
    let last = if forged.ends_with('A') { 'B' } else { 'A' };
    forged.pop();
    forged.push(last);
    for token in [forged.as_str(), "x", &tokens.access, &tokens.refresh()[4..]] {
        assert_eq!(
            world.refresh(&app, token).await.refusal(),
            (400, "invalid_grant".to_owned()),
            "{token}"
        );
    }
}

#[tokio::test]
async fn the_scope_may_be_repeated_and_never_widened() {
    // AS-47
    let (world, app, tokens) = connected(|_| {}).await;
    let secret = app.secret.clone().unwrap();
    for (scope, status) in [("all", 200), ("", 200), ("all more", 400), ("admin", 400)] {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.refresh()),
            ("client_id", &app.id),
            ("client_secret", &secret),
            ("scope", scope),
        ];
        let answer = world.post_form("/oauth2/token", &fields).await;
        assert_eq!(answer.status, status, "{scope}");
        if status == 400 {
            assert_eq!(answer.refusal().1, "invalid_scope");
        }
    }
}

#[tokio::test]
async fn refresh_tokens_may_be_given_an_end() {
    // AS-50
    let ttl = |settings: &mut provider::Settings| settings.refresh_token_ttl = Some("30d".parse().unwrap());
    let (world, app, tokens) = connected(ttl).await;
    world.later(30 * 86_400 - 1);
    world.refresh(&app, tokens.refresh()).await.tokens();
    world.later(2);
    assert_eq!(world.refresh(&app, tokens.refresh()).await.refusal(), gone());

    let idle = |settings: &mut provider::Settings| settings.refresh_token_idle_ttl = Some("1h".parse().unwrap());
    let (world, app, tokens) = connected(idle).await;
    for _ in 0..3 {
        world.later(3599);
        world.refresh(&app, tokens.refresh()).await.tokens();
    }
    world.later(3601);
    assert_eq!(world.refresh(&app, tokens.refresh()).await.refusal(), gone());
}

#[tokio::test]
async fn the_status_of_what_is_gone_follows_the_setting() {
    // Decision 1
    for (revoked_status, at_token, at_api) in [("seed", 403, 403), ("rfc", 400, 401)] {
        let (world, app, tokens) =
            connected(|settings| settings.revoked_status = revoked_status.parse().unwrap()).await;
        world
            .provider
            .deactivate_user(&secret("ada@example.test"))
            .await
            .unwrap();
        let refused = world.refresh(&app, tokens.refresh()).await;
        assert_eq!(refused.refusal(), (at_token, "invalid_grant".to_owned()));
        let refused = world.api(&tokens.access, "/v2/me").await;
        assert_eq!(refused.status, at_api);
        assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
        assert_eq!(refused.json()["code"], "authentication_failed");
    }
}

#[tokio::test]
async fn everything_dies_with_the_user_and_with_the_application() {
    // AS-52
    let (world, app, tokens) = connected(|_| {}).await;
    let account = world.account("Beta").await;
    world.user(account, "bob@example.test", Role::Administrator).await;
    let bob = world.connect("bob@example.test", &app).await;
    world
        .provider
        .deactivate_user(&secret("ada@example.test"))
        .await
        .unwrap();
    assert_eq!(world.refresh(&app, tokens.refresh()).await.refusal(), gone());
    assert_eq!(world.api(&bob.access, "/v2/me").await.status, 200);

    let id = app.id.parse().unwrap();
    world
        .provider
        .delete_application(None, id, Actor::COMMAND_LINE)
        .await
        .unwrap();
    assert_eq!(world.api(&bob.access, "/v2/me").await.status, 403);
    assert_eq!(
        world.refresh(&app, bob.refresh()).await.refusal(),
        (401, "invalid_client".to_owned())
    );
}

#[tokio::test]
async fn a_role_holds_at_the_next_call_on_every_replica() {
    // AS-52, SEC-17
    let (world, _, tokens) = connected(|_| {}).await;
    let replica = world.replica().await;
    let account = world.api(&tokens.access, "/v2/me").await.json()["current_account"]["id"]
        .as_i64()
        .unwrap();
    let sars = "/v2/subject-access-requests";
    for world in [&world, &replica] {
        assert_eq!(world.api(&tokens.access, sars).await.status, 200);
    }
    let ada = secret("ada@example.test");
    world
        .provider
        .set_role(provider::AccountId(account), &ada, Role::User)
        .await
        .unwrap();
    for world in [&world, &replica] {
        let refused = world.api(&tokens.access, sars).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["code"]),
            (403, &"forbidden".into())
        );
        assert_eq!(refused.header("www-authenticate"), "");
    }
}

#[tokio::test]
async fn no_usable_token_lies_in_the_database() {
    // AS-55
    let world = World::start().await;
    if world.database.is_postgres() {
        return;
    }
    let (app, public_tokens) = public(&world).await;
    let confidential = world.app(provider::AccountId(10_001), ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &confidential).await;
    let personal = world
        .provider
        .create_personal_token(&secret("ada@example.test"), None, "ci")
        .await
        .unwrap()
        .token;
    world.provider.settle().await;
    world.provider.store().forget_deleted().await.unwrap();
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(world.database.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != "master.key" {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    assert!(bytes.len() > 10_000 && !app.id.is_empty());
    let mut secrets = vec![tokens.access.as_str(), tokens.refresh(), personal.reveal()];
    secrets.extend([
        public_tokens.access.as_str(),
        public_tokens.refresh(),
        confidential.secret.as_deref().unwrap(),
    ]);
    secrets.extend(["ada@example.test", "Lovelace", crate::world::PASSWORD]);
    for marker in secrets {
        let found = bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
        assert!(!found, "{}…", &marker[..4]);
    }
}
