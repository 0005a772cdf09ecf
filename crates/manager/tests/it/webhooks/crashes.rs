//! At least once, wherever a process dies; never without the event that is told.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use http::{HeaderValue, Method, StatusCode};
use jiff::SignedDuration;
use manager::Manager;
use serde_json::json;
use store::{CrashPoints, StoreError, jobs::NewJob};

use crate::{
    app::{Answer, TestApp, api_request, send},
    requests::ADA,
};

/// Dies at the point of this number.
struct DiesAt(AtomicI64);

impl CrashPoints for DiesAt {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

/// What was told, by the ids of what was told.
fn told_once_by_id(app: &TestApp) -> Vec<String> {
    let told = app.told();
    let by_id: BTreeMap<String, String> = told
        .iter()
        .map(|told| (told.header("webhook-id"), told.event()))
        .collect();
    by_id.into_values().collect()
}

/// Takes a request in that waits in triage; the same call again makes no second one.
async fn ask(manager: &Manager, api_key: &str) -> Answer {
    let body = json!({"type": "access", "identities": {"email": ADA}});
    let mut call = api_request(api_key, Method::POST, "/api/v1/requests", Some(body));
    call.headers_mut()
        .insert("idempotency-key", HeaderValue::from_static("once"));
    send(manager, call).await
}

/// On PostgreSQL the transaction of a process that died holds the key until the server has heard of its end.
async fn ask_until_the_key_is_free(manager: &Manager, api_key: &str) -> Answer {
    for _ in 0..1000 {
        let answer = ask(manager, api_key).await;
        if answer.status != StatusCode::CONFLICT {
            return answer;
        }
    }
    panic!("the key stayed in use");
}

#[tokio::test]
async fn an_event_is_told_wherever_a_process_dies_and_never_without_what_it_tells() {
    let minute = SignedDuration::from_mins(1);
    let month = SignedDuration::from_hours(24 * 31);
    for number in 0.. {
        let app = TestApp::start().await;
        let webhook = app.webhook(&["*"]).await;
        let api_key = app.api_key().await;
        let points = Arc::new(DiesAt(AtomicI64::new(i64::MAX)));
        let dying = app.process_that_crashes(Some(points.clone())).await;
        points.0.store(number, Ordering::SeqCst);
        // The receiver takes it at the second attempt.
        app.vendor.state().hooks.status = Some(500);
        let asked = ask(&dying, &api_key).await;
        for wait in [minute, month, minute] {
            match dying.runner().drain().await {
                Ok(_) => app.clock.advance(wait),
                Err(StoreError::Crashed) => break,
                Err(error) => panic!("{error}"),
            }
            app.vendor.state().hooks.status = None;
        }
        let died = dying.store().has_crashed();
        app.vendor.state().hooks.status = None;
        if !asked.status.is_success() {
            ask_until_the_key_is_free(&app.manager, &api_key).await.expect(201);
        }
        for _ in 0..4 {
            app.after(minute).await;
        }
        assert_eq!(told_once_by_id(&app), ["request.created"], "point {number}");
        for delivery in app.deliveries(&webhook).await {
            assert_eq!(delivery["state"], "delivered", "point {number}: {delivery}");
        }
        app.after(month * 2).await;
        assert!(app.deliveries(&webhook).await.is_empty(), "point {number}");
        if !died {
            assert!(number > 8, "{number}");
            return;
        }
    }
}

#[tokio::test]
async fn a_delivery_that_comes_twice_is_recorded_once() {
    let app = TestApp::start().await;
    let webhook = app.webhook(&["*"]).await;
    let delivery = app.try_out(&webhook).await;
    for _ in 0..2 {
        for (kind, payload) in [
            ("webhook.deliver", json!({"delivery": delivery["id"]})),
            ("webhook.forget", json!({})),
        ] {
            let mut tx = app.manager.store().write().await.unwrap();
            let run_at = tx.now();
            tx.enqueue(NewJob {
                kind,
                lane: "internal".to_owned(),
                run_at,
                payload,
                key: None,
            });
            tx.commit().await.unwrap();
        }
        app.run_jobs().await;
    }
    assert_eq!(app.told().len(), 1);
    let deliveries = app.deliveries(&webhook).await;
    assert_eq!((deliveries.len(), &deliveries[0]["attempts"]), (1, &json!(1)));
}
