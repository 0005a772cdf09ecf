//! What staff do at the portal.

use manager::Role;
use serde_json::json;

use super::{PAUL, Part, says};
use crate::{app::TestApp, portal::Browser};

const NEW: &str = "/connections/new/direct-contact";

#[tokio::test]
async fn a_person_is_set_up_changed_and_removed_at_the_portal() {
    let app = TestApp::start().await;
    let mut browser = Browser::of_role(&app, Role::ConnectionsManager).await;
    let list = browser.get("/connections").await.expect(200);
    assert!(list.text.contains(&format!("href=\"{NEW}\"")));
    let page = browser.get(NEW).await.expect(200);
    let wrong = [
        ("name", "Warehouse"),
        ("processor_email", "nobody"),
        ("capabilities", "access"),
    ];
    let refused = browser.submit(&page, NEW, &wrong).await.expect(422);
    assert!(refused.text.contains("must be one mail address") && refused.text.contains("Warehouse"));
    let filled = [
        ("name", "Warehouse"),
        ("processor_email", PAUL),
        ("capabilities", "access"),
        ("account_name", "Acme"),
        ("notes", "Look in\r\nthe archive."),
        ("on_deadline", "skip"),
        ("language", "de"),
    ];
    let made = browser.submit(&page, NEW, &filled).await.expect(303);
    let path = made.location().to_owned();
    let page = browser.get(&path).await.expect(200);
    for shown in [
        PAUL,
        "A person, asked by mail",
        "Deutsch",
        "go on without an answer",
        "5 days",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let id = path.rsplit('/').next().unwrap();
    assert_eq!(
        app.connection(id).await["settings"],
        json!({"processor_email": PAUL, "account_id": null, "account_name": "Acme", "notes": "Look in\nthe archive.",
            "capabilities": ["access"], "on_deadline": "skip", "language": "de"})
    );
    let edit = format!("{path}/edit");
    let page = browser.get(&edit).await.expect(200);
    let filled = [
        ("name", "Storehouse"),
        ("processor_email", PAUL),
        ("capabilities", "deletion"),
    ];
    browser.submit(&page, &edit, &filled).await.expect(303);
    let changed = app.connection(id).await;
    assert_eq!(
        (&changed["name"], &changed["settings"]["capabilities"]),
        (&json!("Storehouse"), &json!(["deletion"]))
    );
    let remove = format!("{path}/remove");
    let page = browser.get(&remove).await.expect(200);
    assert!(!page.text.contains("tokens"), "{}", page.text);
    browser.submit(&page, &remove, &[]).await.expect(200);
    browser.get(&path).await.expect(404);
}

#[tokio::test]
async fn who_looks_and_who_deletes_is_chosen_on_the_vendors_page() {
    let app = TestApp::start().await;
    let id = app.connect_with(json!({})).await;
    let mut browser = Browser::of_role(&app, Role::ConnectionsManager).await;
    let edit = format!("/connections/{id}/edit");
    let page = browser.get(&edit).await.expect(200);
    let shown = app.connection(&id).await;
    let url = |name: &str| shown["settings"][name].as_str().unwrap().to_owned();
    let (log_in, api, client_id) = (
        url("app_url"),
        url("api_url"),
        shown["client_id"].as_str().unwrap().to_owned(),
    );
    let base = [
        ("name", "Optimizely"),
        ("client_id", client_id.as_str()),
        ("app_url", log_in.as_str()),
        ("api_url", api.as_str()),
        ("data_types", "visitor"),
        ("identifier_types", "email"),
        ("deletion_by", "direct_contact"),
    ];
    let refused = browser.submit(&page, &edit, &base).await.expect(422);
    assert!(refused.text.contains("is needed where"), "{}", refused.text);
    let mut filled = base.to_vec();
    filled.push(("direct_contact.processor_email", PAUL));
    filled.push(("direct_contact.on_deadline", "skip"));
    browser.submit(&page, &edit, &filled).await.expect(303);
    let settings = app.connection(&id).await["settings"].clone();
    assert_eq!(
        (&settings["access_by"], &settings["deletion_by"]),
        (&json!("api"), &json!("direct_contact"))
    );
    assert_eq!(settings["direct_contact"]["on_deadline"], "skip");
    let page = browser.get(&format!("/connections/{id}")).await.expect(200);
    assert!(
        page.text.contains(PAUL) && page.text.contains("a person, asked by mail"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_question_is_watched_repeated_and_ended_on_the_requests_page() {
    let app = TestApp::start().await;
    app.add_processor(json!({})).await;
    let (made, link) = app.asked("access").await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let path = format!("/requests/{}", made["id"].as_str().unwrap());
    let task = format!("{path}/tasks/{}", made["tasks"][0]["id"].as_str().unwrap());
    let page = browser.get(&path).await.expect(200);
    for shown in [
        "asked by mail",
        "The form was not opened yet",
        "Waits for a person to answer",
        "Remind now",
        "Send a new link",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    app.open(&link).await.expect(200);
    browser.submit(&page, &format!("{task}/remind"), &[]).await.expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("The form was opened") && page.text.contains("Reminded 1 time"),
        "{}",
        page.text
    );
    browser.submit(&page, &format!("{task}/resend"), &[]).await.expect(303);
    app.open(&link).await.expect(410);
    browser.submit(&page, &format!("{task}/stop"), &[]).await.expect(303);
    assert_eq!(app.only_task(&made).await["status"], "stopped");

    app.clock.advance(jiff::SignedDuration::from_mins(1));
    let (made, link) = app.asked("access").await;
    let mut answer = vec![Part::File("a.txt", b"x"), Part::Field("note", "by hand")];
    answer.extend(says("found"));
    app.fill_in(&link, &answer).await.expect(303);
    app.until(&made, "pending_review").await;
    let path = format!("/requests/{}", made["id"].as_str().unwrap());
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("Answered by paul.personal@processor.example") && page.text.contains("“by hand”"));
    assert!(!page.text.contains("Remind now"));
}
