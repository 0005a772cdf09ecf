//! What the company says and offers.

use http::Method;
use manager::Role;
use serde_json::{Value, json};

use super::COPY;
use crate::{app::TestApp, portal::Browser, requests::ADA};

const API: &str = "/api/v1/settings/privacy_centre";
const PAGE: &str = "/settings/privacy-centre";

impl TestApp {
    async fn offer(&self, settings: Value) {
        self.api(Method::PUT, API, Some(settings)).await.expect(200);
    }
}

#[tokio::test]
async fn nothing_said_is_as_the_configuration_says() {
    let app = super::with(|settings| {
        settings.privacy_languages = "de, fr, de".to_owned();
        settings.privacy_identifiers = "other, email, dcp_id".to_owned();
    })
    .await;
    let view = app.get(API).await.expect(200).json();
    assert_eq!(view["edited"], false);
    let expected = json!({
        "open": true, "languages": ["de", "fr"], "introduction": {}, "rights": ["access", "deletion"],
        "frameworks": [], "identifiers": ["dcp_id", "other"], "privacy_notice": null, "contact": null,
    });
    assert_eq!(view["settings"], expected);
}

#[tokio::test]
async fn what_an_administrator_says_on_the_page_is_what_people_see() {
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let page = admin.get(PAGE).await.expect(200);
    assert!(page.text.contains("href=\"/privacy?lang=de\""), "{}", page.text);
    let typed = [
        ("open", "true"),
        ("languages", "en"),
        ("languages", "de"),
        ("rights", "access"),
        ("introduction.de", "Guten Tag <b>\r\n\r\nWir helfen gern."),
        ("frameworks", "cpra"),
        ("frameworks", "uk_gdpr"),
        ("identifiers", "other"),
        ("privacy_notice", "https://www.acme.example/privacy?a=1&b=2"),
        ("contact", "privacy@acme.example"),
    ];
    let saved = admin.submit(&page, PAGE, &typed).await.expect(303);
    assert_eq!(saved.location(), PAGE);
    let again = admin.get(PAGE).await.expect(200).text;
    assert!(
        again.contains("Wir helfen gern.") && again.contains("value=\"privacy@acme.example\""),
        "{again}"
    );

    let other = app.second_process().await;
    let asked = crate::app::request(Method::GET, "/privacy?lang=de").body(axum::body::Body::empty());
    let seen = crate::app::send(&other, asked.unwrap()).await.expect(200).text;
    for there in [
        "Guten Tag &#60;b&#62;\n\nWir helfen gern.",
        "value=\"access\"",
        "value=\"US-CA\"",
        "value=\"GB\"",
        "name=\"other\"",
        "href=\"https://www.acme.example/privacy?a=1&#38;b=2\"",
        "href=\"mailto:privacy@acme.example\"",
        "English",
    ] {
        assert!(seen.contains(there), "{there}: {seen}");
    }
    for absent in ["value=\"deletion\"", "value=\"DE\"", "name=\"dcp_id\"", "Français"] {
        assert!(!seen.contains(absent), "{absent}");
    }
    let usual = app.open("/privacy?lang=en").await.expect(200).text;
    assert!(usual.contains("It is free of charge") && !usual.contains("Guten Tag"));
    assert_eq!(app.events("settings:privacy_centre").await, ["settings.changed"]);

    let page = admin.get(PAGE).await.expect(200);
    admin.submit(&page, &format!("{PAGE}/reset"), &[]).await.expect(303);
    assert!(
        app.open("/privacy?lang=fr")
            .await
            .expect(200)
            .text
            .contains("value=\"deletion\"")
    );
}

