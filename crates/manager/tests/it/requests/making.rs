//! Making requests and finding them.

use http::{Method, Request, header};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::ADA;
use crate::app::{Answer, TestApp, api_request, request};

async fn make_once(app: &TestApp, api_key: &str, key: &str, body: &Value) -> Answer {
    let request: Request<axum::body::Body> = request(Method::POST, "/api/v1/requests")
        .header(header::AUTHORIZATION, format!("Bearer {api_key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("Idempotency-Key", key)
        .body(body.to_string().into())
        .unwrap();
    app.send(request).await
}

#[tokio::test]
async fn a_request_that_comes_twice_is_made_once() {
    let app = TestApp::with_ada().await;
    let api_key = app.api_key().await;
    let body = json!({"type": "access", "identities": {"email": ADA}, "start": true});
    let first = make_once(&app, &api_key, "k-1", &body).await.expect(201);
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(
        first.location(),
        format!("/api/v1/requests/{}", first.json()["id"].as_str().unwrap())
    );
    app.run_jobs().await;
    let second = make_once(&app, &api_key, "k-1", &body).await.expect(201);
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(second.json(), first.json());

    let other = json!({"type": "deletion", "identities": {"email": ADA}});
    // However soon one comes after the other.
    for _ in 0..10 {
        let refused = make_once(&app, &api_key, "k-1", &other).await.expect(422).json();
        assert_eq!(refused["field"], "Idempotency-Key");
        make_once(&app, &api_key, "k-1", &body).await.expect(201);
    }
    // Another caller's key of the same name is another key.
    let others = make_once(&app, &app.api_key().await, "k-1", &body).await.expect(201);
    assert_ne!(others.json()["id"], first.json()["id"]);
    // After its term the key is as good as new.
    app.clock.advance(SignedDuration::from_hours(25));
    make_once(&app, &api_key, "k-1", &other).await.expect(201);
    make_once(&app, &api_key, &"k".repeat(300), &other).await.expect(400);
}

#[tokio::test]
async fn many_at_once_with_one_key_make_one_request() {
    // One is taken; the others hear that it is being made, and later get its answer.
    let app = TestApp::with_ada().await;
    let api_key = app.api_key().await;
    let body = json!({"type": "access", "identities": {"email": ADA}});
    let calls = (0..8).map(|_| make_once(&app, &api_key, "k", &body));
    let answers = futures_util::future::join_all(calls).await;
    let (made, told): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    for answer in told {
        assert!(
            answer.expect(409).json()["type"]
                .as_str()
                .unwrap()
                .ends_with("/idempotency-key-in-use")
        );
    }
    let again = make_once(&app, &api_key, "k", &body).await.expect(201);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    for answer in made {
        assert_eq!(answer.json()["id"], again.json()["id"]);
    }
    let all = app.get("/api/v1/requests").await.json();
    assert_eq!(all["requests"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_request_that_can_not_be_taken_names_the_field() {
    let app = TestApp::start().await;
    let known = "0193e7a0-0000-7000-8000-000000000000";
    for (body, field) in [
        (json!({"type": "rectify", "identities": {"email": ADA}}), "type"),
        (
            json!({"type": "access", "identities": {"email": "not an address"}}),
            "identities.email",
        ),
        (
            json!({"type": "access", "identities": {"email": "a@b.test\u{0}"}}),
            "identities.email",
        ),
        (json!({"type": "access", "identities": {"passport": "1"}}), "identities"),
        (json!({"type": "access", "identities": {}}), "identities"),
        (
            json!({"type": "access", "identities": {"email": ADA}, "framework": "hammurabi"}),
            "framework",
        ),
        (
            json!({"type": "access", "identities": {"email": ADA}, "connections": [known]}),
            "connections",
        ),
        (
            json!({"type": "access", "identities": {"email": ADA}, "connections": []}),
            "connections",
        ),
        (
            json!({"type": "access", "identities": {"email": ADA}, "options": {"approvals": 0}}),
            "options.approvals",
        ),
    ] {
        let answer = app.post("/api/v1/requests", body.clone()).await.expect(422);
        assert_eq!(answer.json()["field"], field, "{body}");
        assert!(
            !answer.text.contains("marker") && !answer.text.contains("not an address"),
            "{}",
            answer.text
        );
    }
    let unknown = json!({"type": "access", "identities": {"email": ADA}, "state": "closed"});
    assert_eq!(
        app.post("/api/v1/requests", unknown).await.expect(400).json()["field"],
        "state"
    );
    assert_eq!(app.get("/api/v1/requests").await.json()["requests"], json!([]));
    app.get(&format!("/api/v1/requests/{known}")).await.expect(404);
    app.get("/api/v1/requests/7").await.expect(404);
}

#[tokio::test]
async fn keys_do_what_their_scopes_allow() {
    // SEC-16
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"start": false})).await;
    let path = format!("/api/v1/requests/{}", made["id"].as_str().unwrap());
    for (scopes, method, path, status) in [
        ("read", Method::GET, path.clone(), 200),
        ("read", Method::POST, "/api/v1/requests".to_owned(), 403),
        ("read", Method::POST, format!("{path}/start"), 403),
        ("read", Method::GET, format!("{path}/package"), 403),
        ("connections", Method::GET, path.clone(), 403),
        ("requests", Method::GET, "/api/v1/audit".to_owned(), 403),
        ("requests", Method::POST, format!("{path}/start"), 200),
    ] {
        let api_key = app.api_key_for(scopes).await;
        let body = (method == Method::POST && path.ends_with("/requests"))
            .then(|| json!({"type": "access", "identities": {"email": ADA}}));
        let answer = app.send(api_request(&api_key, method, &path, body)).await;
        assert_eq!(answer.status, status, "{scopes} {path}");
    }
    app.send(request(Method::GET, &path).body(axum::body::Body::empty()).unwrap())
        .await
        .expect(401);
}

#[tokio::test]
async fn requests_are_listed_by_state_and_page_and_found_by_their_subject() {
    let app = TestApp::with_ada().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let email = format!("someone-{number}@example.com");
        let made = app
            .make(json!({"start": number % 2 == 0, "identities": {"email": email}}))
            .await;
        ids.insert(0, made["id"].clone());
        app.clock.advance(SignedDuration::from_secs(1));
    }
    let mut listed = Vec::new();
    let mut path = "/api/v1/requests?limit=2".to_owned();
    loop {
        let page = app.get(&path).await.expect(200).json();
        listed.extend(
            page["requests"]
                .as_array()
                .unwrap()
                .iter()
                .map(|request| request["id"].clone()),
        );
        assert!(page["requests"][0].get("tasks").is_none());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/requests?limit=2&cursor={cursor}");
    }
    assert_eq!(listed, ids);
    let triage = app.get("/api/v1/requests?state=triage").await.expect(200).json();
    assert_eq!(triage["requests"].as_array().unwrap().len(), 2);
    let both = app
        .get("/api/v1/requests?state=triage,collecting&type=access")
        .await
        .expect(200)
        .json();
    assert_eq!(both["requests"].as_array().unwrap().len(), 5);
    assert_eq!(
        app.get("/api/v1/requests?state=limbo").await.expect(422).json()["field"],
        "state"
    );

    let found = app
        .post("/api/v1/requests/search", json!({"email": " SOMEONE-3@example.com"}))
        .await;
    let found = found.expect(200).json();
    assert_eq!(found["requests"].as_array().unwrap().len(), 1);
    assert_eq!(found["requests"][0]["id"], ids[1]);
    let list = app.get("/api/v1/requests/export?format=csv").await.expect(200);
    assert_eq!(list.text.lines().count(), 6);
    assert!(list.text.contains("s•••@example.com") && !list.text.contains("someone"));
}
