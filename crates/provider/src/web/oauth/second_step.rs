//! `/login/code`: the second step of a log-in, for who has turned it on.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::pages::parts::{Csrf, Field, FormErrors};

use super::log_in::{Onward, leading_to};
use crate::{
    Provider,
    app::two_step::TwoStepError,
    web::{
        form::Sent,
        page::{PageError, card},
        visitor::Visitor,
    },
};

pub(super) const PATH: &str = "/login/code";

#[derive(Template)]
#[template(path = "login_code.html")]
struct Code<'a> {
    csrf: Csrf,
    errors: FormErrors,
    onward: &'a Onward,
}

/// `GET /login/code`: the page comes after the password, never by itself.
pub(super) async fn form() -> Redirect {
    Redirect::to("/login")
}

/// Asks for the code, in the browser whose cookie stands for the half log-in.
pub(super) async fn show(
    provider: &Provider,
    visitor: &Visitor,
    onward: &Onward,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let asked = onward.asked(provider).await?;
    let body = Code {
        csrf: visitor.csrf(provider, PATH),
        errors,
        onward,
    };
    let page = card(provider, visitor, "Enter a code", &body);
    Ok(match asked {
        Some(asked) => (leading_to(&asked.request.redirect_uri), page).into_response(),
        None => page,
    })
}

/// `POST /login/code`
pub(super) async fn sent(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let onward = Onward::read(sent.verbatim("authorization")?, sent.verbatim("return_to")?);
    let code = Secret::new(sent.text("totp")?.to_owned());
    match provider.finish_log_in(&visitor.token, &code, visitor.origin).await {
        Ok(token) => Ok(onward.follow(&token)),
        Err(TwoStepError::Code | TwoStepError::Password) => {
            let errors = FormErrors::default().with("totp", "That code is not right, or was used before");
            let page = show(&provider, visitor, &onward, errors).await?;
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
        Err(TwoStepError::Gone | TwoStepError::Required) => Ok(Redirect::to("/login").into_response()),
        Err(TwoStepError::Throttled(throttled)) => Err(throttled.into()),
        Err(TwoStepError::Store(error)) => Err(error.into()),
    }
}
