//! `GET /docs`: the API on a page, from the same document that programs read.

use askama::Template;
use axum::{extract::State, response::Response};
use rightful_http::pages::{Layout, Shell};
use serde_json::Value;

use super::openapi::openapi;
use crate::{DataSource, Provider};

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs<'a> {
    issuer: &'a str,
    api: String,
    bucket: &'a str,
    operations: Vec<Operation>,
    sources: &'a [&'a str],
}

struct Operation {
    method: String,
    path: String,
    purpose: &'static str,
    statuses: String,
}

/// What each operation is for; the vendor's document leaves its descriptions empty.
const PURPOSES: &[(&str, &str, &str)] = &[
    ("GET", "/me", "Who the token belongs to, and for which account."),
    (
        "POST",
        "/subject-access-requests",
        "Ask for access to, or deletion of, a person's data.",
    ),
    (
        "GET",
        "/subject-access-requests",
        "The account's requests, newest first.",
    ),
    (
        "GET",
        "/subject-access-requests/{request_id}",
        "One request; poll it until it is completed.",
    ),
    ("GET", "/internal-subject-access-requests", "An internal team's queue."),
    (
        "PATCH",
        "/internal-subject-access-requests/{request_id}",
        "An internal team's report.",
    ),
    (
        "POST",
        "/internal-subject-access-requests/{request_id}",
        "The same, for clients that cannot PATCH.",
    ),
];

pub(super) async fn show(State(provider): State<Provider>) -> Response {
    let settings = provider.settings();
    let document = openapi(settings);
    let operations = PURPOSES
        .iter()
        .map(|(method, path, purpose)| Operation {
            method: (*method).to_owned(),
            path: (*path).to_owned(),
            purpose,
            statuses: statuses(&document, method, path),
        })
        .collect();
    let docs = Docs {
        issuer: settings.issuer(),
        api: text(&document, "/servers/0/url"),
        bucket: provider.exports().bucket(),
        operations,
        sources: DataSource::WORDS,
    };
    Shell::new(&settings.brand_name, "API")
        .layout(Layout::Wide)
        .around(&docs)
}

fn text(document: &Value, pointer: &str) -> String {
    let text = document.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn statuses(document: &Value, method: &str, path: &str) -> String {
    let operation = document
        .get("paths")
        .and_then(|paths| paths.get(path)?.get(method.to_lowercase()));
    let statuses: Vec<&str> = operation
        .and_then(|operation| operation.get("responses")?.as_object())
        .into_iter()
        .flat_map(|answers| answers.keys().map(String::as_str))
        .filter(|status| *status != "default")
        .collect();
    statuses.join(", ")
}
