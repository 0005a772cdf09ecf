//! Access tokens: refreshed ahead of their end, once, whoever asks.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::Method;
use jiff::SignedDuration;
use manager::{By, ConnectionId, Manager, Role};
use serde_json::json;
use store::CrashPoints;

use crate::{
    app::TestApp,
    mailbox::path_in,
    vendor::{FakeVendor, Misbehaviour},
};

const TOKEN: &str = "POST app.vendor.test/oauth2/token";

fn refreshes(vendor: &FakeVendor) -> usize {
    let state = vendor.state();
    let refresh = ("grant_type".to_owned(), "refresh_token".to_owned());
    state.token_forms.iter().filter(|form| form.contains(&refresh)).count()
}

async fn check(manager: &Manager, id: &str) -> String {
    let id: ConnectionId = id.parse().unwrap();
    let view = manager.check_connection(id, &By::command_line()).await.unwrap();
    view.state.name().to_owned()
}

#[tokio::test]
async fn a_token_is_refreshed_ahead_of_its_end_and_the_refresh_token_kept() {
    // CL-11, CL-15
    let app = TestApp::start().await;
    let id = app.connect().await;
    app.after(SignedDuration::from_secs(5759)).await;
    assert_eq!(refreshes(&app.vendor), 0);
    // 80 % of two hours
    for round in 1..=30 {
        app.after(SignedDuration::from_secs(5760)).await;
        assert_eq!(refreshes(&app.vendor), round);
        assert_eq!(check(&app.manager, &id).await, "connected");
    }
}

#[tokio::test]
async fn a_rotating_refresh_token_is_replaced() {
    // CL-12
    let app = TestApp::start().await;
    app.vendor.state().rotating = true;
    let id = app.connect().await;
    for _ in 0..5 {
        app.after(SignedDuration::from_hours(2)).await;
        assert_eq!(check(&app.manager, &id).await, "connected");
    }
    assert_eq!(refreshes(&app.vendor), 5);
}

#[tokio::test]
async fn a_token_without_a_life_is_assumed_to_be_short() {
    // CL-10
    let app = TestApp::start().await;
    app.vendor.state().token_life = None;
    let id = app.connect().await;
    assert_eq!(app.connection(&id).await["token_expires_at"], "2026-11-22T08:10:00Z");
    app.after(SignedDuration::from_mins(9)).await;
    assert_eq!(refreshes(&app.vendor), 1);
}

#[tokio::test]
async fn fifty_calls_in_two_processes_cause_one_refresh() {
    // CL-13, CL-14
    let app = TestApp::start().await;
    // All fifty fit into the organisation's rate at once.
    let (id, url) = app.add_connection(json!({"rate_burst": 100})).await;
    app.callback(&app.vendor.consent(&url)).await.expect(303);
    app.run_jobs().await;
    let other = app.second_process().await;
    app.vendor.state().calls.clear();
    app.clock.advance(SignedDuration::from_hours(3));
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..50 {
        let manager = if number % 2 == 0 {
            app.manager.clone()
        } else {
            other.clone()
        };
        let id: ConnectionId = id.parse().unwrap();
        calls.spawn(async move { manager.check_connection(id, &By::command_line()).await.unwrap() });
    }
    let views = calls.join_all().await;
    assert!(views.iter().all(|view| view.state.name() == "connected"));
    assert_eq!(refreshes(&app.vendor), 1);
}

#[tokio::test]
async fn a_token_that_died_early_is_refreshed_once_and_the_call_made_again() {
    // CL-16
    let app = TestApp::start().await;
    let id = app.connect().await;
    app.vendor.forget_access_tokens();
    app.vendor.state().calls.clear();
    assert_eq!(check(&app.manager, &id).await, "connected");
    assert_eq!(
        app.vendor.state().calls,
        ["GET api.vendor.test/v2/me", TOKEN, "GET api.vendor.test/v2/me"]
    );
}

#[tokio::test]
async fn a_vendor_that_refuses_fresh_tokens_ends_the_connection() {
    // CL-16
    let app = TestApp::start().await;
    let id = app.connect().await;
    app.vendor.state().calls.clear();
    let refused = r#"{"code": "authentication_failed"}"#;
    for _ in 0..2 {
        app.vendor.next(
            "GET api.vendor.test/v2/me",
            Misbehaviour::Answers(401, "application/json", refused),
        );
    }
    assert_eq!(check(&app.manager, &id).await, "needs_reconnect");
    assert_eq!(app.vendor.count("GET api.vendor.test/v2/me"), 2);
    assert_eq!(refreshes(&app.vendor), 1);
    assert_eq!(app.connection(&id).await["error"]["code"], "token_refused");
}

