//! The REST API v2, as the vendor's own OpenAPI describes it (`vendor-openapi.json`).

mod docs;
mod error;
mod guard;
mod internal;
mod me;
pub(crate) mod openapi;
mod paging;
mod requests;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, patch},
};

use self::error::ApiError;
pub(super) use self::guard::plain_me;
pub(crate) use self::openapi::openapi;
use crate::Provider;

/// No body of this API is longer than this.
const LONGEST_BODY: usize = 64 * 1024;

/// `/v2/…` and `/docs`.
pub(super) fn router(provider: &Provider) -> Router<Provider> {
    let users = Router::new()
        .route("/me", get(me::show))
        .route("/subject-access-requests", get(requests::list).post(requests::create))
        .route("/subject-access-requests/{request_id}", get(requests::show))
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(from_fn_with_state(provider.clone(), guard::users));
    let teams = Router::new()
        .route("/internal-subject-access-requests", get(internal::list))
        .route(
            "/internal-subject-access-requests/{request_id}",
            patch(internal::update).post(internal::update),
        )
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(from_fn_with_state(provider.clone(), guard::teams));
    let api = Router::new()
        .merge(users)
        .merge(teams)
        .route("/openapi.json", get(openapi::show))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn(error::rendered));
    Router::new().nest("/v2", api).route("/docs", get(docs::show))
}

async fn not_found() -> ApiError {
    ApiError::no_such_uri()
}

async fn method_not_allowed() -> ApiError {
    ApiError::method_not_allowed()
}
