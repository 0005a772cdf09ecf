//! The pages about connections.

use axum::Router;

use crate::Manager;

pub(super) fn router() -> Router<Manager> {
    Router::new()
}
