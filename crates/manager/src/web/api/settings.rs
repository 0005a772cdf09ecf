//! The company's settings over the API.

use axum::{Router, extract::State, response::IntoResponse as _, routing::get};
use http::StatusCode;
use rightful_http::{
    extract::{Json, Path},
    problem::{FieldError, Problem},
};
use serde_json::{Value, json};

use super::{ApiCaller, ApiResult, internal};
use crate::{
    Manager, Permission,
    app::company::{ChangeSettingsError, Section},
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/settings", get(all))
        .route("/settings/{section}", get(one).put(put).delete(reset))
}

async fn all(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ReadSettings)?;
    let sections = manager.company_sections().await.map_err(|error| internal(&error))?;
    Ok(Json(json!({"settings": sections})).into_response())
}

async fn one(State(manager): State<Manager>, caller: ApiCaller, Path(section): Path<Section>) -> ApiResult {
    caller.require(Permission::ReadSettings)?;
    let view = manager.company_section(section).await;
    Ok(Json(view.map_err(|error| internal(&error))?).into_response())
}

async fn put(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(section): Path<Section>,
    Json(given): Json<Value>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let view = manager.change_company(section, Some(&given), &caller.by).await?;
    Ok(Json(view).into_response())
}

async fn reset(State(manager): State<Manager>, caller: ApiCaller, Path(section): Path<Section>) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let view = manager.change_company(section, None, &caller.by).await?;
    Ok(Json(view).into_response())
}

impl From<ChangeSettingsError> for Problem {
    fn from(error: ChangeSettingsError) -> Self {
        match error {
            ChangeSettingsError::Invalid { field, reason } => Self::new(StatusCode::BAD_REQUEST, "invalid-request")
                .detail(format!("`{field}` {reason}"))
                .error(FieldError { field, reason }),
            ChangeSettingsError::Store(error) => internal(&error),
        }
    }
}
