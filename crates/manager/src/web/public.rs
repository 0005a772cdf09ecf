//! Pages for data subjects, behind the links in their mails. Opening one changes nothing, for mail scanners open every
//! link: what changes something is a button.

mod download;
mod request;
mod texts;

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header};
use mail::Language;
use rightful_http::{
    extract::{Refusal, answer_refusals_with},
    pages::{Layout, Shell},
};

use super::page_error::PageError;
use crate::Manager;
use texts::Texts;

pub(super) fn router() -> Router<Manager> {
    let router = Router::new().merge(request::router()).merge(download::router());
    answer_refusals_with(router, |refusal: &Refusal| {
        PageError::Refused {
            status: refusal.status,
            reason: refusal.sentence(),
        }
        .into_response()
    })
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "public/message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
}

/// A page in the frame of public pages; it is never kept by a browser or on the way (SEC-49).
fn page(manager: &Manager, status: StatusCode, title: &str, body: &impl Template) -> Response {
    let mut shell = Shell::new(&manager.settings().brand, title).layout(Layout::Narrow);
    shell.home = "/privacy";
    (status, [(header::CACHE_CONTROL, "no-store")], shell.around(body)).into_response()
}

/// A link that opens nothing (any more).
fn no_such_link(manager: &Manager, language: Language) -> Response {
    let texts = Texts::of(language);
    let (title, text) = (texts.no_link_title, texts.no_link);
    page(manager, StatusCode::NOT_FOUND, title, &Message { title, text })
}
