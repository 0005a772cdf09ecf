//! The form's page, and the pages that say that there is nothing more to do.

use askama::Template;
use axum::{
    Extension,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use mail::Language;
use rightful_http::{
    headers::ContentPolicy,
    pages::{
        Layout,
        parts::{Choice, Field},
    },
};

use super::{
    super::reader::{Reader, in_language},
    at, script,
    words::{self, Words},
};
use crate::{
    Manager, UploadId,
    app::{AnswerFault, ContactForm, ContactLink, ContactOutcome},
};

/// What was filled in so far, and what is wrong with it.
#[derive(Default)]
pub(super) struct Filled {
    pub(super) outcome: String,
    pub(super) reason: String,
    pub(super) email: String,
    pub(super) note: String,
    pub(super) attested: bool,
    pub(super) errors: Vec<(&'static str, String)>,
}

impl Filled {
    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    pub(super) fn add_faults(&mut self, faults: &[(&'static str, AnswerFault)], language: Language) {
        let words = words::of(language);
        let sentences = faults
            .iter()
            .map(|(field, fault)| (*field, words.fault(*fault).to_owned()));
        self.errors.extend(sentences);
    }

    fn error(&self, field: &str) -> Option<String> {
        let error = self.errors.iter().find(|(name, _)| *name == field);
        error.map(|(_, sentence)| sentence.clone())
    }
}

#[derive(Template)]
#[template(path = "contact/form.html")]
struct FormPage<'a> {
    words: &'static Words,
    form: &'a ContactForm,
    title: &'a str,
    lede: String,
    task: &'static str,
    until: String,
    note_from: String,
    subject: Vec<(&'static str, &'a str)>,
    action: String,
    /// Where the script sends files to.
    files: String,
    query: String,
    script: &'static str,
    accept: String,
    files_hint: String,
    files_error: Option<String>,
    uploads: Vec<Line<'a>>,
    outcome: Field<'static>,
    reason: Field<'a>,
    email: Field<'a>,
    note: Field<'a>,
    attest: Field<'static>,
    errors: &'a [(&'static str, String)],
}

/// A file that was added.
struct Line<'a> {
    id: UploadId,
    name: &'a str,
    size: String,
}

/// The form, with what was filled in so far.
pub(super) fn show(
    manager: &Manager,
    token: &str,
    language: Language,
    form: &ContactForm,
    filled: &Filled,
) -> Response {
    let words = words::of(language);
    let path = format!("/c/{token}");
    let settings = manager.settings();
    let company = manager.company_as_known();
    let brand = &company.brand.name;
    let until = language.day(form.until);
    let title = words.title(brand, form.is_deletion);
    let outcomes: &[ContactOutcome] = if form.is_deletion {
        &[
            ContactOutcome::Deleted,
            ContactOutcome::NothingFound,
            ContactOutcome::CannotDelete,
        ]
    } else {
        &[ContactOutcome::Found, ContactOutcome::NothingFound]
    };
    let outcomes = outcomes
        .iter()
        .map(|outcome| Choice::new(outcome.name(), words.outcome(*outcome, form.is_deletion)));
    let body = FormPage {
        words,
        form,
        title: &title,
        lede: words.lede(brand),
        task: if form.is_deletion {
            words.task_deletion
        } else {
            words.task_access
        },
        until,
        note_from: words.note_from(brand),
        subject: form
            .subject
            .iter()
            .map(|(kind, value)| (words.identity(*kind), value.reveal().as_str()))
            .collect(),
        action: format!("{path}{}", in_language(language)),
        files: format!("{path}/files"),
        query: in_language(language),
        script: script::SCRIPT.path(),
        accept: words::accept(),
        files_hint: words.files_hint(settings),
        files_error: filled.error("files"),
        uploads: form
            .uploads
            .iter()
            .map(|file| Line {
                id: file.id,
                name: file.name.reveal(),
                size: words::size(file.bytes),
            })
            .collect(),
        outcome: Field::radios("outcome", words.outcome_label(form.is_deletion), outcomes.collect())
            .value(filled.outcome.clone())
            .error(filled.error("outcome")),
        reason: Field::area("reason", words.reason)
            .optional_as(words.reason_when)
            .hint(words.reason_hint)
            .value(filled.reason.as_str())
            .max_length(4000)
            .error(filled.error("reason")),
        email: Field::email("email", words.email)
            .hint(words.email_hint)
            .value(filled.email.as_str())
            .error(filled.error("email")),
        note: Field::area("note", words.note)
            .optional_as(words.optional)
            .value(filled.note.as_str())
            .max_length(4000)
            .error(filled.error("note")),
        attest: Field::checks(
            "attest",
            words.attest_label,
            vec![Choice::new("yes", words.attest).chosen(filled.attested)],
        )
        .error(filled.error("attest")),
        errors: &filled.errors,
    };
    let status = if filled.has_errors() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let policy = if form.is_deletion {
        ContentPolicy::default()
    } else {
        ContentPolicy::default().with_own_scripts()
    };
    let page = at(&path, language).page(manager, Layout::Reading, status, &title, &body);
    (Extension(policy), page).into_response()
}

#[derive(Template)]
#[template(path = "contact/closed.html")]
struct ClosedPage<'a> {
    title: &'a str,
    text: &'a str,
}

/// What a link that leads to no open form says: kindly, and nothing about anybody.
pub(super) fn closed(manager: &Manager, reader: Reader, token: &str, link: &ContactLink) -> Response {
    let (language, status) = match link {
        ContactLink::Answered(language) => (reader.or(*language), StatusCode::OK),
        ContactLink::Closed(language) => (reader.or(*language), StatusCode::GONE),
        ContactLink::Open(_) | ContactLink::Unknown => return gone(manager, reader, token),
    };
    let words = words::of(language);
    let (title, text) = if status == StatusCode::OK {
        (words.thanks_title, words.thanks)
    } else {
        (words.closed_title, words.closed)
    };
    said(manager, language, token, status, title, text)
}

/// There never was such a link; in which language it would have been nobody knows.
pub(super) fn gone(manager: &Manager, reader: Reader, token: &str) -> Response {
    let language = reader.or(reader.language);
    let words = words::of(language);
    let (title, text) = (words.unknown_title, words.unknown);
    said(manager, language, token, StatusCode::NOT_FOUND, title, text)
}

fn said(manager: &Manager, language: Language, token: &str, status: StatusCode, title: &str, text: &str) -> Response {
    let path = format!("/c/{token}");
    at(&path, language).page(manager, Layout::Narrow, status, title, &ClosedPage { title, text })
}
