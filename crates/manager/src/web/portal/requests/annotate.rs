//! Who takes care of a request, notes about it, and mails that did not go out.

use axum::{extract::State, response::Response};
use mail::MailId;
use privacy::Personal;
use rightful_http::{
    extract::{Path, Path2},
    pages::parts::Toast,
};

use super::super::{Operator, PageError, Submitted};
use crate::{Manager, Permission, RequestId, app::requests::AnnotateError};

/// Gives the request to somebody, or to nobody.
pub(super) async fn assign(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::WorkRequests)?;
    let operator = match submitted.field("operator")? {
        "" | "nobody" => None,
        id => Some(id.parse().map_err(|_| PageError::NotFound)?),
    };
    let view = manager.assign(id, operator, &submitted.operator.by).await?;
    let done = match view.assignee {
        Some(assignee) => format!("{} takes care of it now.", assignee.name),
        None => "Nobody takes care of it now.".to_owned(),
    };
    Ok(Operator::see(&format!("/requests/{id}"), &Toast::done(done)))
}

/// Writes a note.
pub(super) async fn note(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::WorkRequests)?;
    let text = Personal::new(submitted.field("text")?.to_owned());
    manager.add_note(id, &text, &submitted.operator.by).await?;
    let path = format!("/requests/{id}");
    Ok(Operator::see(&path, &Toast::done("The note was added.")))
}

/// Tries a mail of the request again that could not be sent.
pub(super) async fn send_again(
    State(manager): State<Manager>,
    Path2(id, mail): Path2<RequestId, MailId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::WorkRequests)?;
    let path = format!("/requests/{id}");
    let mails = manager.mails_of_request(id).await?.ok_or(PageError::NotFound)?;
    if !mails.iter().any(|listed| listed.id == mail) {
        return Err(PageError::NotFound);
    }
    Ok(if manager.send_mail_again(mail, &submitted.operator.by).await? {
        Operator::see(&path, &Toast::done("The mail is on its way again."))
    } else {
        Operator::see(&path, &Toast::warning("This mail can’t be sent again."))
    })
}

impl From<AnnotateError> for PageError {
    fn from(error: AnnotateError) -> Self {
        match error {
            AnnotateError::NotFound => Self::NotFound,
            AnnotateError::Store(error) => error.into(),
            AnnotateError::Text => Self::Refused {
                status: http::StatusCode::UNPROCESSABLE_ENTITY,
                reason: "a note has 1 to 10,000 characters".to_owned(),
            },
            AnnotateError::NoSuchOperator => Self::conflict("this person may not log in any more"),
            AnnotateError::TooMany | AnnotateError::Shredded => Self::conflict(error),
        }
    }
}
