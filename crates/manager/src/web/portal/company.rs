//! The pages of the company's own settings: legal frameworks, automation, approvals, retention, brand, privacy centre.

mod forms;
mod laws;
mod privacy_centre;

use axum::Router;
use rightful_http::pages::parts::FormErrors;

use super::{Operator, PageError, Section as Where, Submitted, page_error::sentence};
use crate::{Manager, app::company::ChangeSettingsError};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .merge(forms::router())
        .merge(laws::router())
        .merge(privacy_centre::router())
}

/// What is wrong, beside its field; ours to answer for where it is the database.
fn errors(error: ChangeSettingsError) -> Result<FormErrors, PageError> {
    match error {
        ChangeSettingsError::Store(error) => Err(error.into()),
        ChangeSettingsError::Invalid { field, reason } => Ok(FormErrors::default().with(field, sentence(&reason))),
    }
}
