//! What pages load, all of it from the binary.

use std::sync::LazyLock;

use axum::{
    Router,
    response::{IntoResponse as _, Response},
    routing::get,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use http::header;
use sha2::{Digest as _, Sha256};

use super::Accent;

static STYLESHEET: &str = include_str!("../../assets/rightful.css");
/// htmx 2.0.11 (0BSD), as it comes from npm.
static SCRIPT: &str = include_str!("../../assets/htmx.min.js");
/// What keeps such parts from disturbing people.
static LIVE: &str = include_str!("../../assets/live.js");
static ICON: &str = include_str!("../../assets/icon.svg");

static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| hashed("rightful", "css", STYLESHEET));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| hashed("htmx", "js", SCRIPT));
static LIVE_PATH: LazyLock<String> = LazyLock::new(|| hashed("live", "js", LIVE));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| hashed("icon", "svg", ICON));

/// Where the stylesheet is: the path holds its hash, so it may be kept for ever.
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
}

/// Where the icon is.
pub fn icon_path() -> &'static str {
    &ICON_PATH
}

/// Where the script is that brings parts of a page up to date.
pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// Where the script is that keeps such parts from disturbing people.
pub fn live_path() -> &'static str {
    &LIVE_PATH
}

/// The routes that serve them, and the accent's stylesheet if there is one.
pub fn routes<S>(accent: Option<Accent>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mut routes = Router::new()
        .route(
            stylesheet_path(),
            get(|| async { forever("text/css; charset=utf-8", STYLESHEET.to_owned()) }),
        )
        .route(
            script_path(),
            get(|| async { forever("text/javascript; charset=utf-8", SCRIPT.to_owned()) }),
        )
        .route(
            live_path(),
            get(|| async { forever("text/javascript; charset=utf-8", LIVE.to_owned()) }),
        )
        .route(icon_path(), get(|| async { forever("image/svg+xml", ICON.to_owned()) }));
    if let Some(accent) = accent {
        let css = accent.stylesheet();
        routes = routes.route(
            &accent.stylesheet_path(),
            get(move || async move { forever("text/css; charset=utf-8", css) }),
        );
    }
    routes
}

/// A script of some pages, served as a file because their policy allows no other.
pub struct Script {
    path: String,
    text: &'static str,
}

impl Script {
    /// The script `text` under a path that holds its hash, so that it may be kept for ever.
    pub fn new(name: &str, text: &'static str) -> Self {
        Self {
            path: hashed(name, "js", text),
            text,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The route that serves it.
    pub fn route<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let text = self.text;
        Router::new().route(
            &self.path,
            get(move || async move { forever("text/javascript; charset=utf-8", text.to_owned()) }),
        )
    }
}

fn forever(content_type: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, body).into_response()
}

pub(super) fn hashed(name: &str, extension: &str, content: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(content).into();
    let short: String = BASE64.encode(hash).chars().take(10).collect();
    format!("/assets/{name}.{short}.{extension}")
}
