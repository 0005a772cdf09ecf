//! The first administrator.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::Path,
    pages::parts::{Csrf, Field, FormErrors},
};

use super::super::{
    PageError,
    guest::{Guest, GuestForm, let_in},
    page_error::sentence,
};
use crate::{
    Manager,
    app::{CreateOperatorError, SetUpError},
};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/setup/{secret}", get(page).post(set_up))
}

#[derive(Template)]
#[template(path = "portal/sign_in/set_up.html")]
struct SetUpPage<'a> {
    csrf: Csrf,
    action: &'a str,
    brand: &'a str,
    email: &'a str,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "portal/error.html")]
struct GonePage {
    title: &'static str,
    text: &'static str,
}

async fn page(State(manager): State<Manager>, guest: Guest, Path(secret): Path<String>) -> Result<Response, PageError> {
    let secret = Secret::new(secret);
    if !manager.can_set_up(&secret).await? {
        return Ok(gone(&guest));
    }
    Ok(form(&guest, &secret, StatusCode::OK, "", FormErrors::default()))
}

fn gone(guest: &Guest) -> Response {
    let body = GonePage {
        title: "This link is not good any more",
        text: "A set-up link works once, for an hour, and only while nobody can log in. Start the server again for a new one.",
    };
    guest.page(StatusCode::NOT_FOUND, body.title, &body)
}

fn form(guest: &Guest, secret: &Secret, status: StatusCode, email: &str, errors: FormErrors) -> Response {
    let action = format!("/setup/{}", secret.reveal());
    let body = SetUpPage {
        csrf: guest.csrf(&action),
        action: &action,
        brand: &guest.manager.settings().brand,
        email,
        errors,
    };
    guest.page(status, "Set up", &body)
}

async fn set_up(
    State(manager): State<Manager>,
    Path(secret): Path<String>,
    sent: GuestForm,
) -> Result<Response, PageError> {
    let secret = Secret::new(secret);
    let email = sent.field("email")?;
    match manager
        .set_up(&secret, email, sent.secret("password")?, &sent.guest.visitor)
        .await
    {
        Ok(token) => Ok(let_in(&token, None, "/")),
        Err(SetUpError::Gone) => Ok(gone(&sent.guest)),
        Err(SetUpError::Store(error) | SetUpError::Operator(CreateOperatorError::Store(error))) => Err(error.into()),
        Err(SetUpError::Operator(error)) => {
            let text = sentence(error.to_string().trim_start_matches("password: "));
            let errors = FormErrors::default().with(error.field().unwrap_or_default(), text);
            Ok(form(
                &sent.guest,
                &secret,
                StatusCode::UNPROCESSABLE_ENTITY,
                email,
                errors,
            ))
        }
    }
}
