//! Review over the API.

use axum::{extract::State, response::IntoResponse as _};
use privacy::dossier::{Change, WireChange};
use rightful_http::extract::{Json, Path, Path2, Query};
use serde::Deserialize;

use super::{
    super::{ApiCaller, ApiResult, internal},
    bodies::invalid,
};
use crate::{Manager, Permission, RequestId, app::dossier::ChangeDossierError};

pub(super) async fn show(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<RequestId>) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    Ok(Json(manager.dossier(id).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectQuery {
    cursor: Option<String>,
}

pub(super) async fn object(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(id, object): Path2<RequestId, String>,
    Query(query): Query<ObjectQuery>,
) -> ApiResult {
    // As in the portal: values are for those who work on requests, not for everybody who may look.
    caller.require(Permission::WorkRequests)?;
    let from = query.cursor.as_deref().map_or(Ok(1), str::parse::<u64>);
    let from = from.map_err(|_| invalid("cursor", "is not one that a list gave"))?;
    let page = manager.dossier_object(id, &object, from).await?;
    // SEC-44: that somebody reads what was found is recorded before it is shown.
    let noted = manager.note_dossier_viewed(id, &object, &caller.by).await;
    noted.map_err(|error| internal(&error))?;
    Ok(Json(page).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangesBody {
    #[serde(default)]
    changes: Vec<WireChange>,
    #[serde(default)]
    undo: Vec<u64>,
}

/// The dossier after the changes, with `made`: the numbers by which they can be undone.
pub(super) async fn change(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<RequestId>,
    Json(body): Json<ChangesBody>,
) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    if body.changes.is_empty() && body.undo.is_empty() {
        return Err(invalid("changes", "is empty"));
    }
    let read = |(index, wire)| Change::parse(wire).map_err(|error| ChangeDossierError::Invalid { index, error });
    let changes = body.changes.into_iter().enumerate().map(read);
    let changes = changes.collect::<Result<Vec<_>, _>>()?;
    let outcome = manager.change_dossier(id, changes, body.undo, &caller.by).await?;
    let mut answer = serde_json::to_value(&outcome.dossier).unwrap_or_default();
    if let Some(members) = answer.as_object_mut() {
        members.insert("made".to_owned(), outcome.made.into());
    }
    Ok(Json(answer).into_response())
}
