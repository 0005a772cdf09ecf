//! Making, changing and removing webhooks.

use http::Method;
use manager::Settings;
use serde_json::{Value, json};

use super::path;
use crate::{app::TestApp, vendor::HOOK};

#[tokio::test]
async fn a_webhook_is_made_changed_and_removed() {
    let app = TestApp::start().await;
    let made = app
        .post("/api/v1/webhooks", json!({"url": HOOK}))
        .await
        .expect(201)
        .json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!((&made["events"], &made["state"]), (&json!(["*"]), &json!("active")));
    let shown = app.webhook_now(&made).await;
    assert!(shown.get("secret").is_none(), "the secret is shown once");
    let listed = app.get("/api/v1/webhooks").await.expect(200).json();
    assert_eq!(listed["webhooks"], json!([shown]));

    let wanted = json!({"events": ["task.failed"], "description": " Pager ", "enabled": false});
    let changed = app
        .api(Method::PATCH, &path(&made), Some(wanted))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &changed["events"],
            &changed["description"],
            &changed["state"],
            &changed["disabled_because"]
        ),
        (
            &json!(["task.failed"]),
            &json!("Pager"),
            &json!("disabled"),
            &json!("person")
        )
    );
    assert_eq!(changed["url"], HOOK);
    app.api(Method::POST, &format!("{}/test", path(&made)), None)
        .await
        .expect(409);

    app.api(Method::DELETE, &path(&made), None).await.expect(204);
    app.api(Method::DELETE, &path(&made), None).await.expect(404);
    app.get(&path(&made)).await.expect(404);
    app.get(&format!("{}/deliveries", path(&made))).await.expect(404);
    let object = format!("webhook:{}", made["id"].as_str().unwrap());
    assert_eq!(
        app.events(&object).await,
        ["webhook.created", "webhook.changed", "webhook.removed"]
    );
}

#[tokio::test]
async fn a_url_that_must_not_be_called_is_refused_with_the_reason() {
    // SEC-33
    let app = TestApp::start().await;
    for (url, reason) in [
        ("", "missing"),
        ("hooks.example.com", "must be a URL"),
        ("http://hooks.example.com/", "https://"),
        ("ftp://hooks.example.com/", "https://"),
        ("https://user:secret@hooks.example.com/", "user name"),
        ("https://hooks.example.com/#part", "after #"),
        ("https://127.0.0.1/", "loopback"),
        ("https://[::1]/", "loopback"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("https://0x7f.1/", "loopback"),
        ("https://2130706433/", "loopback"),
        ("https://169.254.169.254/latest", "link-local"),
        ("https://0.0.0.0/", "unspecified"),
    ] {
        let answer = app.post("/api/v1/webhooks", json!({"url": url})).await.expect(422);
        let problem = answer.json();
        assert_eq!(problem["errors"][0]["field"], "url", "{url}: {problem}");
        assert!(
            problem["errors"][0]["reason"].as_str().unwrap().contains(reason),
            "{url}: {problem}"
        );
    }
    for body in [
        json!({"url": HOOK, "events": []}),
        json!({"url": HOOK, "events": ["request.eaten"]}),
        json!({"url": HOOK, "description": "x".repeat(201)}),
        json!({"url": HOOK, "description": "a\u{0}b"}),
    ] {
        app.post("/api/v1/webhooks", body).await.expect(422);
    }
    let answer = app.post("/api/v1/webhooks", json!({"url": HOOK, "secret": "x"})).await;
    assert!(answer.status.is_client_error(), "{}", answer.text);
    assert_eq!(app.get("/api/v1/webhooks").await.json()["webhooks"], json!([]));

    let app = TestApp::with(Settings {
        allow_private_hosts: "localhost, ::1".to_owned(),
        ..Settings::default()
    })
    .await;
    app.post("/api/v1/webhooks", json!({"url": "https://[::1]:9000/"}))
        .await
        .expect(201);
    app.post("/api/v1/webhooks", json!({"url": "https://127.0.0.1/"}))
        .await
        .expect(422);
}

#[tokio::test]
async fn the_secret_lies_sealed_and_no_event_names_the_url() {
    // SEC-29
    let app = TestApp::start().await;
    let webhook = app.webhook(&["*"]).await;
    app.try_out(&webhook).await;
    let secret = webhook["secret"]
        .as_str()
        .unwrap()
        .strip_prefix("whsec_")
        .unwrap()
        .to_owned();
    let audit = app.get("/api/v1/audit").await.expect(200).text;
    assert!(
        !audit.contains("hooks.acme.test") && !audit.contains(&secret),
        "{audit}"
    );
    app.manager.store().forget_deleted().await.unwrap();
    if app.database.is_postgres() {
        return;
    }
    app.manager.store().close().await;
    for file in std::fs::read_dir(app.database.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let content = std::fs::read(&path).unwrap();
            for marker in [secret.as_str(), "marker-answer-of-the-receiver"] {
                let found = content.windows(marker.len()).any(|window| window == marker.as_bytes());
                assert!(!found, "{marker} stands in {}", path.display());
            }
        }
    }
}

#[tokio::test]
async fn what_was_for_a_webhook_that_was_removed_is_not_sent() {
    let app = TestApp::start().await;
    let webhook = app.webhook(&["*"]).await;
    let test = format!("{}/test", path(&webhook));
    app.api(Method::POST, &test, None).await.expect(202);
    app.api(Method::DELETE, &path(&webhook), None).await.expect(204);
    app.run_jobs().await;
    assert_eq!(app.told().len(), 0);
    assert_eq!(app.manager.runner().drain().await.unwrap(), 0);
    let other: Value = app.webhook(&["*"]).await;
    assert!(app.deliveries(&other).await.is_empty());
}
