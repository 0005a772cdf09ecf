//! Receivers that are down, slow, or gone.

use http::Method;
use jiff::SignedDuration;
use manager::Role;
use serde_json::{Value, json};

use super::path;
use crate::{
    app::TestApp,
    portal::Browser,
    vendor::{Misbehaviour, Scripted},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn with_admin() -> TestApp {
    let app = TestApp::start().await;
    app.operator("admin@example.com", Role::SuperAdmin).await;
    app.operator("viewer@example.com", Role::Viewer).await;
    app
}

fn answers(app: &TestApp, status: Option<u16>) {
    app.vendor.state().hooks.status = status;
}

#[tokio::test]
async fn a_receiver_that_is_down_is_told_later_and_only_once() {
    let app = with_admin().await;
    let webhook = app.webhook(&["*"]).await;
    app.vendor.next("POST hooks.acme.test/", Misbehaviour::Unreachable);
    app.vendor.next(
        "POST hooks.acme.test/",
        Misbehaviour::Answers(503, "text/html", "<h1>marker</h1>"),
    );
    app.try_out(&webhook).await;
    let delivery = app.deliveries(&webhook).await[0].clone();
    assert_eq!(
        (
            &delivery["state"],
            &delivery["cause"]["code"],
            &delivery["response_status"]
        ),
        (&json!("pending"), &json!("unreachable"), &Value::Null)
    );
    assert!(delivery["next_attempt_at"].is_string());
    assert!(app.webhook_now(&webhook).await["failing_since"].is_string());
    app.after(SignedDuration::from_secs(31)).await;
    let delivery = app.deliveries(&webhook).await[0].clone();
    assert_eq!(
        (
            &delivery["attempts"],
            &delivery["cause"]["code"],
            &delivery["response_status"]
        ),
        (&json!(2), &json!("refused"), &json!(503))
    );
    assert!(
        !delivery.to_string().contains("marker"),
        "what a receiver writes is not kept: {delivery}"
    );
    app.after(SignedDuration::from_secs(61)).await;
    let delivery = app.deliveries(&webhook).await[0].clone();
    assert_eq!(
        (&delivery["state"], &delivery["attempts"]),
        (&json!("delivered"), &json!(3))
    );
    assert!(delivery["cause"].is_null() && delivery["next_attempt_at"].is_null());
    assert_eq!(app.told().len(), 1);
    let now = app.webhook_now(&webhook).await;
    assert!(now["failing_since"].is_null() && now["last_success_at"].is_string());
    app.after(SignedDuration::from_hours(48)).await;
    assert_eq!(app.told().len(), 1);
    assert_eq!(app.mailed_to("admin@example.com").await.len(), 0);
}

#[tokio::test]
async fn a_receiver_that_asks_to_wait_is_given_the_time() {
    let app = TestApp::start().await;
    let webhook = app.webhook(&["*"]).await;
    let answer = Misbehaviour::Throttles(Some("3600"));
    let call = "POST hooks.acme.test/";
    app.vendor.state().script.push_back(Scripted { call, answer });
    app.try_out(&webhook).await;
    app.after(SignedDuration::from_mins(59)).await;
    assert_eq!(app.told().len(), 0);
    app.after(SignedDuration::from_mins(2)).await;
    assert_eq!(app.told().len(), 1);
}

#[tokio::test]
async fn after_three_days_administrators_are_told_once_and_can_send_again_what_failed() {
    let app = with_admin().await;
    app.connect().await;
    let webhook = app.webhook(&["*"]).await;
    answers(&app, Some(500));
    let begun = app.manager.store().now();
    for _ in 0..3 {
        app.try_out(&webhook).await;
    }
    for _ in 0..73 {
        app.after(HOUR).await;
    }
    let deliveries = app.deliveries(&webhook).await;
    assert_eq!(deliveries.len(), 3);
    for delivery in &deliveries {
        assert_eq!(
            (&delivery["state"], &delivery["cause"]["code"]),
            (&json!("failed"), &json!("refused"))
        );
        assert!(delivery["attempts"].as_u64().unwrap() >= 10, "{delivery}");
        assert!(delivery["ended_at"].is_string() && delivery["next_attempt_at"].is_null());
    }
    let now = app.webhook_now(&webhook).await;
    assert_eq!(now["state"], "failing");
    assert_eq!(app.mailed_to("admin@example.com").await, ["webhook_alert"]);
    let mail = app.last_mail_to("admin@example.com").await;
    let text = mail.text.reveal();
    assert!(
        text.contains("hooks.acme.test") && text.contains("answered 500"),
        "{text}"
    );
    assert!(
        !text.contains("marker-hook-key"),
        "the URL itself may be known to few: {text}"
    );
    assert_eq!(app.mailed_to("viewer@example.com").await.len(), 0);
    let object = format!("webhook:{}", webhook["id"].as_str().unwrap());
    let events = app.events(&object).await;
    assert_eq!(
        events.iter().filter(|event| *event == "webhook.failing").count(),
        1,
        "{events:?}"
    );
    let mut browser = Browser::of(&app);
    browser
        .log_in("admin@example.com", "a long enough password")
        .await
        .expect(303);
    let home = browser.get("/").await.expect(200).text;
    assert!(
        home.contains("The webhook at hooks.acme.test gets no events any more"),
        "{home}"
    );

    answers(&app, None);
    let before = app.told().len();
    let replay = format!("{}/replay", path(&webhook));
    let replayed = app.post(&replay, json!({"since": begun})).await.expect(202).json();
    assert_eq!(replayed, json!({"replayed": 3, "more": false}));
    app.run_jobs().await;
    assert_eq!(app.told().len() - before, 3);
    let mut ids: Vec<String> = app.told().iter().map(|told| told.header("webhook-id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "sent again under the same ids");
    let now = app.webhook_now(&webhook).await;
    assert_eq!((&now["state"], &now["failing_since"]), (&json!("active"), &Value::Null));
    let home = browser.get("/").await.expect(200).text;
    assert!(!home.contains("gets no events"), "{home}");
    let none = app.post(&replay, json!({"since": begun})).await.expect(202).json();
    assert_eq!(none["replayed"], 0);
}

#[tokio::test]
async fn one_delivery_can_be_sent_again() {
    let app = TestApp::start().await;
    let webhook = app.webhook(&["*"]).await;
    let delivery = app.try_out(&webhook).await;
    let one = format!("{}/deliveries/{}", path(&webhook), delivery["id"].as_str().unwrap());
    let shown = app.get(&one).await.expect(200).json();
    assert_eq!(shown["payload"]["type"], "webhook.test");
    assert_eq!(shown["payload"]["data"]["webhook_id"], webhook["id"]);
    app.api(Method::POST, &format!("{one}/replay"), None).await.expect(202);
    app.run_jobs().await;
    let told = app.told();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"));
    assert_eq!(told[0].body, told[1].body);
    assert_eq!(app.get(&one).await.json()["attempts"], 2);
    let other = app.webhook(&["*"]).await;
    let elsewhere = one.replace(webhook["id"].as_str().unwrap(), other["id"].as_str().unwrap());
    app.get(&elsewhere).await.expect(404);
    app.api(Method::POST, &format!("{elsewhere}/replay"), None)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_left_alone() {
    let app = with_admin().await;
    let webhook = app.webhook(&["*"]).await;
    answers(&app, Some(500));
    app.try_out(&webhook).await;
    app.clock.advance(SignedDuration::from_secs(1));
    answers(&app, Some(410));
    app.try_out(&webhook).await;
    let now = app.webhook_now(&webhook).await;
    assert_eq!(
        (&now["state"], &now["disabled_because"]),
        (&json!("disabled"), &json!("gone"))
    );
    let calls = app.told().len();
    app.after(HOUR).await;
    app.connect().await;
    assert_eq!(app.told().len(), calls, "nothing is sent to it any more");
    let causes: Vec<Value> = app
        .deliveries(&webhook)
        .await
        .iter()
        .map(|one| one["cause"]["code"].clone())
        .collect();
    assert_eq!(causes, ["gone", "disabled"]);
    assert_eq!(app.mailed_to("admin@example.com").await, ["webhook_alert"]);
    let object = format!("webhook:{}", webhook["id"].as_str().unwrap());
    assert!(app.events(&object).await.contains(&"webhook.disabled".to_owned()));

    answers(&app, None);
    let on = json!({"enabled": true});
    let now = app
        .api(Method::PATCH, &path(&webhook), Some(on))
        .await
        .expect(200)
        .json();
    assert_eq!((&now["state"], &now["failing_since"]), (&json!("active"), &Value::Null));
    let since = json!({"since": "2026-11-01T00:00:00Z"});
    app.post(&format!("{}/replay", path(&webhook)), since).await.expect(202);
    app.run_jobs().await;
    assert_eq!(app.told().len(), calls + 2);
}

#[tokio::test]
async fn a_receiver_that_sends_elsewhere_is_not_followed() {
    // SEC-33
    let app = TestApp::start().await;
    let webhook = app.webhook(&["*"]).await;
    answers(&app, Some(307));
    app.try_out(&webhook).await;
    let delivery = app.deliveries(&webhook).await[0].clone();
    assert_eq!(
        (&delivery["cause"]["code"], &delivery["response_status"]),
        (&json!("redirect"), &json!(307))
    );
    assert_eq!(app.vendor.count("POST hooks.acme.test/"), 1);
}

#[tokio::test]
async fn one_that_is_down_holds_up_no_other() {
    let app = TestApp::start().await;
    let down = app.webhook(&["*"]).await;
    for _ in 0..9 {
        app.vendor.next("POST hooks.acme.test/", Misbehaviour::Unreachable);
        app.try_out(&down).await;
    }
    let up = app.webhook(&["*"]).await;
    app.try_out(&up).await;
    assert_eq!(app.told().len(), 1);
    assert_eq!(app.deliveries(&down).await.len(), 9);
}

#[tokio::test]
async fn what_was_sent_is_forgotten_after_a_month() {
    let app = TestApp::start().await;
    let webhook = app.webhook(&["*"]).await;
    app.try_out(&webhook).await;
    app.after(HOUR * 24 * 20).await;
    app.try_out(&webhook).await;
    app.after(HOUR * 24 * 9).await;
    assert_eq!(app.deliveries(&webhook).await.len(), 2);
    app.after(HOUR * 25).await;
    assert_eq!(app.deliveries(&webhook).await.len(), 1);
    app.after(HOUR * 24 * 20).await;
    assert_eq!(app.deliveries(&webhook).await.len(), 0);
}

#[tokio::test]
async fn deliveries_are_listed_in_pages() {
    let app = TestApp::start().await;
    let webhook = app.webhook(&["*"]).await;
    for _ in 0..5 {
        app.try_out(&webhook).await;
        app.clock.advance(SignedDuration::from_secs(1));
    }
    let list = format!("{}/deliveries", path(&webhook));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{list}?limit=2{cursor}")).await.expect(200).json();
        seen.extend(
            page["deliveries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].clone()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all: Vec<Value> = app
        .deliveries(&webhook)
        .await
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(seen, all);
    assert_eq!(
        app.get(&format!("{list}?state=failed")).await.json()["deliveries"],
        json!([])
    );
    for wrong in ["state=lost", "limit=0", "limit=201", "cursor=x", "page=1"] {
        let answer = app.get(&format!("{list}?{wrong}")).await;
        assert!(answer.status.is_client_error(), "{wrong}: {}", answer.text);
    }
}
