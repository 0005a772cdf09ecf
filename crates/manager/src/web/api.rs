//! The REST API.

pub(crate) mod requests;

use axum::Router;

use crate::Manager;

/// Everything under `/api/v1`.
pub(crate) fn router() -> Router<Manager> {
    Router::new().merge(requests::router())
}
