//! What stands around every route: headers, forms of our own, methods.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{HeaderMap, Method, header};
use http_body_util::BodyExt as _;
use manager::Role;
use rightful_http::csrf;
use tower::ServiceExt as _;

use super::{
    ABSENT, COOKIE, as_person, as_program, every_route, filled,
    rows::{ROWS, Row, Who},
};
use crate::{
    app::{TestApp, request},
    portal::Browser,
};

fn is_of_the_api(row: &Row) -> bool {
    row.path.starts_with("/api/")
}

#[tokio::test]
async fn every_answer_of_the_manager_is_locked_down_and_what_is_about_people_is_not_kept() {
    // SEC-13, SEC-14, SEC-15, SEC-49
    let app = TestApp::start().await;
    let key = app.api_key_for("all,access").await;
    let cookie = Browser::of_role(&app, Role::SuperAdmin).await.cookie;
    for row in ROWS.iter().filter(|row| row.path != "/logout") {
        let answer = if is_of_the_api(row) {
            as_program(&app, &key, row, ABSENT[0]).await
        } else {
            as_person(&app, cookie.as_deref(), row, ABSENT[0]).await
        };
        let what = format!("{} {}", row.method, row.path);
        every_route::is_locked_down(&answer.headers, &what);
        // What is the same for everybody may be kept.
        if row.path != "/api/v1/openapi.json" {
            every_route::is_not_kept(&answer.headers, &what);
        }
    }
    for path in ["/nowhere", "/assets/nothing", "/api/v1/nowhere"] {
        let answer = app.send(request(Method::GET, path).body(Body::empty()).unwrap()).await;
        every_route::is_locked_down(&answer.expect(404).headers, path);
    }
}

/// The token of a form that would be on our own page.
fn own_csrf(app: &TestApp, cookie: &str, path: &str) -> String {
    let headers: HeaderMap = [(header::COOKIE, cookie.parse().unwrap())].into_iter().collect();
    let session = COOKIE.read(&headers).unwrap();
    csrf::token(&app.manager.vault().mac("csrf"), &session, path)
}

#[tokio::test]
async fn no_form_of_staff_is_taken_without_its_token_or_from_another_site() {
    // SEC-15
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let cookie = admin.cookie.clone().unwrap();
    let of_staff = |row: &&Row| row.method == "POST" && !is_of_the_api(row) && !matches!(row.who, Who::Anybody);
    for row in ROWS.iter().filter(of_staff) {
        let path = filled(row.path, ABSENT[0]);
        let sent = |token: &str, name: &'static str, value: &str| {
            request(Method::POST, &path)
                .header(header::COOKIE, &cookie)
                .header(header::ACCEPT, "text/html")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::from(format!("csrf={token}")))
                .unwrap()
        };
        let own = own_csrf(&app, &cookie, &path);
        let elsewhere = own_csrf(&app, &cookie, "/elsewhere");
        for (token, name, value) in [
            ("", "x", "y"),
            ("AAAA", "x", "y"),
            (elsewhere.as_str(), "x", "y"),
            (own.as_str(), "origin", "https://evil.example"),
            (own.as_str(), "sec-fetch-site", "cross-site"),
            (own.as_str(), "sec-fetch-site", "same-site"),
        ] {
            let answer = app.send(sent(token, name, value)).await.expect(403);
            assert!(
                answer.text.contains("The form was not accepted"),
                "{} with {name}: {}",
                row.path,
                answer.text
            );
        }
    }
    admin.get("/requests").await.expect(200);
}

