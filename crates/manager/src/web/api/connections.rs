//! Connections over the API.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::IntoResponse as _,
    routing::{MethodRouter, get, post},
};
use http::StatusCode;
use oauth::Secret;
use privacy::dossier::FieldPolicy;
use rightful_http::{
    extract::{Json, Path, Query},
    problem::{FieldError, Problem},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiCaller, ApiResult, internal, not_found, requests::bodies::invalid};
use crate::{
    ConnectionId, Manager, OperatorId, Permission,
    app::{
        AddConnectionError, BeginAuthorizationError, ChangeConnectionError, CheckConnectionError,
        ConfirmConnectionError, ConnectionChanges, DisableConnectionError, NameApproversError, NewConnection,
        RemoveConnectionError, dossier::FieldPolicyError,
    },
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/connections", get(list).post(add))
        .route("/connections/{id}", get(one).delete(remove).patch(change))
        .route("/connections/{id}/check", post(check))
        .route("/connections/{id}/authorize", post(authorize))
        .route("/connections/{id}/confirm", post(confirm))
        .route("/connections/{id}/field-policy", field_policy_routes())
        .route("/connections/{id}/approvers", get(approvers).put(put_approvers))
        .route("/connections/{id}/disable", post(disable))
        .route("/connections/{id}/enable", post(enable))
}

fn field_policy_routes() -> MethodRouter<Manager> {
    get(field_policy).put(put_field_policy).delete(drop_field_policy)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewConnectionBody {
    connector: String,
    name: String,
    // A person who is asked by mail has neither; whoever needs them says so.
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
    #[serde(default)]
    settings: Value,
}

async fn add(State(manager): State<Manager>, caller: ApiCaller, Json(body): Json<NewConnectionBody>) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    let new = NewConnection {
        connector: body.connector,
        name: body.name,
        client_id: body.client_id,
        client_secret: Secret::new(body.client_secret),
        settings: body.settings,
    };
    let id = manager.add_connection(new, &caller.by).await?;
    // The connection is there whether or not its vendor can be reached just now; the answer says both.
    let authorize_url = match manager.begin_authorization(id, None, &caller.by).await {
        Ok(url) => Value::from(url.as_str()),
        Err(BeginAuthorizationError::Discovery { .. } | BeginAuthorizationError::NotNeeded) => Value::Null,
        Err(error) => return Err(error.into()),
    };
    let mut answer = view(&manager, id).await?;
    if let Some(members) = answer.as_object_mut() {
        members.insert("authorize_url".to_owned(), authorize_url);
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn list(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ReadConnections)?;
    let connections = manager.connections().await.map_err(|error| internal(&error))?;
    Ok(Json(json!({"connections": connections})).into_response())
}

async fn one(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ConnectionId>) -> ApiResult {
    caller.require(Permission::ReadConnections)?;
    Ok(Json(view(&manager, id).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangesBody {
    name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    settings: Option<Value>,
}

async fn change(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<ConnectionId>,
    Json(body): Json<ChangesBody>,
) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    let changes = ConnectionChanges {
        name: body.name,
        client_id: body.client_id,
        client_secret: body.client_secret.map(Secret::new),
        settings: body.settings,
    };
    manager.change_connection(id, changes, &caller.by).await?;
    Ok(Json(view(&manager, id).await?).into_response())
}

async fn check(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ConnectionId>) -> ApiResult {
    caller.require(Permission::ReadConnections)?;
    Ok(Json(manager.check_connection(id, &caller.by).await?).into_response())
}

async fn authorize(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ConnectionId>) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    let url = manager.begin_authorization(id, None, &caller.by).await?;
    Ok(Json(json!({"id": id, "authorize_url": url.as_str()})).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    #[serde(default = "yes")]
    accept: bool,
}

const fn yes() -> bool {
    true
}

async fn confirm(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<ConnectionId>,
    body: Bytes,
) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    let accept = if body.trim_ascii().is_empty() {
        true
    } else {
        let Json(body) = Json::<ConfirmBody>::from_bytes(&body).map_err(|refusal| Problem::from(&refusal))?;
        body.accept
    };
    manager.confirm_connection(id, accept, &caller.by).await?;
    Ok(Json(view(&manager, id).await?).into_response())
}

async fn field_policy(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ConnectionId>) -> ApiResult {
    caller.require(Permission::ReadConnections)?;
    Ok(Json(manager.field_policy(id).await?).into_response())
}

async fn put_field_policy(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<ConnectionId>,
    Json(policy): Json<FieldPolicy>,
) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    let saved = manager.save_field_policy(id, Some(&policy), &caller.by).await?;
    Ok(Json(saved).into_response())
}

async fn drop_field_policy(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<ConnectionId>,
) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    let saved = manager.save_field_policy(id, None, &caller.by).await?;
    Ok(Json(saved).into_response())
}

