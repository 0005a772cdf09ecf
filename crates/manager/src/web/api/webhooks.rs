//! Webhooks over the API.

use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rightful_http::{
    extract::{Json, Path, Path2, Query},
    problem::Problem,
    settings::HumanDuration,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiCaller, ApiResult, internal, not_found, requests::bodies::invalid};
use crate::{
    DeliveryId, Manager, Permission, WebhookId,
    app::webhooks::{ChangeWebhookError, DeliveryFilter, NewWebhook, Subscribed, WebhookChanges, WebhookView},
};

/// The most that one page holds.
const LONGEST_PAGE: u32 = 200;
/// How long the secret before signs as well, unless it is said.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/webhooks", get(list).post(create))
        .route("/webhooks/{id}", get(show).patch(change).delete(remove))
        .route("/webhooks/{id}/secret", post(rotate))
        .route("/webhooks/{id}/test", post(test))
        .route("/webhooks/{id}/replay", post(replay_failed))
        .route("/webhooks/{id}/deliveries", get(deliveries))
        .route("/webhooks/{id}/deliveries/{delivery}", get(delivery))
        .route("/webhooks/{id}/deliveries/{delivery}/replay", post(replay))
}

async fn list(State(manager): State<Manager>, caller: ApiCaller) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let webhooks = manager.webhooks().await.map_err(|error| internal(&error))?;
    Ok(Json(json!({ "webhooks": webhooks })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWebhookBody {
    url: String,
    #[serde(default)]
    description: String,
    events: Option<Vec<String>>,
    enabled: Option<bool>,
}

async fn create(State(manager): State<Manager>, caller: ApiCaller, Json(body): Json<NewWebhookBody>) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let new = NewWebhook {
        url: body.url,
        description: body.description,
        events: body.events.as_deref().map_or(Ok(Subscribed::All), subscribed)?,
        enabled: body.enabled.unwrap_or(true),
    };
    let made = manager.create_webhook(new, &caller.by).await?;
    let mut answer = json!(found(&manager, made.id).await?);
    add(&mut answer, json!({"secret": made.secret.reveal()}));
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn show(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<WebhookId>) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    Ok(Json(found(&manager, id).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangesBody {
    url: Option<String>,
    description: Option<String>,
    events: Option<Vec<String>>,
    enabled: Option<bool>,
}

async fn change(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<WebhookId>,
    Json(body): Json<ChangesBody>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let changes = WebhookChanges {
        url: body.url,
        description: body.description,
        events: body.events.as_deref().map(subscribed).transpose()?,
        enabled: body.enabled,
    };
    manager.change_webhook(id, changes, &caller.by).await?;
    Ok(Json(found(&manager, id).await?).into_response())
}

async fn remove(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<WebhookId>) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let removed = manager.remove_webhook(id, &caller.by).await;
    if removed.map_err(|error| internal(&error))? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(none_such())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RotateBody {
    overlap: Option<HumanDuration>,
}

async fn rotate(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<WebhookId>,
    Json(body): Json<RotateBody>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let overlap = body.overlap.map_or(OVERLAP, HumanDuration::signed);
    let (secret, until) = manager.rotate_webhook_secret(id, overlap, &caller.by).await?;
    Ok(Json(json!({"secret": secret.reveal(), "previous_secret_until": until})).into_response())
}

async fn test(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<WebhookId>) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let delivery = manager.test_webhook(id, &caller.by).await?;
    accepted(&manager, id, delivery).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliveriesQuery {
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

async fn deliveries(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<WebhookId>,
    Query(query): Query<DeliveriesQuery>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let state = query.state.as_deref().map(str::parse).transpose();
    let cursor = query.cursor.as_deref().map(str::parse).transpose();
    let limit = match query.limit {
        None => 100,
        Some(limit @ 1..=LONGEST_PAGE) => limit,
        Some(_) => return Err(invalid("limit", "must be between 1 and 200")),
    };
    let filter = DeliveryFilter {
        state: state
            .map_err(|error: crate::app::webhooks::UnknownDeliveryState| invalid("state", &error.to_string()))?,
        before: cursor.map_err(|_| invalid("cursor", "is not one that a list gave"))?,
        limit,
    };
    let page = manager.webhook_deliveries(id, &filter).await;
    let page = page.map_err(|error| internal(&error))?.ok_or_else(none_such)?;
    Ok(Json(json!({"deliveries": page.deliveries, "next_cursor": page.next})).into_response())
}

async fn delivery(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(webhook, id): Path2<WebhookId, DeliveryId>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let found = manager.webhook_delivery(webhook, id).await;
    let found = found.map_err(|error| internal(&error))?;
    let found = found.ok_or_else(|| not_found("there is no such delivery"))?;
    let mut answer = json!(found);
    let payload: Value = serde_json::from_str(&found.body).unwrap_or_default();
    add(&mut answer, json!({ "payload": payload }));
    Ok(Json(answer).into_response())
}

async fn replay(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(webhook, id): Path2<WebhookId, DeliveryId>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    manager.replay_webhook_delivery(webhook, id, &caller.by).await?;
    accepted(&manager, webhook, id).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplayBody {
    since: Timestamp,
}

async fn replay_failed(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<WebhookId>,
    Json(body): Json<ReplayBody>,
) -> ApiResult {
    caller.require(Permission::ManageSettings)?;
    let replayed = manager
        .replay_failed_webhook_deliveries(id, body.since, &caller.by)
        .await?;
    let answer = json!({"replayed": replayed.count, "more": replayed.more});
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

async fn accepted(manager: &Manager, webhook: WebhookId, id: DeliveryId) -> ApiResult {
    let found = manager.webhook_delivery(webhook, id).await;
    let found = found.map_err(|error| internal(&error))?.ok_or_else(none_such)?;
    Ok((StatusCode::ACCEPTED, Json(found)).into_response())
}

async fn found(manager: &Manager, id: WebhookId) -> Result<WebhookView, Problem> {
    let webhook = manager.webhook(id).await.map_err(|error| internal(&error))?;
    webhook.ok_or_else(none_such)
}

fn none_such() -> Problem {
    not_found("there is no such webhook")
}

fn subscribed(words: &[String]) -> Result<Subscribed, Problem> {
    let events = Subscribed::of(words.iter().map(String::as_str));
    events.map_err(|_| {
        invalid(
            "events",
            "must be a list of at least one known event, or [\"*\"] for all of them",
        )
    })
}

fn add(answer: &mut Value, more: Value) {
    if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), more) {
        answer.extend(more);
    }
}

impl From<ChangeWebhookError> for Problem {
    fn from(error: ChangeWebhookError) -> Self {
        match error {
            ChangeWebhookError::NotFound => none_such(),
            ChangeWebhookError::Field { field, reason } => invalid(field, &reason),
            ChangeWebhookError::Store(error) => internal(&error),
            error => Self::new(StatusCode::CONFLICT, "conflict").detail(error.to_string()),
        }
    }
}
