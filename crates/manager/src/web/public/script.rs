//! The script that solves the form's task, served as a file: the page's policy allows no other.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    Router,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::header;
use sha2::{Digest as _, Sha256};

use crate::Manager;

const SCRIPT: &str = include_str!("../../../assets/public-form.js");

/// Where it is: the path holds its hash, so it may be kept for ever.
pub(super) static PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(SCRIPT);
    let short = hash.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    format!("/assets/public-form.{short}.js")
});

pub(super) fn router() -> Router<Manager> {
    Router::new().route(&PATH, get(script))
}

async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, SCRIPT).into_response()
}
