//! The audit log over the API.

use axum::{extract::State, response::IntoResponse as _};
use rightful_http::{
    extract::{Json, Path, Query},
    problem::Problem,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Event;

use super::{
    super::{ApiCaller, ApiResult, internal, not_found},
    bodies::invalid,
};
use crate::{Manager, Permission, RequestId, hex::hex};

const USUAL_PAGE: i64 = 100;
const LONGEST_PAGE: i64 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    cursor: Option<i64>,
    limit: Option<i64>,
    object: Option<String>,
}

impl EventsQuery {
    fn limit(&self) -> Result<i64, Problem> {
        match self.limit {
            None => Ok(USUAL_PAGE),
            Some(limit @ 1..=LONGEST_PAGE) => Ok(limit),
            Some(_) => Err(invalid("limit", "must be between 1 and 1000")),
        }
    }
}

/// Everything that happened to a request and its tasks, oldest first.
pub(super) async fn of_request(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<RequestId>,
    Query(query): Query<EventsQuery>,
) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    let known = manager.request(id).await.map_err(|error| internal(&error))?;
    known.ok_or_else(|| not_found("there is no such request"))?;
    page(&manager, Some(&id.object()), &query).await
}

/// The whole log, oldest first; of one object with `?object=connection:ID`.
pub(super) async fn audit(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Query(query): Query<EventsQuery>,
) -> ApiResult {
    caller.require(Permission::ReadAudit)?;
    page(&manager, query.object.as_deref(), &query).await
}

async fn page(manager: &Manager, object: Option<&str>, query: &EventsQuery) -> ApiResult {
    let limit = query.limit()?;
    let events = manager.events(object, query.cursor.unwrap_or(0), limit + 1).await;
    let mut events = events.map_err(|error| internal(&error))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = events.len() > limit;
    events.truncate(limit);
    let next = events.last().filter(|_| more).map(|event| event.seq);
    let events: Vec<Value> = events.iter().map(shown).collect();
    Ok(Json(json!({"events": events, "next_cursor": next})).into_response())
}

fn shown(event: &Event) -> Value {
    json!({
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "origin": event.origin,
        "action": event.action,
        "object": event.object,
        "detail": serde_json::from_str::<Value>(&event.detail).unwrap_or_default(),
        "hash": hex(&event.hash),
    })
}
