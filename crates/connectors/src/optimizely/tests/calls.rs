use http::Method;
use privacy::{IdentityType, Personal, Right};
use serde_json::{Value, json};

use super::{Answer, EMAIL, TOKEN, answer, call, described, job, now, polled, raw, submitted, vendor};
use crate::{error::ConnectorError, fake::Script, job::VendorState};

#[tokio::test]
async fn a_job_is_submitted_in_the_vendors_words() {
    let script = Script::of([answer(201, &described(7))]);
    let taken = vendor(&json!({})).submit(&call(&script), &job()).await.unwrap();
    assert_eq!(
        (taken.id.as_str(), taken.state, taken.raw_status.as_str()),
        ("7", VendorState::Pending, "pending")
    );
    let sent = &script.sent()[0];
    assert_eq!(
        (sent.method(), sent.uri().to_string().as_str()),
        (&Method::POST, "https://api.optimizely.com/v2/subject-access-requests")
    );
    assert_eq!(sent.headers()["authorization"], format!("Bearer {TOKEN}"));
    assert!(sent.headers()["authorization"].is_sensitive());
    assert_eq!(sent.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(sent.body()).unwrap();
    let expected =
        json!({"request_type": "access", "data_type": "visitor", "identifier_type": "email", "identifier": EMAIL});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn deletion_is_delete_on_the_wire() {
    let mut deleted = described(7);
    deleted["request_type"] = json!("delete");
    let script = Script::of([answer(201, &deleted)]);
    let mut job = job();
    job.right = Right::Deletion;
    vendor(&json!({})).submit(&call(&script), &job).await.unwrap();
    let body: Value = serde_json::from_slice(script.sent()[0].body()).unwrap();
    assert_eq!(body["request_type"], "delete");
}

#[tokio::test]
async fn a_job_that_the_vendor_could_only_refuse_is_not_sent() {
    let mut user = job();
    user.data_type = "user".to_owned();
    user.identifier_type = IdentityType::DcpId;
    let mut unknown = job();
    unknown.data_type = "account".to_owned();
    let mut long = job();
    long.identifier = Personal::new("x".repeat(356));
    for (job, wrong) in [(user, "identifier_type"), (unknown, "data_type"), (long, "identifier")] {
        let script = Script::of([]);
        let error = vendor(&json!({})).submit(&call(&script), &job).await.unwrap_err();
        assert!(
            matches!(error, ConnectorError::Unsupported { field, .. } if field == wrong),
            "{error}"
        );
    }
    // A character is not a byte.
    let mut longest = job();
    longest.identifier = Personal::new("ä".repeat(355));
    let mut told = described(7);
    told["identifier"] = json!("ä".repeat(355));
    let script = Script::of([answer(201, &told)]);
    vendor(&json!({})).submit(&call(&script), &longest).await.unwrap();
}

#[tokio::test]
async fn a_job_is_polled_by_its_id() {
    let mut done = described(7);
    let more = json!({
        "status": "completed", "processing_started_time": "2026-11-22T09:00:00+01:00",
        "completed_at_time": "2026-11-22T08:01:00", "expired_at_time": "2026-11-29T08:01:00.123456Z",
        "sla_deadline_time": null, "export_location": "https://s3.amazonaws.com/x.zip", "unheard_of": [1],
    });
    done.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let script = Script::of([answer(200, &done)]);
    let found = vendor(&json!({})).poll(&call(&script), "7", &job()).await.unwrap();
    assert_eq!(
        script.sent()[0].uri(),
        "https://api.optimizely.com/v2/subject-access-requests/7"
    );
    assert_eq!(found.state, VendorState::Completed);
    assert_eq!(found.started_at, Some(now()));
    assert_eq!(found.completed_at, Some("2026-11-22T08:01:00Z".parse().unwrap()));
    assert_eq!(found.expires_at, Some("2026-11-29T08:01:00.123456Z".parse().unwrap()));
    assert_eq!(found.expected_by, None);
    assert_eq!(
        found.export_location.as_ref().unwrap().reveal(),
        "https://s3.amazonaws.com/x.zip"
    );
    assert_eq!(found.raw.reveal()["unheard_of"], json!([1]));
    let shown = format!("{found:?}");
    assert!(!shown.contains("Ada") && !shown.contains("x.zip"), "{shown}");
}

// CL-22
#[tokio::test]
async fn statuses_are_understood_and_unknown_ones_kept() {
    let table = [
        (json!("pending"), VendorState::Pending),
        (json!("processing"), VendorState::Processing),
        (json!("completed"), VendorState::Completed),
        (json!("failure"), VendorState::Failed),
        (json!("on_hold"), VendorState::Unknown),
        (json!(null), VendorState::Unknown),
        (json!(3), VendorState::Unknown),
    ];
    for (status, state) in table {
        let mut told = described(7);
        told["status"] = status.clone();
        let found = polled(answer(200, &told)).await.unwrap();
        assert_eq!(found.state, state);
        assert_eq!(found.raw_status, status.as_str().unwrap_or_default());
        assert_eq!(
            found.state.is_final(),
            matches!(state, VendorState::Completed | VendorState::Failed)
        );
    }
}

// CL-23
#[tokio::test]
async fn an_answer_about_something_else_is_refused() {
    let table = [
        ("request_type", json!("delete"), "request_type"),
        ("request_type", json!("portability"), "request_type"),
        ("data_type", json!("user"), "data_type"),
        ("identifier_type", json!("dcp_id"), "identifier_type"),
        ("identifier_type", json!(null), "identifier_type"),
        ("identifier", json!("eve@example.test"), "identifier"),
        ("identifier", json!(null), "identifier"),
        ("account_id", json!(54321), "account_id"),
    ];
    for (field, value, wrong) in table {
        let mut told = described(7);
        told[field] = value;
        for error in [
            polled(answer(200, &told)).await.unwrap_err(),
            submitted(answer(201, &told)).await.unwrap_err(),
        ] {
            assert!(
                matches!(error, ConnectorError::Mismatch { field, .. } if field == wrong),
                "{error}"
            );
            assert_eq!(error.code(), "vendor_mismatch");
        }
    }
    let error = polled(answer(200, &described(8))).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Mismatch { field: "id", .. }));
}

