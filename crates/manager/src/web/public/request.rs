//! A request as its subject sees it: confirm it, see how it is, call it off.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use http::StatusCode;
use privacy::{
    Right,
    request::{Outcome, StageName},
};
use rightful_http::{ClientAddress, extract::Path, pages::Layout};

use super::{
    Reader, Texts, message, no_such_link, page,
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
    path: String,
    can_verify: bool,
    can_cancel: bool,
}

async fn show(
    State(manager): State<Manager>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let request = match manager.request_of_link(&token).await {
        Ok(request) => request,
        Err(error) => return refused(&manager, reader, error, None),
    };
    let texts = Texts::of(request.language);
    let (title, text) = words(texts, &request);
    let body = RequestPage {
        texts,
        title,
        text,
        reference: &request.reference,
        received: request.language.day(request.received_at),
        deadline: request
            .outcome
            .is_none()
            .then(|| request.language.day(request.deadline)),
        is_extended: request.is_extended,
        steps: steps::of(texts, &request),
        path: format!("/privacy/requests/{token}"),
        can_verify: request.can_verify,
        can_cancel: request.can_cancel,
    };
    Ok(page(
        &manager,
        request.language,
        Layout::Narrow,
        StatusCode::OK,
        title,
        &body,
    ))
}

async fn verify(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let by = By::subject(Some(address.to_string()));
    match manager.verify_by_link(&token, &by).await {
        Ok(_) => Ok(Redirect::to(&format!("/privacy/requests/{token}")).into_response()),
        Err(error) => refused(&manager, reader, error, Some(&token)),
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
        Ok(_) => Ok(Redirect::to(&format!("/privacy/requests/{token}")).into_response()),
        Err(error) => refused(&manager, reader, error, Some(&token)),
    }
}

/// Where a request did not move, its page says how it stands: a button that was pressed twice has done its work.
fn refused(manager: &Manager, reader: Reader, error: SubjectError, token: Option<&str>) -> Result<Response, PageError> {
    match (error, token) {
        (SubjectError::Store(error), _) => Err(error.into()),
        (SubjectError::NotFound, _) => Ok(no_such_link(manager, reader)),
        (SubjectError::Illegal(_) | SubjectError::IllegalTask(_), Some(token)) => {
            Ok(Redirect::to(&format!("/privacy/requests/{token}")).into_response())
        }
        (SubjectError::Illegal(_) | SubjectError::IllegalTask(_), None) => {
            let texts = Texts::of(reader.language);
            let (title, text) = (texts.no_link_title, texts.no_link);
            Ok(message(manager, reader.language, StatusCode::CONFLICT, title, text))
        }
    }
}

fn words(texts: &'static Texts, request: &SubjectRequest) -> (&'static str, String) {
    let with_until = |text: &str| {
        let until = request.until.map(|until| request.language.instant(until));
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
        StageName::PendingVerification => (texts.no_link_title, texts.closed_unverified.to_owned()),
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
