//! Whose approval a request waits for, on its pages.

use manager::{By, Role};
use serde_json::json;

use super::{offers, reviewable};
use crate::{app::TestApp, portal::Browser, requests::ADA};

#[tokio::test]
async fn a_super_admin_names_approvers_on_the_page_of_the_connection() {
    let app = TestApp::with_ada().await;
    let id = app.get("/api/v1/connections").await.json()["connections"][0]["id"].clone();
    let path = format!("/connections/{}", id.as_str().unwrap());
    let (ben, eve) = (
        app.person("ben@example.com", Role::Approver).await,
        app.person("eve@example.com", Role::RequestManager).await,
    );
    app.person("vera@example.com", Role::Viewer).await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let page = admin.get(&path).await.expect(200);
    assert!(page.text.contains("Whoever may approve requests."), "{}", page.text);

    let form = admin.get(&format!("{path}/approvers")).await.expect(200);
    assert!(form.text.contains("ben@example.com") && !form.text.contains("vera@example.com"));
    let action = format!("{path}/approvers");
    let both = [("approvers", ben.as_str()), ("approvers", eve.as_str())];
    let saved = admin.submit(&form, &action, &both).await.expect(303);
    assert_eq!(saved.location(), path);
    let page = admin.get(&path).await.expect(200);
    assert!(
        page.text
            .contains("One of these people must be among those who approve")
            && page.text.contains("Saved: one"),
        "{}",
        page.text
    );
    assert!(page.text.contains("Somebody was named who must approve"));

    // Who has gone is told of, and goes out with the next saving.
    app.manager
        .deactivate(ben.parse().unwrap(), &By::command_line())
        .await
        .unwrap();
    let form = admin.get(&action).await.expect(200);
    assert!(form.text.contains("ben@example.com (deactivated)"), "{}", form.text);
    assert!(admin.get(&path).await.text.contains("deactivated"));
    for wrong in ["0190b0a0-0000-7000-8000-000000000000", "ben"] {
        let refused = admin.submit(&form, &action, &[("approvers", wrong)]).await.expect(422);
        assert!(refused.text.contains("There is a problem"), "{}", refused.text);
    }
    admin.submit(&form, &action, &[]).await.expect(303);
    assert!(admin.get(&path).await.text.contains("Whoever may approve requests."));

    // The company's settings are taken back without those of connections.
    admin
        .submit(&form, &action, &[("approvers", eve.as_str())])
        .await
        .expect(303);
    let settings = admin.get("/settings/approvals").await.expect(200);
    let typed = [("access", "2"), ("deletion", "2")];
    admin.submit(&settings, "/settings/approvals", &typed).await.expect(303);
    let settings = admin.get("/settings/approvals").await.expect(200);
    admin
        .submit(&settings, "/settings/approvals/reset", &[])
        .await
        .expect(303);
    assert!(admin.get(&path).await.text.contains("eve@example.com"));
    let settings = app.get("/api/v1/settings/approvals").await.json()["settings"].clone();
    assert_eq!(settings["access"], 1);

    // Connections are for the connections manager, approvals are not.
    let mut manager = Browser::of_role(&app, Role::ConnectionsManager).await;
    assert!(!manager.get(&path).await.expect(200).text.contains("/approvers\""));
    manager.get(&action).await.expect(403);
}

