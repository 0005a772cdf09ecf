//! From the form to the copy.

use jiff::SignedDuration;
use manager::Role;
use serde_json::{Value, json};

use super::{COPY, told, with};
use crate::{app::TestApp, mailbox::path_in, portal::Browser, requests::ADA};

#[tokio::test]
async fn somebody_asks_confirms_and_fetches_the_copy() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of(&app);
    let filled = [
        ("right", "access"),
        ("email", ADA),
        ("place", "US-CA"),
        ("message", "I was a customer in 2019 <script>"),
    ];
    let answer = browser.ask("en", &filled).await.expect(303);
    assert_eq!(answer.location(), "/privacy/sent?lang=en");
    let sent = browser.get(answer.location()).await.expect(200);
    assert!(sent.text.contains("Please check your e-mail") && !sent.text.contains(ADA));

    let made = app.requests().await.remove(0);
    assert_eq!(
        (&made["state"], &made["framework"], &made["source"]),
        (&json!("pending_verification"), &json!("cpra"), &json!("form"))
    );
    assert_eq!(app.mailed_to_ada().await, ["verification"]);
    let link = app.last_link().await;
    let page = app.open(&link).await.expect(200);
    assert!(page.text.contains("You confirm your request") && page.text.contains("aria-current=\"step\""));
    app.press(&format!("{link}/verify")).await.expect(303);
    assert_eq!(app.again(&made).await["state"], "triage");
    let page = app.open(&link).await.expect(200).text;
    assert!(
        page.contains("Your request is confirmed") && page.contains("Our answer comes by"),
        "{page}"
    );

    // Staff read the message, as text.
    let mut staff = Browser::of_role(&app, Role::SuperAdmin).await;
    let shown = staff
        .get(&format!("/requests/{}", made["id"].as_str().unwrap()))
        .await
        .expect(200);
    assert!(
        shown.text.contains("I was a customer in 2019 &#60;script&#62;"),
        "{}",
        shown.text
    );
    assert!(shown.text.contains("by the public form"));
    app.decide(&made, "start", Value::Null).await.expect(200);
    app.until(&made, "pending_review").await;
    app.decide(&made, "approve", Value::Null).await.expect(200);
    app.until(&made, "delivering").await;
    let link = app.last_link().await;
    assert!(app.open(&link).await.expect(200).text.contains("What is in the file"));
    app.press(&link).await.expect(200);
    assert_eq!(app.again(&made).await["outcome"], "downloaded");
}

#[tokio::test]
async fn a_deletion_can_be_called_off_before_it_is_confirmed() {
    let app = TestApp::with_ada().await;
    let filled = [("right", "deletion"), ("email", ADA), ("place", "DE"), ("message", "")];
    Browser::of(&app).ask("en", &filled).await.expect(303);
    let made = app.requests().await.remove(0);
    assert_eq!(
        (&made["type"], &made["framework"]),
        (&json!("deletion"), &json!("gdpr"))
    );
    let link = app.last_link().await;
    app.press(&format!("{link}/cancel")).await.expect(303);
    assert_eq!(app.again(&made).await["outcome"], "cancelled");
    let page = app.open(&link).await.expect(200);
    assert!(page.text.contains("Nothing further happens") && page.text.contains("Your request is closed"));
    assert!(app.posted().is_empty());
}

#[tokio::test]
async fn every_language_goes_from_the_form_to_the_mails_and_the_pages() {
    for (lang, title, sent, mail, verify) in [
        (
            "en",
            "Your personal data",
            "Please check your e-mail",
            "confirm",
            "Is this your request?",
        ),
        (
            "de",
            "Ihre personenbezogenen Daten",
            "Bitte sehen Sie in Ihr Postfach",
            "bestätigen",
            "Ist das Ihre Anfrage?",
        ),
        (
            "fr",
            "Vos données personnelles",
            "Veuillez consulter votre messagerie",
            "confirm",
            "Cette demande vient-elle de vous",
        ),
        (
            "es",
            "Sus datos personales",
            "Revise su correo",
            "confirm",
            "¿Es esta su solicitud?",
        ),
    ] {
        let app = TestApp::with_ada().await;
        let mut browser = Browser::of(&app);
        let page = browser.get(&format!("/privacy?lang={lang}")).await.expect(200);
        assert!(
            page.text.contains(&format!("<html lang=\"{lang}\">")) && page.text.contains(title),
            "{lang}"
        );
        let answer = browser.ask(lang, COPY).await.expect(303);
        let answered = browser.get(answer.location()).await.expect(200);
        assert!(answered.text.contains(sent) && answered.text.contains(&format!("<html lang=\"{lang}\">")));
        assert!(app.last_mail_to(ADA).await.text.reveal().contains(mail), "{lang}");
        let link = app.last_link().await;
        let page = app.open(&link).await.expect(200);
        assert!(
            page.text.contains(verify) && page.text.contains(&format!("<html lang=\"{lang}\">")),
            "{lang}"
        );
        let refused = browser.ask(lang, &[("right", ""), ("email", "")]).await.expect(422);
        assert!(refused.text.contains("href=\"#right\"") && refused.text.contains("href=\"#email\""));
    }
}

