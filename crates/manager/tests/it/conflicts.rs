//! What the database gives up for the sake of somebody else is done again, and nobody notices.
//!
//! On PostgreSQL every transaction that writes down what it did fails the first time, as after a deadlock. SQLite has one
//! writer: there the same stories show that those who come together wait for each other.

use futures_util::future::join_all;
use http::Method;
use manager::{
    By, Role,
    app::{ChangeOperatorError, CreateOperatorError, NewOperator, OperatorState},
};
use serde_json::{Value, json};
use store::Tx;

use crate::{
    app::{TestApp, api_request, new_connection},
    portal::{Browser, PASSWORD},
    sign_in::{link, newest_mail},
};

const UNLUCKY: [&str; 3] = [
    "CREATE SEQUENCE attempt",
    "CREATE FUNCTION somebody_else_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     IF nextval('attempt') % 2 = 1 THEN RAISE EXCEPTION 'somebody else first' USING ERRCODE = '40P01'; END IF; \
     RETURN NULL; END $$",
    "CREATE TRIGGER somebody_else_first AFTER INSERT ON audit FOR EACH STATEMENT EXECUTE FUNCTION somebody_else_first()",
];

/// From now on each transaction that is recorded fails the first time.
async fn unlucky(app: &TestApp) {
    if !app.database.is_postgres() {
        return;
    }
    let mut tx: Tx = app.manager.store().write().await.unwrap();
    for sql in UNLUCKY {
        tx.execute(sql, Vec::new()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// How often somebody had to begin again: each attempt that counts was the second one.
async fn attempts(app: &TestApp) -> i64 {
    let mut read = app.manager.store().read().await.unwrap();
    let row = read.fetch_one("SELECT last_value AS n FROM attempt", Vec::new()).await;
    row.unwrap().get("n").unwrap()
}

async fn events_of_everybody(app: &TestApp) -> Vec<String> {
    let mut read = app.manager.store().read().await.unwrap();
    let events = read.events(None, 0, 1000).await.unwrap();
    events.into_iter().map(|event| event.action).collect()
}

fn person(email: &str, role: Role) -> NewOperator {
    NewOperator {
        email: email.to_owned(),
        role,
        password: PASSWORD.to_owned().into(),
    }
}

#[tokio::test]
async fn connections_keys_users_and_webhooks_are_changed_whoever_else_was_first() {
    let app = TestApp::start().await;
    let key = app.api_key_for("all,access").await;
    unlucky(&app).await;
    let call = async |method: Method, path: &str, body: Value, status: u16| {
        let path = format!("/api/v1{path}");
        let body = (!body.is_null()).then_some(body);
        app.send(api_request(&key, method, &path, body)).await.expect(status)
    };

    let made = call(Method::POST, "/connections", new_connection(Value::Null), 201)
        .await
        .json();
    let connection = format!("/connections/{}", made["id"].as_str().unwrap());
    let consent = app.vendor.consent(made["authorize_url"].as_str().unwrap());
    app.callback(&consent).await.expect(303);
    let checked = call(Method::POST, &format!("{connection}/check"), Value::Null, 200)
        .await
        .json();
    assert_eq!(checked["state"], "connected");
    call(Method::PATCH, &connection, json!({"name": "Renamed"}), 200).await;
    call(
        Method::PUT,
        &format!("{connection}/field-policy"),
        json!({"otherwise": "redact"}),
        200,
    )
    .await;
    call(Method::POST, &format!("{connection}/disable"), Value::Null, 200).await;
    call(Method::POST, &format!("{connection}/enable"), Value::Null, 200).await;
    call(Method::POST, &format!("{connection}/authorize"), Value::Null, 200).await;
    call(Method::DELETE, &connection, Value::Null, 200).await;

    let made = call(
        Method::POST,
        "/api-keys",
        json!({"name": "second", "scopes": ["read"]}),
        201,
    )
    .await
    .json();
    call(
        Method::DELETE,
        &format!("/api-keys/{}", made["id"].as_str().unwrap()),
        Value::Null,
        204,
    )
    .await;

    let body = json!({"email": "grace@example.com", "role": "viewer"});
    let user = call(Method::POST, "/users", body, 201).await.json();
    let user = format!("/users/{}", user["id"].as_str().unwrap());
    call(Method::POST, &format!("{user}/invite"), Value::Null, 201).await;
    call(Method::PATCH, &user, json!({"role": "approver"}), 200).await;
    call(Method::PATCH, &user, json!({"state": "deactivated"}), 200).await;
    call(Method::PATCH, &user, json!({"state": "active"}), 200).await;

    let body = json!({"url": "https://hooks.example.com/"});
    let hook = call(Method::POST, "/webhooks", body, 201).await.json();
    let hook = format!("/webhooks/{}", hook["id"].as_str().unwrap());
    call(Method::PATCH, &hook, json!({"description": "Tickets"}), 200).await;
    call(Method::POST, &format!("{hook}/secret"), json!({}), 200).await;
    call(Method::POST, &format!("{hook}/test"), Value::Null, 202).await;
    call(Method::DELETE, &hook, Value::Null, 204).await;

    let events = events_of_everybody(&app).await;
    for (action, times) in [
        ("connection.created", 1),
        ("connection.connected", 1),
        ("connection.removed", 1),
        ("api_key.created", 2),
        ("api_key.revoked", 1),
        ("user.invited", 2),
        ("user.role_changed", 1),
        ("webhook.created", 1),
        ("webhook.changed", 2),
        ("webhook.tested", 1),
        ("webhook.removed", 1),
    ] {
        let seen = events.iter().filter(|event| *event == action).count();
        assert_eq!(seen, times, "{action}: {events:?}");
    }
    if app.database.is_postgres() {
        assert!(attempts(&app).await >= 40, "nobody was in the way");
    }
}

#[tokio::test]
async fn people_get_in_whoever_else_was_first() {
    let app = TestApp::start().await;
    unlucky(&app).await;
    let set_up = app.manager.begin_set_up().await.unwrap().unwrap();
    let path = link(set_up.link.reveal(), "/setup/");
    let mut first = Browser::of(&app);
    let page = first.get(&path).await.expect(200);
    let filled = [("email", "first@example.com"), ("password", PASSWORD)];
    first.submit(&page, &path, &filled).await.expect(303);

    app.manager
        .invite("grace@example.com", Role::Viewer, &By::command_line())
        .await
        .unwrap();
    let mail = newest_mail(&app).await;
    let path = link(&mail, "/invitation/");
    let mut invited = Browser::of(&app);
    let page = invited.get(&path).await.expect(200);
    invited
        .submit(&page, &path, &[("password", PASSWORD)])
        .await
        .expect(303);

    let mut browser = Browser::of(&app);
    browser.log_in("grace@example.com", "wrong").await.expect(401);
    browser.log_in("grace@example.com", PASSWORD).await.expect(303);
    let events = events_of_everybody(&app).await;
    for (action, times) in [("session.started", 3), ("session.refused", 1), ("user.created", 2)] {
        let seen = events.iter().filter(|event| *event == action).count();
        assert_eq!(seen, times, "{action}: {events:?}");
    }
}

#[tokio::test]
async fn of_many_who_take_one_address_at_once_one_gets_it() {
    let app = TestApp::start().await;
    unlucky(&app).await;
    let by = By::command_line();
    let all = (0..6).map(|_| {
        app.manager
            .create_operator(person("ada@example.com", Role::Viewer), &by)
    });
    let (made, refused): (Vec<_>, Vec<_>) = join_all(all).await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    assert!(
        refused
            .iter()
            .all(|outcome| matches!(outcome, Err(CreateOperatorError::Taken))),
        "{refused:?}"
    );
    assert_eq!(app.manager.operators().await.unwrap().len(), 1);
}

#[tokio::test]
async fn super_admins_who_deactivate_each_other_at_once_leave_one() {
    let app = TestApp::start().await;
    let by = By::command_line();
    let mut ids = Vec::new();
    for name in ["ada", "grace", "carla"] {
        let new = person(&format!("{name}@example.com"), Role::SuperAdmin);
        ids.push(app.manager.create_operator(new, &by).await.unwrap());
    }
    unlucky(&app).await;
    let all = ids.iter().map(|id| app.manager.deactivate(*id, &by));
    let outcomes = join_all(all).await;
    let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(
        matches!(refused[..], [ChangeOperatorError::LastSuperAdmin]),
        "{refused:?}"
    );
    let operators = app.manager.operators().await.unwrap();
    let active = operators
        .iter()
        .filter(|operator| operator.state == OperatorState::Active);
    assert_eq!(active.count(), 1);
}
