//! What breaks beneath the provider: the database is gone, or a byte of it has changed.

use axum::body::Body;
use http::{Request, StatusCode, header};
use provider::Role;
use serde_json::json;
use store::args;

use crate::{
    subjects::{about, at_any_pace, record},
    world::World,
};

const ADA: &str = "ada@example.test";

#[tokio::test]
async fn without_its_database_it_says_so_and_calls_nothing_done() {
    // SEC-46
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let app = world.app(account, oauth::ClientType::Confidential).await;
    let token = world.token(ADA, account).await;
    world
        .import(account, &[record("grace@example.test", "profile", json!("marker"))])
        .await;
    let asked = world.ask(&token, &about("delete", "grace@example.test")).await;

    let broken = world.replica().await;
    let form = broken.browser().get("/login").await.form("/login");
    broken.provider.store().close().await;
    let me = broken.api(&token, "/v2/me").await;
    assert_eq!(me.status, StatusCode::SERVICE_UNAVAILABLE, "{}", me.text);
    let told = me.json();
    assert_eq!(told["code"], "service_unavailable");
    assert_eq!(told["uuid"].as_str().unwrap(), me.header("x-request-id"));
    let posted = broken
        .call(
            http::Method::POST,
            &token,
            "/v2/subject-access-requests",
            &about("access", ADA),
        )
        .await;
    assert_eq!(posted.status, StatusCode::SERVICE_UNAVAILABLE, "{}", posted.text);
    let refreshed = broken.exchange(&app, "AAAA").await;
    assert_eq!(refreshed.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refreshed.text);
    assert_eq!(refreshed.json()["error"], "temporarily_unavailable");
    let page = broken
        .browser()
        .submit(&form, &[("email", ADA), ("password", "x")])
        .await;
    assert!(
        // Its form came from another browser: that is found out first.
        [StatusCode::FORBIDDEN, StatusCode::SERVICE_UNAVAILABLE].contains(&page.status),
        "{}",
        page.text
    );
    assert_eq!(broken.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(broken.get("/healthz").await.status, StatusCode::OK);
    for answer in [me, posted, refreshed, page] {
        for word in ["sqlite", "SQL", "pool", "postgres", "closed", "app_user"] {
            assert!(!answer.text.contains(word), "{word}: {}", answer.text);
        }
    }
    assert!(broken.provider.runner().drain().await.is_err());

    // Whoever has a database finds everything as it was, and goes on.
    assert_eq!(world.sar(&token, &asked["id"]).await["status"], "pending");
    world.work().await;
    assert_eq!(world.sar(&token, &asked["id"]).await["status"], "completed");
}

/// Changes one byte of a sealed value, as a bad disk or a hand at the database would.
async fn flip(world: &World, select: &'static str, update: &'static str) {
    let mut tx = world.provider.store().write().await.unwrap();
    let row = tx.fetch_one(select, Vec::new()).await.unwrap();
    let mut sealed: Vec<u8> = row.get("sealed").unwrap();
    let middle = sealed.len() / 2;
    sealed[middle] ^= 1;
    assert_eq!(tx.execute(update, args![sealed]).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_flipped_byte_is_a_clean_error_and_never_another_value() {
    // SEC-26
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let token = world.token(ADA, account).await;
    world
        .import(account, &[record("grace@example.test", "profile", json!("marker"))])
        .await;
    let asked = world.ask(&token, &about("access", "grace@example.test")).await;
    let path = format!("/v2/subject-access-requests/{}", asked["id"]);

    flip(
        &world,
        "SELECT identifier AS sealed FROM subject_access_request",
        "UPDATE subject_access_request SET identifier = $1",
    )
    .await;
    flip(
        &world,
        "SELECT sealed FROM subject_record",
        "UPDATE subject_record SET sealed = $1",
    )
    .await;
    flip(
        &world,
        "SELECT profile AS sealed FROM app_user",
        "UPDATE app_user SET profile = $1",
    )
    .await;
    for path in [path.as_str(), "/v2/me"] {
        let answer = world.api(&token, path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.text);
        assert_eq!(answer.json()["code"], "internal_error");
        assert!(
            !answer.text.contains("marker") && !answer.text.contains('@'),
            "{}",
            answer.text
        );
    }
    let mut browser = world.browser();
    let answer = browser.try_log_in(ADA, crate::world::PASSWORD).await;
    assert!(answer.status.is_redirection() || answer.status.is_server_error());
    let page = browser.get("/").await;
    assert!(
        page.status.is_server_error() || page.status.is_redirection(),
        "{}",
        page.status
    );
    // Others are served as ever.
    let beta = world.account("Beta").await;
    world.user(beta, "eve@example.test", Role::Administrator).await;
    let mut eve = world.logged_in("eve@example.test").await;
    assert_eq!(eve.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_header_that_a_caller_makes_up_gets_into_a_link() {
    // SEC-8, SEC-36
    let world = World::start().await;
    let app = world.app(world.acme().await, oauth::ClientType::Confidential).await;
    let mut ada = world.logged_in(ADA).await;
    let forged = |path: &str| {
        let request = Request::get(path).header(header::HOST, "evil.test");
        let named = [
            "x-forwarded-host",
            "x-forwarded-server",
            "x-host",
            "x-original-url",
            "x-rewrite-url",
        ];
        let request = named
            .iter()
            .fold(request, |request, name| request.header(*name, "evil.test"));
        let request = request
            .header("forwarded", "host=evil.test;proto=http")
            .header("x-forwarded-proto", "http")
            .header("x-forwarded-port", "666");
        request.body(Body::empty()).unwrap()
    };
    for path in [
        "/",
        "/login",
        "/accountsettings/apps",
        "/accountsettings/apps/developers",
        "/accountsettings/apps/developers/button",
        "/.well-known/oauth-authorization-server",
        "/v2/openapi.json",
        "/docs",
        crate::browser::authorize_path(&app, &[]).as_str(),
        "/nowhere",
    ] {
        let answer = ada.send(forged(path)).await;
        assert!(!answer.text.contains("evil.test"), "{path}: {}", answer.text);
        assert!(!format!("{:?}", answer.headers).contains("evil.test"), "{path}");
    }
}
