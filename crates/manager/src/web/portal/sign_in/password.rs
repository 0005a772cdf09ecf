//! A forgotten password.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::Path,
    pages::parts::{Csrf, Field, FormErrors, Toast},
};

use super::super::{
    Operator, PageError,
    guest::{Guest, GuestForm},
    page_error::sentence,
};
use crate::{Manager, app::NewPasswordError};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/password", get(ask).post(asked))
        .route("/password/{secret}", get(page).post(choose))
}

#[derive(Template)]
#[template(path = "portal/sign_in/password_ask.html")]
struct AskPage {
    csrf: Csrf,
    mails: bool,
}

#[derive(Template)]
#[template(path = "portal/sign_in/password_choose.html")]
struct ChoosePage<'a> {
    csrf: Csrf,
    action: &'a str,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "portal/error.html")]
struct SentPage {
    title: &'static str,
    text: &'static str,
}

async fn ask(State(manager): State<Manager>, guest: Guest) -> Result<Response, PageError> {
    let body = AskPage {
        csrf: guest.csrf("/password"),
        mails: manager.mailer().is_configured(),
    };
    Ok(guest.page(StatusCode::OK, "New password", &body))
}

async fn asked(State(manager): State<Manager>, sent: GuestForm) -> Result<Response, PageError> {
    manager
        .ask_for_new_password(sent.field("email")?, &sent.guest.visitor)
        .await?;
    let body = SentPage {
        title: "Look into your mailbox",
        text: "If that address belongs to an account, a mail with a link is on its way. The link works once, for an hour.",
    };
    Ok(sent.guest.page(StatusCode::OK, body.title, &body))
}

async fn page(State(manager): State<Manager>, guest: Guest, Path(secret): Path<String>) -> Result<Response, PageError> {
    let secret = Secret::new(secret);
    if !manager.can_choose_password(&secret).await? {
        return Ok(gone(&guest));
    }
    Ok(form(&guest, &secret, StatusCode::OK, FormErrors::default()))
}

fn gone(guest: &Guest) -> Response {
    let body = SentPage {
        title: "This link is not good any more",
        text: "It works once, for an hour, and only the newest one does. Ask for another one on the log-in page.",
    };
    guest.page(StatusCode::NOT_FOUND, body.title, &body)
}

fn form(guest: &Guest, secret: &Secret, status: StatusCode, errors: FormErrors) -> Response {
    let action = format!("/password/{}", secret.reveal());
    let body = ChoosePage {
        csrf: guest.csrf(&action),
        action: &action,
        errors,
    };
    guest.page(status, "New password", &body)
}

async fn choose(
    State(manager): State<Manager>,
    Path(secret): Path<String>,
    sent: GuestForm,
) -> Result<Response, PageError> {
    let secret = Secret::new(secret);
    let password = sent.secret("password")?;
    match manager.choose_password(&secret, &password, &sent.guest.visitor).await {
        Ok(()) => Ok(Operator::see(
            "/login",
            &Toast::done("Your password was changed. Log in with it."),
        )),
        Err(NewPasswordError::Gone) => Ok(gone(&sent.guest)),
        Err(NewPasswordError::Store(error)) => Err(error.into()),
        Err(error) => {
            let errors = FormErrors::default().with("password", sentence(&error.to_string()));
            Ok(form(&sent.guest, &secret, StatusCode::UNPROCESSABLE_ENTITY, errors))
        }
    }
}
