//! `GET /v2/openapi.json`: the vendor's own description, with this server in place of the vendor's, and with rules that
//! the vendor has in words alone.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use rightful_http::extract::Json;
use serde_json::{Value, json};

use super::error::ApiError;
use crate::{Provider, Settings, Status};

const VENDOR: &str = include_str!("../../../vendor-openapi.json");

/// The API's OpenAPI 3.0 document.
pub fn openapi(settings: &Settings) -> Value {
    let mut document: Value = serde_json::from_str(VENDOR).unwrap_or_default();
    let issuer = settings.issuer();
    let api = settings.api_url.as_ref().unwrap_or(&settings.public_url);
    let api = format!("{}/v2", api.as_str().trim_end_matches('/'));
    for (pointer, value) in [
        ("/servers", json!([{ "url": api }])),
        (
            "/components/securitySchemes/OAuth2/flows/authorizationCode/authorizationUrl",
            json!(format!("{issuer}/oauth2/authorize")),
        ),
        (
            "/components/securitySchemes/OAuth2/flows/authorizationCode/tokenUrl",
            json!(format!("{issuer}/oauth2/token")),
        ),
        ("/security", json!([{ "apiKey": [] }, { "OAuth2": ["all"] }])),
    ] {
        if let Some(place) = document.pointer_mut(pointer) {
            *place = value;
        }
    }
    for (pointer, rule, value) in rules() {
        if let Some(Value::Object(schema)) = document.pointer_mut(pointer) {
            schema.insert(rule.to_owned(), value);
        }
    }
    document
}

/// What is refused with 400 though the vendor's schemas would let it pass.
fn rules() -> [(&'static str, &'static str, Value); 7] {
    [
        ("/components/parameters/page/schema", "minimum", json!(1)),
        ("/components/parameters/page/schema", "maximum", json!(i64::MAX)),
        ("/components/parameters/per_page/schema", "minimum", json!(1)),
        (
            "/paths/~1me/get/parameters/1/schema/items",
            "enum",
            json!(["current_account.features", "accounts", "project_roles"]),
        ),
        (
            "/paths/~1internal-subject-access-requests/get/parameters/3/schema",
            "enum",
            json!(Status::WORDS),
        ),
        (
            "/components/schemas/SubjectAccessRequestUpdate/properties/export_location",
            "description",
            json!("Under `s3://{bucket}/{account_id}/{parent_request_id}/`, in the bucket for exports."),
        ),
        (
            "/components/schemas/SubjectAccessRequestUpdate/properties/export_location",
            "example",
            json!("s3://{bucket}/{account_id}/{parent_request_id}/{request_id}"),
        ),
    ]
}

pub(super) async fn show(State(provider): State<Provider>) -> Result<Response, ApiError> {
    Ok(Json(openapi(provider.settings())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_this_server_and_nobody_elses() {
        let settings = Settings {
            api_url: Some("https://api.vendor.test".parse().unwrap()),
            ..Settings::default()
        };
        let document = openapi(&settings);
        assert_eq!(document["servers"][0]["url"], "https://api.vendor.test/v2");
        assert!(document["paths"]["/subject-access-requests"]["post"].is_object());
        assert!(
            !document["components"]["securitySchemes"]
                .to_string()
                .contains("optimizely.com")
        );
    }
}
