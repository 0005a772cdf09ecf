//! The door: logging in and out, set-up, invitations, forgotten passwords.

mod confirm;
mod invitation;
mod log_in;
mod password;
mod set_up;
mod single_sign_on;

use axum::Router;
use rightful_http::pages::parts::{Field, FormErrors};

use crate::Manager;

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .merge(log_in::router())
        .merge(confirm::router())
        .merge(set_up::router())
        .merge(invitation::router())
        .merge(password::router())
        .merge(single_sign_on::router())
}

/// Where a new password is typed.
pub(super) fn new_password_field(errors: &FormErrors) -> Field<'_> {
    Field::password("password", "New password")
        .autocomplete("new-password")
        .hint("At least 8 characters. A few words are easier to remember than signs.")
        .error(errors.of("password"))
}
