//! The queue as a tool: narrowed, put in order, exported, and several requests decided about at once.

use http::header;
use jiff::SignedDuration;
use manager::Role;
use serde_json::{Value, json};

use super::values;
use crate::{
    app::{Answer, TestApp},
    portal::Browser,
};

const BULK: &str = "/requests/bulk";
const DONE: &str = "/requests/bulk/done";

impl Browser<'_> {
    /// Ticks these requests of the queue and asks for `action`: the question, or what is said instead.
    async fn tick(&mut self, requests: &[&Value], action: &str) -> Answer {
        let queue = self.get("/requests").await.expect(200);
        let mut sent = vec![("action", action)];
        sent.extend(requests.iter().map(|request| ("id", request["id"].as_str().unwrap())));
        self.submit(&queue, BULK, &sent).await
    }
}

fn reference(request: &Value) -> &str {
    request["reference"].as_str().unwrap()
}

async fn three(app: &TestApp) -> [Value; 3] {
    let first = app.make(json!({"start": false, "framework": "cpra"})).await;
    app.clock.advance(SignedDuration::from_mins(1));
    let second = app
        .make(json!({"start": false, "type": "deletion", "identities": {"email": "bob@example.com"}}))
        .await;
    app.clock.advance(SignedDuration::from_mins(1));
    let third = app
        .make(json!({"start": false, "identities": {"email": "eve@example.com"}}))
        .await;
    [first, second, third]
}

#[tokio::test]
async fn several_requests_are_started_after_one_question_and_each_says_what_became_of_it() {
    let app = TestApp::with_ada().await;
    let [first, second, third] = three(&app).await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let asked = browser.tick(&[&first, &third], "start").await.expect(200);
    assert!(asked.text.contains("Start 2 requests?"), "{}", asked.text);
    assert!(asked.text.contains(reference(&first)) && !asked.text.contains(reference(&second)));
    assert_eq!(app.again(&first).await["state"], "triage");

    app.send(crate::app::api_request(
        &app.api_key().await,
        http::Method::POST,
        &format!("/api/v1/requests/{}/cancel", third["id"].as_str().unwrap()),
        None,
    ))
    .await
    .expect(200);
    let done = browser.submit(&asked, DONE, &[]).await.expect(200);
    assert!(
        done.text.contains("Done for 1 request. 1 request stays as before"),
        "{}",
        done.text
    );
    assert_eq!(app.again(&first).await["state"], "collecting");
    assert_eq!(app.again(&second).await["state"], "triage");
    assert_eq!(app.again(&third).await["state"], "closed");
}

#[tokio::test]
async fn nothing_ticked_or_nothing_chosen_leads_back_to_the_queue() {
    let app = TestApp::with_ada().await;
    let [first, ..] = three(&app).await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    assert_eq!(browser.tick(&[], "start").await.expect(303).location(), "/requests");
    assert_eq!(browser.tick(&[&first], "").await.expect(303).location(), "/requests");
    let queue = browser.get("/requests?type=access").await.expect(200);
    let sent = [("action", ""), ("back", "/requests?type=access")];
    assert_eq!(
        browser.submit(&queue, BULK, &sent[..1]).await.expect(303).location(),
        "/requests?type=access"
    );
    let all = browser.get("/requests?ticked=true").await.expect(200);
    assert_eq!(all.text.matches(" checked>").count(), 3, "{}", all.text);
}

