//! The record of it all.

use serde_json::{Value, json};
use store::ChainReport;

use super::package;
use crate::app::TestApp;

#[tokio::test]
async fn every_change_is_recorded_with_who_and_when_and_the_chain_is_whole() {
    // SEC-44, SEC-45
    let app = TestApp::with_ada().await;
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    app.decide(&made, "approve", Value::Null).await.expect(200);
    package(&app, &made).await;
    let id = made["id"].as_str().unwrap();
    let mut events = Vec::new();
    let mut path = format!("/api/v1/requests/{id}/events?limit=4");
    loop {
        let page = app.get(&path).await.expect(200).json();
        events.extend(page["events"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_i64() else {
            break;
        };
        path = format!("/api/v1/requests/{id}/events?limit=4&cursor={cursor}");
    }
    let told: Vec<String> = events
        .iter()
        .map(|event| {
            let actor = event["actor"].as_str().unwrap().split(':').next().unwrap().to_owned();
            format!("{} {actor}", event["action"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [
            "request.created api_key",
            "task.created api_key",
            "request.started api_key",
            "task.submitting automation",
            "task.submitted automation",
            "task.vendor_status automation",
            "task.vendor_status automation",
            "task.fetching automation",
            "task.completed automation",
            "request.collected automation",
            "request.approved api_key",
            "dossier.exported api_key",
            "request.downloaded api_key",
        ]
    );
    let submitted = events.iter().find(|event| event["action"] == "task.submitted").unwrap();
    assert_eq!(submitted["detail"]["vendor_job_id"], "9000");
    assert_eq!(submitted["detail"]["task"], made["tasks"][0]["id"]);
    let report = app.manager.store().verify_audit().await.unwrap();
    assert!(matches!(report, ChainReport::Whole { .. }), "{report:?}");
    let all = app.get("/api/v1/audit?limit=1000").await.expect(200).json();
    assert!(all["events"].as_array().unwrap().len() > told.len());
}