#[tokio::test]
async fn only_languages_that_are_offered_are_chosen() {
    let app = with(|settings| settings.privacy_languages = "de, fr".to_owned()).await;
    let mut browser = Browser::of(&app);
    for (path, lang) in [
        ("/privacy", "de"),
        ("/privacy?lang=fr", "fr"),
        ("/privacy?lang=es", "de"),
    ] {
        let page = browser.get(path).await.expect(200);
        assert!(page.text.contains(&format!("<html lang=\"{lang}\">")), "{path}");
        assert!(!page.text.contains("Español"));
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_request() {
    let app = TestApp::start().await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/privacy?lang=en").await.expect(200);
    for _ in 0..5 {
        browser.submit(&page, "/privacy?lang=en", COPY).await.expect(303);
    }
    assert_eq!(app.requests().await.len(), 1);
    assert_eq!(app.mailed_to_ada().await, ["verification"]);
    // Somebody goes back and asks for something else.
    let other = [("right", "deletion"), ("email", ADA)];
    browser.submit(&page, "/privacy?lang=en", &other).await.expect(303);
    assert_eq!(app.requests().await.len(), 2);
}

#[tokio::test]
async fn other_identifiers_are_asked_for_where_the_settings_say_so() {
    let app = TestApp::start().await;
    let page = app.open("/privacy").await.expect(200);
    assert!(!page.text.contains("name=\"dcp_id\""));
    let filled = [("right", "access"), ("email", ADA), ("dcp_id", "17")];
    Browser::of(&app).ask("en", &filled).await.expect(303);
    assert!(app.requests().await[0]["identities"].get("dcp_id").is_none());

    let app = with(|settings| settings.privacy_identifiers = "dcp_id, other".to_owned()).await;
    let page = app.open("/privacy").await.expect(200);
    assert!(page.text.contains("name=\"dcp_id\"") && page.text.contains("Customer number in our profiles"));
    Browser::of(&app).ask("en", &filled).await.expect(303);
    assert!(app.requests().await[0]["identities"].get("dcp_id").is_some());
}

#[tokio::test]
async fn a_form_that_was_open_too_long_keeps_what_was_entered() {
    let app = TestApp::start().await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/privacy?lang=en").await.expect(200);
    app.clock.advance(SignedDuration::from_hours(25));
    let again = browser.submit(&page, "/privacy?lang=en", COPY).await.expect(422);
    assert!(again.text.contains("open for too long") && again.text.contains(ADA));
    browser.submit(&again, "/privacy?lang=en", COPY).await.expect(303);
    assert_eq!(app.requests().await.len(), 1);
}

#[tokio::test]
async fn there_is_no_form_where_it_is_switched_off_or_no_mail_goes_out() {
    let off = with(|settings| settings.privacy_center = false).await;
    let mute = with(|settings| settings.mailbox = false).await;
    for app in [off, mute] {
        let page = app.open("/privacy?lang=fr").await.expect(404);
        assert!(page.text.contains("Le formulaire est fermé"));
    }
}

#[tokio::test]
async fn a_silent_subject_is_told_where_to_ask_again() {
    let app = TestApp::with_ada().await;
    Browser::of(&app).ask("fr", COPY).await.expect(303);
    app.run_jobs().await;
    app.after(SignedDuration::from_hours(24)).await;
    app.after(SignedDuration::from_hours(6 * 24)).await;
    let made = app.requests().await.remove(0);
    assert_eq!(made["outcome"], "unverified");
    let path = path_in(&app.last_mail_to(ADA).await);
    app.open(&path).await.expect(200);
}

/// A property: nothing that the form answers depends on whether an address is known.
#[tokio::test]
async fn the_answer_never_tells_whether_an_address_is_known() {
    let app = TestApp::with_ada().await;
    app.make(json!({})).await;
    for round in 0..6 {
        let mut answers = Vec::new();
        for (host, email) in [(1, ADA), (2, "nobody-at-all@example.org")] {
            let mut browser = Browser::of(&app);
            browser.address = [198, 51, 100, host];
            let answer = browser.ask("en", &[("right", "access"), ("email", email)]).await;
            let shown = browser.get(answer.location()).await;
            answers.push((told(&answer), told(&shown)));
        }
        assert_eq!(answers[0], answers[1], "round {round}");
    }
}
