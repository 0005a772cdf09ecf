//! Mails over the API: what became of them, never what they say.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::IntoResponse as _,
    routing::{get, post},
};
use mail::{Filter, MailId};
use rightful_http::{
    extract::{Json, Path, Query},
    problem::Problem,
};
use serde::Deserialize;
use serde_json::json;

use super::{ApiCaller, ApiResult, internal, not_found, requests::bodies::invalid};
use crate::{Manager, Permission, RequestId};

/// The most that one page holds.
const LONGEST_PAGE: u32 = 200;

/// The routes, relative to `/api/v1`.
pub(crate) fn router() -> Router<Manager> {
    Router::new()
        .route("/mails", get(all))
        .route("/mails/{id}/send-again", post(send_again))
        .route("/requests/{id}/mails", get(of_request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailsQuery {
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

async fn all(State(manager): State<Manager>, caller: ApiCaller, Query(query): Query<MailsQuery>) -> ApiResult {
    caller.require(Permission::ReadAudit)?;
    let state = query.state.as_deref().map(str::parse).transpose();
    let cursor = query.cursor.as_deref().map(str::parse).transpose();
    let limit = match query.limit {
        None => 100,
        Some(limit @ 1..=LONGEST_PAGE) => limit,
        Some(_) => return Err(invalid("limit", "must be between 1 and 200")),
    };
    let filter = Filter {
        state: state.map_err(|_| invalid("state", "must be queued, sent, kept or failed"))?,
        before: cursor.map_err(|_| invalid("cursor", "is not one that a list gave"))?,
        limit,
        object: None,
    };
    let mails = manager.mails(&filter).await.map_err(|error| internal(&error))?;
    let is_full = u32::try_from(mails.len()).unwrap_or(u32::MAX) == limit;
    let next = mails.last().filter(|_| is_full).map(|mail| mail.id);
    Ok(Json(json!({"mails": mails, "next_cursor": next})).into_response())
}

async fn of_request(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<RequestId>) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    let mails = manager.mails_of_request(id).await.map_err(|error| internal(&error))?;
    let mails = mails.ok_or_else(|| not_found("there is no such request"))?;
    Ok(Json(json!({"mails": mails})).into_response())
}

async fn send_again(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<MailId>) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    let again = manager.send_mail_again(id, &caller.by).await;
    if again.map_err(|error| internal(&error))? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(Problem::new(StatusCode::CONFLICT, "conflict")
        .detail("there is no such mail that failed and is still kept: only that is sent again"))
}
