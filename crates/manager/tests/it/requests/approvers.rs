//! People whom a connection names, without whose approval nothing is handed over or deleted.

use http::Method;
use jiff::SignedDuration;
use manager::{By, Role};
use serde_json::{Value, json};

use super::{ADA, package};
use crate::{
    app::{TestApp, api_request},
    portal::{Browser, PASSWORD},
};

impl TestApp {
    /// The address of the only connection's approvers.
    pub(crate) async fn approvers_path(&self) -> String {
        let connections = self.get("/api/v1/connections").await.json();
        let id = connections["connections"][0]["id"].as_str().unwrap();
        format!("/api/v1/connections/{id}/approvers")
    }

    /// From now on one of these must approve for the only connection.
    pub(crate) async fn name_approvers(&self, people: &[&str]) -> Value {
        let path = self.approvers_path().await;
        self.put(&path, json!({"approvers": people})).await.expect(200).json()
    }

    pub(crate) async fn approve_as(&self, email: &str, request: &Value) -> http::StatusCode {
        let mut browser = Browser::of(self);
        browser.log_in(email, PASSWORD).await.expect(303);
        let path = format!("/requests/{}", request["id"].as_str().unwrap());
        let page = browser.get(&format!("{path}/review/preview")).await;
        let page = if page.status == 200 {
            page
        } else {
            browser.get(&format!("{path}/review")).await
        };
        browser.submit(&page, &format!("{path}/approve"), &[]).await.status
    }
}

fn asked(request: &Value) -> &Value {
    &request["approvals"]["connections"][0]
}

#[tokio::test]
async fn nothing_is_handed_over_before_one_whom_the_connection_names_has_approved() {
    // SEC-20
    let app = TestApp::with_ada().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    app.person("eve@example.com", Role::RequestManager).await;
    let named = app.name_approvers(&[&ben]).await;
    assert_eq!(named["state"], "awaited");
    assert_eq!(
        named["approvers"],
        json!([{"id": ben, "name": "ben@example.com", "standing": "may_approve"}])
    );

    // Neither a rule nor whoever made it speaks for Ben.
    let made = app.make(json!({"auto_approve": true})).await;
    let waiting = app.until(&made, "pending_review").await;
    assert_eq!(asked(&waiting)["state"], "awaited");
    assert_eq!(waiting["approvals"]["given"], json!([]));
    let half = app.decide(&made, "approve", Value::Null).await.expect(200).json();
    assert_eq!(
        (&half["state"], &asked(&half)["state"]),
        (&json!("pending_review"), &json!("awaited"))
    );
    assert_eq!(half["approvals"]["missing"], 0);
    assert_eq!(half["approvals"]["given"].as_array().unwrap().len(), 1, "{half:#}");
    assert_eq!(package(&app, &made).await.0, 409);
    app.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(app.approve_as("eve@example.com", &made).await, 303);
    assert_eq!(app.again(&made).await["state"], "pending_review");
    assert_eq!(package(&app, &made).await.0, 409);

    app.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(app.approve_as("ben@example.com", &made).await, 303);
    let done = app.again(&made).await;
    assert_eq!(done["state"], "delivering");
    let given = done["approvals"]["given"].as_array().unwrap();
    let people: Vec<_> = given[1..].iter().map(|given| given["name"].as_str().unwrap()).collect();
    assert_eq!(people, ["eve@example.com", "ben@example.com"]);
    assert!(given[0]["at"].as_str() < given[1]["at"].as_str() && given[1]["at"].as_str() < given[2]["at"].as_str());
    assert_eq!(package(&app, &made).await.0, 200);
}

#[tokio::test]
async fn nothing_is_deleted_before_one_whom_the_connection_names_has_approved() {
    let app = TestApp::with_ada().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    app.name_approvers(&[&ben]).await;
    let rule = json!({"start": ["deletion"], "approve": ["deletion"]});
    app.put("/api/v1/settings/automation", rule).await.expect(200);
    let made = app.make(json!({"type": "deletion", "auto_approve": true})).await;
    app.after(SignedDuration::from_hours(48)).await;
    assert_eq!(app.again(&made).await["state"], "pending_review");
    app.decide(&made, "approve", Value::Null).await.expect(200);
    let bulk = json!({"ids": [made["id"]], "action": "approve"});
    app.post("/api/v1/requests/bulk", bulk).await.expect(200);
    app.after(SignedDuration::from_hours(48)).await;
    assert_eq!(app.posted(), Vec::<Value>::new());

    assert_eq!(app.approve_as("ben@example.com", &made).await, 303);
    app.until(&made, "closed").await;
    assert_eq!(app.posted().len(), 1);
}

