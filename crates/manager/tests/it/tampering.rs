//! What somebody changes beneath the manager or makes up in a request: bytes of the database, hosts, fields, secrets that
//! should not come out.

use axum::body::Body;
use http::{Method, header};
use manager::Role;
use serde_json::json;
use store::args;

use crate::{
    app::{Answer, TestApp},
    portal::{Browser, PASSWORD},
    vendor::CLIENT_SECRET,
};

/// Changes one byte of a sealed value, as a bad disk or a hand at the database would.
async fn flip(app: &TestApp, select: &'static str, update: &'static str) {
    let mut tx = app.manager.store().write().await.unwrap();
    let row = tx.fetch_one(select, Vec::new()).await.unwrap();
    let mut sealed: Vec<u8> = row.get("sealed").unwrap();
    let middle = sealed.len() / 2;
    sealed[middle] ^= 1;
    assert_eq!(tx.execute(update, args![sealed]).await.unwrap(), 1, "{update}");
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_flipped_byte_beneath_the_manager_is_a_clean_error() {
    // SEC-26
    let app = TestApp::with_ada().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    let id = made["id"].as_str().unwrap();
    flip(
        &app,
        "SELECT identities AS sealed FROM request",
        "UPDATE request SET identities = $1",
    )
    .await;
    flip(
        &app,
        "SELECT tokens AS sealed FROM connection",
        "UPDATE connection SET tokens = $1",
    )
    .await;
    let told = |answer: &Answer| {
        assert_eq!(answer.status, 500, "{}", answer.text);
        for word in ["ada@", "marker-", "decrypt", "aead", "panick"] {
            assert!(!answer.text.contains(word), "{word}: {}", answer.text);
        }
    };
    let answer = app.get(&format!("/api/v1/requests/{id}")).await;
    told(&answer);
    assert!(answer.json()["request_id"].is_string(), "{}", answer.text);
    told(&admin.get(&format!("/requests/{id}")).await);
    let calls = app.vendor.state().calls.len();
    let connection = app.get("/api/v1/connections").await.expect(200).json()["connections"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let checked = app
        .post(&format!("/api/v1/connections/{connection}/check"), json!({}))
        .await;
    assert!(
        checked.status.is_client_error() || checked.status.is_server_error(),
        "{}",
        checked.text
    );
    assert_eq!(
        app.vendor.state().calls.len(),
        calls,
        "nobody is called with half a token"
    );

    flip(
        &app,
        "SELECT email AS sealed FROM operator",
        "UPDATE operator SET email = $1",
    )
    .await;
    let mut browser = Browser::of(&app);
    let answer = browser.log_in("super_admin@example.com", PASSWORD).await;
    assert!(
        answer.status.is_redirection() || answer.status.is_server_error(),
        "{}",
        answer.status
    );
    told(&browser.get("/").await);
    // What is not sealed goes on.
    app.get("/api/v1/audit?limit=1").await.expect(200);
}

#[tokio::test]
async fn no_host_that_a_caller_makes_up_gets_into_a_link_or_a_mail() {
    // SEC-8, SEC-36
    let app = TestApp::start().await;
    let mut olga = Browser::of_role(&app, Role::SuperAdmin).await;
    let forged = |method: Method, path: &str| {
        let names = [
            "x-forwarded-host",
            "x-forwarded-server",
            "x-host",
            "x-original-url",
            "x-rewrite-url",
        ];
        let asked = http::Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "evil.example")
            .header(header::ACCEPT, "text/html");
        let asked = names
            .iter()
            .fold(asked, |asked, name| asked.header(*name, "evil.example"));
        asked
            .header("forwarded", "host=evil.example;proto=http")
            .header("x-forwarded-proto", "http")
    };
    let cookie = olga.cookie.clone().unwrap();
    for path in [
        "/",
        "/login",
        "/requests",
        "/connections",
        "/connections/new",
        "/connections/new/optimizely",
        "/settings/users",
        "/privacy",
        "/api/docs",
        "/api/v1/openapi.json",
        "/problems/not-found",
        "/nowhere",
    ] {
        let asked = forged(Method::GET, path).header(header::COOKIE, &cookie);
        let answer = app.send(asked.body(Body::empty()).unwrap()).await;
        assert!(!answer.text.contains("evil.example"), "{path}: {}", answer.text);
        assert!(!format!("{:?}", answer.headers).contains("evil.example"), "{path}");
    }
    // Whoever asks for a link under a host of their own.
    let page = olga.get("/password").await;
    let (_, token) = page.text.split_once("name=\"csrf\" value=\"").map_or_else(
        || panic!("no form: {}", page.text),
        |(before, rest)| (before, rest.split('"').next().unwrap().to_owned()),
    );
    let cookies: Vec<_> = olga.cookie.iter().chain(olga.others.values()).cloned().collect();
    let asked = forged(Method::POST, "/password")
        .header(header::COOKIE, cookies.join("; "))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", &token)
        .append_pair("email", "super_admin@example.com")
        .finish();
    app.send(asked.body(Body::from(form)).unwrap()).await.expect(200);
    app.run_jobs().await;
    let mails = app.mails().await;
    let mail = mails.last().unwrap().text.reveal();
    assert!(
        mail.contains("https://localhost:8443/password/") && !mail.contains("evil"),
        "{mail}"
    );
}

#[tokio::test]
async fn what_is_ours_to_write_cannot_be_sent_with_a_request() {
    // SEC-18
    let app = TestApp::with_ada().await;
    let connection = app.get("/api/v1/connections").await.expect(200).json()["connections"][0]["id"].clone();
    for (field, value) in [
        ("id", json!("0190b0a0-0000-7000-8000-000000000000")),
        ("state", json!("delivering")),
        ("outcome", json!("completed")),
        ("reference", json!("R-1")),
        ("approved_by", json!("root")),
        ("deadline", json!("2099-01-01T00:00:00Z")),
        ("tasks", json!([])),
        ("created_at", json!("2000-01-01T00:00:00Z")),
    ] {
        let mut body = json!({"type": "access", "identities": {"email": "ada@example.com"}});
        body[field] = value.clone();
        let answer = app.post("/api/v1/requests", body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["field"].as_str()),
            (400, Some(field)),
            "{}",
            answer.text
        );
        let path = format!("/api/v1/connections/{}", connection.as_str().unwrap());
        let mut body = json!({"name": "Renamed"});
        body[field] = value;
        let answer = app.api(Method::PATCH, &path, Some(body)).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
    }
    let listed = app.get("/api/v1/requests").await.expect(200).json();
    assert_eq!(listed["requests"], json!([]), "{listed}");
}

