//! What a browser or a client sees.

use axum::Router;

use crate::Provider;

pub(crate) fn router(provider: Provider) -> Router {
    let _ = provider;
    Router::new()
}
