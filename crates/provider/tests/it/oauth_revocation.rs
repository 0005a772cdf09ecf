//! Revocation, introspection, and what the server says of itself.

use http::StatusCode;
use oauth::ClientType;
use serde_json::json;

use crate::world::{Answer, App, ISSUER, Tokens, World};

async fn connected() -> (World, App, Tokens) {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &app).await;
    (world, app, tokens)
}

async fn ask(world: &World, path: &str, app: &App, more: &[(&str, &str)]) -> Answer {
    let secret = app.secret.clone().unwrap_or_default();
    let fields = [&[("client_id", app.id.as_str()), ("client_secret", &secret)], more].concat();
    world.post_form(path, &fields).await
}

#[tokio::test]
async fn an_application_gives_a_token_back_and_everything_behind_it_ends() {
    // AS-60, AS-62
    for (refresh, hint) in [
        (true, "refresh_token"),
        (true, "access_token"),
        (true, ""),
        (false, ""),
        (false, "refresh_token"),
    ] {
        let (world, app, tokens) = connected().await;
        let token = if refresh { tokens.refresh() } else { &tokens.access };
        let answer = ask(
            &world,
            "/oauth2/revoke",
            &app,
            &[("token", token), ("token_type_hint", hint)],
        )
        .await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({})));
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(world.api(&tokens.access, "/v2/me").await.status, StatusCode::FORBIDDEN);
        assert_eq!(
            world.refresh(&app, tokens.refresh()).await.refusal(),
            (403, "invalid_grant".to_owned())
        );
        // Again is fine.
        assert_eq!(
            ask(&world, "/oauth2/revoke", &app, &[("token", token)]).await.status,
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn nobody_revokes_what_is_not_theirs() {
    // AS-61, AS-63
    let (world, app, tokens) = connected().await;
    let other = world.app(world.account("Beta").await, ClientType::Confidential).await;
    for token in [tokens.refresh(), &tokens.access, "never issued"] {
        let answer = ask(&world, "/oauth2/revoke", &other, &[("token", token)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{token}");
    }
    let stranger = App {
        id: app.id.clone(),
        secret: Some("wrong".to_owned()),
    };
    let answer = ask(&world, "/oauth2/revoke", &stranger, &[("token", tokens.refresh())]).await;
    assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()));
    let answer = ask(
        &world,
        "/oauth2/revoke",
        &app,
        &[("token", tokens.refresh()), ("token_type_hint", "saml")],
    )
    .await;
    assert_eq!(answer.refusal(), (400, "unsupported_token_type".to_owned()));
    assert_eq!(
        ask(&world, "/oauth2/revoke", &app, &[]).await.refusal().1,
        "invalid_request"
    );
    assert_eq!(world.get("/oauth2/revoke").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_user_takes_access_away_on_every_replica_at_once() {
    // AS-51
    let (world, app, tokens) = connected().await;
    let replica = world.replica().await;
    for world in [&world, &replica] {
        assert_eq!(world.api(&tokens.access, "/v2/me").await.status, StatusCode::OK);
    }
    let mut ada = world.logged_in("ada@example.test").await;
    let waiting = ada.authorize(&app).await;
    let page = ada.get("/accountsettings/apps").await;
    assert!(page.text.contains("Privacy Manager"));
    let answer = ada.submit(&page.form("/accountsettings/apps/"), &[]).await;
    assert_eq!(answer.location(), "/accountsettings/apps");
    for world in [&world, &replica] {
        assert_eq!(world.api(&tokens.access, "/v2/me").await.status, StatusCode::FORBIDDEN);
        assert_eq!(
            world.refresh(&app, tokens.refresh()).await.refusal(),
            (403, "invalid_grant".to_owned())
        );
    }
    // A code that was not exchanged yet is access too.
    assert_eq!(
        world.exchange(&app, &waiting).await.refusal(),
        (400, "invalid_grant".to_owned())
    );
    assert!(
        ada.get("/accountsettings/apps")
            .await
            .text
            .contains("No application acts for you")
    );
}

#[tokio::test]
async fn an_application_learns_about_its_own_access_tokens_only() {
    // AS-64, AS-65, AS-66, AS-67
    let (world, app, tokens) = connected().await;
    let other = world.app(world.account("Beta").await, ClientType::Confidential).await;
    let inactive = json!({"active": false});
    let told = ask(&world, "/oauth2/introspect", &app, &[("token", &tokens.access)]).await;
    let told = told.json();
    let now = world.now().as_second();
    assert_eq!(told["active"], true);
    assert_eq!(told["client_id"], app.id);
    assert_eq!((&told["scope"], &told["token_type"]), (&"all".into(), &"bearer".into()));
    assert_eq!((&told["iat"], &told["exp"]), (&now.into(), &(now + 7200).into()));
    assert_eq!(
        (&told["iss"], &told["aud"]),
        (&ISSUER.into(), &"https://vendor.test/v2".into())
    );
    assert!(!told.to_string().contains("ada@"));

    for token in [tokens.refresh(), "never issued"] {
        let told = ask(&world, "/oauth2/introspect", &app, &[("token", token)]).await;
        assert_eq!((told.status, told.json()), (StatusCode::OK, inactive.clone()));
    }
    let told = ask(&world, "/oauth2/introspect", &other, &[("token", &tokens.access)]).await;
    assert_eq!(told.json(), inactive);
    let anonymous = world
        .post_form("/oauth2/introspect", &[("token", &tokens.access)])
        .await;
    assert_eq!(anonymous.refusal(), (401, "invalid_client".to_owned()));
    let public = world.app(provider::AccountId(10_001), ClientType::Public).await;
    let named = world
        .post_form("/oauth2/introspect", &[("token", "x"), ("client_id", &public.id)])
        .await;
    assert_eq!(named.refusal(), (401, "invalid_client".to_owned()));

    world.later(7200);
    let told = ask(&world, "/oauth2/introspect", &app, &[("token", &tokens.access)]).await;
    assert_eq!(told.json(), inactive);
}

#[tokio::test]
async fn the_metadata_names_what_works() {
    // AS-12, AS-69, AS-70, AS-72
    let world = World::start().await;
    let answer = world.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::OK, "application/json")
    );
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], ISSUER);
    for endpoint in ["token", "revocation", "introspection"] {
        let url = metadata[format!("{endpoint}_endpoint")].as_str().unwrap();
        let path = url.strip_prefix(ISSUER).unwrap();
        assert_eq!(world.post_form(path, &[]).await.status.as_u16() / 100, 4, "{path}");
        assert_ne!(world.post_form(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    let empty = metadata
        .as_object()
        .unwrap()
        .values()
        .any(|value| value.as_array().is_some_and(Vec::is_empty));
    assert!(!empty);
}

#[tokio::test]
async fn the_button_can_be_shown_on_other_sites() {
    let world = World::start().await;
    let button = world.get("/connect.svg").await;
    assert_eq!(button.header("content-type"), "image/svg+xml");
    assert_eq!(button.header("cross-origin-resource-policy"), "cross-origin");
    assert!(
        button.text.contains("Connect with Vendor &#38; Sons"),
        "{}",
        button.text
    );
}
