//! Tokens that people make for themselves.

use http::StatusCode;
use provider::{Role, TokenChangeError};

use crate::world::{World, secret};

const APPLICATIONS: &str = "/accountsettings/apps";
const TOKENS: &str = "/accountsettings/tokens";

#[tokio::test]
async fn a_user_makes_a_token_uses_it_and_revokes_it() {
    let world = World::start().await;
    let account = world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.fill_in(APPLICATIONS, TOKENS, &[("name", "nightly job")]).await;
    let token = page.shown("token");
    let me = world.api(&token, "/v2/me").await;
    assert_eq!(me.json()["current_account"]["id"], account.0);
    let list = ada.get(APPLICATIONS).await;
    assert!(list.text.contains("nightly job") && !list.text.contains(&token));
    ada.submit(&list.form("/accountsettings/tokens/"), &[]).await;
    let refused = world.api(&token, "/v2/me").await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["code"]),
        (403, &"authentication_failed".into())
    );
    assert!(!ada.get(APPLICATIONS).await.text.contains("nightly job"));
}

#[tokio::test]
async fn a_token_has_a_name() {
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    for name in ["", "   ", &"x".repeat(101), "a\u{7}b"] {
        let page = ada.fill_in(APPLICATIONS, TOKENS, &[("name", name)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{name}");
        assert!(page.text.contains("Give the token a name"));
    }
}

#[tokio::test]
async fn administrators_see_everybodys_tokens_and_others_their_own() {
    let world = World::start().await;
    let account = world.acme().await;
    world.user(account, "bob@example.test", Role::User).await;
    let issue = async |email: &str, name: &str| {
        let issued = world.provider.create_personal_token(&secret(email), None, name).await;
        issued.unwrap().token.into_revealed()
    };
    let adas = issue("ada@example.test", "adas token").await;
    let bobs = issue("bob@example.test", "bobs token").await;
    let mut ada = world.logged_in("ada@example.test").await;
    let mut bob = world.logged_in("bob@example.test").await;
    let page = ada.get(APPLICATIONS).await;
    assert!(
        page.text.contains("adas token") && page.text.contains("bobs token") && page.text.contains("bob@example.test")
    );
    let adas_form = page
        .forms()
        .into_iter()
        .find(|form| form.action.starts_with("/accountsettings/tokens/"))
        .unwrap();
    let page = bob.get(APPLICATIONS).await;
    assert!(!page.text.contains("adas token") && page.text.contains("bobs token"));
    // SEC-16
    assert_eq!(bob.submit(&adas_form, &[]).await.status, StatusCode::FORBIDDEN);
    for form in ada.get(APPLICATIONS).await.forms() {
        if form.action.starts_with("/accountsettings/tokens/") {
            ada.submit(&form, &[]).await;
        }
    }
    for token in [adas, bobs] {
        assert_eq!(world.api(&token, "/v2/me").await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_command_line_names_what_is_wrong() {
    let world = World::start().await;
    world.acme().await;
    let beta = world.account("Beta").await;
    let ada = secret("ada@example.test");
    let provider = &world.provider;
    let unknown = provider
        .create_personal_token(&secret("eve@example.test"), None, "x")
        .await;
    assert!(matches!(unknown, Err(TokenChangeError::User)));
    let elsewhere = provider.create_personal_token(&ada, Some(beta), "x").await;
    assert!(matches!(elsewhere, Err(TokenChangeError::NotMember)));
    let nameless = provider.create_personal_token(&ada, None, " ").await;
    assert_eq!(
        nameless.unwrap_err().to_string(),
        "name: give the token a name of 1 to 100 characters"
    );
    let idle = provider.create_service_token("team", &[]).await;
    assert!(matches!(idle, Err(TokenChangeError::NoSource)));
}

#[tokio::test]
async fn an_administrator_makes_a_token_for_a_colleague_and_nobody_else_can() {
    let world = World::start().await;
    let account = world.acme().await;
    world.user(account, "bob@example.test", Role::User).await;
    let other = world.account("Other").await;
    world.user(other, "eve@example.test", Role::Administrator).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let bob_id = id_of(&world, "bob@example.test").await;
    let page = ada.get(APPLICATIONS).await;
    assert!(page.text.contains(">bob@example.test</option>") && !page.text.contains("eve@example.test"));

    let fields = [("name", "nightly job"), ("owner", bob_id.as_str())];
    let form = page.form(TOKENS);
    let made = ada.submit(&form, &fields).await;
    let me = world.api(&made.shown("token"), "/v2/me").await.json();
    assert_eq!(me["profile"]["email"], "bob@example.test");
    let mut bob = world.logged_in("bob@example.test").await;
    assert!(bob.get(APPLICATIONS).await.text.contains("nightly job"));
    world.later(15 * 60);
    assert!(
        ada.submit(&form, &fields)
            .await
            .location()
            .starts_with("/accountsettings/confirm?")
    );

    // A user has no choice, nor has an administrator of another account.
    let ada_id = id_of(&world, "ada@example.test").await;
    for email in ["bob@example.test", "eve@example.test"] {
        let mut browser = world.logged_in(email).await;
        let page = browser.get(APPLICATIONS).await;
        assert!(!page.text.contains("name=\"owner\""), "{email}");
        let fields = [("name", "x"), ("owner", ada_id.as_str())];
        let refused = browser.submit(&page.form(TOKENS), &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{email}");
    }
}

async fn id_of(world: &World, email: &str) -> String {
    let issued = world.provider.create_personal_token(&secret(email), None, "own").await;
    let me = world.api(issued.unwrap().token.reveal(), "/v2/me").await;
    me.json()["id"].as_str().unwrap().to_owned()
}