#[tokio::test]
async fn a_missing_permission_is_no_reason_to_authorize_again() {
    // CL-19
    let app = TestApp::start().await;
    let id = app.connect().await;
    let forbidden = r#"{"code": "forbidden", "message": "not an administrator"}"#;
    app.vendor.next(
        "GET api.vendor.test/v2/me",
        Misbehaviour::Answers(403, "application/json", forbidden),
    );
    assert_eq!(check(&app.manager, &id).await, "connected");
    assert_eq!(app.connection(&id).await["error"]["code"], "vendor_forbidden");
    assert_eq!(refreshes(&app.vendor), 0);
    // The next one that works forgets it.
    assert_eq!(check(&app.manager, &id).await, "connected");
    assert_eq!(app.connection(&id).await["error"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_revoked_grant_needs_a_person_whatever_the_status() {
    // CL-17
    for status in [400, 401, 403] {
        let app = TestApp::start().await;
        app.vendor.state().revoked_status = status;
        let id = app.connect().await;
        app.vendor.revoke_everything();
        app.after(SignedDuration::from_hours(2)).await;
        let connection = app.connection(&id).await;
        assert_eq!(connection["state"], "needs_reconnect", "{status}");
        assert_eq!(connection["error"]["code"], "grant_revoked");
        assert_eq!(refreshes(&app.vendor), 1);
        let calls = app.vendor.state().calls.len();
        app.after(SignedDuration::from_hours(72)).await;
        assert_eq!(app.vendor.state().calls.len(), calls, "nothing loops");

        let path = format!("/api/v1/connections/{id}/authorize");
        let again = app.api(Method::POST, &path, None).await.json();
        app.callback(&app.vendor.consent(again["authorize_url"].as_str().unwrap()))
            .await
            .expect(303);
        app.run_jobs().await;
        assert_eq!(check(&app.manager, &id).await, "connected");
        app.after(SignedDuration::from_hours(2)).await;
        assert_eq!(refreshes(&app.vendor), 2, "it is kept fresh again");
    }
}

#[tokio::test]
async fn faults_that_pass_never_cost_the_grant() {
    // CL-17
    let app = TestApp::start().await;
    let id = app.connect().await;
    let html = "<html>Bad gateway</html>";
    for answer in [
        Misbehaviour::Answers(500, "application/json", "{}"),
        Misbehaviour::Answers(503, "text/html", html),
        Misbehaviour::Answers(403, "text/html", html),
        Misbehaviour::Throttles(Some("1")),
        Misbehaviour::Unreachable,
        Misbehaviour::DropsAfterEffect,
        Misbehaviour::Answers(200, "text/html", html),
    ] {
        app.vendor.next(TOKEN, answer);
    }
    app.clock.advance(SignedDuration::from_hours(2));
    for _ in 0..20 {
        app.after(SignedDuration::from_mins(15)).await;
        assert_eq!(app.connection(&id).await["state"], "connected");
        if app.connection(&id).await["error"].is_null() {
            break;
        }
        assert_eq!(app.connection(&id).await["error"]["code"], "refresh_failed");
    }
    assert!(app.vendor.state().script.is_empty());
    assert_eq!(check(&app.manager, &id).await, "connected");
}

#[tokio::test]
async fn while_the_old_token_lasts_a_failing_refresh_stops_nobody() {
    let app = TestApp::start().await;
    let id = app.connect().await;
    // Due, and not yet ended.
    app.clock.advance(SignedDuration::from_secs(6000));
    app.vendor.next(TOKEN, Misbehaviour::Unreachable);
    assert_eq!(check(&app.manager, &id).await, "connected");
    assert_eq!(app.vendor.count("GET api.vendor.test/v2/me"), 2);
}

#[tokio::test]
async fn a_client_that_is_no_longer_accepted_is_not_the_users_doing() {
    // CL-18
    let app = TestApp::start().await;
    let id = app.connect().await;
    app.vendor.state().client_secret = "changed at the vendor".to_owned();
    app.after(SignedDuration::from_hours(2)).await;
    assert_eq!(app.connection(&id).await["state"], "misconfigured");

    let path = format!("/api/v1/connections/{id}");
    let secret = serde_json::json!({"client_secret": "changed at the vendor"});
    app.api(Method::PATCH, &path, Some(secret)).await.expect(200);
    app.run_jobs().await;
    assert_eq!(check(&app.manager, &id).await, "connected");
}

/// Dies at the given commit, counted from the moment it is armed.
struct DiesAt {
    left: AtomicUsize,
}

impl CrashPoints for DiesAt {
    fn crashes_at(&self, _: &'static str) -> bool {
        self.left.fetch_sub(1, Ordering::SeqCst) == 1
    }
}

#[tokio::test]
async fn a_process_killed_while_refreshing_leaves_a_connection_that_works_or_says_why_not() {
    // CL-12
    for rotating in [false, true] {
        for place in 1..=8 {
            let mut app = TestApp::start().await;
            app.vendor.state().rotating = rotating;
            let id = app.connect().await;
            app.clock.advance(SignedDuration::from_hours(2));
            let dies = Arc::new(DiesAt {
                left: AtomicUsize::new(usize::MAX),
            });
            let doomed = app.process_that_crashes(Some(dies.clone())).await;
            dies.left.store(place, Ordering::SeqCst);
            let _ = doomed.check_connection(id.parse().unwrap(), &By::command_line()).await;
            app.restart().await;
            // The claim of the dead process runs out.
            for _ in 0..20 {
                app.after(SignedDuration::from_mins(1)).await;
            }
            let state = check(&app.manager, &id).await;
            let lost = state == "needs_reconnect" && rotating;
            assert!(state == "connected" || lost, "{state} at {place}, rotating {rotating}");
            let calls = refreshes(&app.vendor);
            assert!(calls <= 3, "{calls} refreshes at {place}");
        }
    }
}

#[tokio::test]
async fn a_connection_is_checked_every_day_and_long_trouble_is_told() {
    // CL-30
    let app = TestApp::start().await;
    app.operator("ada@example.com", Role::SuperAdmin).await;
    app.operator("cora@example.com", Role::ConnectionsManager).await;
    app.operator("rita@example.com", Role::RequestManager).await;
    let id = app.connect().await;
    let checks = || app.vendor.count("GET api.vendor.test/v2/me");
    assert_eq!(checks(), 1);
    app.after(SignedDuration::from_hours(24)).await;
    assert_eq!(checks(), 2);

    for _ in 0..400 {
        app.vendor.next(
            "GET api.vendor.test/v2/me",
            Misbehaviour::Answers(500, "text/html", "down"),
        );
    }
    for _ in 0..(75 * 4) {
        app.after(SignedDuration::from_mins(15)).await;
    }
    let connection = app.connection(&id).await;
    assert_eq!(connection["error"]["code"], "vendor_unavailable");
    let events = app.events(&format!("connection:{id}")).await;
    assert_eq!(events.iter().filter(|event| *event == "connection.alerted").count(), 1);
    for address in ["ada@example.com", "cora@example.com"] {
        assert_eq!(app.mailed_to(address).await, ["connection_alert"], "{address}");
    }
    assert_eq!(app.mails().await.len(), 2);
    let alert = app.last_mail_to("cora@example.com").await;
    assert!(
        alert.text.reveal().contains("it answers 500"),
        "{}",
        alert.text.reveal()
    );
    assert_eq!(path_in(&alert), format!("/connections/{id}"));

    app.vendor.state().script.clear();
    app.after(SignedDuration::from_mins(16)).await;
    assert_eq!(app.connection(&id).await["error"], serde_json::Value::Null);
}

#[tokio::test]
async fn administrators_are_told_of_a_grant_that_nobody_renews() {
    // CL-30
    let app = TestApp::start().await;
    app.operator("cora@example.com", Role::ConnectionsManager).await;
    let id = app.connect().await;
    let other = r#"{"id": "somebody-else", "profile": {}, "current_account": {"id": 666}}"#;
    app.vendor.next(
        "GET api.vendor.test/v2/me",
        Misbehaviour::Answers(200, "application/json", other),
    );
    assert_eq!(check(&app.manager, &id).await, "needs_reconnect");
    app.after(SignedDuration::from_hours(47)).await;
    assert_eq!(app.mailed_to("cora@example.com").await, [""; 0]);
    app.after(SignedDuration::from_hours(1)).await;
    app.after(SignedDuration::from_hours(200)).await;
    assert_eq!(app.mailed_to("cora@example.com").await, ["connection_alert"]);
}

#[tokio::test]
async fn a_grant_that_speaks_for_another_account_all_at_once_is_not_used() {
    // CL-30
    let app = TestApp::start().await;
    let id = app.connect().await;
    let other = r#"{"id": "somebody-else", "profile": {}, "current_account": {"id": 666}}"#;
    app.vendor.next(
        "GET api.vendor.test/v2/me",
        Misbehaviour::Answers(200, "application/json", other),
    );
    assert_eq!(check(&app.manager, &id).await, "needs_reconnect");
    assert_eq!(app.connection(&id).await["error"]["code"], "account_changed");
}
