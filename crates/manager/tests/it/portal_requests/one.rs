//! One request's page: what it shows and what can be decided there.

use jiff::SignedDuration;
use manager::Role;
use serde_json::json;

use super::{NEW, offers, reviewable};
use crate::{app::TestApp, portal::Browser, requests::ADA};

#[tokio::test]
async fn identifiers_are_masked_until_somebody_who_works_on_the_request_shows_them() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"start": false})).await;
    let path = format!("/requests/{}", made["id"].as_str().unwrap());
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get(&path).await.expect(200);
    assert!(!page.text.contains(ADA) && !offers(&page, &format!("{path}/subject")));

    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    assert!(!app.history(&made).await.contains(&"request.viewed".to_owned()));
    let shown = browser.press(&path, "subject", &[]).await.expect(200);
    assert!(shown.text.contains(ADA), "{}", shown.text);
    assert_eq!(app.history(&made).await.last().unwrap(), "request.viewed");
    let again = browser.get(&path).await.expect(200);
    assert!(!again.text.contains(ADA) && again.text.contains("The identifiers were looked at in full"));
    assert!(again.text.contains("by request_manager@example.com"), "{}", again.text);
    browser.get(&format!("{path}/subject")).await.expect(405);
}

#[tokio::test]
async fn a_form_without_its_token_decides_nothing() {
    // SEC-15
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, request) = reviewable(&app, &mut browser).await;
    for action in [
        "approve",
        "cancel",
        "subject",
        "package",
        "review",
        "review/undo",
        "tasks/retry",
    ] {
        let refused = browser.post(&format!("{path}/{action}"), "").await.expect(403);
        assert!(!refused.text.contains(ADA), "{action}");
    }
    browser.post(NEW, "type=access&email=a%40example.com").await.expect(403);
    browser.post("/requests/search", "q=a%40example.com").await.expect(403);
    assert_eq!(app.again(&request).await["state"], "pending_review");
    browser.post(&format!("{path}/explode"), "").await.expect(404);
}

#[tokio::test]
async fn what_failed_says_why_and_is_retried_or_skipped_from_the_page() {
    // CL-22
    let app = TestApp::with_ada_and(json!({"data_types": ["visitor", "user"]})).await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser
        .enter(&[("type", "access"), ("email", ADA), ("start", "yes")])
        .await;
    let request = json!({"id": path.rsplit('/').next().unwrap()});
    app.run_jobs().await;
    for job in &mut app.vendor.state().jobs.all {
        job.failed = true;
    }
    app.after(SignedDuration::from_mins(2)).await;
    let page = browser.get(&path).await.expect(200);
    for shown in [
        "a decision about 2 failed tasks",
        "The vendor gave the job up",
        "Code vendor_failure",
        "says “failure”",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let queue = browser.get("/requests?failed=true").await.expect(200);
    assert!(queue.text.contains("a decision about 2 failed tasks"), "{}", queue.text);

    for job in &mut app.vendor.state().jobs.all {
        job.failed = false;
    }
    let tasks = app.again(&request).await["tasks"].clone();
    let task = |number: usize| tasks[number]["id"].as_str().unwrap().to_owned();
    browser
        .press(&path, &format!("tasks/{}/skip", task(0)), &[])
        .await
        .expect(303);
    browser
        .press(&path, &format!("tasks/{}/retry", task(1)), &[])
        .await
        .expect(303);
    app.until(&request, "pending_review").await;
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("Skipped") && page.text.contains("Complete") && page.text.contains("2 of 2 done"));
}

#[tokio::test]
async fn a_deletion_says_what_it_deletes_before_it_is_approved() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser
        .enter(&[("type", "deletion"), ("email", ADA), ("start", "yes")])
        .await;
    let request = json!({"id": path.rsplit('/').next().unwrap()});
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    assert!(review.text.contains("What is deleted") && review.text.contains("visitors known by e-mail address"));
    assert!(!review.text.contains("Preview"));
    browser
        .submit(&review, &format!("{path}/approve"), &[])
        .await
        .expect(303);
    app.until(&request, "closed").await;
    let page = browser.get(&path).await.expect(200);
    for shown in [
        "Closed: completed",
        "deletion complete",
        "not verified",
        "Every connection is done deleting",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let twice = browser
        .submit(&review, &format!("{path}/approve"), &[])
        .await
        .expect(409);
    assert!(twice.text.contains("the request is closed"), "{}", twice.text);
}

#[tokio::test]
async fn a_request_is_paused_resumed_extended_and_denied() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser.enter(&[("type", "access"), ("email", ADA)]).await;
    browser
        .press(&path, "pause", &[("reason", "legal_hold")])
        .await
        .expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Paused: Legal hold") && page.text.contains("somebody to resume it"),
        "{}",
        page.text
    );
    assert!(!offers(&page, &format!("{path}/start")));
    browser.submit(&page, &format!("{path}/resume"), &[]).await.expect(303);
    browser.press(&path, "extend", &[]).await.expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("The deadline was extended to 20 Feb 2027"),
        "{}",
        page.text
    );
    assert!(!offers(&page, &format!("{path}/extend")), "once");
    browser
        .submit(&page, &format!("{path}/deny"), &[("ground", "whim")])
        .await
        .expect(400);
    browser
        .submit(&page, &format!("{path}/deny"), &[("ground", "unfounded")])
        .await
        .expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Closed: denied") && page.text.contains("Manifestly unfounded"),
        "{}",
        page.text
    );
    assert_eq!(
        page.text.matches("<form").count(),
        3,
        "logging out, showing whom it was about, and a note"
    );
    browser
        .get("/requests/0190b0a0-0000-7000-8000-000000000000")
        .await
        .expect(404);
    browser.get("/requests/nonsense").await.expect(404);
}

#[tokio::test]
async fn a_request_that_nobody_can_act_on_says_so() {
    let app = TestApp::start().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser.enter(&[("type", "access"), ("email", ADA)]).await;
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Nobody is asked") && page.text.contains("No connection can act"),
        "{}",
        page.text
    );
    let review = browser.get(&format!("{path}/review")).await.expect(200);
    assert!(review.text.contains("Nothing was found"), "{}", review.text);
}
