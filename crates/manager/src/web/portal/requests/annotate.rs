//! Who takes care of a request, and notes about it.

use axum::{extract::State, response::Response};
use privacy::Personal;
use rightful_http::{extract::Path, pages::parts::Toast};

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
            AnnotateError::Shredded => Self::conflict(error),
        }
    }
}
