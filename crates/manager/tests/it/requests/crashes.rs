//! Killed at every point, and run twice: the same world.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{CrashPoints, StoreError, jobs::NewJob};

use super::{members, package};
use crate::app::TestApp;

/// Dies at the point of this number.
struct DiesAt(AtomicI64);

impl CrashPoints for DiesAt {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

/// A process that dies at point `number` works on the request; another one goes on. Returns whether it died.
async fn dies_and_goes_on(app: &TestApp, made: &Value, number: i64, end: &str) -> bool {
    let died = app.dies_at(number).await;
    app.until(made, end).await;
    died
}

impl TestApp {
    /// A process that dies at point `number` works for some minutes. Returns whether it died.
    pub(crate) async fn dies_at(&self, number: i64) -> bool {
        let points = Arc::new(DiesAt(AtomicI64::new(i64::MAX)));
        let dying = self.process_that_crashes(Some(points.clone())).await;
        points.0.store(number, Ordering::SeqCst);
        for _ in 0..12 {
            match dying.runner().drain().await {
                Err(StoreError::Crashed) => return true,
                Err(error) => panic!("{error}"),
                Ok(_) => self.clock.advance(SignedDuration::from_mins(1)),
            }
        }
        false
    }

    /// The only number that a query brings, as `n`.
    pub(crate) async fn count(&self, sql: &'static str) -> usize {
        let row = self
            .manager
            .store()
            .read()
            .await
            .unwrap()
            .fetch_one(sql, vec![])
            .await
            .unwrap();
        usize::try_from(row.get::<i64>("n").unwrap()).unwrap()
    }
}

#[tokio::test]
async fn an_access_request_survives_a_crash_at_every_point() {
    for number in 0.. {
        let app = TestApp::with_ada().await;
        let made = app.make(json!({"auto_approve": true})).await;
        let died = dies_and_goes_on(&app, &made, number, "delivering").await;
        assert_eq!(app.posted().len(), 1, "point {number}");
        let request = app.again(&made).await;
        assert_eq!(request["tasks"][0]["found"]["records"], 3, "point {number}");
        let id = made["id"].as_str().unwrap();
        let dossier = app
            .get(&format!("/api/v1/requests/{id}/dossier"))
            .await
            .expect(200)
            .json();
        assert_eq!(dossier["objects"].as_array().unwrap().len(), 2, "point {number}");
        if !died {
            assert!(number > 20, "{number}");
            let (_, zip) = package(&app, &made).await;
            assert_eq!(members(&zip).len(), 4);
            return;
        }
    }
}

#[tokio::test]
async fn a_deletion_survives_a_crash_at_every_point() {
    for number in 0.. {
        let app = TestApp::with_ada_and(json!({"data_types": ["visitor"], "verify_erasure": true})).await;
        let made = app.make(json!({"type": "deletion", "auto_approve": true})).await;
        let died = dies_and_goes_on(&app, &made, number, "closed").await;
        let asked: Vec<Value> = app.posted().iter().map(|job| job["request_type"].clone()).collect();
        assert_eq!(asked, ["delete", "access"], "point {number}");
        assert_eq!(app.again(&made).await["erasure"], "erased", "point {number}");
        if !died {
            assert!(number > 30, "{number}");
            return;
        }
    }
}

#[tokio::test]
async fn two_processes_at_once_submit_every_job_once() {
    let app = TestApp::with_ada().await;
    let mut made = Vec::new();
    for _ in 0..6 {
        made.push(app.make(json!({"auto_approve": true})).await);
    }
    let (one, two) = (app.second_process().await, app.second_process().await);
    for _ in 0..12 {
        let (one, two) = (one.runner(), two.runner());
        let (one, two) = tokio::join!(one.drain(), two.drain());
        one.unwrap();
        two.unwrap();
        app.clock.advance(SignedDuration::from_secs(40));
    }
    for request in &made {
        assert_eq!(
            app.until(request, "delivering").await["tasks"][0]["found"]["records"],
            3
        );
    }
    assert_eq!(app.posted().len(), 6);
}

#[tokio::test]
async fn every_step_may_come_twice() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"auto_approve": true})).await;
    let task = made["tasks"][0]["id"].clone();
    for _ in 0..12 {
        for kind in ["task.submit", "task.poll", "task.fetch"] {
            let mut tx = app.manager.store().write().await.unwrap();
            let run_at = tx.now();
            tx.enqueue(NewJob {
                kind,
                lane: "internal".to_owned(),
                run_at,
                payload: json!({"task": task}),
                key: None,
            });
            tx.commit().await.unwrap();
        }
        app.after(SignedDuration::from_mins(1)).await;
    }
    let request = app.again(&made).await;
    assert_eq!(request["state"], "delivering");
    assert_eq!(app.posted().len(), 1);
    let id = made["id"].as_str().unwrap();
    let dossier = app
        .get(&format!("/api/v1/requests/{id}/dossier"))
        .await
        .expect(200)
        .json();
    assert_eq!(dossier["objects"].as_array().unwrap().len(), 2);
    let history = app.history(&made).await;
    let completed = history.iter().filter(|action| *action == "task.completed").count();
    assert_eq!(completed, 1, "{history:?}");
}