#[tokio::test]
async fn the_pages_say_whose_approval_is_missing_and_who_gave_theirs_when() {
    let app = TestApp::with_ada().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    app.name_approvers(&[&ben]).await;
    let mut manager = Browser::of_role(&app, Role::RequestManager).await;
    let (path, request) = reviewable(&app, &mut manager).await;
    let page = manager.get(&path).await.expect(200);
    assert!(page.text.contains("the approval for "), "{}", page.text);
    let review = manager.get(&format!("{path}/review")).await.expect(200);
    assert!(review.text.contains("for ben@example.com"), "{}", review.text);
    assert!(
        !manager
            .get("/")
            .await
            .expect(200)
            .text
            .contains("Waits for your approval")
    );

    // Anybody may approve before, and is told what is missing.
    let preview = manager.get(&format!("{path}/review/preview")).await.expect(200);
    let approve = format!("{path}/approve");
    let answer = manager.submit(&preview, &approve, &[]).await.expect(303);
    let page = manager.get(answer.location()).await.expect(200);
    assert!(
        page.text
            .contains("Your approval is recorded. Still missing: whoever must approve for ")
    );
    assert!(page.text.contains("request_manager@example.com") && !offers(&page, &approve));

    // It stands on the start page of whoever is named, until they have approved.
    let mut approver = Browser::of(&app);
    approver
        .log_in("ben@example.com", crate::portal::PASSWORD)
        .await
        .expect(303);
    let home = approver.get("/").await.expect(200);
    assert!(
        home.text.contains("Waits for your approval") && home.text.contains(&format!("{path}/review")),
        "{}",
        home.text
    );
    let preview = approver.get(&format!("{path}/review/preview")).await.expect(200);
    assert!(preview.text.contains("for you"), "{}", preview.text);
    approver.submit(&preview, &approve, &[]).await.expect(303);
    assert_eq!(app.again(&request).await["state"], "delivering");
    assert!(
        !approver
            .get("/")
            .await
            .expect(200)
            .text
            .contains("Waits for your approval")
    );
    let page = approver.get(&path).await.expect(200);
    for shown in ["Approvals", "request_manager@example.com", "ben@example.com"] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    assert!(!page.text.contains(ADA));
}

#[tokio::test]
async fn whoever_looks_learns_that_nobody_can_approve_any_more() {
    let app = TestApp::with_ada().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    app.name_approvers(&[&ben]).await;
    let mut manager = Browser::of_role(&app, Role::RequestManager).await;
    let (path, _) = reviewable(&app, &mut manager).await;
    app.manager
        .change_role(ben.parse().unwrap(), Role::Viewer, &By::command_line())
        .await
        .unwrap();
    let home = manager.get("/").await.expect(200);
    assert!(home.text.contains("nobody can approve"), "{}", home.text);
    let review = manager.get(&format!("{path}/review")).await.expect(200);
    assert!(
        review.text.contains("A super admin has to name others"),
        "{}",
        review.text
    );
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let review = admin.get(&format!("{path}/review")).await.expect(200);
    assert!(
        review.text.contains("Name others") && review.text.contains("/approvers\""),
        "{}",
        review.text
    );
    assert!(admin.get("/").await.expect(200).text.contains("Name others"));
}

#[tokio::test]
async fn the_parts_that_bring_themselves_up_to_date_are_on_the_page_in_every_state() {
    let app = TestApp::with_ada().await;
    let mut browser = Browser::of_role(&app, Role::RequestManager).await;
    let made = app.make(json!({"start": false})).await;
    let path = format!("/requests/{}", made["id"].as_str().unwrap());
    for state in ["triage", "collecting", "pending_review", "delivering", "closed"] {
        let page = browser.get(&path).await.expect(200);
        assert_eq!(app.again(&made).await["state"], state);
        for part in [
            "state",
            "actions",
            "notices",
            "waits",
            "due",
            "approval",
            "task-list",
            "other",
            "happened",
        ] {
            assert_eq!(
                page.text.matches(&format!("id=\"{part}\"")).count(),
                1,
                "{state}: {part}"
            );
        }
        // A closed request does not change any more.
        assert_eq!(
            page.text.contains("hx-select-oob=\"#state:innerHTML,#actions,"),
            state != "closed"
        );
        match state {
            "triage" => drop(app.decide(&made, "start", serde_json::Value::Null).await.expect(200)),
            "collecting" => drop(app.until(&made, "pending_review").await),
            "pending_review" => drop(app.decide(&made, "approve", serde_json::Value::Null).await.expect(200)),
            _ => drop(crate::requests::package(&app, &made).await),
        }
    }
    // What was asked for of the history is asked for again.
    let made = app.make(json!({"start": false})).await;
    let path = format!("/requests/{}", made["id"].as_str().unwrap());
    let page = browser.get(&format!("{path}?events=80")).await.expect(200);
    assert!(page.text.contains(&format!("hx-get=\"{path}?events=80\"")));
}
