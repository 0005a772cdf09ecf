//! The queue, finding requests in it, and entering new ones.

use http::{Method, header};
use jiff::SignedDuration;
use manager::Role;
use serde_json::json;

use super::{NEW, values};
use crate::{app::TestApp, portal::Browser, requests::ADA};

#[tokio::test]
async fn an_empty_queue_says_how_requests_come_in() {
    let app = TestApp::start().await;
    let mut manager = Browser::of_role(&app, Role::RequestManager).await;
    let page = manager.get("/requests").await.expect(200);
    assert!(page.text.contains("No requests yet") && page.text.contains(NEW));
    let page = manager.get(NEW).await.expect(200);
    assert!(page.text.contains("No system is connected yet"), "{}", page.text);

    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get("/requests").await.expect(200);
    assert!(page.text.contains("No requests yet") && !page.text.contains(NEW));
    viewer.get(NEW).await.expect(403);
    let mut nobody = Browser::of(&app);
    assert_eq!(
        nobody.get("/requests").await.expect(303).location(),
        "/login?next=%2Frequests"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_new_request_is_said_beside_the_field_and_nothing_typed_is_lost() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let page = browser.get(NEW).await.expect(200);
    let filled = [
        ("email", "ada at example"),
        ("dcp_id", "visitor-4711"),
        ("framework", "cpra"),
    ];
    let wrong = browser.submit(&page, NEW, &filled).await.expect(422);
    for sentence in [
        "Choose what the person asks for",
        "Enter an e-mail address like name@example.com",
        "Choose at least one connection",
    ] {
        assert!(wrong.text.contains(sentence), "{sentence}: {}", wrong.text);
    }
    for kept in [
        "value=\"ada at example\"",
        "value=\"visitor-4711\"",
        "value=\"cpra\" selected",
        "<details class=\"fold\" open>",
    ] {
        assert!(wrong.text.contains(kept), "{kept}: {}", wrong.text);
    }
    let wrong = browser.submit(&wrong, NEW, &[("type", "access")]).await.expect(422);
    assert!(
        wrong.text.contains("Enter an e-mail address or another identifier"),
        "{}",
        wrong.text
    );
    assert!(browser.get("/requests").await.text.contains("No requests yet"));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_request() {
    // SEC-48
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let page = browser.get(NEW).await.expect(200);
    let connection = values(&page, "connections").remove(0);
    let filled = |email| {
        [
            ("type", "access"),
            ("email", email),
            ("connections", connection.as_str()),
        ]
    };
    let first = browser.submit(&page, NEW, &filled(ADA)).await.expect(303);
    let second = browser.submit(&page, NEW, &filled(ADA)).await.expect(303);
    assert_eq!(first.location(), second.location());
    // Back, another address typed in, sent again: somebody else is meant, and the form asks once more.
    let other = browser.submit(&page, NEW, &filled("bob@example.com")).await.expect(422);
    assert!(other.text.contains("value=\"bob@example.com\""), "{}", other.text);
    browser
        .submit(&other, NEW, &filled("bob@example.com"))
        .await
        .expect(303);
    assert!(browser.get("/requests").await.text.contains("2 open, 0 closed"));
}

#[tokio::test]
async fn the_queue_shows_masked_subjects_deadlines_and_what_is_waited_for() {
    // SEC-49
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = browser
        .enter(&[("type", "access"), ("email", ADA), ("dcp_id", "4711-abc")])
        .await;
    browser
        .enter(&[
            ("type", "deletion"),
            ("email", "bob@example.com"),
            ("framework", "cpra"),
        ])
        .await;

    let queue = browser.get("/requests").await.expect(200);
    for shown in [
        "m•••@example.com and 1 more",
        "22 Dec 2026",
        "on time, 30 days left",
        "somebody to start it",
        "2 open",
    ] {
        assert!(queue.text.contains(shown), "{shown}: {}", queue.text);
    }
    assert!(!queue.text.contains(ADA) && !queue.text.contains("4711-abc"));
    assert_eq!(queue.headers[header::CACHE_CONTROL], "no-store");

    app.clock.advance(SignedDuration::from_hours(24 * 28));
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    let queue = browser.get("/requests?type=access").await.expect(200);
    assert!(
        queue.text.contains("due soon, 2 days left") && !queue.text.contains("b•••@example.com"),
        "{}",
        queue.text
    );
    app.clock.advance(SignedDuration::from_mins(50));
    assert!(
        browser
            .get("/requests?state=triage&type=deletion")
            .await
            .text
            .contains("b•••@example.com")
    );
    let none = browser.get("/requests?state=closed").await.expect(200);
    assert!(none.text.contains("No such requests"), "{}", none.text);
    let soon = browser.get("/requests?deadline=due_soon").await.expect(200);
    assert!(soon.text.contains("m•••@example.com") && !soon.text.contains("b•••@example.com"));
    let none = browser.get("/requests?deadline=past_due").await.expect(200);
    assert!(none.text.contains("No such requests"), "{}", none.text);
    for odd in [
        "state=lost",
        "type=portability",
        "cursor=1",
        "deadline=never",
        "failed=perhaps",
    ] {
        browser.get(&format!("/requests?{odd}")).await.expect(400);
    }
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("m•••@example.com") && !page.text.contains(ADA));
}

#[tokio::test]
async fn the_queue_is_turned_page_by_page() {
    let app = TestApp::with_ada().await;
    let api_key = app.api_key().await;
    for number in 0..51 {
        let body = json!({"type": "access", "identities": {"email": format!("p{number}@example.com")}});
        app.send(crate::app::api_request(
            &api_key,
            Method::POST,
            "/api/v1/requests",
            Some(body),
        ))
        .await
        .expect(201);
        app.clock.advance(SignedDuration::from_secs(1));
    }
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    let first = browser.get("/requests?type=access").await.expect(200);
    assert_eq!(first.text.matches(">DSR-").count(), 50);
    let (_, rest) = first
        .text
        .split_once("href=\"/requests?type=access&#38;cursor=")
        .unwrap();
    let cursor = rest.split('"').next().unwrap();
    let second = browser
        .get(&format!("/requests?type=access&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(second.text.matches(">DSR-").count(), 1);
    assert!(!second.text.contains("Older requests"));
}

#[tokio::test]
async fn a_subject_is_found_by_the_whole_address_without_it_getting_into_an_address_bar() {
    // SEC-43
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    let made = app.make(json!({"start": false})).await;
    app.make(json!({"start": false, "identities": {"email": "bob@example.com", "fullstack_id": "bob-1"}}))
        .await;
    let queue = browser.get("/requests").await.expect(200);
    let search = "/requests/search";
    let spelt_otherwise = ADA.to_uppercase();
    let found = browser
        .submit(&queue, search, &[("q", &spelt_otherwise)])
        .await
        .expect(200);
    assert!(
        found.text.contains(made["reference"].as_str().unwrap()),
        "{}",
        found.text
    );
    assert_eq!(found.text.matches(">DSR-").count(), 1);
    assert!(found.text.contains("1 request for M•••@EXAMPLE.COM"), "{}", found.text);
    let found = browser.submit(&queue, search, &[("q", "bob-1")]).await.expect(200);
    assert_eq!(found.text.matches(">DSR-").count(), 1);
    let none = browser.submit(&queue, search, &[("q", "bob@")]).await.expect(200);
    assert!(none.text.contains("Nothing was found"), "{}", none.text);
    let reference = made["reference"].as_str().unwrap().to_lowercase();
    let found = browser.submit(&queue, search, &[("q", &reference)]).await.expect(303);
    assert_eq!(found.location(), format!("/requests/{}", made["id"].as_str().unwrap()));
    assert_eq!(browser.get(search).await.expect(303).location(), "/requests");
}