#[tokio::test]
async fn what_can_not_be_used_is_refused_by_its_name_and_changes_nothing() {
    let app = TestApp::start().await;
    let long = "a".repeat(2001);
    for (wrong, field) in [
        (json!({"languages": []}), "languages"),
        (json!({"languages": ["it"]}), "languages"),
        (json!({"languages": ["de", "de"]}), "languages"),
        (json!({"rights": []}), "rights"),
        (json!({"rights": ["portability"]}), "rights"),
        (json!({"frameworks": ["house"]}), "frameworks"),
        (json!({"identifiers": ["email"]}), "identifiers"),
        (json!({"introduction": {"it": "Ciao"}}), "introduction"),
        (json!({"introduction": {"de": " "}}), "introduction.de"),
        (json!({"introduction": {"fr": long}}), "introduction.fr"),
        (json!({"introduction": {"en": "a\u{1b}b"}}), "introduction.en"),
        (json!({"privacy_notice": "javascript:alert(1)"}), "privacy_notice"),
        (json!({"privacy_notice": "http://acme.example"}), "privacy_notice"),
        (
            json!({"privacy_notice": "https://user:word@acme.example"}),
            "privacy_notice",
        ),
        (json!({"privacy_notice": "acme"}), "privacy_notice"),
        (json!({"contact": "nobody"}), "contact"),
        (json!({"contact": "a@acme.example\r\nBcc: b@acme.example"}), "contact"),
        (json!({"open": "yes"}), "open"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let refused = app.api(Method::PUT, API, Some(wrong.clone())).await.expect(400).json();
        assert_eq!(refused["field"], field, "{wrong} {refused:#}");
    }
    assert_eq!(app.get(API).await.json()["edited"], false);
    assert!(app.events("settings:privacy_centre").await.is_empty());

    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let page = admin.get(PAGE).await.expect(200);
    let typed = [
        ("open", "true"),
        ("rights", "access"),
        ("introduction.es", &long),
        ("contact", "nobody"),
        ("languages", "de"),
    ];
    let refused = admin.submit(&page, PAGE, &typed).await.expect(422).text;
    assert!(
        refused.contains("href=\"#introduction.es\"") && refused.contains("value=\"nobody\""),
        "{refused}"
    );
}

#[tokio::test]
async fn a_right_that_is_not_offered_can_not_be_asked_for() {
    let app = TestApp::start().await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/privacy?lang=en").await.expect(200);
    app.offer(json!({"rights": ["deletion"]})).await;
    let refused = browser.submit(&page, "/privacy?lang=en", COPY).await.expect(422);
    assert!(refused.text.contains("href=\"#right\""), "{}", refused.text);
    assert!(app.requests().await.is_empty());
}

#[tokio::test]
async fn a_request_comes_under_the_companys_own_law_of_its_place() {
    let app = TestApp::start().await;
    let laws = json!({"usual": "house", "frameworks": [
        {"id": "house", "name": "House rule", "term": "10 days"},
        {"id": "alpine", "name": "Alpine law", "places": ["AT", "CH"], "term": "12 days"},
        {"id": "roman", "name": "Roman law", "places": ["IT"], "term": "14 days"},
    ]});
    let path = "/api/v1/settings/frameworks";
    app.api(Method::PUT, path, Some(laws)).await.expect(200);
    app.offer(json!({"frameworks": ["alpine"]})).await;
    for (place, law) in [("AT", "alpine"), ("IT", "house"), ("US-CA", "house"), ("", "house")] {
        let email = format!(
            "{place}@example.com",
            place = if place.is_empty() { "none" } else { place }
        );
        let filled = [("right", "access"), ("email", email.as_str()), ("place", place)];
        Browser::of(&app).ask("en", &filled).await.expect(303);
        app.clock.advance(jiff::SignedDuration::from_secs(1));
        assert_eq!(app.requests().await[0]["framework"], law, "{place}");
    }
    let page = app.open("/privacy").await.expect(200).text;
    assert!(page.contains("value=\"CH\"") && !page.contains("value=\"IT\""));

    // A law that is chosen here and then taken out of the table offers no place any more.
    let laws = json!({"usual": "house", "frameworks": [{"id": "house", "name": "House rule", "term": "10 days"}]});
    app.api(Method::PUT, path, Some(laws)).await.expect(200);
    let page = app.open("/privacy").await.expect(200).text;
    assert!(!page.contains("name=\"place\""));
    Browser::of(&app)
        .ask("en", &[("right", "access"), ("email", ADA)])
        .await
        .expect(303);
}

#[tokio::test]
async fn whoever_may_only_look_can_not_change_what_is_offered() {
    // SEC-16
    let app = TestApp::start().await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get(PAGE).await.expect(200).text;
    assert!(page.contains("An administrator can change this") && !page.contains("<button>Save"));
}

#[tokio::test]
async fn the_form_is_closed_where_the_settings_say_so() {
    let app = TestApp::start().await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/privacy?lang=de").await.expect(200);
    app.offer(json!({"open": false, "contact": "privacy@acme.example"}))
        .await;
    let closed = browser.submit(&page, "/privacy?lang=de", COPY).await.expect(404);
    assert!(closed.text.contains("Das Formular ist geschlossen") && closed.text.contains("privacy@acme.example"));
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    assert!(admin.get(PAGE).await.expect(200).text.contains("The form is closed"));
}