#[tokio::test]
async fn spellings_that_mean_the_same_are_ours() {
    for (field, value) in [
        ("identifier", json!(EMAIL.to_lowercase())),
        ("account_id", json!("12345")),
        ("account_id", json!(null)),
        ("id", json!("7")),
    ] {
        let mut told = described(7);
        told[field] = value;
        assert_eq!(polled(answer(200, &told)).await.unwrap().id, "7", "{field}");
    }
}

#[tokio::test]
async fn an_id_that_would_lead_elsewhere_is_not_called() {
    for id in ["", "../me", "7/x", "7?x=1", "7\r\n", "seven", "-7"] {
        let script = Script::of([]);
        let error = vendor(&json!({})).poll(&call(&script), id, &job()).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Unsupported { .. }), "{id}");
    }
}

fn me() -> Value {
    json!({
        "id": "fa74a14b-1f3a-463d-aa98-2f7124ee6fc3",
        "profile": {"email": "admin@example.test", "first_name": ""},
        "current_account": {"id": 12345, "features": {}},
        "accounts": [{"id": 1, "name": "Other"}, {"id": 12345, "name": "Acme"}],
    })
}

async fn checked(settings: &Value, answer: Answer) -> Result<crate::Whose, ConnectorError> {
    let script = Script::of([answer]);
    let whose = vendor(settings).check(&call(&script)).await;
    assert_eq!(script.sent()[0].uri(), "https://api.optimizely.com/v2/me");
    whose
}

// CL-30
#[tokio::test]
async fn a_check_says_whose_grant_it_is() {
    let whose = checked(&json!({"account_id": 12345}), answer(200, &me()))
        .await
        .unwrap();
    assert_eq!(
        (whose.account_id.as_str(), whose.account_name.as_deref()),
        ("12345", Some("Acme"))
    );
    assert_eq!(whose.user_id, "fa74a14b-1f3a-463d-aa98-2f7124ee6fc3");
    assert_eq!(whose.user_email, Some(Personal::new("admin@example.test".to_owned())));
    let bare = json!({"id": "u", "current_account": {"id": 5}});
    let whose = checked(&json!({}), answer(200, &bare)).await.unwrap();
    assert_eq!((whose.account_name, whose.user_email), (None, None));
}

// CL-30
#[tokio::test]
async fn a_grant_for_another_account_than_the_settings_name_is_told() {
    let error = checked(&json!({"account_id": 9}), answer(200, &me()))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Optimizely was connected for account 12345, the settings name account 9"
    );
    for told in [
        json!({}),
        json!([]),
        json!({"id": "u"}),
        json!({"current_account": {"id": 1}}),
    ] {
        let error = checked(&json!({}), answer(200, &told)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Unreadable { .. }), "{told}");
    }
    assert!(checked(&json!({}), raw(200, "<html>")).await.is_err());
}