#[tokio::test]
async fn only_connections_that_take_part_are_heard() {
    let app = TestApp::with_ada().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    app.name_approvers(&[&ben]).await;
    let processor = app.add_processor(json!({})).await;
    let made = app.make(json!({"type": "deletion", "connections": [processor]})).await;
    assert_eq!(made["approvals"]["connections"], json!([]));
    let approved = app.decide(&made, "approve", Value::Null).await.expect(200).json();
    assert_eq!(approved["state"], "deleting");
}

#[tokio::test]
async fn approvers_who_can_not_approve_any_more_are_replaced_and_nothing_waits_for_ever() {
    let app = TestApp::with_ada().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    let eve = app.person("eve@example.com", Role::Approver).await;
    app.person("root@example.com", Role::SuperAdmin).await;
    app.name_approvers(&[&ben]).await;
    let (one, two, three) = (
        app.make(json!({})).await,
        app.make(json!({})).await,
        app.make(json!({})).await,
    );
    for made in [&one, &two, &three] {
        app.until(made, "pending_review").await;
    }
    // What was approved stays approved.
    assert_eq!(app.approve_as("ben@example.com", &three).await, 303);
    app.decide(&one, "approve", Value::Null).await.expect(200);
    app.decide(&one, "approve", Value::Null).await.expect(200);

    app.manager
        .deactivate(ben.parse().unwrap(), &By::command_line())
        .await
        .unwrap();
    assert_eq!(app.again(&three).await["state"], "delivering");
    let stuck = app.again(&one).await;
    assert_eq!(asked(&stuck)["state"], "nobody_can");
    assert_eq!(asked(&stuck)["approvers"][0]["standing"], "deactivated");
    let notices = stuck["notices"].as_array().unwrap();
    assert!(
        notices.iter().any(|notice| notice["code"] == "nobody_can_approve"),
        "{stuck:#}"
    );
    assert_eq!(app.get(&app.approvers_path().await).await.json()["state"], "nobody_can");

    // Another one takes over, also for what waits already.
    app.name_approvers(&[&eve]).await;
    assert_eq!(asked(&app.again(&two).await)["approvers"][0]["name"], "eve@example.com");
    assert_eq!(app.approve_as("eve@example.com", &two).await, 303);
    assert_eq!(app.again(&two).await["state"], "delivering");

    // A lost role counts like a lost user; when nobody is asked for any more, one who has approved says so once more.
    app.manager
        .change_role(eve.parse().unwrap(), Role::Viewer, &By::command_line())
        .await
        .unwrap();
    assert_eq!(asked(&app.again(&one).await)["approvers"][0]["standing"], "other_role");
    assert_eq!(app.name_approvers(&[]).await["state"], "given");
    assert_eq!(app.again(&one).await["state"], "pending_review");
    assert_eq!(app.approve_as("root@example.com", &one).await, 303);
    assert_eq!(app.again(&one).await["state"], "delivering");
    let connection = app.approvers_path().await;
    let connection = connection.split('/').nth(4).unwrap();
    let events = app.events(&format!("connection:{connection}")).await;
    let about: Vec<_> = events.iter().filter(|event| event.contains("approver")).collect();
    assert_eq!(
        about,
        [
            "connection.approver_named",
            "connection.approver_named",
            "connection.approver_removed",
            "connection.approver_removed"
        ]
    );
}

#[tokio::test]
async fn one_who_has_approved_says_it_once_more_when_nobody_else_is_asked_for() {
    let app = TestApp::with_ada().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    app.person("eve@example.com", Role::Approver).await;
    app.name_approvers(&[&ben]).await;
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    assert_eq!(app.approve_as("eve@example.com", &made).await, 303);
    let key = app.api_key().await;
    let approve = format!("/api/v1/requests/{}/approve", made["id"].as_str().unwrap());
    let call = || app.send(api_request(&key, Method::POST, &approve, None));
    call().await.expect(200);
    call().await.expect(409);
    app.name_approvers(&[]).await;
    assert_eq!(call().await.expect(200).json()["state"], "delivering");
}

