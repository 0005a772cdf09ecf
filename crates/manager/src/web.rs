//! What is served: portal, API, the OAuth callback.

pub(crate) mod api;

use axum::Router;

use crate::Manager;

/// Everything that a manager serves.
pub(crate) fn router(manager: Manager) -> Router {
    Router::new().nest("/api/v1", api::router()).with_state(manager)
}
