//! Lists of requests that are taken in by and by: `POST /requests/import`, `/imports`.

use axum::{
    Router,
    extract::{Request, State},
    response::IntoResponse as _,
    routing::{get, post},
};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rightful_http::{
    extract::{Json, Path, Query},
    problem::Problem,
};
use serde::Deserialize;
use serde_json::json;

use super::{ApiCaller, ApiResult, internal, not_found, requests::bodies::invalid};
use crate::{
    ImportId, Manager, Permission,
    app::requests::{ExportFormat, HandInError, ImportView, TryImportError},
};

/// How many rows one page of outcomes has.
const PAGE: u32 = 1000;

/// How long a list may be that is tried at once.
const LONGEST_TRIED: usize = 16 << 20;

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/requests/import", post(hand_in))
        .route("/imports", get(list))
        .route("/imports/{id}", get(one))
        .route("/imports/{id}/rows", get(rows))
        .route("/imports/{id}/cancel", post(cancel))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandInQuery {
    #[serde(default)]
    dry_run: bool,
}

/// The list is the body, its format the content type. It is taken in by and by; tried (`dry_run`) it is at once.
async fn hand_in(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Query(query): Query<HandInQuery>,
    request: Request,
) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    caller.require(Permission::ApproveRequests)?;
    let format = format(request.headers())?;
    if query.dry_run {
        let list = axum::body::to_bytes(request.into_body(), LONGEST_TRIED).await;
        let list = list.map_err(|_| broken_off())?;
        let report = manager.try_import(&list, format).await.map_err(|error| match error {
            TryImportError::Unreadable(_) => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-request").detail(error.to_string())
            }
            TryImportError::Store(error) => internal(&error),
        })?;
        return Ok(Json(report).into_response());
    }
    let mut receiving = manager
        .receive_import(format, &caller.by)
        .await
        .map_err(|error| internal(&error))?;
    let mut body = request.into_body().into_data_stream();
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|_| broken_off())?;
        receiving.bytes(&bytes).await.map_err(not_taken)?;
    }
    let taken = receiving.finish().await.map_err(not_taken)?;
    let location = format!("/api/v1/imports/{}", taken.id);
    let mut answer = (StatusCode::ACCEPTED, Json(taken)).into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(answer)
}

fn format(headers: &HeaderMap) -> Result<ExportFormat, Problem> {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = sent.and_then(|value| value.split(';').next()).unwrap_or_default();
    match essence.trim().to_ascii_lowercase().as_str() {
        "text/csv" => Ok(ExportFormat::Csv),
        "application/x-ndjson" => Ok(ExportFormat::Ndjson),
        _ => {
            let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type");
            Err(problem.detail("`Content-Type` must be text/csv or application/x-ndjson"))
        }
    }
}

fn broken_off() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-request").detail("the list did not arrive to its end")
}

fn not_taken(error: HandInError) -> Problem {
    match error {
        HandInError::TooLarge => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large").detail("a list has at most 256 MiB")
        }
        HandInError::TooLate => broken_off(),
        HandInError::Store(error) => internal(&error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    cursor: Option<ImportId>,
}

async fn list(State(manager): State<Manager>, caller: ApiCaller, Query(query): Query<ListQuery>) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    let page = manager
        .imports(query.cursor, 50)
        .await
        .map_err(|error| internal(&error))?;
    Ok(Json(page).into_response())
}

async fn one(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ImportId>) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    shown(manager.import(id).await.map_err(|error| internal(&error))?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsQuery {
    result: Option<String>,
    cursor: Option<u64>,
}

/// What became of each row: of all, or with `result=refused` of those that were refused.
async fn rows(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<ImportId>,
    Query(query): Query<RowsQuery>,
) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    let refused = match query.result.as_deref() {
        None => false,
        Some("refused") => true,
        Some(_) => return Err(invalid("result", "must be refused, or left out")),
    };
    let rows = manager
        .imported_rows(id, refused, query.cursor.unwrap_or_default(), PAGE)
        .await;
    let rows = rows.map_err(|error| internal(&error))?.ok_or_else(nothing)?;
    let next = rows.last().filter(|_| rows.len() == PAGE as usize).map(|row| row.row);
    Ok(Json(json!({"rows": rows, "next_cursor": next})).into_response())
}

async fn cancel(State(manager): State<Manager>, caller: ApiCaller, Path(id): Path<ImportId>) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    let cancelled = manager.cancel_import(id, &caller.by).await;
    shown(cancelled.map_err(|error| internal(&error))?)
}

fn shown(import: Option<ImportView>) -> ApiResult {
    Ok(Json(import.ok_or_else(nothing)?).into_response())
}

fn nothing() -> Problem {
    not_found("there is no such import")
}
