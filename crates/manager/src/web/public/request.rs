//! A request as its subject sees it: confirm it, see how it is, call it off.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use http::StatusCode;
use mail::Language;
use privacy::{
    Right,
    request::{Outcome, StageName},
};
use rightful_http::{ClientAddress, extract::Path, pages::Layout};

use super::{
    Reader, Texts, at, in_language, message, no_such_link,
    steps::{self, Step},
};
use crate::{
    By, Manager,
    app::{SubjectError, SubjectRequest},
    web::page_error::PageError,
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/privacy/requests/{token}", get(show))
        .route("/privacy/requests/{token}/verify", post(verify))
        .route("/privacy/requests/{token}/cancel", post(cancel))
}

#[derive(Template)]
#[template(path = "public/request.html")]
struct RequestPage<'a> {
    texts: &'static Texts,
    title: &'static str,
    text: String,
    reference: &'a str,
    received: String,
    deadline: Option<String>,
    is_extended: bool,
    steps: Vec<Step>,
    path: &'a str,
    query: String,
    can_verify: bool,
    can_cancel: bool,
}

async fn show(
    State(manager): State<Manager>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let path = path_of(&token);
    let request = match manager.request_of_link(&token).await {
        Ok(request) => request,
        Err(error) => return refused(&manager, reader, error, &token, false),
    };
    let language = reader.or(request.language);
    let texts = Texts::of(language);
    let (title, text) = words(texts, language, &request);
    let body = RequestPage {
        texts,
        title,
        text,
        reference: &request.reference,
        received: language.day(request.received_at),
        deadline: request.outcome.is_none().then(|| language.day(request.deadline)),
        is_extended: request.is_extended,
        steps: steps::of(texts, &request),
        path: &path,
        query: in_language(language),
        can_verify: request.can_verify,
        can_cancel: request.can_cancel,
    };
    Ok(at(&path, language).page(&manager, Layout::Narrow, StatusCode::OK, title, &body))
}

fn path_of(token: &str) -> String {
    format!("/privacy/requests/{token}")
}

async fn verify(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let by = By::subject(Some(address.to_string()));
    match manager.verify_by_link(&token, &by).await {
        Ok(_) => Ok(back(reader, &token)),
        Err(error) => refused(&manager, reader, error, &token, true),
    }
}

async fn cancel(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let by = By::subject(Some(address.to_string()));
    match manager.cancel_by_link(&token, &by).await {
        Ok(_) => Ok(back(reader, &token)),
        Err(error) => refused(&manager, reader, error, &token, true),
    }
}

/// The request's page, in the language that was chosen.
fn back(reader: Reader, token: &str) -> Response {
    Redirect::to(&format!("{}{}", path_of(token), reader.query())).into_response()
}

/// Where a request did not move, its page says how it stands: a button that was pressed twice has done its work.
fn refused(
    manager: &Manager,
    reader: Reader,
    error: SubjectError,
    token: &str,
    has_page: bool,
) -> Result<Response, PageError> {
    match error {
        SubjectError::Store(error) => Err(error.into()),
        SubjectError::NotFound => Ok(no_such_link(manager, reader, &path_of(token))),
        SubjectError::Illegal(_) | SubjectError::IllegalTask(_) if has_page => Ok(back(reader, token)),
        SubjectError::Illegal(_) | SubjectError::IllegalTask(_) => {
            let texts = Texts::of(reader.language);
            let (title, text) = (texts.no_such_link.title, texts.no_such_link.text);
            let path = path_of(token);
            Ok(message(
                manager,
                at(&path, reader.language),
                StatusCode::CONFLICT,
                title,
                text,
            ))
        }
    }
}

fn words(texts: &'static Texts, language: Language, request: &SubjectRequest) -> (&'static str, String) {
    let with_until = |text: &str| {
        let until = request.until.map(|until| language.instant(until));
        text.replace("{until}", &until.unwrap_or_default())
    };
    if let Some(outcome) = request.outcome {
        let text = match (outcome, request.right) {
            (Outcome::Completed, Right::Deletion) => texts.closed_deleted,
            (Outcome::Completed, Right::Access) | (Outcome::Downloaded, _) => texts.closed_downloaded,
            (Outcome::NotDownloaded, _) => texts.closed_not_downloaded,
            (Outcome::Unverified, _) => texts.closed_unverified,
            (Outcome::Denied, _) => texts.closed_denied,
            (Outcome::Cancelled, _) => texts.closed_cancelled,
            (Outcome::Duplicate, _) => texts.closed_duplicate,
            (Outcome::Nonresponsive, _) => texts.closed_nonresponsive,
            (Outcome::Spam, _) => texts.closed_otherwise,
        };
        return (texts.closed_title, text.to_owned());
    }
    match request.state {
        StageName::PendingVerification if request.can_verify => {
            let text = match request.right {
                Right::Access => texts.verify_access,
                Right::Deletion => texts.verify_deletion,
            };
            (texts.verify_title, with_until(text))
        }
        StageName::PendingVerification => (texts.no_such_link.title, texts.closed_unverified.to_owned()),
        StageName::Grace => (texts.progress_title, with_until(texts.progress_grace)),
        StageName::Deleting | StageName::VerifyingErasure | StageName::Notifying => {
            (texts.progress_title, texts.progress_deleting.to_owned())
        }
        StageName::Delivering => (texts.progress_title, texts.progress_delivering.to_owned()),
        StageName::Triage
        | StageName::Paused
        | StageName::Collecting
        | StageName::PendingReview
        | StageName::Closed => (texts.progress_title, texts.progress.to_owned()),
    }
}
