//! Who may do what: every role and every scope at every route (SEC-16). The routes are those of the router itself; one
//! without a row here fails the test.

#[path = "../../../http/tests/shared/every_route.rs"]
mod every_route;
mod rows;
mod walls;

use std::collections::BTreeSet;

use axum::body::Body;
use http::{HeaderMap, Method, header};
use manager::{Permission, Role, Scopes};
use rightful_http::{csrf, session::SessionCookie};

use self::rows::{ROWS, Row, Who};
use crate::{
    app::{Answer, TestApp, api_request, request},
    portal::Browser,
};

const COOKIE: SessionCookie = SessionCookie::named("__Host-rightful-manager");
/// Ids of nothing; another company's id would look like them.
const ABSENT: [&str; 2] = [
    "0190b0a0-0000-7000-8000-000000000000",
    "0190b0a0-0000-7000-8000-000000000001",
];

fn is_served_to_anybody(path: &str) -> bool {
    path.starts_with("/assets/")
}

#[tokio::test]
async fn every_route_has_a_row_and_every_row_a_route() {
    let app = TestApp::start().await;
    let mut routes = every_route::of(&app.manager.router());
    routes.retain(|(_, path)| !is_served_to_anybody(path));
    let rows: BTreeSet<_> = ROWS
        .iter()
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    let missing: Vec<_> = routes.difference(&rows).collect();
    assert!(missing.is_empty(), "no row in tests/it/matrix/rows.rs for {missing:#?}");
    let gone: Vec<_> = rows.difference(&routes).collect();
    assert!(gone.is_empty(), "no such routes: {gone:#?}");
}

fn filled(path: &str, id: &str) -> String {
    let mut filled = String::new();
    for piece in path.split('/').skip(1) {
        filled.push('/');
        match piece {
            "{decision}" => filled.push_str("approve"),
            "{object}" | "{record}" | "{field}" | "{file}" | "{upload}" => filled.push('1'),
            "{event}" => filled.push_str("invitation"),
            "{language}" => filled.push_str("en"),
            "{section}" => filled.push_str("brand"),
            "{slug}" => filled.push_str("not-found"),
            "{secret}" | "{token}" => filled.push_str("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            piece if piece.starts_with('{') => filled.push_str(id),
            piece => filled.push_str(piece),
        }
    }
    if filled.is_empty() { "/".to_owned() } else { filled }
}

/// Asks as a person, with a form of our own page where one is sent.
async fn as_person(app: &TestApp, cookie: Option<&str>, row: &Row, id: &str) -> Answer {
    let path = filled(row.path, id);
    let mut asked = request(row.method.parse().unwrap(), &path).header(header::ACCEPT, "text/html");
    let mut body = String::new();
    if let Some(cookie) = cookie {
        asked = asked.header(header::COOKIE, cookie);
        if row.method == "POST" {
            let headers: HeaderMap = [(header::COOKIE, cookie.parse().unwrap())].into_iter().collect();
            let session = COOKIE.read(&headers).unwrap();
            body = format!(
                "csrf={}",
                csrf::token(&app.manager.vault().mac("csrf"), &session, &path)
            );
        }
    }
    if row.method == "POST" {
        asked = asked
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "https://localhost:8443");
    }
    app.send(asked.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn every_role_may_do_at_every_page_what_its_permissions_say_and_no_more() {
    // SEC-16
    let app = TestApp::start().await;
    for role in Role::ALL {
        let cookie = Browser::of_role(&app, *role).await.cookie;
        for row in ROWS.iter().filter(|row| !row.path.starts_with("/api/")) {
            // Logging out would end the very session.
            if row.path == "/logout" {
                continue;
            }
            let answer = as_person(&app, cookie.as_deref(), row, ABSENT[0]).await;
            let refused = answer.status == 403 && answer.text.contains("Your role does not allow this");
            let allowed = match row.who {
                Who::Needs(permission) => role.allows(permission),
                Who::Anybody | Who::Staff => true,
            };
            assert_eq!(
                refused, !allowed,
                "{role} {} {}: {} {}",
                row.method, row.path, answer.status, answer.text
            );
            assert!(answer.status != 500, "{role} {} {}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn who_is_not_logged_in_is_sent_to_log_in_from_every_page_of_staff() {
    // SEC-16
    let app = TestApp::start().await;
    Browser::of_role(&app, Role::SuperAdmin).await;
    for row in ROWS.iter().filter(|row| !row.path.starts_with("/api/")) {
        let answer = as_person(&app, None, row, ABSENT[0]).await;
        let sent = answer.status == 303 && answer.location().starts_with("/login");
        let anybody = matches!(row.who, Who::Anybody);
        assert_eq!(
            sent && row.path != "/login",
            !anybody,
            "{} {}: {}",
            row.method,
            row.path,
            answer.status
        );
    }
}

#[tokio::test]
async fn every_scope_may_do_at_every_call_what_its_permissions_say_and_no_more() {
    // SEC-16, SEC-19
    let app = TestApp::start().await;
    for words in ["all", "read", "requests", "connections", "access"] {
        let scopes: Scopes = words.parse().unwrap();
        let key = app.api_key_for(words).await;
        for row in ROWS.iter().filter(|row| row.path.starts_with("/api/v1")) {
            let answer = as_program(&app, &key, row, ABSENT[0]).await;
            let Who::Needs(permission) = row.who else {
                answer.expect(200);
                continue;
            };
            let refused = answer.status == 403;
            assert_eq!(
                refused,
                !scopes.allow(permission),
                "{words} {} {}: {} {}",
                row.method,
                row.path,
                answer.status,
                answer.text
            );
            let bare = request(row.method.parse().unwrap(), &filled(row.path, ABSENT[0]));
            app.send(bare.body(Body::empty()).unwrap()).await.expect(401);
        }
    }
}

async fn as_program(app: &TestApp, key: &str, row: &Row, id: &str) -> Answer {
    let method: Method = row.method.parse().unwrap();
    let body = row.body.map(|body| serde_json::from_str(body).unwrap());
    app.send(api_request(key, method, &filled(row.path, id), body)).await
}

#[tokio::test]
async fn ids_that_are_not_ours_are_answered_alike() {
    // SEC-16: whatever is behind an id that one may not see, the answer says the same.
    let app = TestApp::start().await;
    let key = app.api_key_for("all,access").await;
    let cookie = Browser::of_role(&app, Role::SuperAdmin).await.cookie;
    for row in ROWS
        .iter()
        .filter(|row| row.path.contains("id}") && matches!(row.who, Who::Needs(_)))
    {
        let mut answers = Vec::new();
        for id in ABSENT {
            let answer = if row.path.starts_with("/api/") {
                as_program(&app, &key, row, id).await
            } else {
                as_person(&app, cookie.as_deref(), row, id).await
            };
            let words = answer
                .text
                .split("\"request_id\"")
                .next()
                .unwrap_or_default()
                .replace(id, "ID");
            answers.push((answer.status, words));
        }
        assert!(
            answers[0].0.is_client_error(),
            "{} {}: {:?}",
            row.method,
            row.path,
            answers[0]
        );
        assert_eq!(answers[0], answers[1], "{} {}", row.method, row.path);
    }
}

/// Named so that a row reads like a sentence.
pub(crate) const fn needs(permission: Permission) -> Who {
    Who::Needs(permission)
}
