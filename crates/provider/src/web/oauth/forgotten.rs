//! `/login/forgotten` and `/login/password/{token}`: a new password by a mailed link.

use std::convert::Infallible;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::Path,
    pages::parts::{Csrf, Field, FormErrors},
};

use crate::{
    Provider,
    app::forgotten_password::ResetPasswordError,
    web::{
        form::Sent,
        page::{PageError, card, sentence},
        visitor::Visitor,
    },
};

const PATH: &str = "/login/forgotten";

#[derive(Template)]
#[template(path = "forgotten.html")]
struct Forgotten {
    csrf: Csrf,
    mails: bool,
    asked: bool,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPassword {
    action: String,
    csrf: Csrf,
    errors: FormErrors,
}

/// What stands in a mailed link. It is a secret: it is never printed.
pub(in crate::web) struct LinkToken(pub(in crate::web) Secret);

impl std::str::FromStr for LinkToken {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(Secret::new(text.to_owned())))
    }
}

/// `GET /login/forgotten`
pub(super) async fn form(State(provider): State<Provider>, visitor: Visitor) -> Response {
    show(&provider, &visitor, false)
}

fn show(provider: &Provider, visitor: &Visitor, asked: bool) -> Response {
    let body = Forgotten {
        csrf: visitor.csrf(provider, PATH),
        mails: provider.mailer().is_configured(),
        asked,
    };
    card(provider, visitor, "Forgotten password", &body)
}

/// `POST /login/forgotten`: the answer says nothing about whether anybody has that address (SEC-7).
pub(super) async fn ask(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let email = Secret::new(sent.text("email")?.to_owned());
    provider.ask_for_new_password(&email, sent.visitor.origin).await?;
    Ok(show(&provider, &sent.visitor, true))
}

/// `GET /login/password/{token}`
pub(super) async fn choose(
    State(provider): State<Provider>,
    Path(LinkToken(token)): Path<LinkToken>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    if !provider.can_reset_password(&token).await? {
        return Err(PageError::LinkGone);
    }
    Ok(choose_page(&provider, &visitor, FormErrors::default()))
}

fn choose_page(provider: &Provider, visitor: &Visitor, errors: FormErrors) -> Response {
    let action = visitor.path.clone();
    let body = NewPassword {
        csrf: visitor.csrf(provider, &action),
        action,
        errors,
    };
    card(provider, visitor, "Choose a new password", &body)
}

/// `POST /login/password/{token}`
pub(super) async fn chosen(
    State(provider): State<Provider>,
    Path(LinkToken(token)): Path<LinkToken>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let new = Secret::new(sent.verbatim("new_password")?.to_owned());
    let fault = match provider.reset_password(&token, &new, visitor.origin).await {
        Ok(()) => return Ok(Redirect::to("/login?done=password").into_response()),
        Err(ResetPasswordError::Rule(rule)) => sentence(&rule.to_string()),
        Err(ResetPasswordError::Hash) => "That password could not be stored.".to_owned(),
        Err(error) => return Err(error.into()),
    };
    let errors = FormErrors::default().with("new_password", fault.trim_end_matches('.').to_owned());
    Ok((StatusCode::BAD_REQUEST, choose_page(&provider, visitor, errors)).into_response())
}

impl From<ResetPasswordError> for PageError {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::Gone => Self::LinkGone,
            ResetPasswordError::Throttled(throttled) => throttled.into(),
            ResetPasswordError::Store(error) => error.into(),
            error @ (ResetPasswordError::Rule(_) | ResetPasswordError::Hash) => Self::Unreadable(error.to_string()),
        }
    }
}
