//! Requests, their dossiers and packages.

use axum::Router;

use crate::Manager;

/// The routes, relative to `/api/v1`.
pub(crate) fn router() -> Router<Manager> {
    Router::new()
}
