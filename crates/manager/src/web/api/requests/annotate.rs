//! Who takes care of a request, and notes about it.

use axum::{extract::State, response::IntoResponse as _};
use http::StatusCode;
use privacy::Personal;
use rightful_http::{
    extract::{Json, Path},
    problem::Problem,
};
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::{
    super::{ApiCaller, ApiResult, internal, not_found},
    bodies::invalid,
};
use crate::{Manager, OperatorId, Permission, RequestId, app::requests::AnnotateError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssigneeBody {
    /// `null`: nobody. That must be said: a body without it says nothing.
    #[serde(deserialize_with = "said")]
    operator: Option<OperatorId>,
}

fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OperatorId>, D::Error> {
    Option::deserialize(deserializer)
}

pub(super) async fn assign(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<RequestId>,
    Json(body): Json<AssigneeBody>,
) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    Ok(Json(manager.assign(id, body.operator, &caller.by).await?).into_response())
}

pub(super) async fn notes(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<RequestId>) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    Ok(Json(json!({"notes": manager.notes(id).await?})).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteBody {
    text: Personal,
}

pub(super) async fn add_note(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<RequestId>,
    Json(body): Json<NoteBody>,
) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    let note = manager.add_note(id, &body.text, &caller.by).await?;
    Ok((StatusCode::CREATED, Json(note)).into_response())
}

impl From<AnnotateError> for Problem {
    fn from(error: AnnotateError) -> Self {
        match error {
            AnnotateError::NotFound => not_found("there is no such request"),
            AnnotateError::NoSuchOperator => invalid("operator", "names nobody who may log in"),
            AnnotateError::Text => invalid("text", "must have 1 to 10,000 characters"),
            AnnotateError::TooMany => Self::new(StatusCode::CONFLICT, "conflict").detail(error.to_string()),
            AnnotateError::Shredded => super::problems::gone(),
            AnnotateError::Store(error) => internal(&error),
        }
    }
}
