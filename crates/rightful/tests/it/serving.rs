//! `serve` and `worker`.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use http::{Request, header};
use rightful_http::client::{ClientSettings, ExtraCa, GuardedClient, SharedTransport};
use serde_json::{Value, json};
use url::Url;

use crate::place::Place;

/// A way to this machine's servers whose authority lies in the data folder.
pub(crate) fn trusting(data: &Path) -> SharedTransport {
    let authority = Some(data.join("ca.pem")).filter(|path| path.exists());
    let settings = ClientSettings {
        allow_private_hosts: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        allow_plain_http: true,
        extra_ca: authority.map(ExtraCa::File).into_iter().collect(),
        ..ClientSettings::default()
    };
    Arc::new(GuardedClient::new(&settings).unwrap())
}

pub(crate) async fn get_json(transport: &SharedTransport, url: &Url, token: &str) -> (u16, Value) {
    call(transport, Request::get(url.as_str()), token, String::new()).await
}

pub(crate) async fn post_json(transport: &SharedTransport, url: &Url, token: &str, body: &Value) -> (u16, Value) {
    call(transport, Request::post(url.as_str()), token, body.to_string()).await
}

async fn call(transport: &SharedTransport, request: http::request::Builder, token: &str, body: String) -> (u16, Value) {
    let request = request
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body))
        .unwrap();
    let answer = transport.send(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().read(16 * 1024 * 1024).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn a_server_says_where_it_listens_and_ends_in_good_order() {
    for service in ["provider", "manager"] {
        for signal in ["INT", "TERM"] {
            let place = Place::new().await;
            let server = place
                .rightful(&format!("{service} serve --listen 127.0.0.1:0"))
                .serve()
                .await;
            assert!(!server.listen.ends_with(":0"));
            let transport = trusting(&place.data());
            for path in ["/healthz", "/readyz"] {
                let (status, health) = get_json(&transport, &server.url.join(path).unwrap(), "").await;
                assert_eq!((status, &health["status"]), (200, &json!("ok")), "{service} {path}");
            }
            let ended = server.running.signal(signal).await;
            assert_eq!(ended.status, Some(0), "{}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_before_anything_is_made() {
    let place = Place::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    for service in ["provider", "manager"] {
        let ended = place.refusal(&format!("{service} serve --listen {listen}")).await;
        ended.says(&[&listen, "is in use", "hint: listen elsewhere with --listen"]);
    }
    assert!(!place.data().join("provider.db").exists());
    assert!(!place.data().join("master.key").exists());
}

#[tokio::test]
async fn a_server_for_people_says_where_it_listens_in_a_line() {
    let place = Place::new().await;
    let mut running = place.rightful("provider serve --listen 127.0.0.1:0").start();
    let line = running.line().await.unwrap();
    assert!(line.starts_with("provider listening on 127.0.0.1:"), "{line}");
    assert!(line.contains(", public URL https://localhost:"), "{line}");
    running.signal("TERM").await;
}

#[tokio::test]
async fn commands_beside_a_server_know_its_address() {
    let place = Place::new().await;
    let server = place.rightful("manager serve --listen 127.0.0.1:0").serve().await;
    let added = place
        .answer_to(
            "manager connection add --name Vendor --client-id 123 --client-secret-stdin",
            "a secret",
        )
        .await;
    let redirect_uri = server.url.join("/oauth/callback").unwrap();
    assert_eq!(added["redirect_uri"], redirect_uri.as_str());
    let other = place
        .rightful("manager connection authorize --public-url https://privacy.example.com --json")
        .word(added["id"].as_str().unwrap())
        .run()
        .await
        .answer();
    assert_eq!(other["redirect_uri"], "https://privacy.example.com/oauth/callback");
}

#[tokio::test]
async fn behind_a_tls_proxy_it_speaks_plain_http_and_still_means_https() {
    let place = Place::new().await;
    let server = place
        .rightful("provider serve --listen 127.0.0.1:0 --tls off --public-url https://vendor.example.com")
        .serve()
        .await;
    assert_eq!(server.url.as_str(), "https://vendor.example.com/");
    let transport = trusting(&place.data());
    let metadata = Url::parse(&format!(
        "http://{}/.well-known/oauth-authorization-server",
        server.listen
    ));
    let (status, metadata) = get_json(&transport, &metadata.unwrap(), "").await;
    assert_eq!(status, 200);
    assert_eq!(metadata["issuer"], "https://vendor.example.com");
}

#[tokio::test]
async fn a_worker_carries_out_what_a_server_takes_in() {
    let place = Place::new().await;
    let account = place.account("admin@example.com").await;
    let file = place.file(
        "subjects.ndjson",
        r#"{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "profile", "record": {"a": 1}}"#,
    );
    place
        .answer(&format!("provider subject import --account {account} {file}"))
        .await;
    let mut worker = place.rightful("provider worker --json").start();
    assert!(worker.line().await.unwrap().contains("working"));
    let ended = worker.signal("TERM").await;
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
}

#[tokio::test]
async fn migrate_makes_the_database_and_ends() {
    let place = Place::new().await;
    for service in ["provider", "manager"] {
        let answer = place.answer(&format!("{service} migrate")).await;
        assert!(answer["version"].as_i64().unwrap() >= 1, "{answer}");
        assert_eq!(place.answer(&format!("{service} migrate")).await, answer);
    }
}

#[tokio::test]
async fn doctor_says_what_is_wrong_and_what_to_do() {
    let place = Place::new().await;
    for service in ["provider", "manager"] {
        let found = place.answer(&format!("{service} doctor --listen 127.0.0.1:0")).await;
        assert_eq!(found["ok"], true, "{found}");
    }
    std::fs::set_permissions(place.data(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let ended = place.rightful("provider doctor --listen 127.0.0.1:0").run().await;
    assert_eq!(ended.status, Some(1));
    assert!(ended.stdout.contains("failed  data folder"), "{}", ended.stdout);
    assert!(ended.stdout.contains("chmod 700"), "{}", ended.stdout);
}
