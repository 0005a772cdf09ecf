//! `/accountsettings/password`: a new password.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::pages::parts::{Csrf, Field, FormErrors, Notice, Tone};

use super::PASSWORD;
use crate::{
    Provider,
    app::change_password::ChangePasswordError,
    web::{
        form::Sent,
        page::{PageError, reading_page, sentence},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "password.html")]
struct Password {
    action: &'static str,
    csrf: Csrf,
    errors: FormErrors,
    changed: bool,
}

/// `GET /accountsettings/password`
pub(super) async fn form(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    visitor.session()?;
    Ok(show(&provider, &visitor, FormErrors::default(), false))
}

fn show(provider: &Provider, visitor: &Visitor, errors: FormErrors, changed: bool) -> Response {
    let body = Password {
        action: PASSWORD,
        csrf: visitor.csrf(provider, PASSWORD),
        errors,
        changed,
    };
    reading_page(provider, visitor, "Password", &body)
}

/// `POST /accountsettings/password`
pub(super) async fn change(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.session()?;
    let secret = |field| sent.verbatim(field).map(|text| Secret::new(text.to_owned()));
    let (current, new) = (secret("current_password")?, secret("new_password")?);
    let errors = FormErrors::default();
    let errors = match provider.change_password(session, &current, &new, visitor.origin).await {
        Ok(()) => return Ok(show(&provider, visitor, errors, true)),
        Err(ChangePasswordError::Wrong) => errors.with("current_password", "That is not your password"),
        Err(ChangePasswordError::Rule(rule)) => {
            let text = sentence(&rule.to_string());
            errors.with("new_password", text.trim_end_matches('.'))
        }
        Err(ChangePasswordError::Hash) => errors.with("new_password", "That password could not be stored"),
        Err(ChangePasswordError::Throttled(throttled)) => return Err(throttled.into()),
        Err(ChangePasswordError::Store(error)) => return Err(error.into()),
    };
    Ok((StatusCode::BAD_REQUEST, show(&provider, visitor, errors, false)).into_response())
}
