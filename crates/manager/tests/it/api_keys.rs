//! API keys: what is refused, and to whom.

use axum::body::Body;
use http::{Method, header};
use manager::By;

use crate::app::{TestApp, api_request, request};

#[tokio::test]
async fn without_a_key_nothing_is_told() {
    // SEC-16
    let app = TestApp::start().await;
    let path = "/api/v1/connections";
    let bare = app
        .send(request(Method::GET, path).body(Body::empty()).unwrap())
        .await
        .expect(401);
    assert_eq!(bare.headers[header::WWW_AUTHENTICATE], "Bearer realm=\"rightful\"");
    assert_eq!(bare.headers[header::CONTENT_TYPE], "application/problem+json");
    for wrong in ["rightful_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", ""] {
        let answer = app.send(api_request(wrong, Method::GET, path, None)).await.expect(401);
        assert!(
            answer.headers[header::WWW_AUTHENTICATE]
                .to_str()
                .unwrap()
                .contains("invalid_token")
        );
    }
    let key = app.api_key().await;
    let twice = request(Method::GET, path)
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::AUTHORIZATION, format!("Bearer {key}"));
    app.send(twice.body(Body::empty()).unwrap()).await.expect(401);
    let lower = request(Method::GET, path).header(header::AUTHORIZATION, format!("bearer {key}"));
    app.send(lower.body(Body::empty()).unwrap()).await.expect(200);
}

#[tokio::test]
async fn a_key_does_what_its_scopes_allow_until_it_is_revoked() {
    // SEC-16
    let app = TestApp::start().await;
    let reading = app.api_key_for("read").await;
    let path = "/api/v1/connections";
    app.send(api_request(&reading, Method::GET, path, None))
        .await
        .expect(200);
    let new = crate::app::new_connection(serde_json::Value::Null);
    let refused = app
        .send(api_request(&reading, Method::POST, path, Some(new)))
        .await
        .expect(403)
        .json();
    assert!(refused["detail"].as_str().unwrap().contains("read"), "{refused}");

    let made = app
        .manager
        .create_api_key("short-lived", &"all".parse().unwrap(), &By::command_line())
        .await
        .unwrap();
    let key = made.api_key.reveal();
    app.send(api_request(key, Method::GET, path, None)).await.expect(200);
    assert!(app.manager.revoke_api_key(made.id, &By::command_line()).await.unwrap());
    assert!(!app.manager.revoke_api_key(made.id, &By::command_line()).await.unwrap());
    app.send(api_request(key, Method::GET, path, None)).await.expect(401);
}

#[tokio::test]
async fn the_database_knows_no_key_and_no_password() {
    // CL-27, SEC-29
    let app = TestApp::start().await;
    app.connect().await;
    app.manager.store().forget_deleted().await.unwrap();
    if app.database.is_postgres() {
        return;
    }
    let key = app.api_key().await;
    app.manager.store().close().await;
    let mut markers: Vec<String> = [
        "marker-client-secret",
        "marker-refresh",
        "marker-access",
        "marker-admin",
    ]
    .map(str::to_owned)
    .to_vec();
    markers.push(key);
    for file in std::fs::read_dir(app.database.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let content = std::fs::read(&path).unwrap();
            for marker in &markers {
                let found = content.windows(marker.len()).any(|window| window == marker.as_bytes());
                assert!(!found, "{marker} stands in {}", path.display());
            }
        }
    }
}
