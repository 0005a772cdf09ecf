//! `GET /api/docs`: the API on a page, from the same document that programs read.

use askama::Template;
use axum::{extract::State, response::Response};
use rightful_http::pages::{Layout, Shell};
use serde_json::Value;

use super::openapi::openapi;
use crate::Manager;

#[derive(Template)]
#[template(path = "api/docs.html")]
struct Docs {
    base: String,
    groups: Vec<Group>,
}

struct Group {
    name: String,
    purpose: String,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    path: String,
    summary: String,
}

/// The methods, in the order in which they are shown.
const METHODS: &[&str] = &["get", "post", "patch", "delete"];

pub(crate) async fn show(State(manager): State<Manager>) -> Response {
    let document = openapi(manager.settings());
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let tags = document.get("tags").and_then(Value::as_array);
    let groups = tags.into_iter().flatten().map(|tag| {
        let name = text(tag, "name");
        Group {
            operations: operations(&document, &name),
            purpose: text(tag, "description"),
            name,
        }
    });
    let docs = Docs {
        base: manager.settings().page("/api/v1"),
        groups: groups.collect(),
    };
    Shell::new(&manager.settings().brand, "API")
        .layout(Layout::Wide)
        .around(&docs)
}

fn operations(document: &Value, tag: &str) -> Vec<Operation> {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut operations = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let tags = operation.get("tags").and_then(Value::as_array);
            if tags.is_none_or(|tags| !tags.iter().any(|known| known == tag)) {
                continue;
            }
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: operation
                    .get("summary")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
            });
        }
    }
    operations
}
