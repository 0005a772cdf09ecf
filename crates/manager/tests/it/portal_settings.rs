//! The settings' pages about mails.

use manager::Role;
use serde_json::json;

use crate::{app::TestApp, portal::Browser, requests::ADA};

#[tokio::test]
async fn the_words_of_a_mail_are_changed_previewed_and_taken_back() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::SuperAdmin).await;
    let list = browser.get("/settings/templates").await.expect(200);
    assert!(list.text.contains("Your data is ready") && !list.text.contains("own words"));
    let path = "/settings/templates/delivery/de";
    let page = browser.get(path).await.expect(200);
    assert!(
        page.text.contains("Ihre personenbezogenen Daten liegen bereit"),
        "{}",
        page.text
    );

    let without_link = [("template", "Bereit\n\nGuten Tag {{ brand }}"), ("then", "preview")];
    let refused = browser.submit(&page, path, &without_link).await.expect(422);
    assert!(refused.text.contains("must stand alone"), "{}", refused.text);

    let words = "Alles bereit: {{ reference }}\r\n\r\nGuten Tag,\r\n\r\n{{ link }}\r\n\r\n{{ brand }}";
    let draft = browser
        .submit(&page, path, &[("template", words), ("then", "preview")])
        .await
        .expect(200);
    assert!(draft.text.contains("not saved yet") && draft.text.contains("Alles bereit: R-2026-0042"));
    let kept = browser.get(path).await.expect(200);
    assert!(!kept.text.contains("Alles bereit"));

    browser.submit(&draft, path, &[("template", words)]).await.expect(303);
    let kept = browser.get(path).await.expect(200);
    assert!(kept.text.contains("Alles bereit"));
    assert!(browser.get("/settings/templates").await.text.contains("own words"));
    assert!(
        app.events("template:delivery/de")
            .await
            .contains(&"template.changed".to_owned())
    );

    browser.submit(&kept, &format!("{path}/reset"), &[]).await.expect(303);
    assert!(!browser.get("/settings/templates").await.text.contains("own words"));

    // SEC-16
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    viewer.get("/settings/templates").await.expect(403);
}

#[tokio::test]
async fn the_mailbox_shows_what_was_mailed_and_to_few_what_it_says() {
    let app = TestApp::with_ada().await;
    let made = app.make_and_tell(json!({"verify": true})).await;
    app.run_jobs().await;
    let mut browser = Browser::of_role(&app, Role::SuperAdmin).await;
    let list = browser.get("/settings/mailbox").await.expect(200);
    assert!(list.text.contains("Mails stay in this mailbox") && list.text.contains("Please confirm your request"));
    assert!(
        list.text
            .contains(&format!("/requests/{}", made["id"].as_str().unwrap()))
    );
    assert!(!list.text.contains(ADA), "the list names nobody");
    assert!(
        browser
            .get("/settings/mailbox?state=failed")
            .await
            .text
            .contains("No such mails")
    );

    let mail = app.manager.mails(&mail::Filter::default()).await.unwrap().remove(0);
    let path = format!("/settings/mailbox/{}", mail.id);
    let read = browser.submit(&list, &path, &[]).await.expect(200);
    assert!(
        read.text.contains(ADA) && read.text.contains("/privacy/requests/"),
        "{}",
        read.text
    );
    let recorded = app.events(&format!("mail:{}", mail.id)).await;
    assert!(recorded.contains(&"mail.read".to_owned()), "{recorded:?}");

    // SEC-16: links that work are for those who could let themselves in anyway.
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let list = viewer.get("/settings/mailbox").await.expect(200);
    assert!(list.text.contains("Please confirm your request") && !list.text.contains(&path));
}
