//! The "Connect with …" button, for other sites to show.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header};

use crate::Provider;

/// The button. It grows with the brand's name and is drawn to be resized.
#[derive(Template)]
#[template(path = "connect.svg", escape = "html")]
struct Button<'a> {
    brand: &'a str,
    initial: String,
    width: usize,
}

/// `GET /connect.svg`
pub(super) async fn svg(State(provider): State<Provider>) -> Response {
    let brand = provider.settings().brand_name.as_str();
    let button = Button {
        brand,
        initial: brand.chars().next().unwrap_or('·').to_uppercase().to_string(),
        // Room for the mark and the widest letters of a system font at 15 px.
        width: 80 + (brand.chars().count() + "Connect with ".len()) * 9,
    };
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    match button.render() {
        Ok(image) => (headers, image).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
