//! `/accountsettings/tokens`: making and revoking personal tokens.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::{Path, Place, Refusal},
    pages::parts::FormErrors,
};

use super::{APPLICATIONS, authorized};
use crate::{
    Provider, TokenId,
    app::personal_tokens::TokenChangeError,
    web::{
        form::Sent,
        page::{PageError, reading_page},
    },
};

#[derive(Template)]
#[template(path = "token.html")]
struct ShownOnce<'a> {
    name: &'a str,
    token: &'a Secret,
    account: &'a str,
}

/// `POST /accountsettings/tokens`
pub(super) async fn create(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.session()?;
    let name = sent.text("name")?;
    let owner = match sent.text("owner")? {
        "" => session.user,
        owner => owner
            .parse()
            .map_err(|_| Refusal::new(Place::Body, "is not a user of the account").field("owner"))?,
    };
    if owner != session.user {
        // It lets somebody act as somebody else.
        visitor.proven(&provider, APPLICATIONS)?;
    }
    match provider.create_token_of(session, owner, name, visitor.actor()).await {
        Ok(issued) => {
            let body = ShownOnce {
                name,
                token: &issued.token,
                account: &session.current.account.name,
            };
            Ok(reading_page(&provider, visitor, "New personal token", &body))
        }
        Err(TokenChangeError::Name) => {
            let errors = FormErrors::default().with("name", "Give the token a name of 1 to 100 characters");
            let shown = authorized::show(&provider, visitor, &errors).await?;
            Ok((StatusCode::BAD_REQUEST, shown).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /accountsettings/tokens/{token}/revoke`
pub(super) async fn revoke(
    State(provider): State<Provider>,
    Path(id): Path<TokenId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let session = sent.visitor.session()?;
    provider
        .revoke_personal_token(session, id, sent.visitor.actor())
        .await?;
    Ok(Redirect::to(APPLICATIONS).into_response())
}

impl From<TokenChangeError> for PageError {
    fn from(error: TokenChangeError) -> Self {
        match error {
            TokenChangeError::NotFound => Self::NotFound,
            TokenChangeError::Store(error) => error.into(),
            error => Self::Unreadable(error.to_string()),
        }
    }
}
