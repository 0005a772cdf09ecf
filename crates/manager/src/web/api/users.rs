//! Users over the API, for keys of the scope `access`.

use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use http::StatusCode;
use rightful_http::{
    extract::{Json, Path},
    problem::{FieldError, Problem},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiCaller, ApiResult, internal, not_found};
use crate::{
    Manager, OperatorId, Permission, Role,
    app::{ChangeOperatorError, CreateOperatorError, InviteError, Invited, OperatorState, OperatorView},
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/users", get(list).post(invite))
        .route("/users/{id}", get(one).patch(change))
        .route("/users/{id}/invite", post(invite_again))
}

fn view(user: &OperatorView) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "role": user.role.name(),
        "state": user.state.name(),
        "totp": user.has_second_factor,
        "single_sign_on": user.has_single_sign_on,
        "created_at": user.created_at,
        "last_log_in_at": user.last_log_in_at,
        "invited_until": user.invited_until,
    })
}

async fn list(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ManageAccess)?;
    let users = manager.operators().await.map_err(|error| internal(&error))?;
    let users: Vec<_> = users.iter().map(view).collect();
    Ok(Json(json!({"users": users})).into_response())
}

async fn one(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<OperatorId>) -> ApiResult {
    caller.require(Permission::ManageAccess)?;
    Ok(Json(view(&found(&manager, id).await?)).into_response())
}

async fn found(manager: &Manager, id: OperatorId) -> Result<OperatorView, Problem> {
    let user = manager.operator(id).await.map_err(|error| internal(&error))?;
    user.ok_or_else(|| not_found("there is no such user"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InviteBody {
    email: String,
    role: String,
}

async fn invite(State(manager): State<Manager>, caller: ApiCaller, Json(body): Json<InviteBody>) -> ApiResult {
    caller.require(Permission::ManageAccess)?;
    let role = role(&body.role)?;
    let invited = manager.invite(&body.email, role, &caller.by).await?;
    answer(&manager, &invited).await
}

async fn invite_again(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<OperatorId>) -> ApiResult {
    caller.require(Permission::ManageAccess)?;
    found(&manager, id).await?;
    let invited = manager.invite_again(id, &caller.by).await?;
    answer(&manager, &invited).await
}

/// The invited user; with the link where no mail brings it, this once.
async fn answer(manager: &Manager, invited: &Invited) -> ApiResult {
    let mut answer = view(&found(manager, invited.id).await?);
    if let (Some(members), Some(link)) = (answer.as_object_mut(), &invited.link) {
        members.insert("link".to_owned(), link.reveal().as_str().into());
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangesBody {
    role: Option<String>,
    state: Option<String>,
}

async fn change(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<OperatorId>,
    Json(body): Json<ChangesBody>,
) -> ApiResult {
    caller.require(Permission::ManageAccess)?;
    let role = body.role.as_deref().map(role).transpose()?;
    let state = match body.state.as_deref().map(str::parse) {
        None => None,
        Some(Ok(state @ (OperatorState::Active | OperatorState::Deactivated))) => Some(state),
        Some(_) => return Err(invalid("state", "must be active or deactivated")),
    };
    if let Some(role) = role {
        manager.change_role(id, role, &caller.by).await?;
    }
    match state {
        Some(OperatorState::Active) => manager.reactivate(id, &caller.by).await?,
        Some(_) => manager.deactivate(id, &caller.by).await?,
        None => {}
    }
    Ok(Json(view(&found(&manager, id).await?)).into_response())
}

fn role(word: &str) -> Result<Role, Problem> {
    word.parse()
        .map_err(|error: crate::UnknownRole| invalid("role", &error.to_string()))
}

pub(super) fn invalid(field: &str, reason: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid")
        .detail(reason)
        .error(FieldError {
            field: field.to_owned(),
            reason: reason.to_owned(),
        })
}

impl From<InviteError> for Problem {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Store(error) | InviteError::Operator(CreateOperatorError::Store(error)) => internal(&error),
            InviteError::Operator(error) => invalid(error.field().unwrap_or("email"), &error.to_string()),
            error => Self::new(StatusCode::CONFLICT, "conflict").detail(error.to_string()),
        }
    }
}

impl From<ChangeOperatorError> for Problem {
    fn from(error: ChangeOperatorError) -> Self {
        match error {
            ChangeOperatorError::NotFound => not_found("there is no such user"),
            ChangeOperatorError::Store(error) => internal(&error),
            error => Self::new(StatusCode::CONFLICT, "conflict").detail(error.to_string()),
        }
    }
}