async fn approvers(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ConnectionId>) -> ApiResult {
    caller.require(Permission::ReadConnections)?;
    let found = manager.approvers(id).await.map_err(|error| internal(&error))?;
    Ok(Json(found.ok_or_else(no_connection)?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApproversBody {
    approvers: Vec<OperatorId>,
}

async fn put_approvers(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<ConnectionId>,
    Json(body): Json<ApproversBody>,
) -> ApiResult {
    // Who must approve is for whoever may change the company's settings: it is decided apart from the connections.
    caller.require(Permission::ManageSettings)?;
    let named = manager.name_approvers(id, &body.approvers, &caller.by).await?;
    Ok(Json(named).into_response())
}

async fn disable(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ConnectionId>) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    manager.disable_connection(id, &caller.by).await?;
    Ok(Json(view(&manager, id).await?).into_response())
}

async fn enable(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ConnectionId>) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    manager.enable_connection(id, &caller.by).await?;
    Ok(Json(view(&manager, id).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoveQuery {
    #[serde(default)]
    force: bool,
}

async fn remove(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<ConnectionId>,
    Query(query): Query<RemoveQuery>,
) -> ApiResult {
    caller.require(Permission::ManageConnections)?;
    Ok(Json(manager.remove_connection(id, query.force, &caller.by).await?).into_response())
}

async fn view(manager: &Manager, id: ConnectionId) -> Result<Value, Problem> {
    let view = manager.connection(id).await.map_err(|error| internal(&error))?;
    view.map(|view| json!(view)).ok_or_else(no_connection)
}

fn no_connection() -> Problem {
    not_found("there is no such connection")
}

fn field_error(field: &str, reason: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-request")
        .detail(format!("`{field}` {reason}"))
        .error(FieldError {
            field: field.to_owned(),
            reason: reason.to_owned(),
        })
}

impl From<AddConnectionError> for Problem {
    fn from(error: AddConnectionError) -> Self {
        match error {
            AddConnectionError::Field { field, reason } => field_error(&field, &reason),
            AddConnectionError::Store(error) => internal(&error),
        }
    }
}

impl From<ChangeConnectionError> for Problem {
    fn from(error: ChangeConnectionError) -> Self {
        match error {
            ChangeConnectionError::NotFound => no_connection(),
            ChangeConnectionError::Field(error) => error.into(),
            ChangeConnectionError::Fixed { field } => Self::new(StatusCode::CONFLICT, "connection-authorized")
                .detail(error.to_string())
                .error(FieldError {
                    field: field.to_owned(),
                    reason: "can't be changed once the connection is authorized".to_owned(),
                }),
            ChangeConnectionError::Store(error) => internal(&error),
        }
    }
}

impl From<BeginAuthorizationError> for Problem {
    fn from(error: BeginAuthorizationError) -> Self {
        match &error {
            BeginAuthorizationError::NotFound => no_connection(),
            BeginAuthorizationError::Disabled => {
                Self::new(StatusCode::CONFLICT, "connection-disabled").detail(error.to_string())
            }
            BeginAuthorizationError::NotNeeded => {
                Self::new(StatusCode::CONFLICT, "nothing-to-authorize").detail(error.to_string())
            }
            BeginAuthorizationError::Discovery { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "vendor-unavailable").detail(error.to_string())
            }
            BeginAuthorizationError::Store(error) => internal(error),
        }
    }
}

impl From<CheckConnectionError> for Problem {
    fn from(error: CheckConnectionError) -> Self {
        match error {
            CheckConnectionError::NotFound => no_connection(),
            CheckConnectionError::Store(error) => internal(&error),
        }
    }
}

impl From<ConfirmConnectionError> for Problem {
    fn from(error: ConfirmConnectionError) -> Self {
        match error {
            ConfirmConnectionError::NotFound => no_connection(),
            ConfirmConnectionError::NotWaiting => {
                Self::new(StatusCode::CONFLICT, "nothing-to-confirm").detail(error.to_string())
            }
            ConfirmConnectionError::Store(error) => internal(&error),
        }
    }
}

impl From<DisableConnectionError> for Problem {
    fn from(error: DisableConnectionError) -> Self {
        match error {
            DisableConnectionError::NotFound => no_connection(),
            DisableConnectionError::Store(error) => internal(&error),
            DisableConnectionError::Disabled
            | DisableConnectionError::NotDisabled
            | DisableConnectionError::BeingRemoved => {
                Self::new(StatusCode::CONFLICT, "wrong-state").detail(error.to_string())
            }
        }
    }
}

impl From<NameApproversError> for Problem {
    fn from(error: NameApproversError) -> Self {
        match error {
            NameApproversError::NotFound => no_connection(),
            NameApproversError::Invalid { reason } => invalid("approvers", reason),
            NameApproversError::Store(error) => internal(&error),
        }
    }
}

impl From<FieldPolicyError> for Problem {
    fn from(error: FieldPolicyError) -> Self {
        match error {
            FieldPolicyError::NotFound => no_connection(),
            FieldPolicyError::TooMany => field_error("rules", "are more than can be kept"),
            FieldPolicyError::NothingFound => field_error("connection", "brought nothing for this request"),
            FieldPolicyError::Dossier(error) => error.into(),
            FieldPolicyError::Store(error) => internal(&error),
        }
    }
}

impl From<RemoveConnectionError> for Problem {
    fn from(error: RemoveConnectionError) -> Self {
        match error {
            RemoveConnectionError::NotFound => no_connection(),
            RemoveConnectionError::InUse { open } => Self::new(StatusCode::CONFLICT, "connection-in-use")
                .detail(format!(
                    "{open} open tasks use the connection; repeat with ?force=true to remove it all the same"
                ))
                .member("open_tasks", open),
            RemoveConnectionError::Store(error) => internal(&error),
        }
    }
}
