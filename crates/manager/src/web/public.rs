//! Pages for data subjects: the form, and what is behind the links in their mails. Opening one changes nothing, for
//! mail scanners open every link: what changes something is a button.

mod download;
mod form;
mod places;
mod reader;
mod request;
mod script;
mod steps;
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

use self::reader::Reader;
use super::page_error::PageError;
use crate::Manager;
use texts::Texts;

pub(super) fn router() -> Router<Manager> {
    let router = Router::new()
        .merge(form::router())
        .merge(request::router())
        .merge(download::router())
        .merge(script::SCRIPT.route());
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
fn page(
    manager: &Manager,
    language: Language,
    layout: Layout,
    status: StatusCode,
    title: &str,
    body: &impl Template,
) -> Response {
    let company = manager.company_as_known();
    let mut shell = Shell::new(&company.brand.name, title).layout(layout);
    shell.accent = company.brand.accent();
    shell.home = "/privacy";
    shell.lang = language.name();
    (status, [(header::CACHE_CONTROL, "no-store")], shell.around(body)).into_response()
}

/// A page that says one thing, alone.
fn message(manager: &Manager, language: Language, status: StatusCode, title: &str, text: &str) -> Response {
    let body = Message { title, text };
    page(manager, language, Layout::Narrow, status, title, &body)
}

/// A link that opens nothing (any more).
fn no_such_link(manager: &Manager, reader: Reader) -> Response {
    let texts = Texts::of(reader.language);
    let (title, text) = (texts.no_link_title, texts.no_link);
    message(manager, reader.language, StatusCode::NOT_FOUND, title, text)
}
