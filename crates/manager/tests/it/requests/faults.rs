//! What can go wrong between us and the vendor, and what becomes of a task then.

use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::ADA;
use crate::{
    app::TestApp,
    vendor::{Misbehaviour, archive},
};

const POST: &str = "POST api.vendor.test/v2/subject-access-requests";
const LIST: &str = "GET api.vendor.test/v2/subject-access-requests";
const POLL: &str = "GET api.vendor.test/v2/subject-access-requests/9000";
const JSON: &str = "application/json";

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn too_many_requests_closes_the_lane_for_everybody() {
    // CL-20
    let app = TestApp::with_ada().await;
    app.vendor.next(POST, Misbehaviour::Throttles(Some("30")));
    let made = app.make(json!({"identities": {"email": ADA, "dcp_id": "dcp-7"}})).await;
    let other = app.make(json!({})).await;
    app.run_jobs().await;
    assert_eq!(app.vendor.count(POST), 1);
    for request in [&made, &other] {
        for task in app.again(request).await["tasks"].as_array().unwrap() {
            assert_eq!(
                (&task["status"], &task["waiting_for"]),
                (&json!("waiting"), &json!("rate_limit"))
            );
            assert_eq!(task["until"], "2026-11-22T08:00:30Z");
        }
    }
    app.after(seconds(29)).await;
    assert_eq!(app.vendor.count(POST), 1);
    app.after(seconds(1)).await;
    app.after(seconds(5)).await;
    assert_eq!(app.posted().len(), 3);
    app.until(&made, "pending_review").await;
    app.until(&other, "pending_review").await;
    assert_eq!(app.posted().len(), 3);
}

#[tokio::test]
async fn too_many_requests_without_a_time_is_waited_out_longer_each_time() {
    let app = TestApp::with_ada().await;
    for _ in 0..6 {
        app.vendor.next(POST, Misbehaviour::Throttles(None));
    }
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    let mut calls = vec![app.vendor.count(POST)];
    for _ in 0..40 {
        app.after(seconds(1)).await;
        calls.push(app.vendor.count(POST));
    }
    assert_eq!(calls[0], 1);
    assert!(calls.is_sorted());
    let waited = calls.iter().filter(|made| **made < 7).count();
    assert!(waited > 6, "{calls:?}");
    app.until(&made, "pending_review").await;
    assert_eq!((app.posted().len(), app.vendor.count(POST)), (1, 7));
}

#[tokio::test]
async fn an_answer_that_never_came_is_looked_for_and_not_sent_again() {
    // CL-21
    let app = TestApp::with_ada().await;
    app.vendor.next(POST, Misbehaviour::DropsAfterEffect);
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    let task = app.again(&made).await["tasks"][0].clone();
    assert_eq!(
        (&task["status"], &task["waiting_for"]),
        (&json!("waiting"), &json!("retry"))
    );
    assert_eq!(task["attempts"], 1);
    app.until(&made, "pending_review").await;
    assert_eq!((app.posted().len(), app.vendor.count(POST)), (1, 1));
    assert!(app.history(&made).await.contains(&"task.adopted".to_owned()));
}

#[tokio::test]
async fn what_may_still_be_on_its_way_is_not_looked_for_too_early() {
    // CL-21: a vendor that is slow to take a job must not be given a second one.
    let app = TestApp::with_ada().await;
    app.vendor.next(POST, Misbehaviour::DropsAfterEffect);
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    for _ in 0..89 {
        app.after(seconds(1)).await;
    }
    assert_eq!((app.vendor.count(LIST), app.vendor.count(POST)), (0, 1));
    // The vendor has had as long as an answer may take, and half as long again.
    app.after(seconds(1)).await;
    assert_eq!((app.vendor.count(LIST), app.vendor.count(POST)), (1, 1));
    assert_eq!(app.again(&made).await["tasks"][0]["status"], "processing");
}

