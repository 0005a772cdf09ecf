//! The portal's pages about requests: the queue, one request, its review.

use manager::Role;

use crate::{
    app::{Answer, TestApp},
    portal::Browser,
};

const SUBJECT: &str = "ada.marker@example.com";

/// Enters a request and opens its page.
async fn enter(browser: &mut Browser<'_>, filled: &[(&str, &str)]) -> String {
    let page = browser.get("/requests/new").await.expect(200);
    let made = browser.submit(&page, "/requests/new", filled).await.expect(303);
    made.location().to_owned()
}

/// Whether the page offers a form that posts there.
fn offers(page: &Answer, action: &str) -> bool {
    page.text.contains(&format!("action=\"{action}\""))
}

#[tokio::test]
async fn an_empty_queue_says_how_requests_come_in() {
    let app = TestApp::start().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let page = browser.get("/requests").await.expect(200);
    assert!(page.text.contains("No requests yet") && page.text.contains("/requests/new"));
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get("/requests").await.expect(200);
    assert!(page.text.contains("No requests yet") && !page.text.contains("/requests/new"));
    viewer.get("/requests/new").await.expect(403);
}

#[tokio::test]
async fn a_request_is_entered_found_and_masked_until_it_is_shown() {
    // CL-36, SEC-26
    let app = TestApp::start().await;
    app.connect().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = enter(&mut browser, &[("type", "access"), ("email", SUBJECT), ("framework", "gdpr")]).await;
    save("show-triage", &browser.get(&path).await);
    save("queue", &browser.get("/requests").await);
}

fn save(name: &str, page: &Answer) {
    let folder = std::path::Path::new("/tmp/m3pages");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(format!("{name}.html")), &page.text).unwrap();
}
