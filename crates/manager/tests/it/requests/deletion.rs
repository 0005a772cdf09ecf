//! Deletion requests.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::ADA;
use crate::app::TestApp;

#[tokio::test]
async fn a_deletion_is_approved_carried_out_and_proved() {
    let app = TestApp::with_ada_and(json!({"data_types": ["visitor"], "verify_erasure": true})).await;
    let made = app.make(json!({"type": "deletion"})).await;
    assert_eq!(made["state"], "pending_review");
    // CL-33: nothing is deleted without a decision.
    app.after(SignedDuration::from_hours(24)).await;
    assert!(app.posted().is_empty());

    let approved = app.decide(&made, "approve", Value::Null).await.expect(200).json();
    assert_eq!(approved["state"], "deleting");
    app.decide(&made, "cancel", Value::Null).await.expect(409);
    let closed = app.until(&made, "closed").await;
    assert_eq!(
        (&closed["outcome"], &closed["erasure"]),
        (&json!("completed"), &json!("erased"))
    );
    let tasks: Vec<String> = closed["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| format!("{} {} {}", task["kind"], task["status"], task["result"]).replace('"', ""))
        .collect();
    assert_eq!(
        tasks,
        ["deletion complete deleted", "verification complete nothing_found"]
    );
    let asked: Vec<Value> = app.posted().iter().map(|job| job["request_type"].clone()).collect();
    assert_eq!(asked, ["delete", "access"]);
    assert!(!app.vendor.state().jobs.held.iter().any(|held| held.identifier == ADA));
    let history = app.history(&made).await;
    for action in [
        "request.created",
        "request.started",
        "request.approved",
        "task.submitting",
        "task.submitted",
        "task.completed",
        "request.deleted",
        "request.erasure_verified",
        "request.notified",
    ] {
        assert!(history.iter().any(|event| event == action), "{action} {history:?}");
    }
}

#[tokio::test]
async fn what_remains_is_deleted_once_more_or_accepted() {
    let app = TestApp::with_ada_and(json!({"data_types": ["visitor"], "verify_erasure": true})).await;
    app.vendor.state().jobs.deletes = false;
    let made = app.make(json!({"type": "deletion", "auto_approve": true})).await;
    for _ in 0..30 {
        app.after(SignedDuration::from_mins(1)).await;
    }
    let remains = app.again(&made).await;
    assert_eq!(
        (&remains["state"], &remains["remains"]),
        (&json!("verifying_erasure"), &json!(true))
    );
    assert_eq!(remains["notices"][0]["code"], "remains_found");
    assert_eq!(remains["tasks"][1]["found"]["records"], 3);

    app.vendor.state().jobs.deletes = true;
    let again = app
        .decide(&made, "repeat-deletion", Value::Null)
        .await
        .expect(200)
        .json();
    assert_eq!(again["state"], "deleting");
    let closed = app.until(&made, "closed").await;
    assert_eq!(closed["erasure"], "erased");
    let rounds: Vec<i64> = closed["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["round"].as_i64().unwrap())
        .collect();
    assert_eq!(rounds, [1, 1, 2, 2]);
    app.decide(&made, "accept-remains", Value::Null).await.expect(409);
}

#[tokio::test]
async fn a_deletion_by_rule_needs_nobody() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"type": "deletion", "auto_approve": true})).await;
    assert_eq!(
        (&made["state"], &made["approved_by"]),
        (&json!("deleting"), &json!(["automation"]))
    );
    let closed = app.until(&made, "closed").await;
    assert_eq!(
        (&closed["outcome"], &closed["erasure"]),
        (&json!("completed"), &json!("not_asked"))
    );
}

#[tokio::test]
async fn a_grace_period_is_waited_out_and_lets_the_subject_think_again() {
    let app = TestApp::with_ada().await;
    let grace = json!({"type": "deletion", "auto_approve": true, "options": {"grace": "2h"}});
    let kept = app.make(grace.clone()).await;
    assert_eq!(
        (&kept["state"], &kept["until"]),
        (&json!("grace"), &json!("2026-11-22T10:00:00Z"))
    );
    assert_eq!(kept["tasks"][0]["waiting_for"], "grace");
    app.decide(&kept, "cancel", Value::Null).await.expect(200);

    let made = app.make(grace).await;
    app.after(SignedDuration::from_hours(1)).await;
    // A pause does not cost the subject what is left of it.
    app.decide(&made, "pause", json!({"reason": "other"})).await.expect(200);
    app.after(SignedDuration::from_hours(5)).await;
    let resumed = app.decide(&made, "resume", Value::Null).await.expect(200).json();
    assert_eq!(
        (&resumed["state"], &resumed["until"]),
        (&json!("grace"), &json!("2026-11-22T15:00:00Z"))
    );
    assert_eq!(resumed["tasks"][0]["waiting_for"], "grace");
    app.after(SignedDuration::from_mins(59)).await;
    assert!(app.posted().is_empty());
    app.after(SignedDuration::from_mins(1)).await;
    assert_eq!(app.posted().len(), 1);
    app.until(&made, "closed").await;
}

#[tokio::test]
async fn people_see_what_will_go_before_it_does() {
    let app = TestApp::with_ada_and(json!({"data_types": ["visitor"], "access_before_delete": true})).await;
    let made = app.make(json!({"type": "deletion"})).await;
    assert_eq!(made["state"], "collecting");
    let review = app.until(&made, "pending_review").await;
    assert_eq!(review["tasks"][0]["found"]["records"], 3);
    let id = made["id"].as_str().unwrap();
    let dossier = app
        .get(&format!("/api/v1/requests/{id}/dossier"))
        .await
        .expect(200)
        .json();
    assert_eq!(dossier["objects"].as_array().unwrap().len(), 2);
    app.decide(&made, "approve", Value::Null).await.expect(200);
    app.until(&made, "closed").await;
    assert_eq!(super::package(&app, &made).await.0, 409);
}

#[tokio::test]
async fn four_eyes_where_they_are_asked_for() {
    // SEC-20
    let app = TestApp::with_ada().await;
    let (one, two) = (app.api_key().await, app.api_key().await);
    let body = json!({"type": "deletion", "identities": {"email": ADA}, "start": true,
        "options": {"approvals": 2, "separate_approver": true}});
    let call = |key: &str, path: String, body: Option<Value>| {
        let request = crate::app::api_request(key, http::Method::POST, &path, body);
        async { app.send(request).await }
    };
    let made = call(&one, "/api/v1/requests".to_owned(), Some(body))
        .await
        .expect(201)
        .json();
    let approve = format!("/api/v1/requests/{}/approve", made["id"].as_str().unwrap());
    let refused = call(&one, approve.clone(), None).await.expect(409);
    assert!(refused.text.contains("whoever made the request"), "{}", refused.text);
    let first = call(&two, approve.clone(), None).await.expect(200).json();
    assert_eq!(first["state"], "pending_review");
    call(&two, approve.clone(), None).await.expect(409);
    let third = app.api_key().await;
    assert_eq!(
        call(&third, approve, None).await.expect(200).json()["state"],
        "deleting"
    );
}
