//! What people send who mean no good.

use crate::{app::TestApp, portal::Browser, requests::ADA};

#[tokio::test]
async fn what_a_form_holds_is_never_more_than_text() {
    // SEC-31, SEC-34, SEC-35
    let app = TestApp::start().await;
    let long = "a".repeat(400);
    let (long_message, long_email) = ("m".repeat(4001), format!("{long}@example.com"));
    for (field, value) in [
        ("email", "ada@example.com\r\nBcc: eve@example.com"),
        ("email", "ada@example.com\0"),
        ("email", "ada@example.com, eve@example.com"),
        ("email", "<script>alert(1)</script>"),
        ("email", "\"><img src=x>@example.com"),
        ("email", long_email.as_str()),
        ("right", "everything"),
        ("message", long_message.as_str()),
        ("message", "a\0b"),
        ("message", "a\u{1b}[31mb"),
    ] {
        let mut filled = vec![("right", "access"), ("email", ADA), ("message", "")];
        for pair in &mut filled {
            if pair.0 == field {
                pair.1 = value;
            }
        }
        let refused = Browser::of(&app).ask("en", &filled).await.expect(422);
        assert!(
            refused.text.contains(&format!("href=\"#{field}\"")),
            "{field} {value:?}"
        );
        assert!(
            !refused.text.contains("<script>alert") && !refused.text.contains("<img"),
            "{}",
            refused.text
        );
    }
    assert!(app.requests().await.is_empty() && app.mails().await.is_empty());
}

#[tokio::test]
async fn a_field_that_people_do_not_see_catches_machines_without_telling_them() {
    let app = TestApp::start().await;
    let filled = [("right", "access"), ("email", ADA), ("website", "https://spam.example")];
    let answer = Browser::of(&app).ask("en", &filled).await.expect(303);
    assert_eq!(answer.location(), "/privacy/sent?lang=en");
    assert!(app.requests().await.is_empty() && app.mails().await.is_empty());
}

#[tokio::test]
async fn a_form_that_we_did_not_show_is_not_taken() {
    let app = TestApp::start().await;
    for id in ["", "AAAA", "%00", &"A".repeat(75), "ÄÖÜ"] {
        let body = format!("form_id={id}&right=access&email=ada%40example.com");
        let asked = crate::app::request(http::Method::POST, "/privacy")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .unwrap();
        app.send(asked).await.expect(422);
    }
    assert!(app.requests().await.is_empty());
}

#[tokio::test]
async fn a_place_or_language_that_nobody_knows_does_no_harm() {
    let app = TestApp::start().await;
    for (lang, place) in [
        ("xx", "Atlantis"),
        ("../../etc/passwd", "' OR 1=1 --"),
        ("de'", "DE-BY"),
    ] {
        let mut browser = Browser::of(&app);
        let page = browser.get("/privacy").await.expect(200);
        let filled = [
            ("right", "access"),
            ("email", ADA),
            ("place", place),
            ("nonsense", lang),
        ];
        browser.submit(&page, "/privacy?lang=en", &filled).await.expect(303);
    }
    for made in app.requests().await {
        assert_eq!(made["framework"], "gdpr");
    }
    app.open("/privacy?lang=%3Cscript%3E").await.expect(200);
}
