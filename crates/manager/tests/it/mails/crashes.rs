//! One mail for each event, wherever a process dies.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::SignedDuration;
use manager::{
    By, ConnectionId, RequestId, Role,
    app::{DecideError, Decision},
};
use privacy::request::DenialGround;
use serde_json::{Value, json};
use store::{CrashPoints, StoreError, jobs::NewJob};

use crate::{app::TestApp, vendor::Misbehaviour};

/// Dies at the point of this number.
pub(super) struct DiesAt(pub(super) AtomicI64);

impl CrashPoints for DiesAt {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

/// A process that dies at point `number` works through these waits; another one goes on. Returns whether it died.
pub(super) async fn dies_and_goes_on(app: &TestApp, number: i64, waits: &[SignedDuration]) -> bool {
    let points = Arc::new(DiesAt(AtomicI64::new(i64::MAX)));
    let dying = app.process_that_crashes(Some(points.clone())).await;
    points.0.store(number, Ordering::SeqCst);
    let mut died = false;
    for wait in waits {
        match dying.runner().drain().await {
            Err(StoreError::Crashed) => {
                died = true;
                break;
            }
            Err(error) => panic!("{error}"),
            Ok(_) => app.clock.advance(*wait),
        }
    }
    // What the dead process had claimed comes free again, polls come due, reminders and ends as well.
    for minutes in [0, 1, 1, 2, 4, 8, 30, 60] {
        app.after(SignedDuration::from_mins(minutes)).await;
    }
    for _ in 0..9 {
        app.after(SignedDuration::from_hours(24)).await;
    }
    died
}

#[tokio::test]
async fn a_silent_subject_gets_one_mail_for_each_event() {
    let waits = [24, 6 * 24, 1].map(SignedDuration::from_hours);
    for number in 0.. {
        let app = TestApp::with_ada().await;
        let made: Value = app.make_and_tell(json!({"verify": true})).await;
        let died = dies_and_goes_on(&app, number, &waits).await;
        let told = ["verification", "verification_reminder", "request_unverified"];
        assert_eq!(app.mailed_to_ada().await, told, "point {number}");
        assert_eq!(app.again(&made).await["outcome"], "unverified", "point {number}");
        if !died {
            assert!(number > 4, "{number}");
            return;
        }
    }
}

#[tokio::test]
async fn a_copy_that_nobody_fetches_makes_one_mail_for_each_event() {
    let (minute, day) = (SignedDuration::from_mins(1), SignedDuration::from_hours(24));
    let waits = [minute, minute, minute, minute * 2, minute * 4, day * 5, day * 2, day];
    for number in 0.. {
        let app = TestApp::with_ada().await;
        let made: Value = app.make_and_tell(json!({"auto_approve": true})).await;
        let died = dies_and_goes_on(&app, number, &waits).await;
        let told = ["delivery", "delivery_reminder", "request_closed"];
        assert_eq!(app.mailed_to_ada().await, told, "point {number}");
        assert_eq!(app.again(&made).await["outcome"], "not_downloaded", "point {number}");
        if !died {
            assert!(number > 20, "{number}");
            return;
        }
    }
}

/// Whoever decides does it again where the process died; the subject hears of it once.
#[tokio::test]
async fn an_extension_and_a_denial_are_told_once() {
    for (decision, told) in [
        (Decision::Extend, "extension"),
        (Decision::Deny(DenialGround::Other), "request_closed"),
    ] {
        for number in 0.. {
            let app = TestApp::with_ada().await;
            let made = app.make_and_tell(json!({"start": false})).await;
            let id: RequestId = made["id"].as_str().unwrap().parse().unwrap();
            let points = Arc::new(DiesAt(AtomicI64::new(i64::MAX)));
            let dying = app.process_that_crashes(Some(points.clone())).await;
            points.0.store(number, Ordering::SeqCst);
            let by = By::command_line();
            let outcome = dying.decide(id, decision.clone(), &by).await;
            let died = matches!(outcome, Err(DecideError::Store(StoreError::Crashed)));
            assert_eq!(died, outcome.is_err(), "point {number}");
            // Refused where it came through the first time.
            app.manager.decide(id, decision.clone(), &by).await.ok();
            app.after(SignedDuration::from_mins(1)).await;
            assert_eq!(app.mailed_to_ada().await, [told], "point {number}");
            if !died {
                assert!(number > 1, "{number}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn trouble_that_lasts_is_told_once() {
    let other = r#"{"id": "somebody-else", "profile": {}, "current_account": {"id": 666}}"#;
    for number in 0.. {
        let app = TestApp::start().await;
        app.operator("cora@example.com", Role::ConnectionsManager).await;
        let id = app.connect().await;
        let answer = Misbehaviour::Answers(200, "application/json", other);
        app.vendor.next("GET api.vendor.test/v2/me", answer);
        let connection: ConnectionId = id.parse().unwrap();
        app.manager
            .check_connection(connection, &By::command_line())
            .await
            .unwrap();
        app.clock.advance(SignedDuration::from_hours(48));
        let died = app.dies_at(number).await;
        for _ in 0..2 {
            let mut tx = app.manager.store().write().await.unwrap();
            let run_at = tx.now();
            tx.enqueue(NewJob {
                kind: "connection.alert",
                lane: "internal".to_owned(),
                run_at,
                payload: json!({"connection": id}),
                key: None,
            });
            tx.commit().await.unwrap();
        }
        app.after(SignedDuration::from_hours(1)).await;
        assert_eq!(
            app.mailed_to("cora@example.com").await,
            ["connection_alert"],
            "point {number}"
        );
        if !died {
            assert!(number > 1, "{number}");
            return;
        }
    }
}
