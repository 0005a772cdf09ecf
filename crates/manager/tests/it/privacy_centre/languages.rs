//! Every page of people without an account can be read in every language that is offered.

use http::Method;
use serde_json::json;

use super::COPY;
use crate::{
    app::{Answer, TestApp},
    direct_contact::says,
    portal::Browser,
};

const NAMES: [(&str, &str); 4] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
];

/// The page speaks this language, and leads to itself in each of the others.
fn can_be_chosen_on(page: &Answer, path: &str, spoken: &str) {
    assert!(
        page.text.contains(&format!("<html lang=\"{spoken}\">")),
        "{path}: {}",
        page.text
    );
    for (code, name) in NAMES {
        let current = if code == spoken { " aria-current=\"true\"" } else { "" };
        let link = format!("<a href=\"{path}?lang={code}\" lang=\"{code}\" hreflang=\"{code}\"{current}>{name}</a>");
        assert!(page.text.contains(&link), "{link} at {path}: {}", page.text);
    }
}

#[tokio::test]
async fn a_language_is_chosen_on_every_page_and_kept_on_the_way() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of(&app);
    can_be_chosen_on(&browser.get("/privacy").await.expect(200), "/privacy", "en");
    let refused = browser.ask("fr", &[("right", ""), ("email", "")]).await.expect(422);
    can_be_chosen_on(&refused, "/privacy", "fr");
    let answer = browser.ask("fr", COPY).await.expect(303);
    let sent = browser.get(answer.location()).await.expect(200);
    can_be_chosen_on(&sent, "/privacy/sent", "fr");

    // The mail is in French, and its page too, until something else is chosen.
    let made = app.requests().await.remove(0);
    let link = app.last_link().await;
    can_be_chosen_on(&app.open(&link).await.expect(200), &link, "fr");
    let chosen = app.open(&format!("{link}?lang=de")).await.expect(200);
    can_be_chosen_on(&chosen, &link, "de");
    let verify = format!("{link}/verify?lang=de");
    assert!(chosen.text.contains("Ist das Ihre Anfrage?") && chosen.text.contains(&format!("action=\"{verify}\"")));
    let answer = app.press(&verify).await.expect(303);
    assert_eq!(answer.location(), format!("{link}?lang=de"));
    let confirmed = app.open(answer.location()).await.expect(200);
    can_be_chosen_on(&confirmed, &link, "de");
    assert!(confirmed.text.contains("Ihre Anfrage ist bestätigt"));

    app.decide(&made, "start", serde_json::Value::Null).await.expect(200);
    app.until(&made, "pending_review").await;
    app.decide(&made, "approve", serde_json::Value::Null).await.expect(200);
    app.until(&made, "delivering").await;
    let copy = app.last_link().await;
    can_be_chosen_on(&app.open(&copy).await.expect(200), &copy, "fr");
    let ready = app.open(&format!("{copy}?lang=es")).await.expect(200);
    can_be_chosen_on(&ready, &copy, "es");
    app.press(&format!("{copy}?lang=es")).await.expect(200);
    let gone = app.press(&format!("{copy}?lang=es")).await.expect(410);
    can_be_chosen_on(&gone, &copy, "es");
    can_be_chosen_on(&app.open(&copy).await.expect(410), &copy, "fr");
    // Who wrote in French is written to in French.
    let last = app.last_mail_to(crate::requests::ADA).await;
    assert!(last.text.reveal().contains("Bonjour"), "{}", last.text.reveal());
}

#[tokio::test]
async fn a_request_can_be_called_off_in_any_language() {
    let app = TestApp::with_ada().await;
    Browser::of(&app).ask("en", COPY).await.expect(303);
    let link = app.last_link().await;
    let page = app.open(&format!("{link}?lang=es")).await.expect(200);
    assert!(page.text.contains(&format!("action=\"{link}/cancel?lang=es\"")));
    let answer = app.press(&format!("{link}/cancel?lang=es")).await.expect(303);
    can_be_chosen_on(&app.open(answer.location()).await.expect(200), &link, "es");
}

#[tokio::test]
async fn whoever_answers_for_a_system_chooses_a_language_too() {
    let app = TestApp::start().await;
    app.add_processor(json!({"language": "de"})).await;
    let (_, path) = app.asked("access").await;
    can_be_chosen_on(&app.open(&path).await.expect(200), &path, "de");
    let chosen = format!("{path}?lang=fr");
    let form = app.open(&chosen).await.expect(200);
    can_be_chosen_on(&form, &path, "fr");
    assert!(form.text.contains(&format!("action=\"{chosen}\"")) && form.text.contains("data-query=\"?lang=fr\""));
    // What is wrong is said in it, and so are thanks.
    let refused = app.fill_in(&chosen, &[]).await.expect(422);
    can_be_chosen_on(&refused, &path, "fr");
    let kinds = app
        .fill_in(
            &format!("{path}/files?lang=fr"),
            &[crate::direct_contact::Part::File("a.exe", b"MZ")],
        )
        .await
        .expect(422);
    assert!(kinds.text.contains("Ce type de fichier"), "{}", kinds.text);
    let answer = app.fill_in(&chosen, &says("nothing_found")).await.expect(303);
    assert_eq!(answer.location(), chosen);
    can_be_chosen_on(&app.open(&chosen).await.expect(200), &path, "fr");
    can_be_chosen_on(&app.open(&path).await.expect(200), &path, "de");
}

#[tokio::test]
async fn only_what_is_offered_is_to_choose_from_beside_the_readers_own() {
    let app = TestApp::with_ada().await;
    Browser::of(&app).ask("es", COPY).await.expect(303);
    let offered = json!({"languages": ["de"]});
    app.api(Method::PUT, "/api/v1/settings/privacy_centre", Some(offered))
        .await
        .expect(200);
    let form = app.read(Method::GET, "/privacy?lang=fr", "es, fr").await.expect(200);
    assert!(form.text.contains("<html lang=\"de\">") && !form.text.contains("class=\"cluster languages\""));
    // A mail that was written in another is still followed by pages in it.
    let link = app.last_link().await;
    let page = app.open(&link).await.expect(200).text;
    assert!(page.contains("<html lang=\"es\">") && page.contains("Deutsch") && page.contains("Español"));
    assert!(!page.contains("English") && !page.contains("Français"));
}
