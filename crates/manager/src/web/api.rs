//! The REST API.

mod api_keys;
mod audit;
mod caller;
mod connections;
mod connectors;
pub(crate) mod docs;
mod imports;
mod mails;
pub(crate) mod openapi;
pub(crate) mod requests;
mod settings;
mod templates;
mod users;
mod webhooks;

use axum::{Router, response::Response, routing::get};
use http::{StatusCode, header};
use rightful_http::problem::Problem;
use store::StoreError;

pub(crate) use caller::ApiCaller;

use crate::Manager;

/// Everything under `/api/v1`.
pub(crate) fn router() -> Router<Manager> {
    Router::new()
        .merge(connections::router())
        .merge(connectors::router())
        .merge(requests::router())
        .merge(imports::router())
        .merge(mails::router())
        .merge(templates::router())
        .merge(users::router())
        .merge(api_keys::router())
        .merge(audit::router())
        .merge(settings::router())
        .merge(webhooks::router())
        .route("/openapi.json", get(openapi::show))
        .fallback(nothing)
}

async fn nothing() -> Problem {
    not_found("there is nothing at this address")
}

/// What an API handler answers.
pub(crate) type ApiResult = Result<Response, Problem>;

/// 404.
pub(crate) fn not_found(detail: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found").detail(detail)
}

/// 500, or 503 where the database is not there. Logged here, and nowhere else.
pub(crate) fn internal(error: &StoreError) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "an API call failed");
    if error.is_stale() {
        return Problem::new(StatusCode::CONFLICT, "changed-meanwhile").detail("somebody else changed it: try again");
    }
    if matches!(error, StoreError::Database(_)) {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            .detail("something that is needed does not answer: try again later")
            .header(header::RETRY_AFTER, 5.into());
    }
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").detail("it is our fault and has been recorded")
}
