//! An access request, end to end.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{ADA, members, package};
use crate::app::{TestApp, api_request, send};

#[tokio::test]
async fn an_access_request_is_collected_reviewed_and_handed_over() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({})).await;
    assert_eq!(made["state"], "collecting");
    assert_eq!(made["type"], "access");
    assert_eq!(made["framework"], "gdpr");
    assert_eq!(made["deadline"], "2026-12-22T08:00:00Z");
    assert_eq!(made["deadline_state"], "on_time");
    assert_eq!(made["identities"], json!({"email": "m•••@example.com"}));
    assert_eq!(made["tasks"][0]["status"], "not_started");
    assert_eq!(made["tasks"][0]["data_type"], "visitor");
    assert!(made["reference"].as_str().unwrap().starts_with("DSR-"));

    app.run_jobs().await;
    let task = app.again(&made).await["tasks"][0].clone();
    assert_eq!(task["status"], "processing");
    assert_eq!(task["vendor_job_id"], "9000");
    assert_eq!(task["vendor_status"], "pending");
    assert_eq!(task["next_poll_at"], "2026-11-22T08:01:00Z");

    let collected = app.until(&made, "pending_review").await;
    let task = &collected["tasks"][0];
    assert_eq!(task["status"], "complete");
    assert_eq!(task["vendor_status"], "completed");
    assert_eq!(task["vendor_job_id"], "9000");
    assert_eq!(task["found"]["objects"], 2);
    assert_eq!(task["found"]["records"], 3);
    assert_eq!(task["found"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(
        app.posted(),
        [json!({"request_type": "access", "data_type": "visitor", "identifier_type": "email", "identifier": ADA})]
    );
    // CL-24: the bearer token stays with the API.
    assert_eq!(app.vendor.state().jobs.export_credentials, 0);

    assert_eq!(package(&app, &made).await.0, 409);
    let approved = app.decide(&made, "approve", Value::Null).await;
    let approved = approved.expect(200).json();
    assert_eq!(
        (&approved["state"], &approved["package_ready"]),
        (&json!("delivering"), &json!(true))
    );

    let (status, zip) = package(&app, &made).await;
    assert_eq!(status, 200);
    let members = members(&zip);
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "data/01-profile.csv",
            "data/02-events.csv",
            "dossier.json",
            "index.html"
        ]
    );
    let dossier: Value = serde_json::from_str(&members["dossier.json"]).unwrap();
    assert_eq!(dossier["objects"][0]["name"], "profile");
    assert_eq!(dossier["objects"][0]["records"][0]["email"], ADA);
    assert_eq!(dossier["objects"][0]["records"][0]["tags"], json!(["a", "b"]));
    assert_eq!(dossier["objects"][1]["records"].as_array().unwrap().len(), 2);
    assert!(members["index.html"].contains(ADA) && !members["index.html"].contains("<script"));
    // SEC-32, SEC-40
    assert!(members["data/01-profile.csv"].contains(",'=1+1,") || members["data/01-profile.csv"].contains("'=1+1"));
    assert!(!members.values().any(|text| text.contains("marker-bob")));

    let closed = app.again(&made).await;
    assert_eq!(
        (&closed["state"], &closed["outcome"]),
        (&json!("closed"), &json!("downloaded"))
    );
    // Staff may fetch it again until what was found is destroyed.
    assert_eq!(package(&app, &made).await.0, 200);
    app.after(SignedDuration::from_hours(8 * 24)).await;
    assert_eq!(package(&app, &made).await.0, 410);
}

