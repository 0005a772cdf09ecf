//! Reminders, deadlines, and the ends that are no answer.

use std::time::Duration;

use manager::{Role, Settings};
use serde_json::{Value, json};

use super::{PAUL, days, says};
use crate::app::TestApp;

/// A manager that keeps what mails said for longer than these stories last.
async fn patient() -> TestApp {
    TestApp::with(Settings {
        mailbox: true,
        mail_retention: Duration::from_hours(24 * 400).into(),
        ..Settings::default()
    })
    .await
}

const ADMIN: &str = "admin@acme.example";

#[tokio::test]
async fn a_processor_is_reminded_every_five_days_until_the_deadline() {
    let app = patient().await;
    app.add_processor(json!({"on_deadline": "block"})).await;
    let (made, first) = app.asked("access").await;
    app.after(days(4)).await;
    assert_eq!(app.mailed_to(PAUL).await.len(), 1);
    app.after(days(1)).await;
    assert_eq!(
        app.mailed_to(PAUL).await,
        ["direct_contact_access", "direct_contact_reminder"]
    );
    let second = app.form_path().await;
    assert_ne!(first, second);
    // Both links lead to the same form.
    app.open(&first).await.expect(200);
    app.open(&second).await.expect(200);
    app.after(days(5)).await;
    assert_eq!(app.only_task(&made).await["contact"]["reminders"], 2);
    app.after(days(3)).await;
    assert_eq!(app.mailed_to(PAUL).await.len(), 3);
    // An answer ends them, whichever link it came by.
    app.fill_in(&first, &says("nothing_found")).await.expect(303);
    app.after(days(30)).await;
    assert_eq!(app.mailed_to(PAUL).await.len(), 3);
    assert!(app.open(&second).await.expect(200).text.contains("Thank you"));
}

#[tokio::test]
async fn a_deadline_that_skips_lets_the_request_go_on() {
    let app = patient().await;
    app.add_processor(json!({"on_deadline": "skip"})).await;
    let (made, path) = app.asked("access").await;
    for _ in 0..13 {
        app.after(days(1)).await;
    }
    assert_eq!(app.again(&made).await["state"], "collecting");
    app.after(days(1)).await;
    let request = app.again(&made).await;
    assert_eq!(
        (&request["state"], &request["tasks"][0]["status"]),
        (&json!("pending_review"), &json!("expired"))
    );
    let closed = app.open(&path).await.expect(410).text;
    assert!(
        closed.contains("This link is closed") && !closed.contains("marker-ada"),
        "{closed}"
    );
    app.fill_in(&path, &says("nothing_found")).await.expect(410);
    app.after(days(30)).await;
    assert_eq!(app.mailed_to(PAUL).await.len(), 3);
}

#[tokio::test]
async fn a_deadline_that_blocks_waits_and_tells_administrators() {
    let app = patient().await;
    app.operator(ADMIN, Role::SuperAdmin).await;
    app.operator("viewer@acme.example", Role::Viewer).await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    for _ in 0..20 {
        app.after(days(1)).await;
    }
    let task = app.only_task(&made).await;
    assert_eq!(
        (&task["status"], &task["waiting_for"]),
        (&json!("waiting"), &json!("processor"))
    );
    assert_eq!(
        (&task["warning"], &task["contact"]["overdue_at"]),
        (&json!("contact_overdue"), &json!("2026-12-06T08:00:00.001Z"))
    );
    assert_eq!(app.mailed_to(ADMIN).await, ["direct_contact_overdue"]);
    assert_eq!(app.mailed_to("viewer@acme.example").await.len(), 0);
    let id = made["id"].as_str().unwrap();
    assert!(
        app.last_mail_to(ADMIN)
            .await
            .text
            .reveal()
            .contains(&format!("/requests/{id}"))
    );
    // Late is not too late.
    app.open(&path).await.expect(200);

    // Asked again, the processor has the whole time once more, and the old links are closed.
    app.decide(&made, "resend", json!({})).await.expect(200);
    let task = app.only_task(&made).await;
    assert_eq!(
        (&task["warning"], &task["until"]),
        (&Value::Null, &json!("2026-12-26T08:00:00.001Z"))
    );
    app.open(&path).await.expect(410);
    let again = app.form_path().await;
    app.after(days(5)).await;
    assert_eq!(app.last_mail_to(PAUL).await.listed.event, "direct_contact_reminder");
    app.fill_in(&again, &says("nothing_found")).await.expect(303);
    assert_eq!(app.again(&made).await["state"], "pending_review");
    app.after(days(30)).await;
    let told = ["direct_contact_overdue", "approval_awaited"];
    assert_eq!(app.mailed_to(ADMIN).await, told);
}

#[tokio::test]
async fn staff_remind_now_and_stop() {
    let app = patient().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    let reminded = app.decide(&made, "remind", json!({})).await.expect(200).json();
    assert_eq!(reminded["tasks"][0]["contact"]["reminders"], 1);
    app.open(&path).await.expect(200);
    // The next one counts from it.
    app.after(days(4)).await;
    app.after(days(1)).await;
    assert_eq!(app.only_task(&made).await["contact"]["reminders"], 2);
    let task = made["tasks"][0]["id"].clone();
    app.decide(&made, "stop", json!({"task": task})).await.expect(200);
    assert_eq!(app.again(&made).await["tasks"][0]["status"], "stopped");
    app.open(&path).await.expect(410);
    app.decide(&made, "remind", json!({})).await.expect(409);
    app.decide(&made, "resend", json!({})).await.expect(409);
    app.after(days(30)).await;
    assert_eq!(app.mailed_to(PAUL).await.len(), 3);
}

#[tokio::test]
async fn whoever_was_asked_is_told_when_the_request_is_withdrawn() {
    let app = patient().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("deletion").await;
    app.decide(&made, "deny", json!({"ground": "other"})).await.expect(409);
    let (made_second, second) = app.asked("access").await;
    app.decide(&made_second, "cancel", json!({})).await.expect(200);
    assert_eq!(app.last_mail_to(PAUL).await.listed.event, "direct_contact_withdrawn");
    let closed = app.open(&second).await.expect(410).text;
    assert!(!closed.contains("marker-ada"), "{closed}");
    assert!(
        app.history(&made_second)
            .await
            .contains(&"direct_contact.withdrawn".to_owned())
    );
    // The other request is untouched.
    app.open(&path).await.expect(200);
    assert_eq!(app.only_task(&made).await["status"], "waiting");
    app.after(days(30)).await;
    let told = app.mailed_to(PAUL).await;
    assert_eq!(
        told.iter().filter(|event| *event == "direct_contact_withdrawn").count(),
        1
    );
}

#[tokio::test]
async fn a_pause_stops_reminders_and_an_answer_still_comes_in() {
    let app = patient().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    app.decide(&made, "pause", json!({})).await.expect(200);
    app.after(days(12)).await;
    assert_eq!(app.mailed_to(PAUL).await.len(), 1);
    app.fill_in(&path, &says("nothing_found")).await.expect(303);
    assert_eq!(app.only_task(&made).await["status"], "complete");
    app.decide(&made, "resume", json!({})).await.expect(200);
    assert_eq!(app.until(&made, "pending_review").await["state"], "pending_review");
}
