//! Killed at every point, and run twice: one question, one answer, one dossier.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{CrashPoints, StoreError, jobs::NewJob};

use super::{PAUL, Part, days, says};
use crate::app::TestApp;

struct DiesAt(AtomicI64);

impl CrashPoints for DiesAt {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

/// A process dies at point `number` of the jobs that are due. Returns whether it died; another one goes on.
async fn dies_at(app: &TestApp, number: i64) -> bool {
    let points = Arc::new(DiesAt(AtomicI64::new(i64::MAX)));
    let dying = app.process_that_crashes(Some(points.clone())).await;
    points.0.store(number, Ordering::SeqCst);
    let died = match dying.runner().drain().await {
        Err(StoreError::Crashed) => true,
        Err(error) => panic!("{error}"),
        Ok(_) => false,
    };
    // The lease of the dead one runs out.
    app.after(SignedDuration::from_mins(10)).await;
    died
}

fn answer() -> Vec<Part<'static>> {
    let mut answer = vec![
        Part::File("a.csv", b"name\nAda\n"),
        Part::File("b.pdf", b"%PDF-1.7 of Ada"),
    ];
    answer.extend(says("found"));
    answer
}

async fn objects(app: &TestApp, made: &Value) -> usize {
    let path = format!("/api/v1/requests/{}/dossier", made["id"].as_str().unwrap());
    let dossier = app.get(&path).await.expect(200).json();
    dossier["objects"].as_array().unwrap().len()
}

#[tokio::test]
async fn asking_reminding_and_the_deadline_survive_a_crash_at_every_point() {
    for number in 0.. {
        let app = TestApp::start().await;
        app.add_processor(json!({"on_deadline": "skip"})).await;
        let made = app.make(json!({})).await;
        let mut died = dies_at(&app, number).await;
        assert_eq!(app.mailed_to(PAUL).await.len(), 1, "asked, point {number}");
        app.clock.advance(days(5));
        died |= dies_at(&app, number).await;
        assert_eq!(app.mailed_to(PAUL).await.len(), 2, "reminded, point {number}");
        assert_eq!(app.only_task(&made).await["contact"]["reminders"], 1, "point {number}");
        app.after(days(5)).await;
        app.clock.advance(days(4));
        died |= dies_at(&app, number).await;
        let request = app.again(&made).await;
        assert_eq!(
            (&request["state"], &request["tasks"][0]["status"]),
            (&json!("pending_review"), &json!("expired"))
        );
        assert_eq!(app.mailed_to(PAUL).await.len(), 3, "point {number}");
        if !died {
            assert!(number > 2);
            break;
        }
    }
}

#[tokio::test]
async fn reading_an_answer_survives_a_crash_at_every_point() {
    for number in 0.. {
        let app = TestApp::start().await;
        app.add_processor(json!({})).await;
        let (made, path) = app.asked("access").await;
        app.fill_in(&path, &answer()).await.expect(303);
        let died = dies_at(&app, number).await;
        let done = app.until(&made, "pending_review").await;
        assert_eq!(done["tasks"][0]["found"]["objects"], 2, "point {number}");
        assert_eq!(objects(&app, &made).await, 2, "point {number}");
        if !died {
            assert!(number > 2);
            break;
        }
    }
}

#[tokio::test]
async fn every_step_may_come_twice() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let made = app.make(json!({})).await;
    let task = made["tasks"][0]["id"].clone();
    let echo = async || {
        let mut tx = app.manager.store().write().await.unwrap();
        for _ in 0..2 {
            let run_at = tx.now();
            tx.enqueue(NewJob {
                kind: "task.contact",
                lane: "internal".to_owned(),
                run_at,
                payload: json!({"task": task}),
                key: None,
            });
        }
        tx.commit().await.unwrap();
        app.run_jobs().await;
    };
    echo().await;
    echo().await;
    assert_eq!(app.mailed_to(PAUL).await.len(), 1);
    app.clock.advance(days(5));
    echo().await;
    echo().await;
    assert_eq!(app.mailed_to(PAUL).await.len(), 2);
    let path = app.form_path().await;
    app.fill_in(&path, &answer()).await.expect(303);
    echo().await;
    echo().await;
    assert_eq!(app.again(&made).await["state"], "pending_review");
    assert_eq!(objects(&app, &made).await, 2);
    let history = app.history(&made).await;
    assert_eq!(history.iter().filter(|event| *event == "task.completed").count(), 1);
}