#[tokio::test]
async fn requests_are_given_to_somebody_and_found_as_theirs() {
    let app = TestApp::with_ada().await;
    let [first, second, third] = three(&app).await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let asked = browser.tick(&[&first, &second], "assign").await.expect(200);
    let (before, _) = asked.text.split_once(">request_manager@example.com</option>").unwrap();
    let (_, rest) = before.rsplit_once("value=\"").unwrap();
    let me = rest.split('"').next().unwrap().to_owned();
    let done = browser.submit(&asked, DONE, &[("operator", &me)]).await.expect(200);
    assert!(done.text.contains("Done for 2 requests."), "{}", done.text);
    let mine = browser.get("/requests?assignee=me").await.expect(200);
    assert!(mine.text.contains(reference(&first)) && mine.text.contains(reference(&second)));
    assert!(!mine.text.contains(reference(&third)));
    let nobodys = browser.get("/requests?assignee=none").await.expect(200);
    assert!(nobodys.text.contains(reference(&third)) && !nobodys.text.contains(reference(&first)));

    let path = format!("/requests/{}", third["id"].as_str().unwrap());
    browser.press(&path, "assignee", &[("operator", &me)]).await.expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("request_manager@example.com takes care of it now."),
        "{}",
        page.text
    );
    browser
        .press(&path, "assignee", &[("operator", "nobody")])
        .await
        .expect(303);
    let page = browser.get("/requests?assignee=none").await.expect(200);
    assert!(page.text.contains(reference(&third)));
}

#[tokio::test]
async fn the_queue_is_put_in_order_and_turned_in_that_order() {
    let app = TestApp::with_ada().await;
    let [first, second, third] = three(&app).await;
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    for (address, order) in [
        ("", [&third, &second, &first]),
        ("sort=oldest", [&first, &second, &third]),
        // The CPRA gives 45 days, the GDPR a month.
        ("sort=deadline", [&second, &third, &first]),
    ] {
        let page = browser.get(&format!("/requests?{address}")).await.expect(200);
        let places = order.map(|request| page.text.find(&format!(">{}<", reference(request))).unwrap());
        assert!(places.is_sorted(), "{address}: {}", page.text);
        let cursor = order[0]["id"].as_str().unwrap();
        let rest = browser
            .get(&format!("/requests?{address}&cursor={cursor}"))
            .await
            .expect(200);
        assert!(!rest.text.contains(&format!(">{}<", reference(order[0]))), "{address}");
        assert_eq!(rest.text.matches(">DSR-").count(), 2, "{address}");
    }
    browser.get("/requests?sort=colour").await.expect(400);
}

#[tokio::test]
async fn the_queue_is_exported_as_it_is_narrowed() {
    let app = TestApp::with_ada().await;
    let [first, second, _] = three(&app).await;
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    let page = browser.get("/requests?type=deletion").await.expect(200);
    assert!(
        page.text.contains("/requests/export.csv?type=deletion"),
        "{}",
        page.text
    );
    let list = browser.get("/requests/export.csv?type=deletion").await.expect(200);
    assert_eq!(list.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(list.text.lines().count(), 2, "{}", list.text);
    assert!(list.text.contains(reference(&second)) && !list.text.contains(reference(&first)));
    assert!(!list.text.contains("bob@example.com"), "{}", list.text);
    let all = browser.get("/requests/export.csv").await.expect(200);
    assert_eq!(all.text.lines().count(), 4);
}

#[tokio::test]
async fn who_may_not_work_on_requests_sees_no_boxes_and_is_refused() {
    let app = TestApp::with_ada().await;
    three(&app).await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get("/requests").await.expect(200);
    assert!(values(&page, "id").is_empty() && !page.text.contains("bulk-action"));
    for path in [BULK, DONE] {
        viewer.post(path, "action=start").await.expect(403);
        assert_eq!(viewer.get(path).await.expect(303).location(), "/requests");
    }
}

#[tokio::test]
async fn notes_stand_on_the_page_for_who_works_on_the_request() {
    let app = TestApp::with_ada().await;
    let [first, ..] = three(&app).await;
    let path = format!("/requests/{}", first["id"].as_str().unwrap());
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    browser
        .press(&path, "notes", &[("text", "Called her: <she> agrees")])
        .await
        .expect(303);
    browser.press(&path, "notes", &[("text", "  ")]).await.expect(422);
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("Called her: &#60;she&#62; agrees"), "{}", page.text);
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get(&path).await.expect(200);
    assert!(!page.text.contains("agrees") && !page.text.contains(&format!("{path}/notes")));
}
