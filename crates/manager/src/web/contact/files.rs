//! Files one by one, for the form's script.

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use rightful_http::{
    ClientAddress,
    extract::{Json, Path, Path2},
    problem::{FieldError, Problem},
};
use serde_json::json;

use super::{
    super::reader::Reader,
    sent::{Sent, as_response},
    words,
};
use crate::{
    By, Manager, UploadId,
    app::{ContactLink, ContactToken, UploadError},
};

/// Takes files in. Those that are taken are told; the first that is not is the answer.
pub(super) async fn add(
    State(manager): State<Manager>,
    ClientAddress(address): ClientAddress,
    reader: Reader,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let Ok(token) = token.parse::<ContactToken>() else {
        return nothing_here();
    };
    let by = By::processor(Some(address.to_string()));
    let language = match manager.open_contact(&token, &by).await {
        Ok(ContactLink::Open(form)) => reader.or(form.language),
        Ok(ContactLink::Unknown) => return nothing_here(),
        Ok(ContactLink::Answered(language) | ContactLink::Closed(language)) => {
            let reason = words::of(reader.or(language)).closed_title;
            return refused(StatusCode::GONE, reason);
        }
        Err(error) => return as_response(error.into()),
    };
    let sent = match Sent::read(&manager, &token, request).await {
        Ok(sent) => sent,
        Err(error) => return as_response(error),
    };
    let words = words::of(language);
    if let Some((name, error)) = sent.refused.first() {
        return refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            &words.refused(name, error, manager.settings()),
        );
    }
    let files: Vec<_> = sent
        .added
        .iter()
        .map(|file| {
            json!({
                "id": file.id,
                "name": file.name.reveal(),
                "bytes": file.bytes,
                "size": words::size(file.bytes),
                "said": words.added,
            })
        })
        .collect();
    Json(json!({ "files": files })).into_response()
}

/// Takes a file away again.
pub(super) async fn remove(State(manager): State<Manager>, Path2(token, file): Path2<String, UploadId>) -> Response {
    let Ok(token) = token.parse::<ContactToken>() else {
        return nothing_here();
    };
    match manager.remove_upload(&token, file).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(UploadError::NoSuchFile) => nothing_here(),
        Err(UploadError::Store(error)) => as_response(error.into()),
        Err(_) => refused(StatusCode::GONE, "the form is closed"),
    }
}

fn nothing_here() -> Response {
    refused(StatusCode::NOT_FOUND, "there is nothing at this address")
}

fn refused(status: StatusCode, reason: &str) -> Response {
    Problem::new(status, "invalid-request")
        .detail(reason.to_owned())
        .error(FieldError {
            field: "files".to_owned(),
            reason: reason.to_owned(),
        })
        .into_response()
}
