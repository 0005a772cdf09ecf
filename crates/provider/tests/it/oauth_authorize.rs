//! The authorization endpoint: who is redirected, with what, and who is not.

use http::StatusCode;
use oauth::ClientType;
use provider::{AccountId, NewApplication};

use crate::{
    browser::authorize_path,
    world::{App, CALLBACK, ISSUER, World},
};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn world_with_app() -> (World, AccountId, App) {
    let world = World::start().await;
    let account = world.acme().await;
    let app = world.app(account, ClientType::Confidential).await;
    (world, account, app)
}

#[tokio::test]
async fn an_unproven_client_or_address_gets_a_page_and_no_redirect() {
    // AS-4, AS-5
    let (world, account, _) = world_with_app().await;
    let new = |uri: &str| NewApplication {
        name: "Orders".to_owned(),
        redirect_uris: vec![uri.to_owned()],
        client_type: ClientType::Confidential,
        grants: None,
        pkce_required: false,
    };
    let app = world.register(account, &new("https://client.test/a/cb")).await;
    let path =
        |more: &[(&str, &str)]| authorize_path(&app, &[&[("redirect_uri", "https://client.test/a/cb")], more].concat());
    assert_eq!(world.get(&path(&[])).await.status, StatusCode::OK);
    let uri = |uri: &str| authorize_path(&app, &[("redirect_uri", uri)]);
    for wrong in [
        authorize_path(&app, &[("client_id", "999")]),
        authorize_path(&app, &[("client_id", "")]),
        authorize_path(&app, &[("client_id", "abc")]),
        uri(""),
        uri("https://client.test/a/cb/"),
        uri("https://client.test/a/cb?x=1"),
        uri("https://client.test/a/cb#f"),
        uri("https://CLIENT.test/a/cb"),
        uri("https://client.test/a/%63b"),
        uri("https://client.test/a/../a/cb"),
        uri("https://user@client.test/a/cb"),
        uri("https://client.test@evil.test/a/cb"),
        uri("https://client.test:443/a/cb"),
        uri("https://evil.client.test/a/cb"),
        uri("https://client\u{3002}test/a/cb"),
        uri("http://client.test/a/cb"),
        "/oauth2/authorize".to_owned(),
        "/oauth2/authorize?client_id=%ff".to_owned(),
    ] {
        let answer = world.get(&wrong).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::BAD_REQUEST, ""),
            "{wrong}"
        );
        assert!(answer.text.contains("cannot be trusted"), "{wrong}");
    }
    // AS-3: a repeated one proves nothing
    for repeated in ["client_id", "redirect_uri"] {
        let answer = world.get(&format!("{}&{repeated}=x", path(&[]))).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::BAD_REQUEST, ""),
            "{repeated}"
        );
    }
}

#[tokio::test]
async fn every_other_fault_is_told_to_the_application() {
    // AS-9, AS-10, AS-11, AS-32, AS-33, AS-54
    let (world, account, app) = world_with_app().await;
    let public = world.app(account, ClientType::Public).await;
    let with = |more: &[(&str, &str)]| authorize_path(&app, more);
    for (path, error) in [
        (with(&[("response_type", "")]), "invalid_request"),
        (with(&[("response_type", "id_token")]), "unsupported_response_type"),
        (with(&[("response_type", "token")]), "unauthorized_client"),
        (with(&[("scopes", "read")]), "invalid_scope"),
        (with(&[("scopes", "")]), "invalid_scope"),
        (with(&[("scope", "read")]), "invalid_scope"),
        (with(&[("account_id", "abc")]), "invalid_request"),
        (with(&[("resource", "https://other.test")]), "invalid_target"),
        (with(&[("code_challenge", CHALLENGE)]), "invalid_request"),
        (
            with(&[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")]),
            "invalid_request",
        ),
        (
            with(&[("code_challenge", "short"), ("code_challenge_method", "S256")]),
            "invalid_request",
        ),
        (format!("{}&scopes=all", with(&[])), "invalid_request"),
        (authorize_path(&public, &[]), "invalid_request"), // no challenge
    ] {
        let answer = world.get(&path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.location().starts_with(CALLBACK), "{path}");
        let told = ["error", "state", "iss"].map(|name| answer.answered(name).unwrap_or_default());
        assert_eq!(told, [error, "xyz", ISSUER], "{path}");
        assert!(answer.answered("error_description").is_some());
    }
}

#[tokio::test]
async fn a_repeated_state_is_refused_and_neither_is_echoed() {
    // AS-3
    let (world, _, app) = world_with_app().await;
    let answer = world.get(&format!("{}&state=other", authorize_path(&app, &[]))).await;
    assert_eq!(answer.answered("error").unwrap(), "invalid_request");
    assert_eq!(answer.answered("state"), None);
}

#[tokio::test]
async fn what_is_empty_or_unknown_is_as_if_it_were_not_there() {
    // AS-2; decision 2
    let (world, _, app) = world_with_app().await;
    for more in [
        "&foo=1&foo=2",
        "&resource=",
        "&resource=https%3A%2F%2Fvendor.test%2Fv2&resource=https%3A%2F%2Fvendor.test%2Fv2",
        "&account_id=",
        "&scope=all",
        "&code_challenge=",
    ] {
        let path = format!("{}{more}", authorize_path(&app, &[]));
        assert_eq!(world.get(&path).await.status, StatusCode::OK, "{more}");
    }
    let only_scope = authorize_path(&app, &[("scopes", ""), ("scope", "all")]);
    assert_eq!(world.get(&only_scope).await.status, StatusCode::OK);
    let no_state = authorize_path(&app, &[("state", "")]);
    assert_eq!(world.get(&no_state).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_get_asks_and_nobody_reads_the_answer_across_origins() {
    // AS-1, AS-19
    let (world, _, app) = world_with_app().await;
    let post = http::Request::post(authorize_path(&app, &[]))
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(world.send(post).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let get = http::Request::get(authorize_path(&app, &[]))
        .header("origin", "https://evil.test")
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(world.send(get).await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_loopback_address_of_a_public_application_may_have_any_port() {
    // AS-8
    let (world, account, _) = world_with_app().await;
    let app = world
        .register(
            account,
            &NewApplication {
                name: "Desktop".to_owned(),
                redirect_uris: vec!["http://127.0.0.1/cb".to_owned()],
                client_type: ClientType::Public,
                grants: Some("code".parse().unwrap()),
                pkce_required: false,
            },
        )
        .await;
    for (uri, status) in [
        ("http://127.0.0.1:51234/cb", StatusCode::OK),
        ("http://127.0.0.1/cb", StatusCode::OK),
        ("http://127.0.0.1:51234/other", StatusCode::BAD_REQUEST),
        ("http://localhost:51234/cb", StatusCode::BAD_REQUEST),
        ("http://127.0.0.2/cb", StatusCode::BAD_REQUEST),
    ] {
        let more = [
            ("redirect_uri", uri),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        assert_eq!(world.get(&authorize_path(&app, &more)).await.status, status, "{uri}");
    }
}

#[tokio::test]
async fn a_state_of_two_kilobytes_comes_back_unchanged() {
    // AS-10
    let (world, _, app) = world_with_app().await;
    let state = "é&=+%26 ".repeat(230);
    let answer = world
        .get(&authorize_path(&app, &[("state", &state), ("scopes", "read")]))
        .await;
    assert_eq!(answer.answered("state").unwrap(), state);
    let long = "x".repeat(20_000);
    let answer = world.get(&authorize_path(&app, &[("state", &long)])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
