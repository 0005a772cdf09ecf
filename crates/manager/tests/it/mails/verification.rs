//! A request that its subject has to confirm.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{app::TestApp, mailbox::path_in, requests::ADA};

#[tokio::test]
async fn nothing_happens_before_the_subject_has_pressed_the_button() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"verify": true})).await;
    assert_eq!(made["state"], "pending_verification");
    assert_eq!(made["until"], "2026-11-29T08:00:00Z");
    app.run_jobs().await;
    assert!(app.posted().is_empty());
    assert_eq!(app.mailed_to_ada().await, ["verification"]);

    let link = app.last_link().await;
    let token = link.strip_prefix("/privacy/requests/").unwrap();
    assert_eq!(token.len(), 43); // SEC-28: 256 bits
    for _ in 0..3 {
        // A mail scanner opens every link.
        let page = app.open(&link).await.expect(200);
        assert!(page.text.contains("Yes, I made this request"), "{}", page.text);
        assert_eq!(page.headers["cache-control"], "no-store"); // SEC-49
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert!(!page.text.contains(ADA));
    }
    assert_eq!(app.again(&made).await["state"], "pending_verification");

    let pressed = app.press(&format!("{link}/verify")).await.expect(303);
    assert_eq!(pressed.location(), link);
    app.until(&made, "pending_review").await;
    assert_eq!(app.posted().len(), 1);
    let page = app.open(&link).await.expect(200);
    assert!(page.text.contains("We are working on it") && !page.text.contains("Yes, I made"));

    // The link confirms once: pressed again it changes nothing.
    app.press(&format!("{link}/verify")).await.expect(303);
    let history = app.history(&made).await;
    assert_eq!(history.iter().filter(|action| *action == "request.verified").count(), 1);
    assert_eq!(app.mailed_to_ada().await, ["verification"]);
}

/// The timer that would have ended the wait for a confirmation has nothing to do with what comes after it.
#[tokio::test]
async fn a_confirmed_deletion_is_carried_out_to_its_end_while_its_link_would_still_be_good() {
    let app = TestApp::with_ada().await;
    for options in [json!({}), json!({"grace": "24h"})] {
        let deletion = json!({"type": "deletion", "verify": true, "auto_approve": true, "options": options});
        let made = app.make_and_tell(deletion).await;
        let link = app.last_link().await;
        app.press(&format!("{link}/verify")).await.expect(303);
        app.after(SignedDuration::from_hours(25)).await;
        let closed = app.until(&made, "closed").await;
        assert_eq!(closed["outcome"], "completed", "{options}");
        app.clock.advance(SignedDuration::from_mins(1));
    }
}

#[tokio::test]
async fn a_silent_subject_is_reminded_once_and_the_request_ends_unverified() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"verify": true, "language": "de"})).await;
    let first = app.last_link().await;
    app.after(SignedDuration::from_hours(23)).await;
    assert_eq!(app.mailed_to_ada().await, ["verification"]);
    app.after(SignedDuration::from_hours(1)).await;
    assert_eq!(app.mailed_to_ada().await, ["verification", "verification_reminder"]);
    let second = app.last_link().await;
    assert_ne!(first, second);
    assert!(
        app.open(&first)
            .await
            .expect(200)
            .text
            .contains("Ist das Ihre Anfrage?")
    );

    app.after(SignedDuration::from_hours(6 * 24)).await;
    let closed = app.again(&made).await;
    assert_eq!(
        (&closed["state"], &closed["outcome"]),
        (&json!("closed"), &json!("unverified"))
    );
    let told = ["verification", "verification_reminder", "request_unverified"];
    assert_eq!(app.mailed_to_ada().await, told);
    assert_eq!(app.last_link().await, "/privacy?lang=de");
    for link in [first, second] {
        app.press(&format!("{link}/verify")).await.expect(303);
        assert!(
            app.open(&link)
                .await
                .expect(200)
                .text
                .contains("nicht rechtzeitig bestätigt")
        );
    }
    assert_eq!(app.again(&made).await["outcome"], "unverified");
    assert!(app.posted().is_empty());
}

#[tokio::test]
async fn the_link_ends_on_time_even_where_no_job_has_run() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"verify": true})).await;
    let link = app.last_link().await;
    app.clock.advance(SignedDuration::from_hours(7 * 24));
    app.press(&format!("{link}/verify")).await.expect(303);
    assert_eq!(app.again(&made).await["state"], "pending_verification");
    assert!(!app.open(&link).await.expect(200).text.contains("Yes, I made"));
}

#[tokio::test]
async fn staff_may_vouch_for_the_subject_which_is_recorded() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"verify": true, "start": false})).await;
    app.decide(&made, "start", Value::Null).await.expect(409);
    let verified = app.decide(&made, "verify", Value::Null).await.expect(200).json();
    assert_eq!(verified["state"], "triage");
    app.decide(&made, "verify", Value::Null).await.expect(409);
    assert!(app.history(&made).await.contains(&"request.verified".to_owned()));
}

#[tokio::test]
async fn the_subject_may_call_it_off_and_is_told() {
    let app = TestApp::with_ada().await;
    let more = json!({"type": "deletion", "verify": true, "auto_approve": true, "options": {"grace": "3d"}});
    let made = app.make_and_tell(more).await;
    let link = app.last_link().await;
    app.press(&format!("{link}/verify")).await.expect(303);
    app.until(&made, "grace").await;
    assert!(app.open(&link).await.text.contains("Until then you can still cancel"));
    app.after(SignedDuration::from_hours(1)).await;
    app.press(&format!("{link}/cancel")).await.expect(303);
    app.after(SignedDuration::from_hours(4 * 24)).await;
    assert_eq!(app.again(&made).await["outcome"], "cancelled");
    assert!(app.posted().is_empty());
    assert_eq!(app.mailed_to_ada().await, ["verification", "request_closed"]);
    assert!(app.last_mail_to(ADA).await.text.reveal().contains("cancelled"));
    let page = app.open(&link).await.expect(200);
    assert!(page.text.contains("Nothing further happens") && !page.text.contains("Cancel my request"));
}

#[tokio::test]
async fn what_can_not_be_confirmed_by_mail_is_refused() {
    let app = TestApp::with_ada().await;
    let base = json!({"type": "access", "verify": true});
    let with = |more: Value| {
        let mut body = base.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, field) in [
        (json!({"identities": {"dcp_id": "17"}}), "verify"),
        (json!({"identities": {"email": ADA}, "notify": false}), "notify"),
        (json!({"identities": {"email": ADA}, "language": "it"}), "language"),
    ] {
        let refused = app.post("/api/v1/requests", with(more)).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let app = TestApp::with(manager::Settings::default()).await;
    let body = with(json!({"identities": {"email": ADA}}));
    let refused = app.post("/api/v1/requests", body).await.expect(422).json();
    assert!(refused["detail"].as_str().unwrap().contains("smtp_url"), "{refused}");
}

#[tokio::test]
async fn the_first_link_is_mailed_again_on_demand() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"verify": true})).await;
    app.decide(&made, "send-again", Value::Null).await.expect(200);
    assert_eq!(app.mailed_to_ada().await, ["verification", "verification"]);
    for mail in app.mails().await {
        assert!(app.open(&path_in(&mail)).await.expect(200).text.contains("Yes, I made"));
    }
    app.open("/privacy/requests/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        .await
        .expect(404);
}
