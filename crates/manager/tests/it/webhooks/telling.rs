//! What is told, to whom, and how it is signed.

use jiff::SignedDuration;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::path;
use crate::{app::TestApp, requests::ADA, vendor::Told};

/// Whether one of the signatures is the one that an independent implementation makes with this secret.
fn is_signed_with(told: &Told, secret: &Value) -> bool {
    let webhook = Webhook::new(secret.as_str().unwrap()).unwrap();
    let at = told.header("webhook-timestamp").parse().unwrap();
    let expected = webhook
        .sign(&told.header("webhook-id"), at, told.body.as_bytes())
        .unwrap();
    told.header("webhook-signature")
        .split(' ')
        .any(|signature| signature == expected)
}

#[tokio::test]
async fn a_program_is_told_the_life_of_a_request_and_nothing_personal() {
    let app = TestApp::with_ada().await;
    let webhook = app.webhook(&["*"]).await;
    let made = app.make_and_tell(json!({"auto_approve": true})).await;
    app.until(&made, "delivering").await;
    let link = app.last_link().await;
    app.press(&link).await.expect(200);
    assert_eq!(app.until(&made, "closed").await["outcome"], "downloaded");
    app.run_jobs().await;

    let mut events = app.told_events();
    events.sort_unstable();
    assert_eq!(
        events,
        [
            "delivery.downloaded",
            "delivery.sent",
            "dossier.ready",
            "request.closed",
            "request.created",
            "request.state_changed",
            "request.state_changed",
            "request.state_changed",
            "request.state_changed",
            "task.completed",
        ]
    );
    let mut ids = Vec::new();
    for told in app.told() {
        assert!(is_signed_with(&told, &webhook["secret"]), "{}", told.event());
        assert_eq!(told.header("content-type"), "application/json");
        assert!(
            !told.body.contains("marker") && !told.body.contains(ADA),
            "{}",
            told.body
        );
        assert!(told.headers.get("authorization").is_none());
        let json = told.json();
        assert_eq!(json["data"]["request_id"], made["id"]);
        assert_eq!(json["data"]["reference"], made["reference"]);
        assert!(json["timestamp"].is_string());
        ids.push(told.header("webhook-id"));
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "each has an id of its own");

    let of = |event: &str| {
        app.told()
            .into_iter()
            .find(|told| told.event() == event)
            .unwrap()
            .json()["data"]
            .clone()
    };
    let closed = of("request.closed");
    assert_eq!(
        (
            &closed["state"],
            &closed["previous_state"],
            &closed["outcome"],
            &closed["type"]
        ),
        (
            &json!("closed"),
            &json!("delivering"),
            &json!("downloaded"),
            &json!("access")
        )
    );
    let task = of("task.completed");
    assert_eq!(task["task_id"], made["tasks"][0]["id"]);
    assert_eq!(
        (&task["status"], &task["connector"]),
        (&json!("complete"), &json!("optimizely"))
    );
    assert_eq!(of("request.created")["state"], "triage");

    let deliveries = app.deliveries(&webhook).await;
    assert_eq!(deliveries.len(), events.len());
    for delivery in &deliveries {
        assert_eq!(
            (&delivery["state"], &delivery["attempts"], &delivery["response_status"]),
            (&json!("delivered"), &json!(1), &json!(204))
        );
        assert!(ids.contains(&delivery["message_id"].as_str().unwrap().to_owned()));
    }
}

#[tokio::test]
async fn each_is_told_what_it_asked_for() {
    let app = TestApp::start().await;
    let few = app
        .webhook(&["connection.connected", "connection.needs_reconnect"])
        .await;
    let none = app.webhook(&["*"]).await;
    let off = json!({"enabled": false});
    app.api(http::Method::PATCH, &path(&none), Some(off)).await.expect(200);
    app.connect().await;
    app.hold_ada();
    app.make(json!({})).await;
    app.run_jobs().await;
    assert_eq!(app.told_events(), ["connection.connected"]);
    let told = &app.told()[0];
    assert!(is_signed_with(told, &few["secret"]));
    assert_eq!(told.json()["data"]["state"], "connected");
    assert!(app.deliveries(&none).await.is_empty());

    app.vendor.revoke_everything();
    app.after(SignedDuration::from_hours(25)).await;
    let told = app.told_events();
    assert!(told.contains(&"connection.needs_reconnect".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_one_before_for_a_while() {
    let app = TestApp::start().await;
    let webhook = app.webhook(&["request.closed"]).await;
    let secret = format!("{}/secret", path(&webhook));
    let rotated = app.post(&secret, json!({"overlap": "2h"})).await.expect(200).json();
    assert_ne!(rotated["secret"], webhook["secret"]);
    assert!(app.webhook_now(&webhook).await["previous_secret_until"].is_string());
    app.try_out(&webhook).await;
    app.clock.advance(SignedDuration::from_hours(2));
    app.try_out(&webhook).await;
    let told = app.told();
    assert_eq!(told[0].header("webhook-signature").split(' ').count(), 2);
    assert!(is_signed_with(&told[0], &webhook["secret"]) && is_signed_with(&told[0], &rotated["secret"]));
    assert_eq!(told[1].header("webhook-signature").split(' ').count(), 1);
    assert!(is_signed_with(&told[1], &rotated["secret"]));
    assert!(app.webhook_now(&webhook).await["previous_secret_until"].is_null());

    let known = app.post(&secret, json!({"overlap": "0s"})).await.expect(200).json();
    app.try_out(&webhook).await;
    let told = app.told();
    assert_eq!(told[2].header("webhook-signature").split(' ').count(), 1);
    assert!(is_signed_with(&told[2], &known["secret"]));
    app.post(&secret, json!({"overlap": "8d"})).await.expect(422);
    let object = format!("webhook:{}", webhook["id"].as_str().unwrap());
    assert_eq!(
        app.events(&object).await,
        [
            "webhook.created",
            "webhook.changed",
            "webhook.tested",
            "webhook.tested",
            "webhook.changed",
            "webhook.tested"
        ]
    );
}
