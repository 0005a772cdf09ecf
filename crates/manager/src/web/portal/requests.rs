//! The pages about requests: the queue, one request, its review.

use axum::Router;

use crate::Manager;

/// The routes below `/requests`.
pub(crate) fn router() -> Router<Manager> {
    Router::new()
}
