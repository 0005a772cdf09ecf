//! `/accountsettings/confirm`: the password once more, before something that a borrowed browser must not do (SEC-12).

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::Query,
    pages::parts::{Csrf, Field, FormErrors},
};
use serde::Deserialize;

use super::CONFIRM;
use crate::{
    Provider,
    app::proof::ProofError,
    web::{
        form::Sent,
        oauth::Onward,
        page::{PageError, card},
        visitor::Visitor,
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ConfirmQuery {
    return_to: String,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm<'a> {
    csrf: Csrf,
    return_to: &'a str,
    errors: FormErrors,
}

/// `GET /accountsettings/confirm`
pub(super) async fn form(
    State(provider): State<Provider>,
    Query(query): Query<ConfirmQuery>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    visitor.session()?;
    let onward = Onward::read("", &query.return_to);
    Ok(show(&provider, &visitor, &onward.return_to, FormErrors::default()))
}

fn show(provider: &Provider, visitor: &Visitor, return_to: &str, errors: FormErrors) -> Response {
    let body = Confirm {
        csrf: visitor.csrf(provider, CONFIRM),
        return_to,
        errors,
    };
    card(provider, visitor, "Enter your password", &body)
}

/// `POST /accountsettings/confirm`
pub(super) async fn prove(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.session()?;
    let onward = Onward::read("", sent.verbatim("return_to")?);
    let password = Secret::new(sent.verbatim("current_password")?.to_owned());
    match provider.prove(session, &password, visitor.origin).await {
        Ok(()) => Ok(Redirect::to(&onward.path()).into_response()),
        Err(ProofError::Wrong) => {
            let errors = FormErrors::default().with("current_password", "That is not your password");
            let page = show(&provider, visitor, &onward.return_to, errors);
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(ProofError::Throttled(throttled)) => Err(throttled.into()),
        Err(ProofError::Store(error)) => Err(error.into()),
    }
}
