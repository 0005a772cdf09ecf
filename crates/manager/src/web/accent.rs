//! The stylesheet of the brand's colour, which people may change while the manager runs.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{StatusCode, header};
use rightful_http::extract::Path;

use crate::Manager;

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/assets/{file}", get(stylesheet))
}

/// The colour as it is now; a page that was made for an earlier one goes without.
async fn stylesheet(State(manager): State<Manager>, Path(file): Path<String>) -> Response {
    let accent = match manager.company().await {
        Ok(company) => company.brand.accent(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the brand could not be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    match accent.filter(|accent| accent.stylesheet_path().ends_with(&format!("/{file}"))) {
        Some(accent) => {
            let headers = [
                (header::CONTENT_TYPE, "text/css; charset=utf-8"),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, accent.stylesheet()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
