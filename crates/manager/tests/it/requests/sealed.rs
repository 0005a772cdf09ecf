//! What is personal or secret is found nowhere but where it belongs.

use std::{
    io,
    sync::{Arc, Mutex},
};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use super::{ADA, package};
use crate::{app::TestApp, vendor::CLIENT_SECRET};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn no_log_line_and_no_file_holds_what_is_sealed() {
    // SEC-29, SEC-43, CL-27
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    // While there is one subscriber alone, a line that another thread meets first is taken to interest nobody.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::callsite::rebuild_interest_cache();
    let app = TestApp::with_ada().await;
    let post = "POST api.vendor.test/v2/subject-access-requests";
    let echo = r#"{"code": "invalid_identifier", "message": "marker-ada@example.com is odd"}"#;
    app.vendor.next(
        post,
        crate::vendor::Misbehaviour::Answers(400, "application/json", echo),
    );
    let made = app.make(json!({})).await;
    app.until_task(&made, "failed").await;
    app.decide(&made, "retry", Value::Null).await.expect(200);
    app.until(&made, "pending_review").await;
    let id = made["id"].as_str().unwrap();
    let dossier = app
        .get(&format!("/api/v1/requests/{id}/dossier"))
        .await
        .expect(200)
        .json();
    let change = json!({"changes": [{"object": dossier["objects"][0]["id"], "field": "name", "action": "edit",
        "value": "marker-edit", "reason": "marker-reason"}]});
    app.api(
        http::Method::PATCH,
        &format!("/api/v1/requests/{id}/dossier"),
        Some(change),
    )
    .await
    .expect(200);
    app.decide(&made, "approve", Value::Null).await.expect(200);
    package(&app, &made).await;
    app.post("/api/v1/requests/search", json!({"email": ADA}))
        .await
        .expect(200);

    let logged = lines.0.lock().unwrap().clone();
    assert!(holds(&logged, "job begins"), "nothing was captured");
    let markers = [ADA, "marker-", CLIENT_SECRET, "192.0.2.1"];
    for marker in markers {
        assert!(!holds(&logged, marker), "{marker} was logged");
    }
    assert!(!holds(
        serde_json::to_string(&app.get("/api/v1/audit?limit=1000").await.json())
            .unwrap()
            .as_bytes(),
        "marker-"
    ));
    for file in files(app.database.folder()) {
        let content = std::fs::read(&file).unwrap();
        for marker in markers {
            assert!(!holds(&content, marker), "{marker} lies open in {}", file.display());
        }
    }
}

#[tokio::test]
async fn at_the_end_of_its_term_a_request_is_shredded_and_remembered() {
    // SEC-42
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"auto_approve": true})).await;
    app.until(&made, "delivering").await;
    package(&app, &made).await;
    app.after(SignedDuration::from_hours(24 * 731)).await;
    let shredded = app.again(&made).await;
    assert_eq!(shredded["identities"], json!({}));
    assert_eq!(
        (&shredded["outcome"], &shredded["package_ready"]),
        (&json!("downloaded"), &json!(false))
    );
    let found = app.post("/api/v1/requests/search", json!({"email": ADA})).await.json();
    assert_eq!(found["requests"], json!([]));
    let id = made["id"].as_str().unwrap();
    app.get(&format!("/api/v1/requests/{id}/dossier")).await.expect(410);
    let history = app.history(&made).await;
    assert!(history.contains(&"dossier.shredded".to_owned()) && history.contains(&"request.shredded".to_owned()));
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}
