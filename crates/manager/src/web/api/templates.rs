//! The words of mails over the API.

use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use mail::{Event, Language, TemplateError};
use rightful_http::{
    extract::{Json, Path2},
    problem::Problem,
};
use serde::Deserialize;
use serde_json::json;

use super::{ApiCaller, ApiResult, internal, requests::bodies::invalid};
use crate::{Manager, Permission, app::ChangeTemplateError};

/// The routes, relative to `/api/v1`.
pub(crate) fn router() -> Router<Manager> {
    let template = get(one).put(change).delete(reset);
    Router::new()
        .route("/settings/templates", get(all))
        .route("/settings/templates/{event}/{language}", template)
        .route("/settings/templates/{event}/{language}/preview", post(preview))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateBody {
    template: String,
}

async fn all(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let templates = manager.mail_templates().await.map_err(|error| internal(&error))?;
    Ok(Json(json!({"templates": templates})).into_response())
}

async fn one(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(event, language): Path2<Event, Language>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let template = manager.mail_template(event, language).await;
    Ok(Json(template.map_err(|error| internal(&error))?).into_response())
}

async fn change(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(event, language): Path2<Event, Language>,
    Json(body): Json<TemplateBody>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let changed = manager
        .change_mail_template(event, language, &body.template, &caller.by)
        .await;
    match changed {
        Ok(template) => Ok(Json(template).into_response()),
        Err(ChangeTemplateError::Unusable(error)) => Err(unusable(&error)),
        Err(ChangeTemplateError::Store(error)) => Err(internal(&error)),
    }
}

async fn reset(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(event, language): Path2<Event, Language>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let template = manager.reset_mail_template(event, language, &caller.by).await;
    Ok(Json(template.map_err(|error| internal(&error))?).into_response())
}

async fn preview(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(event, language): Path2<Event, Language>,
    Json(body): Json<TemplateBody>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let preview = manager.preview_mail(event, language, &body.template);
    let preview = preview.map_err(|error| unusable(&error))?;
    Ok(Json(json!({"subject": preview.subject, "text": preview.text})).into_response())
}

fn unusable(error: &TemplateError) -> Problem {
    invalid("template", &format!("can't be used: {error}"))
}
