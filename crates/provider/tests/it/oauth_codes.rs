//! Authorization codes: how long, how often, for whom.

use oauth::ClientType;
use provider::{Actor, Role};

use crate::{
    browser::authorize_path,
    world::{App, World, secret},
};

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const PKCE: [(&str, &str); 2] = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];

async fn world_with_app() -> (World, App) {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    (world, app)
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[tokio::test]
async fn a_code_lives_ten_minutes() {
    // AS-22
    let (world, app) = world_with_app().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let code = ada.authorize(&app).await;
    world.later(599);
    world.exchange(&app, &code).await.tokens();
    let code = ada.authorize(&app).await;
    world.later(601);
    assert_eq!(world.exchange(&app, &code).await.refusal(), invalid_grant());
}

#[tokio::test]
async fn a_code_that_is_used_again_ends_what_was_issued_from_it() {
    // AS-23
    let (world, app) = world_with_app().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let other = world.exchange(&app, &ada.authorize(&app).await).await.tokens();
    let code = ada.authorize(&app).await;
    let tokens = world.exchange(&app, &code).await.tokens();
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, 200);
    assert_eq!(world.exchange(&app, &code).await.refusal(), invalid_grant());
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, 403);
    assert_eq!(
        world.refresh(&app, tokens.refresh()).await.refusal(),
        (403, "invalid_grant".to_owned())
    );
    // Another consent of the same user to the same application stands.
    assert_eq!(world.api(&other.access, "/v2/me").await.status, 200);
    assert!(world.audited().await.contains(&"grant.revoked".to_owned()));
}

#[tokio::test]
async fn of_fifty_parallel_exchanges_one_succeeds_and_what_it_got_is_dead() {
    // AS-24
    let (world, app) = world_with_app().await;
    let replica = world.replica().await;
    let code = world.logged_in("ada@example.test").await.authorize(&app).await;
    let exchanges = (0..50).map(|n| if n % 2 == 0 { &world } else { &replica }.exchange(&app, &code));
    let answers = futures_util::future::join_all(exchanges).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1);
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(lost.refusal(), invalid_grant());
    }
    let tokens = won[0].tokens();
    for world in [&world, &replica] {
        assert_eq!(world.api(&tokens.access, "/v2/me").await.status, 403);
        assert_eq!(
            world.refresh(&app, tokens.refresh()).await.refusal(),
            (403, "invalid_grant".to_owned())
        );
    }
}

#[tokio::test]
async fn another_application_can_neither_use_nor_burn_a_code() {
    // AS-25
    let (world, app) = world_with_app().await;
    let other = world.app(world.account("Beta").await, ClientType::Confidential).await;
    let code = world.logged_in("ada@example.test").await.authorize(&app).await;
    assert_eq!(world.exchange(&other, &code).await.refusal(), invalid_grant());
    let tokens = world.exchange(&app, &code).await.tokens();
    assert_eq!(world.exchange(&other, &code).await.refusal(), invalid_grant());
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, 200);
}

#[tokio::test]
async fn the_redirect_uri_is_the_one_of_the_request() {
    // AS-26
    let (world, app) = world_with_app().await;
    let code = world.logged_in("ada@example.test").await.authorize(&app).await;
    let secret = app.secret.clone().unwrap();
    for uri in ["", "https://client.test/cb/", "https://client.test/other"] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", uri),
            ("client_id", &app.id),
            ("client_secret", &secret),
        ];
        assert_eq!(
            world.post_form("/oauth2/token", &fields).await.refusal(),
            invalid_grant(),
            "{uri}"
        );
    }
    world.exchange(&app, &code).await.tokens();
}

#[tokio::test]
async fn a_challenge_asks_for_its_verifier() {
    // AS-29, AS-30, AS-31, AS-34
    let (world, app) = world_with_app().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let code = ada.authorize_with(&app, &PKCE).await;
    assert_eq!(world.exchange(&app, &code).await.refusal(), invalid_grant());
    let other = [("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")];
    assert_eq!(
        world.exchange_with(&app, &code, &other).await.refusal(),
        invalid_grant()
    );
    let short = [("code_verifier", &VERIFIER[..42])];
    assert_eq!(
        world.exchange_with(&app, &code, &short).await.refusal().1,
        "invalid_request"
    );
    world
        .exchange_with(&app, &code, &[("code_verifier", VERIFIER)])
        .await
        .tokens();

    let code = ada.authorize(&app).await;
    let downgrade = world.exchange_with(&app, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(downgrade.refusal(), invalid_grant());
}

#[tokio::test]
async fn a_public_application_proves_itself_by_pkce_alone() {
    // AS-32
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Public).await;
    assert_eq!(app.secret, None);
    let mut ada = world.logged_in("ada@example.test").await;
    let refused = ada.get(&authorize_path(&app, &[])).await;
    assert_eq!(refused.answered("error").unwrap(), "invalid_request");
    let code = ada.authorize_with(&app, &PKCE).await;
    assert_eq!(world.exchange(&app, &code).await.refusal(), invalid_grant());
    let tokens = world
        .exchange_with(&app, &code, &[("code_verifier", VERIFIER)])
        .await
        .tokens();
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, 200);
}

#[tokio::test]
async fn a_code_dies_with_the_user_or_the_application() {
    // AS-52
    let (world, app) = world_with_app().await;
    let account = world.account("Beta").await;
    world.user(account, "bob@example.test", Role::User).await;
    let code = world.logged_in("bob@example.test").await.authorize(&app).await;
    world
        .provider
        .deactivate_user(&secret("bob@example.test"))
        .await
        .unwrap();
    assert_eq!(world.exchange(&app, &code).await.refusal(), invalid_grant());

    let code = world.logged_in("ada@example.test").await.authorize(&app).await;
    let id = app.id.parse().unwrap();
    world
        .provider
        .delete_application(None, id, Actor::COMMAND_LINE)
        .await
        .unwrap();
    assert_eq!(
        world.exchange(&app, &code).await.refusal(),
        (401, "invalid_client".to_owned())
    );
}

#[tokio::test]
async fn codes_belong_to_one_user_and_one_account() {
    // AS-28
    let (world, app) = world_with_app().await;
    let beta = world.account("Beta").await;
    world.user(beta, "bob@example.test", Role::User).await;
    let ada = world.connect("ada@example.test", &app).await;
    let bob = world.connect("bob@example.test", &app).await;
    let me = async |token: &str| world.api(token, "/v2/me").await.json()["profile"]["email"].clone();
    assert_eq!(me(&ada.access).await, "ada@example.test");
    assert_eq!(me(&bob.access).await, "bob@example.test");
}
