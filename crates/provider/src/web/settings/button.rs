//! `/accountsettings/apps/developers/button`: how the "Connect with …" button is put on a site.

use askama::Template;
use axum::{extract::State, response::Response};

use crate::{
    Provider,
    web::{
        oauth::button_size,
        page::{PageError, page},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "button.html")]
struct Button<'a> {
    brand: &'a str,
    issuer: &'a str,
    width: f32,
    height: f32,
    snippet: String,
}

/// `GET /accountsettings/apps/developers/button`
pub(super) async fn show(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    visitor.administrator()?;
    let settings = provider.settings();
    let (width, height) = button_size(&provider);
    let body = Button {
        brand: &settings.brand_name,
        issuer: settings.issuer(),
        width,
        height,
        snippet: snippet(settings.issuer(), &settings.brand_name, width, height)?,
    };
    Ok(page(&provider, &visitor, "Button", &body))
}

#[derive(Template)]
#[template(path = "button_snippet.html")]
struct Snippet<'a> {
    brand: &'a str,
    issuer: &'a str,
    width: f32,
    height: f32,
}

/// What is copied; the brand's name is escaped in it as it must be on the other site.
fn snippet(issuer: &str, brand: &str, width: f32, height: f32) -> Result<String, PageError> {
    let snippet = Snippet {
        brand,
        issuer,
        width,
        height,
    };
    let rendered = snippet.render();
    rendered.map_err(|_| PageError::Unreadable("the snippet could not be written".to_owned()))
}
