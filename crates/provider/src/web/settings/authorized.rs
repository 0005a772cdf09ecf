//! `/accountsettings/apps`: what the user has authorized, and their personal tokens.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use rightful_http::{
    extract::Path,
    pages::parts::{Choice, Csrf, Empty, Field, FormErrors, PostButton, When},
};

use super::{APPLICATIONS, TOKENS};
use crate::{
    GrantId, Provider, UserId,
    app::{
        grants::{AuthorizedApplication, RevokeGrantError},
        members::Member,
        personal_tokens::ListedToken,
    },
    web::{
        form::Sent,
        page::{PageError, page},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "authorized.html")]
struct Authorized<'a> {
    account: &'a str,
    administrator: bool,
    applications: Vec<(AuthorizedApplication, PostButton<'a>)>,
    tokens: Vec<(ListedToken, PostButton<'a>)>,
    token_form: &'static str,
    /// Whose else a new token can be.
    owners: Vec<Member>,
    own: UserId,
    csrf: Csrf,
    errors: &'a FormErrors,
}

impl Authorized<'_> {
    fn owner_field(&self) -> Field<'_> {
        let own = Choice::new(self.own.to_string(), "You");
        let others = self.owners.iter().map(|member| {
            let email = member.profile.email.reveal();
            Choice::new(member.user.to_string(), email.as_str())
        });
        Field::select("owner", "Acts as", [own].into_iter().chain(others).collect()).value(self.own.to_string())
    }
}

/// `GET /accountsettings/apps`
pub(super) async fn list(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    show(&provider, &visitor, &FormErrors::default()).await
}

pub(super) async fn show(provider: &Provider, visitor: &Visitor, errors: &FormErrors) -> Result<Response, PageError> {
    let session = visitor.session()?;
    let button = |action: String, name: &str| {
        PostButton::new(action.clone(), "Revoke", visitor.csrf(provider, &action))
            .danger()
            .small()
            .about(name.to_owned())
    };
    let applications = provider.list_grants(session).await?;
    let tokens = provider.list_personal_tokens(session).await?;
    let body = Authorized {
        account: &session.current.account.name,
        administrator: session.is_administrator(),
        applications: applications
            .into_iter()
            .map(|grant| {
                let button = button(format!("{APPLICATIONS}/{}/revoke", grant.id), &grant.name);
                (grant, button)
            })
            .collect(),
        tokens: tokens
            .into_iter()
            .map(|token| {
                let button = button(format!("{TOKENS}/{}/revoke", token.id), &token.name);
                (token, button)
            })
            .collect(),
        token_form: TOKENS,
        owners: provider.token_owners(session).await?,
        own: session.user,
        csrf: visitor.csrf(provider, TOKENS),
        errors,
    };
    Ok(page(provider, visitor, "Applications", &body))
}

/// `POST /accountsettings/apps/{grant}/revoke`
pub(super) async fn revoke(
    State(provider): State<Provider>,
    Path(id): Path<GrantId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let session = sent.visitor.session()?;
    match provider.revoke_grant(session, id, sent.visitor.actor()).await {
        Ok(()) => Ok(Redirect::to(APPLICATIONS).into_response()),
        Err(RevokeGrantError::NotFound) => Err(PageError::NotFound),
        Err(RevokeGrantError::Store(error)) => Err(error.into()),
    }
}
