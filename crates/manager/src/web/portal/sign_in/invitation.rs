//! Accepting an invitation.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::Path,
    pages::parts::{Csrf, FormErrors},
};

use super::super::{
    PageError,
    guest::{Guest, GuestForm, let_in},
    page_error::sentence,
};
use crate::{
    Manager,
    app::{CreateOperatorError, InvitationView, InviteError},
};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/invitation/{secret}", get(page).post(accept))
}

#[derive(Template)]
#[template(path = "portal/sign_in/invitation.html")]
struct InvitationPage<'a> {
    csrf: Csrf,
    action: &'a str,
    brand: &'a str,
    role: &'a str,
    invitation: &'a InvitationView,
    single_sign_on: bool,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "portal/error.html")]
struct GonePage {
    title: &'static str,
    text: &'static str,
}

async fn page(State(manager): State<Manager>, guest: Guest, Path(secret): Path<String>) -> Result<Response, PageError> {
    form(
        &manager,
        &guest,
        &Secret::new(secret),
        StatusCode::OK,
        FormErrors::default(),
    )
    .await
}

async fn form(
    manager: &Manager,
    guest: &Guest,
    secret: &Secret,
    status: StatusCode,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let Some(invitation) = manager.invitation(secret).await? else {
        let body = GonePage {
            title: "This invitation is not good any more",
            text: "An invitation works once, for three days. Ask the person who invited you for a new one.",
        };
        return Ok(guest.page(StatusCode::NOT_FOUND, body.title, &body));
    };
    let action = format!("/invitation/{}", secret.reveal());
    let body = InvitationPage {
        csrf: guest.csrf(&action),
        action: &action,
        brand: &manager.settings().brand,
        role: invitation.role.title(),
        invitation: &invitation,
        single_sign_on: manager.settings().oidc_issuer.is_some(),
        errors,
    };
    Ok(guest.page(status, "Invitation", &body))
}

async fn accept(
    State(manager): State<Manager>,
    Path(secret): Path<String>,
    sent: GuestForm,
) -> Result<Response, PageError> {
    let secret = Secret::new(secret);
    let password = sent.secret("password")?;
    match manager.accept_invitation(&secret, &password, &sent.guest.visitor).await {
        Ok(token) => Ok(let_in(&token, None, "/")),
        Err(InviteError::Store(error) | InviteError::Operator(CreateOperatorError::Store(error))) => Err(error.into()),
        Err(error) => {
            let text = sentence(error.to_string().trim_start_matches("password: "));
            let errors = FormErrors::default().with("password", text);
            form(&manager, &sent.guest, &secret, StatusCode::UNPROCESSABLE_ENTITY, errors).await
        }
    }
}
