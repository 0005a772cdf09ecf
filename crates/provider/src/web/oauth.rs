//! Log-in, consent, and the endpoints of OAuth 2.0.

mod account;
mod authorize;
mod button;
mod call;
mod consent;
mod forgotten;
mod log_in;
mod metadata;
mod second_step;
mod token;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

pub(in crate::web) use button::size as button_size;
pub(in crate::web) use forgotten::LinkToken;
pub(crate) use log_in::Onward;
pub(in crate::web) use token::token;

use crate::Provider;

/// Far more than any token request needs; beyond it 413 (AS-44).
const MOST_BYTES: usize = 64 * 1024;

/// What people see.
pub(super) fn pages() -> Router<Provider> {
    Router::new()
        .route("/login", get(log_in::form).post(log_in::sent))
        .route("/login/code", get(second_step::form).post(second_step::sent))
        .route("/login/forgotten", get(forgotten::form).post(forgotten::ask))
        .route(
            "/login/password/{token}",
            get(forgotten::choose).post(forgotten::chosen),
        )
        .route("/logout", get(log_in::out_form).post(log_in::out))
        .route("/oauth2/authorize", get(authorize::ask))
        .route("/oauth2/consent/{id}", get(consent::form).post(consent::decided))
        .route("/oauth2/consent/{id}/account", post(account::chosen))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}

/// What applications call.
pub(super) fn endpoints() -> Router<Provider> {
    Router::new()
        .route("/oauth2/token", post(token::issue))
        .route("/oauth2/revoke", post(token::revoke))
        .route("/oauth2/introspect", post(token::introspect))
        .route("/.well-known/oauth-authorization-server", get(metadata::document))
        .route("/connect.svg", get(button::svg))
        .route("/connect.png", get(button::png))
}
