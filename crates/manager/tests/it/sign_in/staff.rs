//! Users, API keys and the audit log, as administrators use them.

use http::Method;
use manager::{By, Role};

use crate::{
    app::{TestApp, api_request},
    portal::{Browser, PASSWORD},
};

async fn id_of(app: &TestApp, email: &str) -> String {
    app.manager
        .operator_by_email(email)
        .await
        .unwrap()
        .unwrap()
        .id
        .to_string()
}

#[tokio::test]
async fn another_role_holds_at_the_next_click() {
    // SEC-17
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    viewer.get("/requests/new").await.expect(403);
    let path = format!("/settings/users/{}", id_of(&app, "viewer@example.com").await);
    let page = admin.get(&path).await.expect(200);
    let action = format!("{path}/role");
    let done = admin
        .submit(&page, &action, &[("role", "request_manager")])
        .await
        .expect(303);
    assert!(
        admin
            .get(done.location())
            .await
            .text
            .contains("The role is now: Request manager.")
    );
    viewer.get("/requests/new").await.expect(200);
    admin.submit(&page, &action, &[("role", "emperor")]).await.expect(409);
}

#[tokio::test]
async fn who_is_deactivated_is_out_at_once_and_may_come_back() {
    // SEC-11
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let path = format!("/settings/users/{}", id_of(&app, "viewer@example.com").await);
    let action = format!("{path}/deactivate");
    let page = admin.get(&action).await.expect(200);
    assert!(page.text.contains("Deactivate viewer@example.com?"), "{}", page.text);
    admin.submit(&page, &action, &[]).await.expect(303);
    viewer.get("/requests").await.expect(303);
    viewer.log_in("viewer@example.com", PASSWORD).await.expect(401);
    let page = admin.get(&path).await.expect(200);
    assert!(page.text.contains("Deactivated"), "{}", page.text);
    admin
        .submit(&page, &format!("{path}/reactivate"), &[])
        .await
        .expect(303);
    viewer.log_in("viewer@example.com", PASSWORD).await.expect(303);
}

#[tokio::test]
async fn the_last_super_admin_stays_one() {
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let path = format!("/settings/users/{}", id_of(&app, "super_admin@example.com").await);
    let page = admin.get(&path).await.expect(200);
    let refused = admin
        .submit(&page, &format!("{path}/role"), &[("role", "viewer")])
        .await
        .expect(409);
    assert!(refused.text.contains("last super admin"), "{}", refused.text);
    let action = format!("{path}/deactivate");
    let page = admin.get(&action).await.expect(200);
    admin.submit(&page, &action, &[]).await.expect(409);
    admin.get("/settings/users").await.expect(200);
}

#[tokio::test]
async fn a_lost_authenticator_is_reset_by_an_administrator() {
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    super::set_up_authenticator(&mut viewer).await;
    let path = format!("/settings/users/{}", id_of(&app, "viewer@example.com").await);
    let action = format!("{path}/reset-authenticator");
    let page = admin.get(&action).await.expect(200);
    admin.submit(&page, &action, &[]).await.expect(303);
    viewer.get("/").await.expect(303);
    viewer.log_in("viewer@example.com", PASSWORD).await.expect(303);
}

#[tokio::test]
async fn an_api_key_is_shown_once_and_refused_once_revoked() {
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let empty = admin.get("/settings/api-keys").await.expect(200);
    assert!(empty.text.contains("No API keys yet"), "{}", empty.text);
    let new = "/settings/api-keys/new";
    let page = admin.get(new).await.expect(200);
    admin.submit(&page, new, &[("name", "the shop")]).await.expect(422);
    let filled = [("name", "the shop"), ("scope", "read"), ("scope", "requests")];
    let made = admin.submit(&page, new, &filled).await.expect(200);
    let (_, rest) = made.text.split_once("value secret\">").unwrap();
    let key = rest.split('<').next().unwrap().to_owned();
    let call = || api_request(&key, Method::GET, "/api/v1/requests", None);
    app.send(call()).await.expect(200);

    let list = admin.get("/settings/api-keys").await.expect(200);
    assert!(
        list.text.contains("the shop") && list.text.contains("reading, requests"),
        "{}",
        list.text
    );
    assert!(!list.text.contains(&key));
    let (_, rest) = list.text.split_once("href=\"/settings/api-keys/0").unwrap();
    let action = format!("/settings/api-keys/0{}", rest.split('"').next().unwrap());
    let page = admin.get(&action).await.expect(200);
    admin.submit(&page, &action, &[]).await.expect(303);
    app.send(call()).await.expect(401);
    admin.get(&action).await.expect(404);
}

#[tokio::test]
async fn the_audit_log_is_read_filtered_verified_and_taken_along() {
    // SEC-44, SEC-45
    let app = TestApp::start().await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    viewer.get("/settings/users").await.expect(403);
    Browser::of(&app)
        .log_in("viewer@example.com", "wrong")
        .await
        .expect(401);
    let log = viewer.get("/audit").await.expect(200);
    for words in [
        "Logged in",
        "A log-in was refused",
        "Tried what their role or scope does not allow",
        "GET:/settings/users",
        "viewer@example.com",
        "192.0.2.1",
    ] {
        assert!(log.text.contains(words), "{words}: {}", log.text);
    }
    let refused = viewer
        .get("/audit?kind=session.&from=2026-11-22&to=2026-11-22")
        .await
        .expect(200);
    assert!(refused.text.contains("session.refused") && !refused.text.contains("<code>access.denied"));
    let none = viewer.get("/audit?to=2026-11-21").await.expect(200);
    assert!(none.text.contains("No event fits"), "{}", none.text);

    let verified = viewer.submit(&log, "/audit/verify", &[]).await.expect(200);
    assert!(verified.text.contains("The log is whole"), "{}", verified.text);
    let exported = viewer.submit(&log, "/audit/export", &[]).await.expect(200);
    assert_eq!(exported.headers["content-type"], "application/x-ndjson");
    let last: serde_json::Value = serde_json::from_str(exported.text.lines().last().unwrap()).unwrap();
    assert_eq!(last["action"], "audit.exported");
    assert_eq!(exported.text.lines().count() as i64, last["seq"].as_i64().unwrap());

    let mut tx = app.manager.store().write().await.unwrap();
    tx.execute("UPDATE audit SET actor = 'automation' WHERE seq = 2", Vec::new())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let broken = viewer.submit(&log, "/audit/verify", &[]).await.expect(200);
    assert!(
        broken.text.contains("tampered") && broken.text.contains("Event 2"),
        "{}",
        broken.text
    );
}

#[tokio::test]
async fn the_audit_log_goes_on_over_pages() {
    let app = TestApp::start().await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    for number in 0..120 {
        let name = format!("key {number}");
        app.manager
            .create_api_key(&name, &"read".parse().unwrap(), &By::command_line())
            .await
            .unwrap();
    }
    let mut path = "/audit?who=command_line".to_owned();
    let mut rows = 0;
    loop {
        let page = viewer.get(&path).await.expect(200);
        rows += page.text.matches("An API key was made").count();
        let Some((before, _)) = page.text.split_once("\">Older events") else {
            break;
        };
        path = before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&");
    }
    assert_eq!(rows, 120);
}
