//! Logging in and out.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use http::{StatusCode, header};
use oauth::Secret;
use rightful_http::{
    extract::QueryPairs,
    pages::parts::{Csrf, Field, FormErrors, Notice, Tone},
};

use super::super::{
    PageError, Submitted,
    frame::COOKIE,
    guest::{Guest, GuestForm, entered},
    page_error::{own_path, path_with_next, sentence},
};
use crate::{
    Manager,
    app::{Entered, LogInError},
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/login", get(page).post(log_in))
        .route("/logout", post(log_out))
}

#[derive(Template)]
#[template(path = "portal/sign_in/log_in.html")]
struct LogInPage<'a> {
    csrf: Csrf,
    errors: FormErrors,
    email: &'a str,
    next: &'a str,
    /// Nobody can log in yet.
    fresh: bool,
    /// Who forgot the password can be mailed.
    mails: bool,
    single_sign_on: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/sign_in/code.html")]
struct CodePage<'a> {
    csrf: Csrf,
    errors: FormErrors,
    ticket: &'a str,
    next: &'a str,
}

async fn page(
    State(manager): State<Manager>,
    guest: Guest,
    QueryPairs(query): QueryPairs,
) -> Result<Response, PageError> {
    let next = query
        .iter()
        .find(|(name, _)| name == "next")
        .map_or("/", |(_, value)| value);
    let next = own_path(next);
    if manager.logged_in(&guest.token).await?.is_some() {
        return Ok(Redirect::to(next).into_response());
    }
    form(&guest, StatusCode::OK, "", next, FormErrors::default()).await
}

async fn form(
    guest: &Guest,
    status: StatusCode,
    email: &str,
    next: &str,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let settings = guest.manager.settings();
    let body = LogInPage {
        csrf: guest.csrf("/login"),
        errors,
        email,
        next,
        fresh: !guest.manager.has_operators().await?,
        mails: guest.manager.mailer().is_configured(),
        single_sign_on: settings
            .oidc_issuer
            .is_some()
            .then(|| path_with_next("/login/single-sign-on", next)),
    };
    Ok(guest.page(status, "Log in", &body))
}

fn ask_for_code(guest: &Guest, status: StatusCode, ticket: &Secret, next: &str, errors: FormErrors) -> Response {
    let body = CodePage {
        csrf: guest.csrf("/login"),
        errors,
        ticket: ticket.reveal(),
        next,
    };
    guest.page(status, "Log in", &body)
}

async fn log_in(State(manager): State<Manager>, form_sent: GuestForm) -> Result<Response, PageError> {
    let guest = &form_sent.guest;
    let next = own_path(form_sent.field("next")?);
    let code = form_sent.secret("totp")?;
    let code = (!code.reveal().trim().is_empty()).then_some(code);
    let email = form_sent.field("email")?;
    let result = match (form_sent.field("ticket")?, &code) {
        ("", code) => {
            let password = form_sent.secret("password")?;
            manager.log_in(email, &password, code.as_ref(), &guest.visitor).await
        }
        (ticket, Some(code)) => {
            let ticket = Secret::new(ticket.to_owned());
            manager.log_in_with_code(&ticket, code, &guest.visitor).await
        }
        (ticket, None) => Ok(Entered::NeedsCode {
            ticket: Secret::new(ticket.to_owned()),
        }),
    };
    match result {
        Ok(Entered::NeedsCode { ticket }) => Ok(ask_for_code(
            guest,
            StatusCode::OK,
            &ticket,
            next,
            FormErrors::default(),
        )),
        Ok(inside) => entered(&inside, next).ok_or(PageError::Internal),
        Err(LogInError::Store(error)) => Err(error.into()),
        Err(error) => {
            let errors = FormErrors::default().with("", sentence(&error.to_string()));
            match error {
                LogInError::WrongCode { ticket } => {
                    let errors = FormErrors::default().with("totp", "That code is wrong, or it was used already");
                    Ok(ask_for_code(guest, StatusCode::UNAUTHORIZED, &ticket, next, errors))
                }
                LogInError::TooMany { retry_after } => {
                    let mut page = form(guest, StatusCode::TOO_MANY_REQUESTS, email, next, errors).await?;
                    page.headers_mut()
                        .insert(header::RETRY_AFTER, retry_after.as_secs().into());
                    Ok(page)
                }
                _ => form(guest, StatusCode::UNAUTHORIZED, email, next, errors).await,
            }
        }
    }
}

async fn log_out(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    manager.log_out(operator.token(), &operator.by).await?;
    Ok(([(header::SET_COOKIE, COOKIE.clear())], Redirect::to("/login")).into_response())
}
