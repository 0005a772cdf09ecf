//! Somebody else's check that a person sends the form.

use http::Method;
use manager::{CaptchaProvider, Settings, WithoutCaptcha};
use serde_json::json;

use super::with;
use crate::{
    app::{Answer, TestApp, request},
    portal::Browser,
    requests::ADA,
    vendor::Misbehaviour,
};

const SECRET: &str = "marker-captcha-secret-83c1";
const VERIFY: &str = "POST captcha.test/siteverify";
const FORM: &str = "/privacy?lang=en";

/// A check of somebody whom we do not know.
fn asked_for(settings: &mut Settings) {
    settings.privacy_captcha = CaptchaProvider::Other;
    settings.privacy_captcha_site_key = Some("site-1".to_owned());
    settings.privacy_captcha_secret = Some(SECRET.to_owned().into());
    settings.privacy_captcha_script = "https://captcha.test/api.js".parse().ok();
    settings.privacy_captcha_verify_url = "https://captcha.test/siteverify".parse().ok();
    settings.privacy_captcha_field = Some("captcha-answer".to_owned());
    settings.privacy_captcha_class = Some("captcha-widget".to_owned());
    "https://*.frames.test".clone_into(&mut settings.privacy_captcha_origins);
}

impl TestApp {
    /// What the verifier was sent, oldest first.
    fn verified(&self) -> Vec<Vec<(String, String)>> {
        self.vendor.state().captcha.asked.clone()
    }
}

async fn send(app: &TestApp, page: &Answer, email: &str, answer: Option<&str>) -> Answer {
    let mut filled = vec![("right", "access"), ("email", email)];
    filled.extend(answer.map(|answer| ("captcha-answer", answer)));
    Browser::of(app).submit(page, FORM, &filled).await
}

#[tokio::test]
async fn a_person_is_let_through_once_the_verifier_has_said_so() {
    let app = with(asked_for).await;
    let page = app.open(FORM).await.expect(200);
    assert!(
        page.text.contains("class=\"captcha-widget\" data-sitekey=\"site-1\""),
        "{}",
        page.text
    );
    assert!(
        page.text
            .contains("<script src=\"https://captcha.test/api.js?hl=en\" async defer></script>")
    );
    assert!(!page.text.contains(SECRET));

    let refused = send(&app, &page, ADA, None).await.expect(422);
    assert!(
        refused.text.contains("href=\"#captcha\"") && refused.text.contains(ADA),
        "{}",
        refused.text
    );
    assert!(app.verified().is_empty(), "nobody is asked about nothing");
    let refused = send(&app, &page, ADA, Some("wrong")).await.expect(422);
    assert!(refused.text.contains("please solve it again") && refused.text.contains(ADA));
    assert!(app.requests().await.is_empty() && app.mails().await.is_empty());

    send(&app, &page, ADA, Some("right")).await.expect(303);
    assert_eq!(app.requests().await.len(), 1);
    let sent = app.verified();
    let form = |answer: &str| {
        let pairs = [("secret", SECRET), ("response", answer), ("sitekey", "site-1")];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    };
    // Nothing more is told: not who sent it, nor from where.
    assert_eq!(sent, [form("wrong"), form("right")]);
    assert_eq!(app.vendor.count(VERIFY), 2);

    // Pressed twice: it is the same form, which has been proved.
    send(&app, &page, ADA, Some("right")).await.expect(303);
    assert_eq!((app.verified().len(), app.requests().await.len()), (2, 1));
    // Another one needs an answer of its own.
    send(&app, &page, "other@example.com", Some("right")).await.expect(422);
    assert_eq!(app.requests().await.len(), 1);
}