#[tokio::test]
async fn no_token_and_no_secret_of_a_connection_reaches_a_browser_or_a_program() {
    // SEC-22
    let app = TestApp::with_ada().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    let connections = app.get("/api/v1/connections").await.expect(200);
    let connection = connections.json()["connections"][0]["id"].as_str().unwrap().to_owned();
    let request = made["id"].as_str().unwrap();
    let mut answers = vec![connections];
    for path in [
        format!("/connections/{connection}"),
        format!("/connections/{connection}/edit"),
        "/connections".to_owned(),
        format!("/requests/{request}"),
        format!("/requests/{request}/review"),
        "/audit".to_owned(),
        "/".to_owned(),
    ] {
        answers.push(admin.get(&path).await);
    }
    for path in [
        format!("/api/v1/connections/{connection}"),
        format!("/api/v1/requests/{request}"),
        format!("/api/v1/requests/{request}/events"),
        "/api/v1/audit?limit=1000".to_owned(),
    ] {
        answers.push(app.get(&path).await.expect(200));
    }
    for answer in &answers {
        let all = format!("{:?} {}", answer.headers, answer.text);
        for secret in ["marker-access", "marker-refresh", CLIENT_SECRET] {
            assert!(!all.contains(secret), "{secret}: {all}");
        }
    }
    assert!(answers.iter().filter(|answer| answer.status == 200).count() >= 10);
}
