//! `GET /api/v1/openapi.json`: the API for programs that read its description.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use rightful_http::extract::Json;
use serde_json::{Value, json};

use crate::{Manager, Settings};

const DOCUMENT: &str = include_str!("../../../openapi.json");

/// The API's OpenAPI 3.1 document, with this server's address.
pub fn openapi(settings: &Settings) -> Value {
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    if let Some(servers) = document.get_mut("servers") {
        *servers = json!([{ "url": settings.page("/api/v1") }]);
    }
    document
}

pub(super) async fn show(State(manager): State<Manager>) -> Response {
    Json(openapi(manager.settings())).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Where routes stand, and the words of the one that stands for many.
    const SOURCES: &[&str] = &[
        include_str!("connections.rs"),
        include_str!("connectors.rs"),
        include_str!("imports.rs"),
        include_str!("mails.rs"),
        include_str!("templates.rs"),
        include_str!("users.rs"),
        include_str!("api_keys.rs"),
        include_str!("audit.rs"),
        include_str!("requests.rs"),
        include_str!("requests/decide.rs"),
        include_str!("settings.rs"),
        include_str!("webhooks.rs"),
    ];

    fn described() -> BTreeSet<String> {
        let document = openapi(&Settings::default());
        assert_eq!(document["servers"][0]["url"], "https://localhost:8443/api/v1");
        document["paths"].as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let mut routes = BTreeSet::new();
        for source in SOURCES {
            let written = source.split(".route(\"").skip(1);
            routes.extend(written.map(|rest| rest.split('"').next().unwrap().to_owned()));
            let words = source
                .split('\n')
                .map(str::trim)
                // Words with a slash are media types.
                .filter(|line| line.starts_with('"') && line.contains("=>") && !line.contains('/'));
            routes.extend(words.map(|line| format!("/requests/{{id}}/{}", line.split('"').nth(1).unwrap())));
        }
        assert!(routes.remove("/requests/{id}/{decision}"));
        assert_eq!(described(), routes);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(value: &Value, document: &Value) {
            match value {
                Value::Object(members) => {
                    if let Some(Value::String(target)) = members.get("$ref") {
                        assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
                    }
                    members.values().for_each(|value| walk(value, document));
                }
                Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
                _ => {}
            }
        }
        let document = openapi(&Settings::default());
        walk(&document, &document);
    }
}
