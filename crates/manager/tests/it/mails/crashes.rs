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

/// A process that dies at point `number` works for this long; another one goes on. Returns whether it died.
async fn dies_and_goes_on(app: &TestApp, number: i64, hours: i64) -> bool {
    let points = Arc::new(DiesAt(AtomicI64::new(i64::MAX)));
    let dying = app.process_that_crashes(Some(points.clone())).await;
    points.0.store(number, Ordering::SeqCst);
    let mut died = false;
    for _ in 0..hours {
        match dying.runner().drain().await {
            Err(StoreError::Crashed) => {
                died = true;
                break;
            }
            Err(error) => panic!("{error}"),
            Ok(_) => app.clock.advance(SignedDuration::from_hours(4)),
        }
    }
    for _ in 0..(8 * 24 / 4) {
        app.after(SignedDuration::from_hours(4)).await;
    }
    died
}

#[tokio::test]
async fn a_silent_subject_gets_one_mail_for_each_event() {
    for number in 0.. {
        let app = TestApp::with_ada().await;
        let made: Value = app.make_and_tell(json!({"verify": true})).await;
        let died = dies_and_goes_on(&app, number, 45).await;
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
    for number in 0.. {
        let app = TestApp::with_ada().await;
        let made: Value = app.make_and_tell(json!({"auto_approve": true})).await;
        let died = dies_and_goes_on(&app, number, 45).await;
        let told = ["delivery", "delivery_reminder", "request_closed"];
        assert_eq!(app.mailed_to_ada().await, told, "point {number}");
        assert_eq!(app.again(&made).await["outcome"], "not_downloaded", "point {number}");
        if !died {
            assert!(number > 20, "{number}");
            return;
        }
    }
}
