//! The start page.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use rightful_http::{
    extract::{Place, Refusal},
    pages::parts::{Choice, Csrf, Field},
};

use super::{
    form::Sent,
    page::{PageError, page},
    visitor::Visitor,
};
use crate::{Provider, app::sessions::Session};

const SWITCH: &str = "/accountsettings/account";

pub(super) fn routes() -> Router<Provider> {
    Router::new().route("/", get(home)).route(SWITCH, post(switch))
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    session: &'a Session,
    first_name: &'a str,
    accounts: Vec<Choice<'a>>,
    here: String,
    switch: &'static str,
    csrf: Csrf,
}

async fn home(State(provider): State<Provider>, visitor: Visitor) -> Result<Response, PageError> {
    if visitor.session.is_none() {
        return Ok(visitor.answer(Redirect::to("/login").into_response()));
    }
    let session = visitor.session()?;
    let choice = |membership: &crate::Membership| {
        Choice::new(
            membership.account.id.to_string(),
            format!("{} ({})", membership.account.name, membership.account.id),
        )
    };
    let body = Home {
        session,
        first_name: session.profile.first_name.reveal(),
        accounts: session.memberships.iter().map(choice).collect(),
        here: session.current.account.id.to_string(),
        switch: SWITCH,
        csrf: visitor.csrf(&provider, SWITCH),
    };
    Ok(page(&provider, &visitor, "Start", &body))
}

/// Looks at another account of the same user.
async fn switch(State(provider): State<Provider>, sent: Sent) -> Result<Response, PageError> {
    let session = sent.visitor.session()?;
    let account = sent
        .text("account_id")?
        .parse()
        .map_err(|_| Refusal::new(Place::Body, "is not an account's number").field("account_id"))?;
    if !provider.switch_account(session, account).await? {
        return Err(PageError::NotFound);
    }
    Ok(Redirect::to("/").into_response())
}
