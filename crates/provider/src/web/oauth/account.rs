//! Choosing the account, where the user has several and the application named none.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use rightful_http::{
    extract::Path,
    pages::parts::{Choice, Csrf, Field, FormErrors},
};

use super::{authorize::refused, log_in::leading_to};
use crate::{
    AccountId, Provider, RequestId,
    app::{authorize::Waiting, sessions::Session},
    web::{
        form::Sent,
        page::{PageError, card},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "account.html")]
struct ChooseAccount<'a> {
    action: String,
    csrf: Csrf,
    application: &'a str,
    accounts: Vec<Choice<'a>>,
    here: String,
    errors: FormErrors,
}

pub(super) fn show(provider: &Provider, visitor: &Visitor, session: &Session, waiting: &Waiting) -> Response {
    shown(provider, visitor, session, waiting, FormErrors::default())
}

fn shown(provider: &Provider, visitor: &Visitor, session: &Session, waiting: &Waiting, errors: FormErrors) -> Response {
    let action = format!("/oauth2/consent/{}/account", waiting.id);
    let choice = |membership: &crate::Membership| {
        let account = &membership.account;
        Choice::new(account.id.to_string(), account.name.clone()).hint(format!("Account {}", account.id))
    };
    let body = ChooseAccount {
        csrf: visitor.csrf(provider, &action),
        action,
        application: &waiting.asked.application.name,
        accounts: session.memberships.iter().map(choice).collect(),
        here: session.current.account.id.to_string(),
        errors,
    };
    let page = card(provider, visitor, "Choose an account", &body);
    (leading_to(&waiting.asked.request.redirect_uri), page).into_response()
}

/// `POST /oauth2/consent/{id}/account`
pub(super) async fn chosen(
    State(provider): State<Provider>,
    Path(id): Path<RequestId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.answering()?;
    let waiting = match provider.waiting_authorization(session, id).await {
        Ok(waiting) => waiting,
        Err(error) => return refused(&provider, error),
    };
    let chosen = sent.text("account_id")?.parse().ok();
    let Some(account) = chosen.filter(|id: &AccountId| session.membership(*id).is_some()) else {
        let errors = FormErrors::default().with("account_id", "Choose one of your accounts");
        let page = shown(&provider, visitor, session, &waiting, errors);
        return Ok((http::StatusCode::BAD_REQUEST, page).into_response());
    };
    match provider.choose_account(session, &waiting, account).await {
        Ok(()) => Ok(Redirect::to(&format!("/oauth2/consent/{id}")).into_response()),
        Err(error) => refused(&provider, error),
    }
}
