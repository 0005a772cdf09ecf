//! `GET /api/docs`: the API on a page, from the same document that programs read.

mod operation;
mod schema;

use askama::Template;
use axum::{extract::State, response::Response};
use rightful_http::pages::{Layout, Shell};
use serde_json::Value;

use self::operation::{Operation, operations};
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

pub(crate) async fn show(State(manager): State<Manager>) -> Response {
    let base = manager.settings().page("/api/v1");
    let docs = Docs {
        groups: groups(&openapi(manager.settings()), &base),
        base,
    };
    Shell::new(&manager.settings().brand, "API")
        .layout(Layout::Wide)
        .around(&docs)
}

fn groups(document: &Value, base: &str) -> Vec<Group> {
    let tags = document.get("tags").and_then(Value::as_array);
    let tags = tags.into_iter().flatten();
    tags.map(|tag| {
        let name = text(tag, "name");
        Group {
            operations: operations(document, &name, base),
            purpose: text(tag, "description"),
            name,
        }
    })
    .collect()
}

/// A member of the document that is text; none is empty.
fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn every_operation_has_an_example_that_a_shell_can_read() {
        let groups = groups(&openapi(&Settings::default()), "https://localhost:8443/api/v1");
        let operations: Vec<&Operation> = groups.iter().flat_map(|group| &group.operations).collect();
        assert!(operations.len() > 70, "{}", operations.len());
        for operation in &operations {
            let curl = &operation.curl;
            assert!(curl.starts_with("curl ") && curl.contains("$KEY"), "{curl}");
            assert!(
                !curl.contains('{') || curl.contains("-d '{") || curl.contains("-F "),
                "{curl}"
            );
            assert_eq!(curl.matches('\'').count() % 2, 0, "{curl}");
        }
        let made = operations
            .iter()
            .find(|operation| operation.id == "createWebhook")
            .unwrap();
        assert!(
            made.curl.contains("-d '{") && made.curl.contains("\"url\":\"https://hooks.example.com"),
            "{}",
            made.curl
        );
        let url = made
            .body
            .as_ref()
            .unwrap()
            .fields
            .iter()
            .find(|field| field.name == "url")
            .unwrap();
        assert!(url.required && url.kind.starts_with("string"), "{}", url.kind);
    }
}
