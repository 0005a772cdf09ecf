//! Files of a dossier at the portal.

use axum::body::Body;
use http::{Method, header};
use manager::Role;
use serde_json::json;

use super::reviewable;
use crate::{
    app::{Answer, TestApp, request},
    portal::Browser,
};

/// A picture of a kind, as far as its first bytes go.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nrest";

impl Browser<'_> {
    /// Sends a file with the form of this page, with or without its token.
    async fn add_file(&mut self, path: &str, token: &str, name: &str, content: &[u8]) -> Answer {
        let mut body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b\r\nContent-Disposition: \
             form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let asked = request(Method::POST, &format!("{path}/review/files"))
            .header(header::COOKIE, self.cookie.clone().unwrap())
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .header(header::ORIGIN, "https://localhost:8443");
        self.app.send(asked.body(Body::from(body)).unwrap()).await
    }
}

/// The token of the form on this page that takes files.
fn token(page: &Answer) -> String {
    let form = page.text.split("enctype=\"multipart/form-data\"").nth(1).unwrap();
    let value = form.split("name=\"csrf\" value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

/// The first link that ends the page's list of files.
fn links(page: &Answer) -> Vec<String> {
    let links = page.text.split("href=\"").skip(1);
    let links = links.map(|rest| rest.split('"').next().unwrap().to_owned());
    links.filter(|link| link.contains("/review/files/")).collect()
}

#[tokio::test]
async fn staff_add_a_file_look_at_it_safely_and_take_it_away() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, made) = reviewable(&app, &mut browser).await;
    let review = format!("{path}/review");
    let page = browser.get(&review).await.expect(200);

    let forged = browser.add_file(&path, "forged", "letter.txt", b"x").await;
    forged.expect(403);
    let empty = browser.add_file(&path, &token(&page), "letter.txt", b"").await;
    assert_eq!(empty.expect(303).location(), review);
    let markup = b"<script>alert(1)</script>";
    browser
        .add_file(&path, &token(&page), "letter.html", markup)
        .await
        .expect(303);
    browser
        .add_file(&path, &token(&page), "photo.html", PICTURE)
        .await
        .expect(303);

    let page = browser.get(&review).await.expect(200);
    let files = links(&page);
    assert_eq!(files.len(), 2, "{}", page.text);
    let (mut text, mut photo) = (String::new(), String::new());
    // Files of one moment stand in any order.
    for link in files {
        let shown = browser.get(&link).await.expect(200).text;
        if shown.contains("<title>letter.html") {
            assert!(shown.contains("&#60;script&#62;alert(1)"), "text is text: {shown}");
            text = link;
        } else {
            assert!(shown.contains(&format!("src=\"{link}/picture\"")), "{shown}");
            photo = link;
        }
    }
    let picture = format!("{photo}/picture");
    let raw = browser.get(&picture).await.expect(200);
    assert_eq!(raw.headers["content-type"], "image/png");
    let policy = raw.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
    assert_eq!(raw.headers["x-content-type-options"], "nosniff");
    // What is no picture is never sent as it is.
    browser.get(&format!("{text}/picture")).await.expect(404);
    assert!(app.history(&made).await.contains(&"dossier.viewed".to_owned()));

    let remove = page
        .text
        .split("/remove\"")
        .next()
        .unwrap()
        .rsplit("action=\"")
        .next()
        .unwrap();
    let remove = format!("{remove}/remove");
    browser.submit(&page, &remove, &[]).await.expect(303);
    let page = browser.get(&review).await.expect(200);
    assert_eq!(links(&page).len(), 1);
    assert!(app.history(&made).await.contains(&"dossier.file_removed".to_owned()));

    // SEC-16
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    viewer.get(&photo).await.expect(403);
    viewer.get(&picture).await.expect(403);
    let page = viewer.get(&review).await.expect(200);
    assert!(!page.text.contains("/review/files"), "{}", page.text);
}

#[tokio::test]
async fn what_differs_from_what_was_found_is_listed() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let (path, made) = reviewable(&app, &mut browser).await;
    let review = format!("{path}/review");
    assert!(!browser.get(&review).await.text.contains("What differs"));
    let dossier = app
        .get(&format!("/api/v1/requests/{}/dossier", made["id"].as_str().unwrap()))
        .await
        .json();
    let object = &dossier["objects"][0];
    let field = object["fields"][0]["path"].as_str().unwrap();
    let changes = json!({"changes": [{"object": object["id"], "field": field, "action": "redact"}]});
    let dossier = format!("/api/v1/requests/{}/dossier", made["id"].as_str().unwrap());
    app.api(Method::PATCH, &dossier, Some(changes)).await.expect(200);
    let page = browser.get(&review).await.expect(200);
    assert!(
        page.text.contains("What differs") && page.text.contains("value hidden"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn the_review_of_a_deletion_says_when_it_begins_and_what_proves_it() {
    let app = TestApp::with_ada().await;
    let made = app
        .make(json!({"type": "deletion", "options": {"grace": "2d", "verify_erasure": true}}))
        .await;
    app.until(&made, "pending_review").await;
    let path = format!("/requests/{}", made["id"].as_str().unwrap());
    let mut browser = Browser::of_role(&app, Role::Approver).await;
    let page = browser.get(&format!("{path}/review")).await.expect(200);
    assert!(
        page.text.contains("It begins 2 days after the approval"),
        "{}",
        page.text
    );
    assert!(page.text.contains("to prove that nothing is left"));
}
