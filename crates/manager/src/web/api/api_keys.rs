//! API keys over the API, for keys of the scope `access`.

use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{delete, get},
};
use http::StatusCode;
use rightful_http::extract::{Json, Path};
use serde::Deserialize;
use serde_json::json;

use super::{ApiCaller, ApiResult, internal, not_found, users::invalid};
use crate::{ApiKeyId, Manager, Permission, Scopes, app::CreateApiKeyError};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/api-keys", get(list).post(create))
        .route("/api-keys/{id}", delete(revoke))
}

async fn list(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ManageAccess)?;
    let keys = manager.api_keys().await.map_err(|error| internal(&error))?;
    let keys = keys.iter().map(|key| {
        json!({
            "id": key.id,
            "name": key.name,
            "scopes": words(&key.scopes),
            "created_at": key.created_at,
            "created_by": key.created_by,
            "last_used_at": key.last_used_at,
            "revoked_at": key.revoked_at,
        })
    });
    Ok(Json(json!({"api_keys": keys.collect::<Vec<_>>()})).into_response())
}

fn words(scopes: &Scopes) -> Vec<&'static str> {
    scopes.as_slice().iter().map(|scope| scope.name()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKeyBody {
    name: String,
    scopes: Vec<String>,
}

async fn create(State(manager): State<Manager>, caller: ApiCaller, Json(body): Json<NewKeyBody>) -> ApiResult {
    caller.require(Permission::ManageAccess)?;
    let scopes: Scopes = body
        .scopes
        .join(",")
        .parse()
        .map_err(|error: crate::UnknownScope| invalid("scopes", &error.to_string()))?;
    let made = manager.create_api_key(&body.name, &scopes, &caller.by).await;
    let made = made.map_err(|error| match error {
        CreateApiKeyError::Store(error) => internal(&error),
        error @ CreateApiKeyError::Name => invalid("name", &error.to_string()),
    })?;
    let answer = json!({
        "id": made.id, "name": body.name, "scopes": words(&scopes), "api_key": made.api_key.reveal(),
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn revoke(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ApiKeyId>) -> ApiResult {
    caller.require(Permission::ManageAccess)?;
    let revoked = manager.revoke_api_key(id, &caller.by).await;
    if revoked.map_err(|error| internal(&error))? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(not_found("there is no such API key, or it was revoked already"))
    }
}
