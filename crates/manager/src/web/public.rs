//! Pages for data subjects: the form, and what is behind the links in their mails. Opening one changes nothing, for
//! mail scanners open every link: what changes something is a button.

mod download;
mod form;
mod places;
mod request;
mod script;
mod steps;
mod texts;

use askama::Template;
use axum::{Router, response::Response};
use http::StatusCode;
use mail::Language;
use rightful_http::pages::Layout;

pub(super) use self::texts::{Fault, Texts};
use super::{
    faults,
    outside::{Audience, Outside},
    reader::{Reader, in_language},
};
use crate::Manager;

pub(super) fn router(manager: &Manager) -> Router<Manager> {
    let router = Router::new()
        .merge(form::router())
        .merge(request::router())
        .merge(download::router());
    faults::told(router, manager).merge(script::SCRIPT.route())
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "public/message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
    /// Where to go on: what it says, and where it leads.
    next: Option<(&'a str, String)>,
}

/// A page for data subjects at `path`.
const fn at(path: &str, language: Language) -> Outside<'_> {
    Outside {
        audience: Audience::Subjects,
        path,
        language,
    }
}

/// A page that says one thing, alone, and leads to the form, where there is one.
fn message(manager: &Manager, outside: Outside<'_>, status: StatusCode, title: &str, text: &str) -> Response {
    let has_form = manager.takes_forms(&manager.company_as_known());
    let to_form = Texts::of(outside.language).to_form;
    let next = has_form.then(|| (to_form, format!("/privacy{}", in_language(outside.language))));
    let body = Message { title, text, next };
    outside.page(manager, Layout::Narrow, status, title, &body)
}

/// A link that opens nothing (any more).
fn no_such_link(manager: &Manager, reader: Reader, path: &str) -> Response {
    let texts = Texts::of(reader.language);
    let outside = at(path, reader.language);
    message(
        manager,
        outside,
        StatusCode::NOT_FOUND,
        texts.no_such_link.title,
        texts.no_such_link.text,
    )
}
