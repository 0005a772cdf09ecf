//! What is answered without the router's layers is answered as if it had gone through them.

use axum::body::Body;
use http::{Method, Request};
use oauth::{ClientType, encode_form};

use crate::{
    subjects::at_any_pace,
    world::{Answer, World},
};

/// Method, path, headers, body, and the status that comes of them.
type Case<'a> = (&'a Method, &'a str, &'a [(&'a str, &'a str)], &'a str, u16);

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn both_ways_lead_to_the_same_answer() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    let app = world.app(account, ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &app).await;
    let bearer = format!("Bearer {}", tokens.access);
    let old = format!("Token {}", tokens.access);
    let refresh = tokens.refresh.unwrap();
    let body = |secret: &str, token: &str| {
        encode_form([
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", app.id.as_str()),
            ("client_secret", secret),
        ])
    };
    let secret = app.secret.as_deref().unwrap();
    let (right, wrong, gone) = (body(secret, &refresh), body("guessed", &refresh), body(secret, "rfr_x"));
    let long = "x".repeat(70 * 1024);

    let (get, post) = (Method::GET, Method::POST);
    let (me, token) = ("/v2/me", "/oauth2/token");
    let table: &[Case<'_>] = &[
        (&get, me, &[("authorization", &bearer)], "", 200),
        (&get, "/v2/me?expand=accounts", &[("authorization", &bearer)], "", 200),
        (&get, "/v2/me?", &[("authorization", &bearer)], "", 200),
        (
            &get,
            me,
            &[("authorization", &bearer), ("authorization", &bearer)],
            "",
            400,
        ),
        (&get, me, &[("authorization", "Bearer rfa_x")], "", 403),
        (&get, me, &[("authorization", &old)], "", 401),
        (&get, me, &[("accept", "text/html")], "", 401),
        (&get, me, &[("host", "a"), ("host", "b")], "", 400),
        (&post, me, &[("authorization", &bearer)], "", 405),
        (&Method::HEAD, me, &[("authorization", &bearer)], "", 200),
        (&post, token, &[FORM], &right, 200),
        (&post, token, &[FORM], &gone, 400),
        (&post, token, &[FORM], &wrong, 401),
        (&post, token, &[FORM, ("host", "a"), ("host", "b")], &right, 400),
        (&post, token, &[("content-type", "application/json")], "{}", 400),
        (&post, token, &[FORM], &long, 413),
        (&post, token, &[], "", 401),
        (&get, token, &[], "", 405),
    ];
    for (method, path, headers, body, status) in table {
        let request = || {
            let request = Request::builder().method(*method).uri(*path);
            let request = headers
                .iter()
                .fold(request, |request, (name, value)| request.header(*name, *value));
            request.body(Body::from((*body).to_owned())).unwrap()
        };
        let case = format!("{method} {path} {headers:?}");
        let answers = [
            world.send(request()).await,
            world.send_through_the_router(request()).await,
        ];
        let [express, routed] = answers.map(|answer| stripped(&answer));
        assert_eq!(express.0, *status, "{case}");
        assert_eq!(express, routed, "{case}");
    }
}

/// Without what differs between two answers to the same question, and without the length, which the server adds.
fn stripped(answer: &Answer) -> (u16, Vec<String>, String) {
    let counts = |name: &str| !["x-request-id", "content-length"].contains(&name) && !name.starts_with("ratelimit-");
    let headers = answer.headers.iter().filter(|(name, _)| counts(name.as_str()));
    let mut headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    let mut text = answer.text.clone();
    if let Ok(mut json) = serde_json::from_str::<serde_json::Value>(&text)
        && let Some(members) = json.as_object_mut()
    {
        for random in ["uuid", "access_token", "request_id"] {
            if let Some(value) = members.get_mut(random) {
                *value = "random".into();
            }
        }
        text = json.to_string();
    }
    (answer.status.as_u16(), headers, text)
}
