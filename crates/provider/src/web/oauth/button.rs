//! The "Connect with …" button, for other sites to show.

mod letters;
mod picture;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, StatusCode, header};
use rightful_http::{extract::Query, pages::Accent};
use serde::Deserialize;

use crate::Provider;
use picture::Picture;

/// How wide the button may be asked for.
const WIDTHS: std::ops::RangeInclusive<u32> = 16..=2000;

/// How the button is wanted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    width: Option<u32>,
    state: Option<String>,
}

impl Wanted {
    fn state(&self) -> Option<picture::State> {
        match self.state.as_deref() {
            None | Some("" | "rest") => Some(picture::State::Rest),
            Some("hover") => Some(picture::State::Hover),
            Some("focus") => Some(picture::State::Focus),
            Some(_) => None,
        }
    }

    fn picture<'a>(&self, provider: &'a Provider) -> Option<Picture<'a>> {
        if self.width.is_some_and(|width| !WIDTHS.contains(&width)) {
            return None;
        }
        let settings = provider.settings();
        let accent = settings.brand_color.unwrap_or(Accent::OURS);
        Some(Picture::new(&settings.brand_name, accent, self.state()?))
    }
}

/// `GET /connect.svg`
pub(super) async fn svg(State(provider): State<Provider>, Query(wanted): Query<Wanted>) -> Response {
    match wanted.picture(&provider).map(|picture| picture.svg(wanted.width)) {
        Some(Ok(image)) => shown("image/svg+xml", image.into_bytes()),
        Some(Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        None => refused(),
    }
}

/// `GET /connect.png`
pub(super) async fn png(State(provider): State<Provider>, Query(wanted): Query<Wanted>) -> Response {
    let drawn = tokio::task::spawn_blocking(move || {
        let picture = wanted.picture(&provider)?;
        Some(picture.png(wanted.width))
    });
    match drawn.await {
        Ok(Some(Some(image))) => shown("image/png", image),
        Ok(None) => refused(),
        Ok(Some(None)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn shown(kind: &'static str, image: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, image).into_response()
}

fn refused() -> Response {
    let words = format!(
        "width is a number of pixels from {} to {}; state is rest, hover or focus",
        WIDTHS.start(),
        WIDTHS.end()
    );
    (StatusCode::BAD_REQUEST, words).into_response()
}

/// The button's own size, for a snippet: width and height.
pub(in crate::web) fn size(provider: &Provider) -> (f32, f32) {
    let wanted = Wanted::default();
    let width = wanted.picture(provider).map_or(0.0, |picture| picture.width);
    (width, picture::HEIGHT)
}