#[tokio::test]
async fn two_that_ask_the_same_and_hear_nothing_have_a_job_each() {
    // CL-21
    let app = TestApp::with_ada().await;
    for _ in 0..2 {
        app.vendor.next(POST, Misbehaviour::DropsAfterEffect);
    }
    let (one, two) = (app.make(json!({})).await, app.make(json!({})).await);
    app.until(&one, "pending_review").await;
    app.until(&two, "pending_review").await;
    let mut jobs = Vec::new();
    for request in [&one, &two] {
        jobs.push(
            app.again(request).await["tasks"][0]["vendor_job_id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    jobs.sort();
    assert_eq!(jobs, ["9000", "9001"]);
    assert_eq!(app.posted().len(), 2);
}

#[tokio::test]
async fn what_had_no_effect_is_sent_again_after_a_search() {
    for answer in [
        Misbehaviour::Answers(500, JSON, "{}"),
        Misbehaviour::Answers(502, "text/html", "<h1>bad gateway</h1>"),
        Misbehaviour::Answers(201, "text/html", "<h1>hello</h1>"),
    ] {
        let app = TestApp::with_ada().await;
        app.vendor.next(POST, answer);
        let made = app.make(json!({})).await;
        app.until(&made, "pending_review").await;
        assert_eq!((app.posted().len(), app.vendor.count(POST)), (1, 2));
        assert!(!app.history(&made).await.contains(&"task.adopted".to_owned()));
    }
}

#[tokio::test]
async fn what_certainly_did_not_go_out_needs_no_search() {
    let app = TestApp::with_ada().await;
    app.vendor.next(POST, Misbehaviour::Unreachable);
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    app.after(seconds(2)).await;
    assert_eq!(app.again(&made).await["tasks"][0]["status"], "processing");
    assert_eq!(app.vendor.count(LIST), 0);
}

#[tokio::test]
async fn a_refusal_fails_the_task_with_the_vendors_words_and_a_person_decides() {
    let app = TestApp::with_ada().await;
    let refusal = r#"{"uuid": "e-1", "code": "invalid_identifier", "message": "marker-ada@example.com is odd"}"#;
    app.vendor.next(POST, Misbehaviour::Answers(400, JSON, refusal));
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    let failed = app.again(&made).await;
    assert_eq!(
        (&failed["state"], &failed["notices"][0]["code"]),
        (&json!("collecting"), &json!("task_failed"))
    );
    let task = &failed["tasks"][0];
    assert_eq!(
        (&task["status"], &task["cause"]["code"]),
        (&json!("failed"), &json!("vendor_refused"))
    );
    assert_eq!(task["cause"]["vendor_code"], "invalid_identifier");
    assert!(task["cause"]["message"].as_str().unwrap().contains("Optimizely"));
    assert!(!task.to_string().contains(ADA));

    let retried = app.decide(&made, "retry", Value::Null).await.expect(200).json();
    assert_eq!(retried["tasks"][0]["status"], "not_started");
    app.until(&made, "pending_review").await;
    app.decide(&made, "retry", Value::Null).await.expect(409);
}

#[tokio::test]
async fn a_failed_task_can_be_left_out() {
    let app = TestApp::with_ada().await;
    app.vendor.next(POST, Misbehaviour::Answers(400, JSON, "{}"));
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    let task = app.again(&made).await["tasks"][0]["id"].clone();
    let skipped = app
        .decide(&made, "skip", json!({"task": task}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&skipped["state"], &skipped["tasks"][0]["status"]),
        (&json!("pending_review"), &json!("skipped"))
    );
    let unknown = json!({"task": made["id"]});
    app.decide(&made, "skip", unknown).await.expect(422);
}

#[tokio::test]
async fn a_vendor_out_of_order_is_tried_again_until_it_has_been_enough() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    for _ in 0..12 {
        app.vendor.next(POLL, Misbehaviour::Answers(503, "text/html", "down"));
    }
    let task = app.until_task(&made, "failed").await;
    assert_eq!(
        (&task["cause"]["code"], &task["attempts"]),
        (&json!("vendor_unavailable"), &json!(12))
    );
    assert_eq!(app.vendor.count(POLL), 12);
    // The job is still the vendor's: a retry goes on asking for it.
    app.decide(&made, "retry", Value::Null).await.expect(200);
    app.until(&made, "pending_review").await;
    assert_eq!(app.posted().len(), 1);
}

#[tokio::test]
async fn an_answer_about_something_else_is_not_ours() {
    // CL-23
    for patch in [
        json!({"account_id": 666}),
        json!({"identifier": "bob@example.com"}),
        json!({"request_type": "delete"}),
        json!({"data_type": "user"}),
        json!({"id": 1}),
    ] {
        let app = TestApp::with_ada().await;
        let made = app.make(json!({})).await;
        app.run_jobs().await;
        app.vendor.state().jobs.patch = patch.clone();
        let task = app.until_task(&made, "failed").await;
        assert_eq!(task["cause"]["code"], "vendor_mismatch", "{patch}");
    }
}

#[tokio::test]
async fn a_job_of_another_account_is_never_taken_for_ours() {
    let app = TestApp::with_ada().await;
    app.vendor.state().jobs.patch = json!({"account_id": 666});
    let made = app.make(json!({})).await;
    let task = app.until_task(&made, "failed").await;
    assert_eq!(task["cause"]["code"], "vendor_mismatch");
    assert_eq!(task["vendor_job_id"], Value::Null);
}

#[tokio::test]
async fn a_job_that_the_vendor_lost_or_gave_up_is_submitted_anew() {
    // CL-22
    let app = TestApp::with_ada().await;
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    app.vendor.next(POLL, Misbehaviour::Answers(404, JSON, "{}"));
    let task = app.until_task(&made, "failed").await;
    assert_eq!(task["cause"]["code"], "vendor_lost_job");
    app.decide(&made, "retry", Value::Null).await.expect(200);
    app.run_jobs().await;
    assert_eq!(app.again(&made).await["tasks"][0]["vendor_job_id"], "9001");

    app.vendor.state().jobs.all[1].failed = true;
    // Even when nothing is heard of the third sending, the job that was given up is not adopted again.
    let task = app.until_task(&made, "failed").await;
    assert_eq!(
        (&task["cause"]["code"], &task["vendor_status"]),
        (&json!("vendor_failure"), &json!("failure"))
    );
    app.vendor.next(POST, Misbehaviour::DropsAfterEffect);
    app.decide(&made, "retry", Value::Null).await.expect(200);
    app.until(&made, "pending_review").await;
    assert_eq!(app.again(&made).await["tasks"][0]["vendor_job_id"], "9002");
    assert_eq!(app.posted().len(), 3);
}

#[tokio::test]
async fn an_unknown_word_is_waited_out_with_a_warning() {
    // CL-22
    let app = TestApp::with_ada().await;
    app.vendor.state().jobs.word = "pondering";
    app.vendor.state().jobs.polls = 3;
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    app.after(seconds(60)).await;
    let task = app.again(&made).await["tasks"][0].clone();
    assert_eq!(
        (&task["status"], &task["vendor_status"]),
        (&json!("processing"), &json!("pondering"))
    );
    assert_eq!(task["warning"], "vendor_status_unknown");
    app.until(&made, "pending_review").await;
}

#[tokio::test]
async fn a_job_that_takes_too_long_is_pointed_out() {
    let app = TestApp::with_ada().await;
    app.vendor.state().jobs.polls = 1000;
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    app.after(SignedDuration::from_hours(24 * 15)).await;
    let task = app.again(&made).await["tasks"][0].clone();
    assert_eq!(
        (&task["status"], &task["warning"]),
        (&json!("processing"), &json!("vendor_overdue"))
    );
}

#[tokio::test]
async fn tasks_of_a_revoked_connection_wait_and_go_on_when_it_is_connected_again() {
    // CL-16, CL-17
    let app = TestApp::start().await;
    let connection = app.connect_with(json!({"data_types": ["visitor"]})).await;
    app.hold_ada();
    let (one, two) = (app.make(json!({})).await, app.make(json!({})).await);
    app.run_jobs().await;
    app.vendor.revoke_everything();
    app.after(seconds(60)).await;
    for request in [&one, &two] {
        let task = app.again(request).await["tasks"][0].clone();
        assert_eq!(
            (&task["status"], &task["waiting_for"]),
            (&json!("waiting"), &json!("reconnect"))
        );
    }
    let later = app.make(json!({})).await;
    assert_eq!(later["tasks"][0]["waiting_for"], "reconnect");
    let calls = app.vendor.state().calls.len();
    app.after(SignedDuration::from_hours(3)).await;
    assert_eq!(app.vendor.state().calls.len(), calls);

    let again = app
        .post(&format!("/api/v1/connections/{connection}/authorize"), json!({}))
        .await;
    let authorize_url = again.expect(200).json()["authorize_url"].as_str().unwrap().to_owned();
    app.callback(&app.vendor.consent(&authorize_url)).await.expect(303);
    for request in [&one, &two, &later] {
        app.until(request, "pending_review").await;
    }
    assert_eq!(app.posted().len(), 3);
}

#[tokio::test]
async fn a_removed_connection_fails_its_tasks_with_a_reason() {
    let app = TestApp::start().await;
    let connection = app.connect_with(json!({"data_types": ["visitor"]})).await;
    let made = app.make(json!({})).await;
    app.run_jobs().await;
    let path = format!("/api/v1/connections/{connection}");
    app.api(http::Method::DELETE, &path, None).await.expect(409);
    app.api(http::Method::DELETE, &format!("{path}?force=true"), None)
        .await
        .expect(200);
    app.after(seconds(60)).await;
    let task = app.again(&made).await["tasks"][0].clone();
    assert_eq!(
        (&task["status"], &task["cause"]["code"]),
        (&json!("failed"), &json!("connection_removed"))
    );
    let skipped = app.decide(&made, "skip", Value::Null).await.expect(200).json();
    assert_eq!(skipped["state"], "pending_review");
}

#[tokio::test]
async fn an_export_that_is_made_to_hurt_is_refused_and_nothing_of_it_kept() {
    // CL-24, CL-26
    let large = large_member();
    for honest in ["{\"a\": 1}\n", &large] {
        let climbing = archive(&[("app_backend/profile.ndjson", honest), ("../../etc/passwd", "x")]);
        let app = TestApp::with_ada().await;
        app.vendor.state().jobs.export = Some(climbing);
        let made = app.make(json!({})).await;
        let task = app.until_task(&made, "failed").await;
        assert_eq!(task["cause"]["code"], "export_refused");
        let id = made["id"].as_str().unwrap();
        let dossier = app
            .get(&format!("/api/v1/requests/{id}/dossier"))
            .await
            .expect(200)
            .json();
        assert_eq!(dossier["objects"], json!([]));
        assert_eq!(spooled(&app), 0);
        // Once the vendor mends it, the same job's export is fetched.
        app.vendor.state().jobs.export = None;
        app.decide(&made, "retry", Value::Null).await.expect(200);
        app.until(&made, "pending_review").await;
        assert_eq!(app.posted().len(), 1);
    }
}

#[tokio::test]
async fn a_large_export_is_read_from_a_sealed_file_that_is_gone_afterwards() {
    let app = TestApp::with_ada().await;
    app.vendor.state().jobs.export = Some(archive(&[("app_backend/profile.ndjson", &large_member())]));
    let made = app.make(json!({})).await;
    let ready = app.until(&made, "pending_review").await;
    assert_eq!(ready["tasks"][0]["found"]["records"], LARGE_RECORDS);
    assert!(app.database.folder().join("blobs/spool").is_dir());
    assert_eq!(spooled(&app), 0);
}

const LARGE_RECORDS: u32 = 4000;

/// Records that no archive makes small enough to be kept in memory.
fn large_member() -> String {
    let digest = |n: u32| sha2::Sha256::digest(n.to_be_bytes());
    let line = |n: u32| format!("{{\"a\": \"{}\"}}\n", data_encoding::HEXLOWER.encode(&digest(n)));
    (0..LARGE_RECORDS).map(line).collect()
}

/// How many exports lie on the disk.
fn spooled(app: &TestApp) -> usize {
    std::fs::read_dir(app.database.folder().join("blobs/spool")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn an_export_elsewhere_is_not_fetched() {
    // CL-24
    for location in [
        "http://api.vendor.test/exports/9000.zip",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://evil.test/9000.zip",
        "s3://bucket/9000.zip",
    ] {
        let app = TestApp::with_ada().await;
        app.vendor.state().jobs.location = Some(location);
        let made = app.make(json!({})).await;
        let task = app.until_task(&made, "failed").await;
        assert_eq!(task["cause"]["code"], "export_refused", "{location}");
        assert!(
            !app.vendor
                .state()
                .calls
                .iter()
                .any(|call| call.contains("evil") || call.contains("169.254"))
        );
    }
}

#[tokio::test]
async fn an_export_that_breaks_off_is_fetched_again() {
    let app = TestApp::with_ada().await;
    let export = "GET api.vendor.test/exports/";
    app.vendor.next(export, Misbehaviour::DropsAfterEffect);
    app.vendor.next(export, Misbehaviour::Answers(500, "text/plain", ""));
    app.vendor
        .next(export, Misbehaviour::Answers(200, "application/zip", "PK half of it"));
    let made = app.make(json!({})).await;
    let review = app.until(&made, "pending_review").await;
    assert_eq!(review["tasks"][0]["found"]["records"], 3);
    assert_eq!(app.vendor.count(export), 4);
}

#[tokio::test]
async fn an_export_that_can_not_be_had_is_warned_of_before_it_goes() {
    // CL-25
    let app = TestApp::with_ada().await;
    let export = "GET api.vendor.test/exports/";
    for _ in 0..3 {
        app.vendor.next(export, Misbehaviour::Answers(500, "text/plain", ""));
    }
    let made = app.make(json!({})).await;
    let waiting = app.until_task(&made, "waiting").await;
    assert_eq!(
        (&waiting["waiting_for"], &waiting["warning"]),
        (&json!("retry"), &Value::Null)
    );
    // Two days before the end, and a little later.
    app.after(SignedDuration::from_hours(24 * 30 + 1)).await;
    assert_eq!(app.again(&made).await["tasks"][0]["warning"], "export_expires_soon");
    let review = app.until(&made, "pending_review").await;
    assert_eq!(review["tasks"][0]["warning"], Value::Null);
}
