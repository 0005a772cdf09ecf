//! Users, keys and the audit log over the API; metrics and explained errors.

use axum::{body::Body, extract::ConnectInfo};
use http::Method;
use serde_json::json;

use crate::app::{TestApp, api_request, request};

#[tokio::test]
async fn a_program_invites_changes_and_deactivates_users() {
    let app = TestApp::start().await;
    app.operator("root@example.com", manager::Role::SuperAdmin).await;
    let key = app.api_key_for("access").await;
    let call = async |method, path: &str, body| app.send(api_request(&key, method, path, body)).await;
    let new = json!({"email": "grace@example.com", "role": "approver"});
    let made = call(Method::POST, "/api/v1/users", Some(new.clone()))
        .await
        .expect(201)
        .json();
    assert_eq!(
        (made["state"].as_str(), made["link"].as_str()),
        (Some("invited"), None),
        "{made}"
    );
    call(Method::POST, "/api/v1/users", Some(new)).await.expect(422);
    let path = format!("/api/v1/users/{}", made["id"].as_str().unwrap());
    let changed = call(Method::PATCH, &path, Some(json!({"role": "viewer"})))
        .await
        .expect(200)
        .json();
    assert_eq!(changed["role"], "viewer");
    let wrong = call(Method::PATCH, &path, Some(json!({"role": "emperor"})))
        .await
        .expect(422)
        .json();
    assert_eq!(wrong["field"], "role");
    call(Method::PATCH, &path, Some(json!({"id": "x", "email": "y"})))
        .await
        .expect(400); // SEC-18
    let gone = call(Method::PATCH, &path, Some(json!({"state": "deactivated"})))
        .await
        .expect(200)
        .json();
    assert_eq!(gone["state"], "deactivated");
    let users = call(Method::GET, "/api/v1/users", None).await.expect(200).json();
    let users = users["users"].as_array().unwrap();
    assert_eq!(users.len(), 2);
    let root = users.iter().find(|user| user["email"] == "root@example.com").unwrap();
    let root = format!("/api/v1/users/{}", root["id"].as_str().unwrap());
    call(Method::PATCH, &root, Some(json!({"state": "deactivated"})))
        .await
        .expect(409);
}

#[tokio::test]
async fn a_program_makes_and_revokes_keys() {
    let app = TestApp::start().await;
    let key = app.api_key_for("access").await;
    let new = json!({"name": "the shop", "scopes": ["read", "requests"]});
    let made = app
        .send(api_request(&key, Method::POST, "/api/v1/api-keys", Some(new)))
        .await;
    let made = made.expect(201).json();
    let other = made["api_key"].as_str().unwrap();
    app.send(api_request(other, Method::GET, "/api/v1/requests", None))
        .await
        .expect(200);
    app.send(api_request(other, Method::GET, "/api/v1/api-keys", None))
        .await
        .expect(403);
    let list = app
        .send(api_request(&key, Method::GET, "/api/v1/api-keys", None))
        .await
        .expect(200);
    assert!(
        !list.text.contains(other) && list.text.contains("the shop"),
        "{}",
        list.text
    );
    let path = format!("/api/v1/api-keys/{}", made["id"].as_str().unwrap());
    app.send(api_request(&key, Method::DELETE, &path, None))
        .await
        .expect(204);
    app.send(api_request(&key, Method::DELETE, &path, None))
        .await
        .expect(404);
    app.send(api_request(other, Method::GET, "/api/v1/requests", None))
        .await
        .expect(401);
}

#[tokio::test]
async fn a_program_verifies_the_log_and_takes_it_along() {
    let app = TestApp::start().await;
    let key = app.api_key_for("read").await;
    let whole = app
        .send(api_request(&key, Method::POST, "/api/v1/audit/verify", None))
        .await;
    assert_eq!(whole.expect(200).json()["whole"], true);
    let lines = app
        .send(api_request(&key, Method::GET, "/api/v1/audit/export", None))
        .await
        .expect(200);
    assert!(
        lines.text.lines().count() >= 3 && lines.text.contains("\"audit.exported\""),
        "{}",
        lines.text
    );
}

#[tokio::test]
async fn metrics_are_for_this_machine_alone() {
    // SEC-50
    let app = TestApp::start().await;
    app.connect().await;
    let from = |address: [u8; 4]| {
        let peer = std::net::SocketAddr::from((address, 40_000));
        request(Method::GET, "/metrics").extension(ConnectInfo(peer))
    };
    app.send(from([192, 0, 2, 1]).body(Body::empty()).unwrap())
        .await
        .expect(404);
    let proxied = from([127, 0, 0, 1]).header("x-forwarded-for", "192.0.2.1");
    app.send(proxied.body(Body::empty()).unwrap()).await.expect(404);
    let told = app
        .send(from([127, 0, 0, 1]).body(Body::empty()).unwrap())
        .await
        .expect(200);
    for line in [
        "rightful_jobs{state=\"due\"} ",
        "rightful_lanes_closed 0",
        "rightful_outgoing_calls_total{host=\"api.optimizely.test\",status=\"2xx\"}",
        "route=\"/api/v1/connections\"",
    ] {
        let line = line.replace("api.optimizely.test", crate::vendor::API.trim_start_matches("https://"));
        assert!(told.text.contains(&line), "{line}: {}", told.text);
    }
}

#[tokio::test]
async fn the_type_of_an_error_leads_to_its_explanation() {
    let app = TestApp::start().await;
    let refused = app
        .send(api_request("x", Method::GET, "/api/v1/requests", None))
        .await
        .expect(401)
        .json();
    let path = refused["type"]
        .as_str()
        .unwrap()
        .strip_prefix("https://localhost:8443")
        .unwrap();
    let page = app
        .send(request(Method::GET, path).body(Body::empty()).unwrap())
        .await
        .expect(200);
    assert!(
        page.text.contains("Not authenticated") && page.text.contains("What helps"),
        "{}",
        page.text
    );
    let unknown = request(Method::GET, "/problems/nonsense").header("accept", "text/html");
    app.send(unknown.body(Body::empty()).unwrap()).await.expect(404);
}
