//! What becomes of a request is told: once, in the subject's language, with what staff have written.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{app::TestApp, requests::ADA};

async fn text(app: &TestApp) -> String {
    app.last_mail_to(ADA).await.text.reveal().clone()
}

#[tokio::test]
async fn a_deletion_is_told_when_it_is_done() {
    let app = TestApp::with_ada().await;
    let made = app
        .make_and_tell(json!({"type": "deletion", "auto_approve": true, "language": "fr"}))
        .await;
    app.until(&made, "closed").await;
    assert_eq!(app.mailed_to_ada().await, ["request_closed"]);
    assert!(text(&app).await.contains("effac") || text(&app).await.contains("supprim"));
    assert_eq!(app.again(&made).await["outcome"], "completed");
}

#[tokio::test]
async fn a_denial_and_an_extension_carry_the_reason() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"start": false})).await;
    let reason = json!({"reason": "Two systems are being moved."});
    app.decide(&made, "extend", reason).await.expect(200);
    let told = text(&app).await;
    assert!(
        told.contains("Two systems are being moved.") && told.contains("20 February 2027"),
        "{told}"
    );
    app.clock.advance(SignedDuration::from_secs(1));
    let ground = json!({"ground": "excessive", "explanation": "You asked on Monday.\nWe answered on Tuesday."});
    app.decide(&made, "deny", ground).await.expect(200);
    let told = text(&app).await;
    assert!(
        told.contains("You asked on Monday.") && told.contains("complain"),
        "{told}"
    );
    assert_eq!(app.mailed_to_ada().await, ["extension", "request_closed"]);

    let long = json!({"ground": "other", "explanation": "x".repeat(4001)});
    let other = app.make_and_tell(json!({"start": false})).await;
    app.decide(&other, "deny", long).await.expect(422);
}

#[tokio::test]
async fn each_outcome_is_told_and_spam_is_not_answered() {
    let app = TestApp::with_ada().await;
    for (decision, words) in [
        ("cancel", Some("cancelled")),
        ("nonresponsive", Some("have not heard from you")),
        ("duplicate", Some("already received the same request")),
        ("spam", None),
    ] {
        app.clock.advance(SignedDuration::from_secs(1));
        let before = app.mails().await.len();
        let made = app.make_and_tell(json!({"start": false})).await;
        app.decide(&made, decision, Value::Null).await.expect(200);
        assert_eq!(
            app.mails().await.len(),
            before + usize::from(words.is_some()),
            "{decision}"
        );
        if let Some(words) = words {
            assert!(text(&app).await.contains(words), "{decision}: {}", text(&app).await);
        }
    }
}

#[tokio::test]
async fn whoever_is_not_to_be_written_to_is_not() {
    let app = TestApp::with_ada().await;
    let quiet = app.make(json!({"auto_approve": true})).await;
    app.until(&quiet, "delivering").await;
    let body = json!({"type": "access", "identities": {"dcp_id": "17"}});
    let nameless = app.post("/api/v1/requests", body).await.expect(201).json();
    assert_eq!(nameless["notices"][0]["code"], "no_mail_address");
    app.decide(&nameless, "cancel", Value::Null).await.expect(200);
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn the_mails_of_a_request_are_listed_without_what_they_say() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"verify": true})).await;
    let path = format!("/api/v1/requests/{}/mails", made["id"].as_str().unwrap());
    let listed = app.get(&path).await.expect(200);
    let mails = listed.json();
    assert_eq!(mails["mails"][0]["event"], "verification");
    assert_eq!(mails["mails"][0]["state"], "kept");
    let token = app.last_link().await;
    let token = token.rsplit('/').next().unwrap();
    assert!(
        !listed.text.contains(token) && !listed.text.contains(ADA),
        "{}",
        listed.text
    );
    let all = app.get("/api/v1/mails?state=kept&limit=1").await.expect(200).json();
    assert_eq!(
        all["mails"][0]["about"],
        format!("request:{}", made["id"].as_str().unwrap())
    );
}