#[tokio::test]
async fn other_methods_are_refused_everywhere_and_no_other_site_is_let_in() {
    // SEC-15, SEC-50
    let app = TestApp::start().await;
    let key = app.api_key_for("all,access").await;
    let cookie = Browser::of_role(&app, Role::SuperAdmin).await.cookie.unwrap();
    let router = app.manager.router();
    for path in ROWS.iter().map(|row| row.path).collect::<BTreeSet<_>>() {
        for method in ["TRACE", "PUT", "DELETE", "PATCH", "POST", "GET", "PROPFIND", "OPTIONS"] {
            if ROWS.iter().any(|row| row.path == path && row.method == method) {
                continue;
            }
            let asked = request(method.parse().unwrap(), &filled(path, ABSENT[0]))
                .header(header::AUTHORIZATION, format!("Bearer {key}"))
                .header(header::COOKIE, &cookie)
                .header(header::ORIGIN, "https://evil.example")
                .header("access-control-request-method", "POST")
                .header("x-marker", "marker-of-the-request");
            let answer = router
                .clone()
                .oneshot(asked.body(Body::empty()).unwrap())
                .await
                .unwrap();
            let what = format!("{method} {path}");
            assert_eq!(answer.status(), 405, "{what}");
            assert!(answer.headers().contains_key(header::ALLOW), "{what}");
            every_route::is_locked_down(answer.headers(), &what);
            let text = answer.into_body().collect().await.unwrap().to_bytes();
            let text = String::from_utf8_lossy(&text);
            assert!(!text.contains("marker-of-the-request"), "{what}");
        }
    }
}

#[tokio::test]
async fn what_is_json_is_taken_as_json_alone() {
    // SEC-15
    let app = TestApp::start().await;
    let key = app.api_key_for("all,access").await;
    // A list comes as CSV or lines of JSON, a confirmation with an empty body as well; both need a key, which no browser
    // sends by itself.
    let otherwise = ["/api/v1/requests/import", "/api/v1/connections/{id}/confirm"];
    let with_body = |row: &&Row| is_of_the_api(row) && row.body.is_some() && !otherwise.contains(&row.path);
    for row in ROWS.iter().filter(with_body) {
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=XX",
        ] {
            let asked = request(row.method.parse().unwrap(), &filled(row.path, ABSENT[0]))
                .header(header::AUTHORIZATION, format!("Bearer {key}"))
                .header(header::CONTENT_TYPE, content_type);
            let answer = app.send(asked.body(Body::from(row.body.unwrap())).unwrap()).await;
            assert_eq!(answer.status, 415, "{} {} {}", row.method, row.path, answer.text);
        }
    }
}

#[tokio::test]
async fn without_its_database_every_route_says_so_and_calls_nothing_done() {
    // SEC-46
    let mut app = TestApp::start().await;
    let key = app.api_key_for("all,access").await;
    let cookie = Browser::of_role(&app, Role::SuperAdmin).await.cookie;
    let second = app.second_process().await;
    let whole = std::mem::replace(&mut app.manager, second);
    app.manager.store().close().await;
    let mut unavailable = 0;
    for row in ROWS {
        let answer = if is_of_the_api(row) {
            as_program(&app, &key, row, ABSENT[0]).await
        } else {
            as_person(&app, cookie.as_deref(), row, ABSENT[0]).await
        };
        let what = format!("{} {}: {} {}", row.method, row.path, answer.status, answer.text);
        assert!(answer.status != 500, "{what}");
        for word in ["sqlite", "SQL", "pool", "postgres", "browser_session"] {
            assert!(!answer.text.contains(word), "{word} in {what}");
        }
        if !matches!(row.who, Who::Anybody) {
            assert_eq!(answer.status, 503, "{what}");
            unavailable += 1;
        }
        if answer.status == 503 && is_of_the_api(row) {
            let told = answer.json();
            assert_eq!(told["type"], "https://localhost:8443/problems/unavailable");
            assert_eq!(told["request_id"], answer.headers["x-request-id"].to_str().unwrap());
        }
    }
    assert!(unavailable > 50, "only {unavailable}");
    assert!(app.manager.runner().drain().await.is_err());
    // Whoever has a database goes on.
    app.manager = whole;
    let cookie = cookie.as_deref();
    let home = ROWS
        .iter()
        .find(|row| row.path == "/requests" && row.method == "GET")
        .unwrap();
    as_person(&app, cookie, home, ABSENT[0]).await.expect(200);
}