#[tokio::test]
async fn no_other_page_may_load_anything_from_there() {
    let app = with(asked_for).await;
    let page = app.open(FORM).await.expect(200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    for part in [
        "script-src 'self' https://captcha.test https://*.frames.test;",
        "connect-src 'self' https://captcha.test https://*.frames.test;",
        "style-src 'self' https://captcha.test https://*.frames.test;",
        "frame-src https://captcha.test https://*.frames.test",
        "default-src 'none'",
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    for path in [
        "/privacy/sent",
        "/privacy/nowhere",
        "/login",
        "/d/nothing",
        "/privacy/requests/nothing",
    ] {
        let other = app.read(Method::GET, path, "en").await;
        let policy = other.headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("captcha.test"), "{path} {policy}");
    }
}

#[tokio::test]
async fn without_script_the_page_says_why_it_can_not_be_sent() {
    let app = with(asked_for).await;
    for (lang, words) in [
        ("en", "This check needs JavaScript"),
        ("de", "Diese Prüfung braucht JavaScript"),
        ("fr", "Cette vérification nécessite JavaScript"),
        ("es", "Esta comprobación necesita JavaScript"),
    ] {
        let page = app.open(&format!("/privacy?lang={lang}")).await.expect(200).text;
        let said = page
            .split("<noscript>")
            .nth(1)
            .unwrap()
            .split("</noscript>")
            .next()
            .unwrap();
        assert!(said.contains(words), "{lang}: {said}");
        assert!(page.contains("captcha.test"), "who checks is named");
    }
}

#[tokio::test]
async fn a_verifier_that_does_not_answer_lets_forms_through_more_seldom() {
    let app = with(|settings| {
        asked_for(settings);
        settings.privacy_limit_without_script = 2;
    })
    .await;
    let page = app.open(FORM).await.expect(200);
    for (number, trouble) in [
        Misbehaviour::Unreachable,
        Misbehaviour::Answers(500, "text/html", "down"),
        Misbehaviour::DropsAfterEffect,
    ]
    .into_iter()
    .enumerate()
    {
        app.vendor.next(VERIFY, trouble);
        let email = format!("person-{number}@example.com");
        let answer = send(&app, &page, &email, Some(&format!("answer-{number}"))).await;
        answer.expect(if number < 2 { 303 } else { 429 });
    }
    assert_eq!(app.requests().await.len(), 2);
    // Whoever is proved meanwhile is not held up by it.
    send(&app, &page, "person-9@example.com", Some("right"))
        .await
        .expect(303);
}

#[tokio::test]
async fn a_verifier_that_does_not_answer_keeps_forms_out_where_the_settings_say_so() {
    let app = with(|settings| {
        asked_for(settings);
        settings.privacy_captcha_unreachable = WithoutCaptcha::Refuse;
    })
    .await;
    let page = app.open(FORM).await.expect(200);
    for (number, trouble) in [
        Misbehaviour::Unreachable,
        Misbehaviour::Answers(200, "application/json", "{}"),
        Misbehaviour::Answers(200, "text/html", "<p>"),
        // Our keys are wrong: that is not the sender's fault.
        Misbehaviour::Answers(
            200,
            "application/json",
            "{\"success\": false, \"error-codes\": [\"invalid-input-secret\"]}",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        app.vendor.next(VERIFY, trouble);
        let refused = send(&app, &page, ADA, Some(&format!("answer-{number}")))
            .await
            .expect(503);
        assert!(refused.text.contains("can’t be checked at the moment") && refused.text.contains(ADA));
    }
    assert!(app.requests().await.is_empty());
    send(&app, &page, ADA, Some("right")).await.expect(303);
}

#[tokio::test]
async fn nobody_makes_us_ask_the_verifier_for_ever() {
    let app = with(|settings| {
        asked_for(settings);
        settings.privacy_limit_per_source = 2;
    })
    .await;
    let page = app.open(FORM).await.expect(200);
    for number in 0..6 {
        let answer = send(&app, &page, ADA, Some(&format!("wrong-{number}"))).await;
        answer.expect(if number < 4 { 422 } else { 429 });
    }
    assert_eq!(app.vendor.count(VERIFY), 4);
    let endless = "a".repeat(20_000);
    app.clock.advance(jiff::SignedDuration::from_hours(2));
    send(&app, &page, ADA, Some(&endless)).await.expect(422);
    assert_eq!(app.vendor.count(VERIFY), 4);
}

#[tokio::test]
async fn friendly_captcha_is_told_the_key_in_a_header() {
    let app = with(|settings| {
        settings.privacy_captcha = CaptchaProvider::FriendlyCaptcha;
        settings.privacy_captcha_site_key = Some("site-1".to_owned());
        settings.privacy_captcha_secret = Some(SECRET.to_owned().into());
        settings.privacy_captcha_verify_url = "https://captcha.test/siteverify".parse().ok();
    })
    .await;
    let page = app.open(FORM).await.expect(200);
    let filled = [("right", "access"), ("email", ADA), ("frc-captcha-response", "right")];
    Browser::of(&app).submit(&page, FORM, &filled).await.expect(303);
    assert_eq!(app.vendor.state().captcha.keys, [SECRET]);
    assert!(
        app.verified()[0]
            .iter()
            .all(|(name, value)| name != "secret" && value != SECRET)
    );
}

#[tokio::test]
async fn settings_that_make_no_check_close_the_form() {
    let app = with(|settings| settings.privacy_captcha = CaptchaProvider::HCaptcha).await;
    app.open(FORM).await.expect(404);
    let asked = request(Method::POST, FORM).header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let body = "right=access&email=ada%40example.com".to_owned();
    app.send(asked.body(body.into()).unwrap()).await.expect(404);
    assert_eq!(
        app.get("/api/v1/settings/privacy_centre").await.json()["settings"]["open"],
        json!(true)
    );
}
