//! The portal: pages for staff, which need no script.

mod audit;
mod company;
mod connections;
pub(crate) mod denied;
pub(crate) mod frame;
mod guest;
mod home;
mod mail_words;
pub(crate) mod page_error;
mod profile;
mod requests;
mod settings;
mod sign_in;

use axum::{
    Router,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use rightful_http::extract::{Refusal, answer_refusals_with};

pub(crate) use audit::as_lines as audit_lines;
pub(crate) use frame::{Operator, Section, Submitted};
pub(crate) use page_error::PageError;

use crate::Manager;

/// All pages for staff.
pub(super) fn router() -> Router<Manager> {
    let router = Router::new()
        .merge(home::router())
        .merge(sign_in::router())
        .merge(profile::router())
        .merge(audit::router())
        .merge(connections::router())
        .merge(company::router())
        .merge(requests::router())
        .merge(settings::router());
    answer_refusals_with(router, refused)
}

fn refused(refusal: &Refusal) -> Response {
    // An address that is wrong in itself is one where nothing is.
    if refusal.status == StatusCode::NOT_FOUND {
        return PageError::NotFound.into_response();
    }
    PageError::Refused {
        status: refusal.status,
        reason: refusal.sentence(),
    }
    .into_response()
}