#[tokio::test]
async fn every_kind_of_data_and_identifier_is_a_job_of_its_own() {
    let app = TestApp::start().await;
    app.connect_with(Value::Null).await;
    let made = app
        .make(json!({"identities": {"email": ADA, "dcp_id": "dcp-77"}}))
        .await;
    app.run_jobs().await;
    let mut asked: Vec<String> = app
        .posted()
        .iter()
        .map(|job| format!("{} {}", job["data_type"], job["identifier_type"]).replace('"', ""))
        .collect();
    asked.sort();
    assert_eq!(asked, ["user email", "visitor dcp_id", "visitor email"]);
    assert_eq!(app.again(&made).await["tasks"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn nothing_found_is_an_answer_too() {
    let app = TestApp::start().await;
    app.connect_with(json!({"data_types": ["visitor"]})).await;
    let made = app.make(json!({"auto_approve": true})).await;
    let ready = app.until(&made, "delivering").await;
    assert_eq!(ready["tasks"][0]["result"], "nothing_found");
    assert_eq!(ready["tasks"][0]["found"]["objects"], 0);
    assert_eq!(ready["approved_by"], json!(["automation"]));
    let (_, zip) = package(&app, &made).await;
    assert!(members(&zip)["index.html"].contains("No data about you was found"));
}

#[tokio::test]
async fn without_a_connection_the_request_says_so_and_nobody_approves_by_rule() {
    let app = TestApp::start().await;
    for kind in ["access", "deletion"] {
        let made = app.make(json!({"type": kind, "auto_approve": true})).await;
        assert_eq!(made["state"], "pending_review", "{kind}");
        assert_eq!(made["notices"][0]["code"], "no_connection");
        assert_eq!(made["tasks"], json!([]));
        let closed = app.decide(&made, "deny", json!({"ground": "not_applicable"})).await;
        assert_eq!(closed.expect(200).json()["outcome"], "denied");
    }
}

#[tokio::test]
async fn a_connection_that_comes_before_the_start_takes_part() {
    let app = TestApp::start().await;
    let made = app.make(json!({"start": false})).await;
    assert_eq!((&made["state"], &made["tasks"]), (&json!("triage"), &json!([])));
    app.connect_with(json!({"data_types": ["visitor"]})).await;
    let started = app.decide(&made, "start", Value::Null).await.expect(200).json();
    assert_eq!(started["state"], "collecting");
    assert_eq!(started["tasks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn polls_grow_apart_and_survive_a_restart() {
    let mut app = TestApp::with_ada().await;
    app.vendor.state().jobs.polls = 1000;
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    let mut gaps = Vec::new();
    for _ in 0..30 {
        let task = app.again(&made).await["tasks"][0].clone();
        let next: jiff::Timestamp = task["next_poll_at"].as_str().unwrap().parse().unwrap();
        let gap = next.duration_since(store::Clock::now(&*app.clock));
        gaps.push(gap.as_secs() / 60);
        app.restart().await;
        app.after(gap).await;
    }
    assert_eq!(gaps[..3], [1, 1, 1]);
    assert!(
        gaps.is_sorted() && gaps.contains(&10) || gaps.last() == Some(&60),
        "{gaps:?}"
    );
    assert_eq!(gaps.last(), Some(&60));
    assert_eq!(
        app.vendor.count("GET api.vendor.test/v2/subject-access-requests/9000"),
        30
    );
}

#[tokio::test]
async fn many_jobs_in_flight_are_polled_by_the_list() {
    let settings = manager::Settings {
        bulk_poll_threshold: 3,
        ..manager::Settings::default()
    };
    let app = TestApp::with(settings).await;
    app.connect_with(json!({"data_types": ["visitor"]})).await;
    app.hold_ada();
    app.vendor.state().jobs.polls = 6;
    let mut made = Vec::new();
    for _ in 0..8 {
        made.push(app.make(json!({"auto_approve": true})).await);
    }
    for request in &made {
        let ready = app.until(request, "delivering").await;
        assert_eq!(ready["tasks"][0]["found"]["records"], 3);
    }
    let one_by_one = app.vendor.count("GET api.vendor.test/v2/subject-access-requests/");
    let listed = app.vendor.count("GET api.vendor.test/v2/subject-access-requests") - one_by_one;
    assert!((1..=6).contains(&listed) && one_by_one <= 8, "{listed} {one_by_one}");
}

#[tokio::test]
async fn whoever_waits_hears_of_a_change_at_once() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"start": false})).await;
    let (id, version) = (made["id"].as_str().unwrap(), made["version"].as_i64().unwrap());
    let api_key = app.api_key().await;
    let path = format!("/api/v1/requests/{id}?wait=30s&version={version}");
    let waiting = send(&app.manager, api_request(&api_key, Method::GET, &path, None));
    let deciding = app.decide(&made, "start", Value::Null);
    let (answer, _) = tokio::join!(waiting, deciding);
    let answer = answer.expect(200).json();
    assert_eq!(answer["state"], "collecting");
    assert!(answer["version"].as_i64().unwrap() > version);
    // A version that is not the present one is answered at once.
    let path = format!("/api/v1/requests/{id}?wait=30s&version={version}");
    send(&app.manager, api_request(&api_key, Method::GET, &path, None))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_pause_holds_the_tasks_and_a_cancellation_stops_them() {
    let app = TestApp::with_ada().await;
    app.vendor.state().jobs.polls = 1000;
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    let paused = app
        .decide(&made, "pause", json!({"reason": "legal_hold"}))
        .await
        .expect(200)
        .json();
    assert_eq!(paused["state"], "paused");
    assert_eq!(
        paused["paused"],
        json!({"reason": "legal_hold", "resumes": "collecting"})
    );
    assert_eq!(paused["tasks"][0]["waiting_for"], "pause");
    let polls = || app.vendor.count("GET api.vendor.test/v2/subject-access-requests/9000");
    let before = polls();
    app.after(SignedDuration::from_hours(5)).await;
    assert_eq!(polls(), before);

    let resumed = app.decide(&made, "resume", Value::Null).await.expect(200).json();
    assert_eq!(resumed["state"], "collecting");
    assert_eq!(resumed["tasks"][0]["status"], "processing");
    app.run_jobs().await;
    assert_eq!(polls(), before + 1);
    assert_eq!(app.posted().len(), 1);

    let cancelled = app.decide(&made, "cancel", Value::Null).await.expect(200).json();
    assert_eq!(
        (&cancelled["state"], &cancelled["outcome"]),
        (&json!("closed"), &json!("cancelled"))
    );
    assert_eq!(cancelled["tasks"][0]["status"], "stopped");
    let before = polls();
    app.after(SignedDuration::from_hours(5)).await;
    assert_eq!(polls(), before);
    app.decide(&made, "approve", Value::Null).await.expect(409);
}

#[tokio::test]
async fn a_deadline_is_put_off_once() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"start": false})).await;
    app.clock.advance(SignedDuration::from_hours(26 * 24));
    assert_eq!(app.again(&made).await["deadline_state"], "due_soon");
    let extended = app.decide(&made, "extend", Value::Null).await.expect(200).json();
    assert_eq!(extended["deadline_state"], "on_time");
    assert_ne!(extended["deadline"], made["deadline"]);
    app.decide(&made, "extend", Value::Null).await.expect(409);
}
