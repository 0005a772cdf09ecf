//! `/invitation/{token}`: accepting an invitation.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::StatusCode;
use rightful_http::{
    extract::Path,
    pages::parts::{Csrf, Field, FormErrors},
};

use super::{
    form::Sent,
    oauth::LinkToken,
    page::{PageError, card, sentence},
    visitor::Visitor,
};
use crate::{
    Provider,
    app::invitations::{InvitationError, Invited},
};

pub(super) fn routes() -> Router<Provider> {
    Router::new().route("/invitation/{token}", get(form).post(accept))
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct Accept<'a> {
    action: String,
    csrf: Csrf,
    brand: &'a str,
    invited: &'a Invited,
    first_name: &'a str,
    last_name: &'a str,
    errors: FormErrors,
}

async fn form(
    State(provider): State<Provider>,
    Path(LinkToken(token)): Path<LinkToken>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let invited = provider.invited(&token).await?;
    Ok(show(&provider, &visitor, &invited, ("", ""), FormErrors::default()))
}

fn show(
    provider: &Provider,
    visitor: &Visitor,
    invited: &Invited,
    (first_name, last_name): (&str, &str),
    errors: FormErrors,
) -> Response {
    let action = visitor.path.clone();
    let body = Accept {
        csrf: visitor.csrf(provider, &action),
        action,
        brand: &provider.settings().brand_name,
        invited,
        first_name,
        last_name,
        errors,
    };
    card(provider, visitor, "Invitation", &body)
}

async fn accept(
    State(provider): State<Provider>,
    Path(LinkToken(token)): Path<LinkToken>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let names = (sent.text("first_name")?, sent.text("last_name")?);
    let password = oauth::Secret::new(sent.verbatim("new_password")?.to_owned());
    let accepted = provider
        .accept_invitation(&token, &password, names.0, names.1, visitor.origin)
        .await;
    let (field, fault) = match accepted {
        Ok(_) => return Ok(Redirect::to("/login?done=joined").into_response()),
        Err(InvitationError::Password(rule)) => ("new_password", sentence(&rule.to_string())),
        Err(InvitationError::Hash) => ("new_password", "That password could not be stored.".to_owned()),
        Err(InvitationError::Name(field)) => (field, "Enter at most 100 characters that can be shown.".to_owned()),
        Err(error) => return Err(error.into()),
    };
    let invited = provider.invited(&token).await?;
    let errors = FormErrors::default().with(field, fault.trim_end_matches('.').to_owned());
    let page = show(&provider, visitor, &invited, names, errors);
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}

impl From<InvitationError> for PageError {
    fn from(error: InvitationError) -> Self {
        match error {
            InvitationError::Gone => Self::LinkGone,
            InvitationError::Store(error) => error.into(),
            error => Self::Unreadable(error.to_string()),
        }
    }
}
