//! The words of mails are the company's, where it wants its own.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{app::TestApp, requests::ADA};

const PATH: &str = "/api/v1/settings/templates/extension/en";
const OWN: &str =
    "News about {{ reference }}\n\nDear customer, it takes until {{ deadline }}: {{ reason }}\n\n--\n{{ brand }}\n";

#[tokio::test]
async fn a_company_writes_in_its_own_words_until_it_goes_back_to_ours() {
    let app = TestApp::with_ada().await;
    let ours = app.get(PATH).await.expect(200).json();
    assert_eq!(ours["is_own"], false);

    let preview = app.post(&format!("{PATH}/preview"), json!({"template": OWN})).await;
    let preview = preview.expect(200).json();
    assert!(
        preview["text"]
            .as_str()
            .unwrap()
            .starts_with("Dear customer, it takes until "),
        "{preview}"
    );
    assert_eq!(app.get(PATH).await.json()["is_own"], false);

    let put = app.api(Method::PUT, PATH, Some(json!({"template": OWN}))).await;
    assert_eq!(put.expect(200).json()["is_own"], true);
    let made = app.make_and_tell(json!({"start": false})).await;
    app.decide(&made, "extend", Value::Null).await.expect(200);
    let mail = app.last_mail_to(ADA).await;
    assert!(mail.subject.reveal().starts_with("News about DSR-"));
    assert!(mail.text.reveal().contains("Dear customer"));
    // Another language keeps its own.
    app.clock.advance(SignedDuration::from_secs(1));
    let made = app.make_and_tell(json!({"start": false, "language": "de"})).await;
    app.decide(&made, "extend", Value::Null).await.expect(200);
    assert!(!app.last_mail_to(ADA).await.text.reveal().contains("Dear customer"));

    let reset = app.api(Method::DELETE, PATH, None).await.expect(200).json();
    assert_eq!(reset["template"], ours["template"]);
    assert_eq!(
        app.events("template:extension/en").await,
        ["template.changed", "template.changed"]
    );
}

#[tokio::test]
async fn words_that_could_not_be_used_are_refused_with_the_reason() {
    let app = TestApp::start().await;
    for (template, words) in [
        ("Only a subject\n", ""),
        ("S\n\nHello {{ nobody }}\n\n--\n{{ brand }}\n", ""),
        ("S\n\nNobody says who writes\n", "who writes"),
    ] {
        let refused = app.api(Method::PUT, PATH, Some(json!({"template": template}))).await;
        let refused = refused.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], "template");
        assert!(refused["detail"].as_str().unwrap().contains(words), "{refused}");
    }
    let missing = "/api/v1/settings/templates/nothing/en";
    assert!(app.get(missing).await.status.is_client_error());
    let key = app.api_key_for("requests").await;
    let asked = crate::app::api_request(&key, Method::GET, PATH, None);
    app.send(asked).await.expect(403);
}
