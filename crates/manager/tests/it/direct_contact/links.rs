//! A link is the only key, and opens one form.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::json;

use super::{PAUL, Part, says};
use crate::{app::TestApp, requests::ADA};

#[tokio::test]
async fn a_link_is_long_random_and_used_once() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (made, path) = app.asked("access").await;
    let token = path.strip_prefix("/c/").unwrap();
    assert!(BASE64.decode(token).unwrap().len() >= 16);
    app.fill_in(&path, &says("nothing_found")).await.expect(303);
    // A replay changes nothing.
    let replay = app.fill_in(&path, &says("nothing_found")).await.expect(200).text;
    assert!(replay.contains("Thank you") && !replay.contains(ADA), "{replay}");
    app.fill_in(&format!("{path}/files"), &[Part::File("a.txt", b"late")])
        .await
        .expect(410);
    let answered = app.history(&made).await;
    assert_eq!(
        answered
            .iter()
            .filter(|event| *event == "direct_contact.answered")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_guess_leads_nowhere() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (_, path) = app.asked("access").await;
    let mut guess = path.clone();
    let last = guess.pop().unwrap();
    guess.push(if last == 'A' { 'E' } else { 'A' });
    let other = format!("/c/{}", BASE64.encode([7; 32]));
    for wrong in [guess.as_str(), &other, "/c/x", "/c/..", "/c/%00"] {
        let page = app.open(wrong).await;
        assert_eq!(page.status, 404, "{wrong}");
        assert!(!page.text.contains(ADA) && !page.text.contains("Warehouse"), "{wrong}");
        assert_eq!(app.fill_in(wrong, &says("nothing_found")).await.status, 404, "{wrong}");
        let files = format!("{wrong}/files");
        assert_eq!(
            app.fill_in(&files, &[Part::File("a.txt", b"x")]).await.status,
            404,
            "{wrong}"
        );
    }
    // No page that holds a token or a person is kept anywhere.
    let form = app.open(&path).await.expect(200);
    assert_eq!(form.headers["cache-control"], "no-store");
    assert_eq!(form.headers["referrer-policy"], "no-referrer");
}

#[tokio::test]
async fn a_link_touches_no_other_form() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (first_made, first) = app.asked("access").await;
    let (_, second) = app.asked("access").await;
    let files = format!("{first}/files");
    let file = app
        .fill_in(&files, &[Part::File("a.txt", b"mine")])
        .await
        .expect(200)
        .json();
    let id = file["files"][0]["id"].as_str().unwrap().to_owned();
    app.fill_in(&format!("{second}/files/{id}/remove"), &[])
        .await
        .expect(404);
    let remove = format!("remove-{id}");
    app.fill_in(&second, &[Part::Field("do", &remove)]).await.expect(200);
    assert!(app.open(&first).await.expect(200).text.contains("a.txt"));
    app.fill_in(&second, &says("nothing_found")).await.expect(303);
    assert_eq!(app.only_task(&first_made).await["status"], "waiting");
    assert_eq!(app.mailed_to(PAUL).await.len(), 2);
}
