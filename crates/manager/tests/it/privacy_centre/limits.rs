//! Limits of the form.

use http::{Method, header};
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

use super::with;
use crate::{
    app::{TestApp, request, send},
    portal::Browser,
    requests::ADA,
};

fn from(app: &TestApp, address: [u8; 4]) -> Browser<'_> {
    let mut browser = Browser::of(app);
    browser.address = address;
    browser
}

#[tokio::test]
async fn an_address_gets_only_so_many_mails_a_day_wherever_they_are_asked_for() {
    let app = TestApp::start().await;
    let filled = [("right", "access"), ("email", ADA)];
    for host in 1..=5 {
        // Whoever sends one too many is told the same: nobody learns that others have asked.
        from(&app, [203, 0, 113, host]).ask("en", &filled).await.expect(303);
        app.clock.advance(SignedDuration::from_mins(10));
    }
    assert_eq!(app.mailed_to_ada().await.len(), 3);
    let shouted = [("right", "access"), ("email", "MARKER-ADA@EXAMPLE.COM")];
    from(&app, [203, 0, 113, 9]).ask("en", &shouted).await.expect(303);
    assert_eq!(app.requests().await.len(), 3);
    app.clock.advance(SignedDuration::from_hours(24));
    from(&app, [203, 0, 113, 1]).ask("en", &filled).await.expect(303);
    assert_eq!(app.requests().await.len(), 4);
}

#[tokio::test]
async fn a_source_that_sends_too_much_waits_whichever_process_it_asks() {
    let app = with(|settings| settings.privacy_limit_per_source = 3).await;
    let source = [203, 0, 113, 7];
    let filled = |number: u8| format!("person-{number}@example.com");
    for number in 0..3 {
        let email = filled(number);
        let answer = from(&app, source)
            .ask("de", &[("right", "access"), ("email", &email)])
            .await;
        answer.expect(303);
        app.clock.advance(SignedDuration::from_mins(10));
    }
    let mut browser = from(&app, source);
    let page = browser.get("/privacy?lang=de").await.expect(200);
    let again = [("right", "access"), ("email", "person-3@example.com")];
    let refused = browser.submit(&page, "/privacy?lang=de", &again).await.expect(429);
    assert_eq!(refused.headers["retry-after"], "1801");
    assert!(refused.text.contains("in 31 Min."), "{}", refused.text);

    let other = app.second_process().await;
    let id = value_of(&page.text, "form_id");
    let body = format!("form_id={id}&lang=de&right=access&email=person-4%40example.com");
    let peer = std::net::SocketAddr::from((source, 40_000));
    let asked = request(Method::POST, "/privacy?lang=de")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .extension(axum::extract::ConnectInfo(peer));
    send(&other, asked.body(body.into()).unwrap()).await.expect(429);

    // Others are served, and after a while this one is.
    from(&app, [203, 0, 113, 8]).ask("de", &again).await.expect(303);
    app.clock.advance(SignedDuration::from_secs(1801));
    from(&app, source).ask("de", &again).await.expect(303);
    assert_eq!(app.requests().await.len(), 5);
}

#[tokio::test]
async fn a_browser_that_solves_the_task_may_ask_more_often() {
    let app = with(|settings| {
        settings.privacy_challenge = "proof_of_work".to_owned();
        settings.privacy_limit_without_script = 1;
        settings.privacy_limit_per_source = 3;
    })
    .await;
    let page = app.open("/privacy?lang=en").await.expect(200);
    assert_eq!(value_of(&page.text, "solution"), "");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'"), "{policy}");
    let script = page
        .text
        .split("<script src=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(app.open(script).await.expect(200).text.contains("crypto.subtle"));

    let mut plain = Browser::of(&app);
    plain
        .ask("en", &[("right", "access"), ("email", "one@example.com")])
        .await
        .expect(303);
    plain
        .ask("en", &[("right", "access"), ("email", "two@example.com")])
        .await
        .expect(429);
    for (number, status) in [(3, 303), (4, 303), (5, 429)] {
        let page = app.open("/privacy?lang=en").await.expect(200);
        let id = value_of(&page.text, "form_id");
        let solution = solution(&id);
        let body = format!("form_id={id}&lang=en&right=access&email=p{number}%40example.com&solution={solution}");
        let peer = std::net::SocketAddr::from((plain.address, 40_000));
        let asked = request(Method::POST, "/privacy?lang=en")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(axum::extract::ConnectInfo(peer));
        app.send(asked.body(body.into()).unwrap()).await.expect(status);
    }
}

/// What a browser's script finds.
fn solution(id: &str) -> u64 {
    let solves = |number: &u64| {
        let hash = Sha256::digest(format!("{id}.{number}"));
        hash[0] == 0 && hash[1] == 0
    };
    (0..u64::MAX).find(solves).unwrap()
}

fn value_of(page: &str, field: &str) -> String {
    let input = page.split(&format!("name=\"{field}\" value=\"")).nth(1).unwrap();
    input.split('"').next().unwrap().to_owned()
}
