//! One mail for each event, wherever a process dies.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{CrashPoints, StoreError};

use crate::app::TestApp;

/// Dies at the point of this number.
struct DiesAt(AtomicI64);

impl CrashPoints for DiesAt {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

/// A process that dies at point `number` works through these waits; another one goes on. Returns whether it died.
async fn dies_and_goes_on(app: &TestApp, number: i64, waits: &[SignedDuration]) -> bool {
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
