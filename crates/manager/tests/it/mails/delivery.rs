//! The copy is handed over by a link.

use http_body_util::BodyExt as _;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    app::{TestApp, request},
    requests::{ADA, members},
};

/// A request whose link has been mailed.
async fn delivered(app: &TestApp) -> (Value, String) {
    let made = app.make_and_tell(json!({"auto_approve": true})).await;
    app.until(&made, "delivering").await;
    (made, app.last_link().await)
}

/// Takes at most so many pieces of the copy, then hangs up.
async fn take(app: &TestApp, path: &str, pieces: usize) -> Vec<u8> {
    // Mails of the same moment have no order.
    app.clock.advance(SignedDuration::from_secs(1));
    let pressed = request(http::Method::POST, path)
        .body(axum::body::Body::empty())
        .unwrap();
    let response = app.manager.router().oneshot(pressed).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/zip"); // SEC-39
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["cache-control"], "no-store"); // SEC-49
    let mut body = response.into_body();
    let mut taken = Vec::new();
    for _ in 0..pieces {
        let Some(frame) = body.frame().await else { break };
        taken.extend_from_slice(frame.unwrap().data_ref().unwrap());
    }
    taken
}

#[tokio::test]
async fn the_copy_is_fetched_once_by_a_button() {
    let app = TestApp::with_ada().await;
    let (made, link) = delivered(&app).await;
    assert!(link.starts_with("/d/") && link.len() == 46, "{link}");
    assert!(app.last_mail_to(ADA).await.text.reveal().contains("29 November 2026"));
    for _ in 0..3 {
        let page = app.open(&link).await.expect(200);
        assert!(page.text.contains("Download my data") && !page.text.contains(ADA));
        assert_eq!(page.headers["cache-control"], "no-store");
    }
    let zip = take(&app, &link, usize::MAX).await;
    assert!(members(&zip)["dossier.json"].contains(ADA));
    let closed = app.again(&made).await;
    assert_eq!(
        (&closed["state"], &closed["outcome"]),
        (&json!("closed"), &json!("downloaded"))
    );
    assert_eq!(app.mailed_to_ada().await, ["delivery", "request_closed"]);

    assert!(app.open(&link).await.expect(410).text.contains("works only once"));
    app.press(&link).await.expect(410);
}

#[tokio::test]
async fn a_torn_download_leaves_the_link_as_it_was() {
    let app = TestApp::with_ada().await;
    let (made, link) = delivered(&app).await;
    for _ in 0..2 {
        take(&app, &link, 1).await;
        assert_eq!(app.again(&made).await["state"], "delivering");
    }
    assert!(!members(&take(&app, &link, usize::MAX).await).is_empty());
    assert_eq!(app.again(&made).await["outcome"], "downloaded");
}

#[tokio::test]
async fn a_copy_that_nobody_fetches_ends_after_a_reminder() {
    let app = TestApp::with_ada().await;
    let (made, link) = delivered(&app).await;
    app.after(SignedDuration::from_hours(5 * 24)).await;
    assert_eq!(app.mailed_to_ada().await, ["delivery", "delivery_reminder"]);
    let second = app.last_link().await;
    assert_ne!(link, second);
    app.open(&link).await.expect(200);
    app.open(&second).await.expect(200);
    app.clock.advance(SignedDuration::from_hours(2 * 24));
    // The end of the link does not wait for a job.
    app.press(&second).await.expect(410);
    app.run_jobs().await;
    assert_eq!(app.again(&made).await["outcome"], "not_downloaded");
    assert_eq!(
        app.mailed_to_ada().await,
        ["delivery", "delivery_reminder", "request_closed"]
    );
    assert!(app.open(&link).await.expect(410).text.contains("is over"));
}

#[tokio::test]
async fn staff_mail_a_new_link_which_ends_the_old_one() {
    let app = TestApp::with_ada().await;
    let (made, old) = delivered(&app).await;
    app.after(SignedDuration::from_hours(3 * 24)).await;
    let again = app.decide(&made, "send-again", Value::Null).await.expect(200).json();
    let until: jiff::Timestamp = again["until"].as_str().unwrap().parse().unwrap();
    assert!(until > "2026-12-02T08:00:00Z".parse().unwrap(), "{until}");
    let new = app.last_link().await;
    assert!(app.open(&old).await.expect(410).text.contains("newer link"));
    app.press(&old).await.expect(410);
    // The timer of the first link does not end the second one.
    app.after(SignedDuration::from_hours(5 * 24)).await;
    assert!(!take(&app, &new, usize::MAX).await.is_empty());
    assert_eq!(app.again(&made).await["outcome"], "downloaded");
    app.decide(&made, "send-again", Value::Null).await.expect(409);
}

#[tokio::test]
async fn what_staff_fetch_does_not_use_up_the_subject_s_link() {
    let app = TestApp::with_ada().await;
    let (made, link) = delivered(&app).await;
    let (status, _) = crate::requests::package(&app, &made).await;
    assert_eq!(status, 200);
    assert_eq!(app.again(&made).await["state"], "delivering");
    assert!(!take(&app, &link, usize::MAX).await.is_empty());
}