#[tokio::test]
async fn only_people_who_may_approve_are_named_and_only_by_whoever_may_change_settings() {
    // SEC-16
    let app = TestApp::with_ada().await;
    let path = app.approvers_path().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    let viewer = app.person("viewer@example.com", Role::Viewer).await;
    let gone = app.person("gone@example.com", Role::Approver).await;
    app.manager
        .deactivate(gone.parse().unwrap(), &By::command_line())
        .await
        .unwrap();
    let nobody = "0190b0a0-0000-7000-8000-000000000000";
    for wrong in [
        vec![&*viewer],
        vec![&*gone],
        vec![nobody],
        vec![&*ben, &*ben],
        vec![&*ben, &*viewer],
    ] {
        let refused = app.put(&path, json!({"approvers": wrong})).await.expect(422).json();
        assert_eq!(refused["field"], "approvers", "{refused:#}");
        assert!(!refused.to_string().contains("example.com"));
    }
    for wrong in [
        json!({}),
        json!({"approvers": ["ben@example.com"]}),
        json!({"approvers": [], "more": 1}),
    ] {
        assert!(app.put(&path, wrong).await.status.is_client_error());
    }
    assert_eq!(app.get(&path).await.json()["approvers"], json!([]));
    let absent = format!("/api/v1/connections/{nobody}/approvers");
    app.put(&absent, json!({"approvers": [ben]})).await.expect(404);
    let key = app.api_key_for("connections,requests").await;
    let body = json!({"approvers": [ben]});
    app.send(api_request(&key, Method::PUT, &path, Some(body)))
        .await
        .expect(403);

    // The same holds where the settings are said as a whole; who is named already may stay.
    let id = path.split('/').nth(4).unwrap();
    let whole = |people: &[&str]| {
        let people: Vec<_> = people.iter().map(|id| format!("person:{id}")).collect();
        json!({"deletion": 2, "connections": {(id): people}})
    };
    app.put("/api/v1/settings/approvals", whole(&[&viewer]))
        .await
        .expect(400);
    app.name_approvers(&[&ben]).await;
    app.manager
        .deactivate(ben.parse().unwrap(), &By::command_line())
        .await
        .unwrap();
    app.put("/api/v1/settings/approvals", whole(&[&ben])).await.expect(200);
    let events = app.events(&format!("connection:{id}")).await;
    let about = |word: &str| events.iter().filter(|event| event.ends_with(word)).count();
    assert_eq!((about("approver_named"), about("approver_removed")), (1, 0));
    // And what else is said there stays when approvers are named.
    app.person("eve@example.com", Role::RequestManager).await;
    app.name_approvers(&[]).await;
    let settings = app.get("/api/v1/settings/approvals").await.json()["settings"].clone();
    assert_eq!(
        (&settings["deletion"], &settings["connections"]),
        (&json!(2), &json!({}))
    );
}

#[tokio::test]
async fn the_approvers_of_a_removed_connection_are_still_asked_for_what_it_brought() {
    let app = TestApp::with_ada().await;
    let path = app.approvers_path().await;
    let ben = app.person("ben@example.com", Role::Approver).await;
    let eve = app.person("eve@example.com", Role::Approver).await;
    app.name_approvers(&[&ben]).await;
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    let connection = path.trim_end_matches("/approvers");
    app.api(Method::DELETE, connection, None).await.expect(200);
    let half = app.decide(&made, "approve", Value::Null).await.expect(200).json();
    assert_eq!(
        (&half["state"], &asked(&half)["state"]),
        (&json!("pending_review"), &json!("awaited"))
    );
    app.manager
        .deactivate(ben.parse().unwrap(), &By::command_line())
        .await
        .unwrap();
    app.put(&path, json!({"approvers": [eve]})).await.expect(200);
    assert_eq!(app.approve_as("eve@example.com", &made).await, 303);
    assert_eq!(app.again(&made).await["state"], "delivering");
    assert!(app.get("/api/v1/audit").await.text.contains(&eve) && !app.get("/api/v1/audit").await.text.contains(ADA));
}
