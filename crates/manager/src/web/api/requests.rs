//! Requests, their dossiers and packages over the API.

mod annotate;
pub(super) mod bodies;
mod bulk;
mod decide;
mod dossier;
mod events;
mod files;
mod list;
pub(crate) mod package;
mod problems;
mod triage;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::IntoResponse as _,
    routing::{delete, get, post, put},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::SignedDuration;
use rightful_http::{
    extract::{Json, Path, Query},
    problem::{FieldError, Problem},
    settings::HumanDuration,
};
use serde::Deserialize;

use self::bodies::NewRequestBody;
use super::{ApiCaller, ApiResult, internal, not_found};
use crate::{Manager, Permission, RequestId, app::requests::Once};

/// The longest that one question waits for a change.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// The longest idempotency key.
const LONGEST_KEY: usize = 255;

/// The routes, relative to `/api/v1`.
pub(crate) fn router() -> Router<Manager> {
    Router::new()
        .route("/requests", get(list::list).post(create))
        .route("/requests/search", post(list::search))
        .route("/requests/export", get(list::export))
        .route("/requests/bulk", post(bulk::bulk))
        .route("/requests/{id}", get(one).patch(triage::change))
        .route("/requests/{id}/assignee", put(annotate::assign))
        .route("/requests/{id}/notes", get(annotate::notes).post(annotate::add_note))
        .route("/requests/{id}/events", get(events::of_request))
        .route("/requests/{id}/dossier", get(dossier::show).patch(dossier::change))
        .route("/requests/{id}/dossier/objects/{object}", get(dossier::object))
        .route("/requests/{id}/dossier/policy", post(files::save_policy))
        .route("/requests/{id}/dossier/files", post(files::add).layer(files::limit()))
        .route("/requests/{id}/dossier/files/{object}", delete(files::remove))
        .route("/requests/{id}/package", get(package::package))
        .route("/requests/{id}/{decision}", post(decide::decide))
        .route("/audit", get(events::audit))
}

async fn create(State(manager): State<Manager>, caller: ApiCaller, headers: HeaderMap, body: Bytes) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    bodies::must_be_json(&headers)?;
    let Json(asked) = Json::<NewRequestBody>::from_bytes(&body).map_err(|refusal| Problem::from(&refusal))?;
    if asked.auto_approve {
        // Asking for it is deciding it.
        caller.require(Permission::ApproveRequests)?;
    }
    let key = idempotency_key(&headers)?;
    let actor = caller.by.actor.to_string();
    let once = key.as_deref().map(|key| Once {
        caller: &actor,
        key,
        asked: &body,
        wait: false,
    });
    let created = manager.create_request(asked.read()?, &caller.by, once).await?;
    let mut answer = (StatusCode::CREATED, Json(created.answer)).into_response();
    let location = format!("/api/v1/requests/{}", created.id);
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(http::header::LOCATION, location);
    }
    if created.replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        answer.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut sent = headers.get_all("idempotency-key").iter();
    let Some(key) = sent.next() else { return Ok(None) };
    let key = key
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
    match (key, sent.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => Err(Problem::new(StatusCode::BAD_REQUEST, "invalid-request")
            .detail("`Idempotency-Key` must be one text of at most 255 characters")
            .error(FieldError {
                field: "Idempotency-Key".to_owned(),
                reason: "must be one text of at most 255 characters".to_owned(),
            })),
    }
}

/// `?wait=30s&version=7`: answer as soon as the request's version is another one, or when the time is over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneQuery {
    wait: Option<HumanDuration>,
    version: Option<i64>,
}

async fn one(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path(id): Path<RequestId>,
    Query(query): Query<OneQuery>,
) -> ApiResult {
    caller.require(Permission::ReadRequests)?;
    if let Some(wait) = query.wait {
        let wait = wait.signed().min(LONGEST_WAIT);
        let deadline = manager.now().saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
        let waited = manager.wait_for_change(id, query.version, deadline).await;
        waited.map_err(|error| internal(&error))?;
    }
    let request = manager.request(id).await.map_err(|error| internal(&error))?;
    let request = request.ok_or_else(|| not_found("there is no such request"))?;
    Ok(Json(request).into_response())
}
