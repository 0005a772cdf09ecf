//! Refusals of use cases, for programs.

use http::StatusCode;
use rightful_http::problem::{FieldError, Problem};

use super::{
    super::{internal, not_found},
    bodies::invalid,
};
use crate::app::{
    dossier::{ChangeDossierError, DossierError, PackageError},
    requests::{CreateRequestError, DecideError},
};

fn conflict(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, "wrong-state").detail(detail)
}

pub(super) fn gone() -> Problem {
    Problem::new(StatusCode::GONE, "shredded").detail("what was found has been destroyed at the end of its term")
}

impl From<CreateRequestError> for Problem {
    fn from(error: CreateRequestError) -> Self {
        match error {
            CreateRequestError::Invalid { field, reason } => invalid(field, &reason),
            CreateRequestError::OtherAsked => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused")
                .detail("the idempotency key was used before for another request")
                .error(FieldError {
                    field: "Idempotency-Key".to_owned(),
                    reason: "was used before for another request".to_owned(),
                }),
            CreateRequestError::StillRunning => Self::new(StatusCode::CONFLICT, "idempotency-key-in-use")
                .detail("the first request with this idempotency key is still being made: ask again in a moment")
                .error(FieldError {
                    field: "Idempotency-Key".to_owned(),
                    reason: "is in use at this moment".to_owned(),
                }),
            CreateRequestError::Move(error) => conflict(error.to_string()),
            CreateRequestError::Store(error) => internal(&error),
        }
    }
}

impl From<DecideError> for Problem {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NotFound => not_found("there is no such request"),
            DecideError::NoSuchTask => invalid("task", "names none of this request"),
            DecideError::TooLong => invalid("explanation", "is too long"),
            DecideError::Store(error) => internal(&error),
            DecideError::NothingFailed
            | DecideError::NobodyAsked
            | DecideError::NotMailed { .. }
            | DecideError::NobodyToWriteTo
            | DecideError::Illegal(_)
            | DecideError::IllegalTask(_)
            | DecideError::Extend(_) => conflict(error.to_string()),
        }
    }
}

impl From<DossierError> for Problem {
    fn from(error: DossierError) -> Self {
        match error {
            DossierError::NotFound => not_found("there is no such request"),
            DossierError::NoSuchObject => not_found("there is no such object in this dossier"),
            DossierError::Shredded => gone(),
            DossierError::Store(error) => internal(&error),
        }
    }
}

impl From<ChangeDossierError> for Problem {
    fn from(error: ChangeDossierError) -> Self {
        match error {
            ChangeDossierError::NotFound => not_found("there is no such request"),
            ChangeDossierError::Shredded => gone(),
            ChangeDossierError::NotNow(reason) => conflict(format!("the dossier can't be changed: {reason}")),
            ChangeDossierError::TooMany => invalid("changes", "are more than can be made at once"),
            ChangeDossierError::Invalid { index, error } => {
                invalid(&format!("changes[{index}].{}", error.field), &error.problem.to_string())
            }
            ChangeDossierError::Nothing { index, field } => {
                invalid(&format!("changes[{index}].{field}"), "names nothing that was found")
            }
            ChangeDossierError::Undo { index, error } => invalid(&format!("undo[{index}]"), &error.to_string()),
            ChangeDossierError::Store(error) => internal(&error),
        }
    }
}

impl From<PackageError> for Problem {
    fn from(error: PackageError) -> Self {
        match error {
            PackageError::NotFound => not_found("there is no such request"),
            PackageError::NotReady(reason) => conflict(format!("there is no package: {reason}")),
            PackageError::Shredded => gone(),
            PackageError::Moved(error) => conflict(error.to_string()),
            PackageError::Write(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a package could not be written"
                );
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").detail("it is our fault and has been recorded")
            }
            PackageError::Store(error) => internal(&error),
        }
    }
}
