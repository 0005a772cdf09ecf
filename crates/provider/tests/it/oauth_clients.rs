//! How applications prove themselves, and what is refused at the token endpoint.

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{Method, Request, StatusCode, header};
use oauth::ClientType;

use crate::world::{App, CALLBACK, World, form};

async fn world_with_app() -> (World, App) {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    (world, app)
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")))
}

fn with_header(path: &str, authorization: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = form(path, fields);
    request
        .headers_mut()
        .insert(header::AUTHORIZATION, authorization.parse().unwrap());
    request
}

#[tokio::test]
async fn the_secret_may_stand_in_the_header_or_in_the_body_and_in_one_of_them() {
    // AS-36, AS-37, AS-38
    let (world, app) = world_with_app().await;
    let secret = app.secret.clone().unwrap();
    assert!(
        secret
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    );
    let mut ada = world.logged_in("ada@example.test").await;
    let code = ada.authorize(&app).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
    ];
    let both = [&fields[..], &[("client_secret", secret.as_str())]].concat();
    let answer = world
        .send(with_header("/oauth2/token", &basic(&app.id, &secret), &both))
        .await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()));
    let answer = world
        .send(with_header("/oauth2/token", &basic(&app.id, &secret), &fields))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let code = ada.authorize(&app).await;
    world.exchange(&app, &code).await.tokens();
}

#[tokio::test]
async fn a_wrong_secret_is_invalid_client_with_a_challenge_only_for_the_header() {
    // AS-39
    let (world, app) = world_with_app().await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    for id in [app.id.as_str(), "99999999", "abc"] {
        let answer = world
            .send(with_header("/oauth2/token", &basic(id, "wrong"), &fields))
            .await;
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()), "{id}");
        assert!(answer.header("www-authenticate").starts_with("Basic "));
        let body = [&fields[..], &[("client_id", id), ("client_secret", "wrong")]].concat();
        let answer = world.post_form("/oauth2/token", &body).await;
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()), "{id}");
        assert_eq!(answer.header("www-authenticate"), "");
        assert_eq!(answer.header("cache-control"), "no-store"); // AS-41
    }
    let none = [&fields[..], &[("client_id", app.id.as_str())]].concat();
    assert_eq!(
        world.post_form("/oauth2/token", &none).await.refusal().1,
        "invalid_client"
    );
}

