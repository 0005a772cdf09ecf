//! What goes wrong on public pages is told in the reader's language.

use axum::body::Body;
use http::{Method, header};
use serde_json::json;

use super::COPY;
use crate::{
    app::{TestApp, request},
    portal::Browser,
};

const UNKNOWN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn an_address_that_leads_nowhere_is_told_in_every_language() {
    let app = TestApp::start().await;
    for (lang, nothing, link, contact, way) in [
        (
            "en",
            "There is nothing here",
            "This link does not work",
            "This link leads nowhere",
            "That does not work here",
        ),
        (
            "de",
            "Hier ist nichts",
            "Dieser Link funktioniert nicht",
            "Dieser Link führt nirgendwohin",
            "Das geht hier nicht",
        ),
        (
            "fr",
            "Il n’y a rien ici",
            "Ce lien ne fonctionne pas",
            "Ce lien ne mène nulle part",
            "Cela ne fonctionne pas ici",
        ),
        (
            "es",
            "Aquí no hay nada",
            "Este enlace no funciona",
            "Este enlace no lleva a ninguna parte",
            "Eso no funciona aquí",
        ),
    ] {
        for (method, path, status, words) in [
            (Method::GET, "/privacy/nowhere".to_owned(), 404, nothing),
            (Method::GET, "/privacy/requests".to_owned(), 404, nothing),
            (Method::GET, "/d/".to_owned(), 404, nothing),
            (Method::GET, format!("/privacy/requests/{UNKNOWN}"), 404, link),
            (Method::GET, format!("/privacy/requests/{UNKNOWN}/more"), 404, link),
            (Method::POST, format!("/privacy/requests/{UNKNOWN}/verify"), 404, link),
            (Method::POST, format!("/privacy/requests/{UNKNOWN}/cancel"), 404, link),
            (Method::GET, format!("/d/{UNKNOWN}"), 404, link),
            (Method::POST, format!("/d/{UNKNOWN}"), 404, link),
            (Method::GET, "/d/%FF".to_owned(), 404, link),
            (Method::GET, format!("/c/{UNKNOWN}"), 404, contact),
            (Method::POST, format!("/c/{UNKNOWN}"), 404, contact),
            (Method::GET, format!("/privacy/requests/{UNKNOWN}/verify"), 405, way),
            (Method::DELETE, "/privacy".to_owned(), 405, way),
            (Method::POST, "/privacy/sent".to_owned(), 405, way),
            (Method::PUT, format!("/d/{UNKNOWN}"), 405, way),
            (Method::DELETE, format!("/c/{UNKNOWN}"), 405, way),
        ] {
            let what = format!("{method} {path} {lang}");
            let page = app.read(method.clone(), &path, lang).await;
            assert_eq!(page.status, status, "{what}");
            assert!(
                page.text.contains(words) && page.text.contains(&format!("<html lang=\"{lang}\">")),
                "{what}: {}",
                page.text
            );
            assert_eq!(page.headers.contains_key(header::ALLOW), status == 405, "{what}");
            assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
            // What was chosen goes before what the browser wants.
            let chosen = app.read(method, &format!("{path}?lang={lang}"), "en;q=0.1").await;
            assert_eq!((chosen.status, &chosen.text), (page.status, &page.text), "{what}");
        }
    }
    // Elsewhere it is as it was.
    let elsewhere = app.read(Method::GET, "/nowhere", "de").await.expect(404);
    assert!(elsewhere.text.contains("There is nothing at this address"));
}

#[tokio::test]
async fn what_to_do_next_stands_on_the_page() {
    let app = TestApp::start().await;
    let contact = json!({"contact": "privacy@acme.example"});
    app.api(Method::PUT, "/api/v1/settings/privacy_centre", Some(contact))
        .await
        .expect(200);
    let page = app.read(Method::GET, "/privacy/nowhere", "de").await.expect(404).text;
    assert!(
        page.contains("<a href=\"/privacy?lang=de\">Zum Anfrageformular</a>"),
        "{page}"
    );
    assert!(page.contains("<a href=\"mailto:privacy@acme.example\">"), "{page}");
    // A processor has no business with the form.
    let page = app
        .read(Method::GET, &format!("/c/{UNKNOWN}"), "de")
        .await
        .expect(404)
        .text;
    assert!(!page.contains("Zum Anfrageformular") && page.contains("mailto:privacy@acme.example"));
}

#[tokio::test]
async fn a_form_that_can_not_be_read_is_refused_in_the_readers_language() {
    let app = TestApp::start().await;
    let form = "application/x-www-form-urlencoded";
    for (content_type, body, status, words) in [
        (form, "email=a&email=b".to_owned(), 400, "Das kam nicht vollständig an"),
        (form, "email=%FF".to_owned(), 400, "Das kam nicht vollständig an"),
        ("text/plain", "email=a".to_owned(), 415, "Das kam nicht vollständig an"),
        (form, format!("message={}", "a".repeat(3 << 20)), 413, "Das ist zu groß"),
    ] {
        let asked = request(Method::POST, "/privacy?lang=de").header(header::CONTENT_TYPE, content_type);
        let page = app.send(asked.body(Body::from(body)).unwrap()).await.expect(status);
        assert!(
            page.text.contains(words) && page.text.contains("<html lang=\"de\">"),
            "{}",
            page.text
        );
        // Where the page can be read in another language, it is the form.
        assert!(page.text.contains("href=\"/privacy?lang=fr\""));
    }
}

#[tokio::test]
async fn an_answer_that_can_not_be_read_is_refused_in_the_readers_language() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (_, path) = app.asked("access").await;
    for (content_type, body) in [
        ("multipart/form-data; boundary=boundary", "--boundary\r\nnonsense"),
        ("multipart/form-data", "x"),
        ("text/plain", "x"),
    ] {
        let asked = request(Method::POST, &format!("{path}?lang=es")).header(header::CONTENT_TYPE, content_type);
        let page = app.send(asked.body(Body::from(body)).unwrap()).await;
        assert!(page.status.is_client_error(), "{content_type}");
        assert!(
            page.text.contains("El envío no llegó completo") && page.text.contains(&format!("{path}?lang=de")),
            "{}",
            page.text
        );
    }
}

#[tokio::test]
async fn too_many_forms_are_told_with_the_way_back() {
    let app = super::with(|settings| settings.privacy_limit_per_source = 0).await;
    let mut browser = Browser::of(&app);
    let page = browser.ask("fr", COPY).await.expect(429);
    assert!(page.text.contains("<html lang=\"fr\">") && page.text.contains("href=\"/privacy?lang=fr\""));
    assert!(page.headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn without_a_database_everybody_is_told_that_nothing_is_lost() {
    let app = TestApp::start().await;
    app.manager.store().close().await;
    for (lang, words) in [
        ("en", "Nothing is lost"),
        ("de", "Es ist nichts verloren"),
        ("fr", "Rien n’est perdu"),
        ("es", "No se ha perdido nada"),
    ] {
        for path in [
            "/privacy".to_owned(),
            format!("/privacy/requests/{UNKNOWN}"),
            format!("/d/{UNKNOWN}"),
            format!("/c/{UNKNOWN}"),
        ] {
            let page = app.read(Method::GET, &path, lang).await.expect(503);
            assert!(page.text.contains(words), "{path} {lang}: {}", page.text);
            let id = page.headers["x-request-id"].to_str().unwrap();
            assert!(
                page.text.contains(id) && page.headers[header::RETRY_AFTER] == "5",
                "{path}"
            );
        }
    }
}