#[tokio::test]
async fn ten_wrong_secrets_in_a_minute_close_the_door_to_that_address_only() {
    // AS-43
    let (world, app) = world_with_app().await;
    let tokens = world.connect("ada@example.test", &app).await;
    let fields = |secret| {
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.refresh()),
            ("client_id", app.id.as_str()),
            ("client_secret", secret),
        ]
    };
    let secret = app.secret.as_deref().unwrap();
    for _ in 0..10 {
        let answer = world.post_form_from("9.9.9.9", "/oauth2/token", &fields("wrong")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let closed = world.post_form_from("9.9.9.9", "/oauth2/token", &fields(secret)).await;
    assert_eq!(
        (closed.status, closed.header("retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "60")
    );
    let elsewhere = world.post_form_from("9.9.9.8", "/oauth2/token", &fields(secret)).await;
    assert_eq!(elsewhere.status, StatusCode::OK);
    world.later(60);
    let again = world.post_form_from("9.9.9.9", "/oauth2/token", &fields(secret)).await;
    assert_eq!(again.status, StatusCode::OK);
}

#[tokio::test]
async fn an_application_has_a_share_of_calls_that_strangers_cannot_use_up() {
    let world = World::start_with(|settings| settings.oauth_rate_limit = "3/s".parse().unwrap()).await;
    let account = world.acme().await;
    let app = world.app(account, ClientType::Confidential).await;
    let other = world.app(account, ClientType::Confidential).await;
    let introspect = async |app: &App, secret: &str| {
        let fields = [("token", "x"), ("client_id", &app.id), ("client_secret", secret)];
        world.post_form("/oauth2/introspect", &fields).await
    };
    let secret = app.secret.clone().unwrap();
    for _ in 0..5 {
        assert_eq!(introspect(&app, "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    for _ in 0..3 {
        assert_eq!(introspect(&app, &secret).await.status, StatusCode::OK);
    }
    let limited = introspect(&app, &secret).await; // AS-68
    assert_eq!(
        (limited.status, limited.header("retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "1")
    );
    assert_eq!(
        introspect(&other, other.secret.as_ref().unwrap()).await.status,
        StatusCode::OK
    );
    world.later(1);
    assert_eq!(introspect(&app, &secret).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_the_two_grants_exist() {
    // AS-40, AS-42
    let (world, app) = world_with_app().await;
    let secret = app.secret.clone().unwrap();
    for (grant_type, error) in [
        ("password", "unsupported_grant_type"),
        ("client_credentials", "unsupported_grant_type"),
        ("", "invalid_request"),
        ("authorization_code", "invalid_request"), // no code
        ("refresh_token", "invalid_request"),      // no token
    ] {
        let fields = [
            ("grant_type", grant_type),
            ("client_id", &app.id),
            ("client_secret", &secret),
        ];
        assert_eq!(
            world.post_form("/oauth2/token", &fields).await.refusal(),
            (400, error.to_owned()),
            "{grant_type}"
        );
    }
    // An application without the code grant.
    let implicit = provider::NewApplication {
        name: "Old".to_owned(),
        redirect_uris: vec!["http://old.test/cb".to_owned()],
        client_type: ClientType::Public,
        grants: Some("implicit".parse().unwrap()),
        pkce_required: false,
    };
    let old = world.register(provider::AccountId(10_001), &implicit).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let path = crate::browser::authorize_path(&old, &[("redirect_uri", "http://old.test/cb")]);
    // AS-7: a code never travels over plain http.
    assert_eq!(ada.get(&path).await.status, StatusCode::BAD_REQUEST);
    let page = ada
        .get(&path.replace("response_type=code", "response_type=token"))
        .await;
    assert!(page.text.contains("Not a secure address"));
}

#[tokio::test]
async fn the_endpoint_takes_forms_by_post_and_nothing_else() {
    // AS-35, AS-44
    let (world, app) = world_with_app().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = Request::builder()
            .method(method)
            .uri("/oauth2/token")
            .body(Body::empty())
            .unwrap();
        assert_eq!(world.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    let body = format!(r#"{{"grant_type":"refresh_token","client_id":"{}"}}"#, app.id);
    let json = Request::post("/oauth2/token")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();
    assert_eq!(world.send(json).await.refusal(), (400, "invalid_request".to_owned()));
    let long = "x".repeat(70_000);
    let answer = world.post_form("/oauth2/token", &[("grant_type", &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let twice = Request::post("/oauth2/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(
            "grant_type=refresh_token&grant_type=refresh_token&client_id=1",
        ))
        .unwrap();
    assert_eq!(world.send(twice).await.refusal(), (400, "invalid_request".to_owned())); // AS-3
}

#[tokio::test]
async fn parameters_in_the_query_count_only_behind_the_setting() {
    // Decision 3
    for allowed in [false, true] {
        let world = World::start_with(|settings| settings.token_query_parameters = allowed).await;
        let app = world.app(world.acme().await, ClientType::Confidential).await;
        let code = world.logged_in("ada@example.test").await.authorize(&app).await;
        let query = oauth::encode_form([
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("client_id", app.id.as_str()),
            ("client_secret", app.secret.as_deref().unwrap()),
        ]);
        let request = Request::post(format!("/oauth2/token?{query}"))
            .body(Body::empty())
            .unwrap();
        let answer = world.send(request).await;
        if allowed {
            answer.tokens();
            let twice = world
                .post_form(&format!("/oauth2/token?{query}"), &[("client_id", &app.id)])
                .await;
            assert_eq!(twice.refusal(), (400, "invalid_request".to_owned())); // AS-44
        } else {
            assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()));
            world.exchange(&app, &code).await.tokens();
        }
    }
}

#[tokio::test]
async fn the_resource_is_the_api() {
    // AS-54
    let (world, app) = world_with_app().await;
    let code = world.logged_in("ada@example.test").await.authorize(&app).await;
    let other = world
        .exchange_with(&app, &code, &[("resource", "https://other.test/")])
        .await;
    assert_eq!(other.refusal(), (400, "invalid_target".to_owned()));
    let own = [
        ("resource", "https://vendor.test/v2"),
        ("resource", "https://vendor.test/v2"),
    ];
    world.exchange_with(&app, &code, &own).await.tokens();
}
