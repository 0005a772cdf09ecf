//! The consent page: accept or deny.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use oauth::ResponseType;
use rightful_http::{
    extract::{Path, Place, Refusal},
    pages::parts::{Csrf, PostButton},
    settings::HumanDuration,
};

use super::{
    account,
    authorize::{redirect, refused},
    log_in::leading_to,
};
use crate::{
    Membership, Provider, RequestId,
    app::{applications::is_insecure, authorize::Waiting, sessions::Session},
    web::{
        form::Sent,
        page::{PageError, card},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    action: String,
    csrf: Csrf,
    application: &'a str,
    registered_by: &'a str,
    account: &'a Membership,
    email: &'a str,
    /// Where the answer goes, without what lies behind the host.
    destination: String,
    /// Over plain http anybody on the way could read it.
    insecure: bool,
    /// A token that ends by itself, instead of access that lasts until it is revoked.
    lasts: Option<String>,
    another_user: PostButton<'a>,
}

pub(super) fn show(provider: &Provider, visitor: &Visitor, session: &Session, waiting: &Waiting) -> Response {
    let Some(account) = &waiting.account else {
        return account::show(provider, visitor, session, waiting);
    };
    let request = &waiting.asked.request;
    let action = format!("/oauth2/consent/{}", waiting.id);
    let another_user = PostButton::new("/logout", "Use another log-in", visitor.csrf(provider, "/logout"))
        .value("authorization", waiting.query.reveal().as_str())
        .small();
    let body = Consent {
        csrf: visitor.csrf(provider, &action),
        action,
        application: &waiting.asked.application.name,
        registered_by: &waiting.asked.application.registered_by,
        account,
        email: session.profile.email.reveal(),
        destination: destination(&request.redirect_uri),
        insecure: is_insecure(&request.redirect_uri),
        lasts: (request.response_type == ResponseType::Token).then(|| in_words(provider.settings().access_token_ttl)),
        another_user,
    };
    let title = format!("Allow {}?", waiting.asked.application.name);
    let page = card(provider, visitor, &title, &body);
    (leading_to(&request.redirect_uri), page).into_response()
}

/// `GET /oauth2/consent/{id}`
pub(super) async fn form(
    State(provider): State<Provider>,
    Path(id): Path<RequestId>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let session = visitor.answering()?;
    match provider.waiting_authorization(session, id).await {
        Ok(waiting) => Ok(show(&provider, &visitor, session, &waiting)),
        Err(error) => refused(&provider, error),
    }
}

/// `POST /oauth2/consent/{id}`: whatever else the form holds, only the decision is read (AS-15).
pub(super) async fn decided(
    State(provider): State<Provider>,
    Path(id): Path<RequestId>,
    sent: Sent,
) -> Result<Response, PageError> {
    let visitor = &sent.visitor;
    let session = visitor.answering()?;
    let accepts = match sent.text("decision")? {
        "accept" => true,
        "deny" => false,
        _ => {
            return Err(Refusal::new(Place::Body, "must be accept or deny")
                .field("decision")
                .into());
        }
    };
    let waiting = match provider.waiting_authorization(session, id).await {
        Ok(waiting) => waiting,
        Err(error) => return refused(&provider, error),
    };
    let answer = if accepts {
        provider.accept_authorization(session, waiting, visitor.origin).await
    } else {
        provider.deny_authorization(session, waiting, visitor.origin).await
    };
    match answer {
        Ok(to) => Ok(redirect(&to)),
        Err(error) => refused(&provider, error),
    }
}

/// `https://host:port`, or the scheme of an application on the user's device.
fn destination(redirect_uri: &str) -> String {
    let Ok(url) = redirect_uri.parse::<url::Url>() else {
        return String::new();
    };
    match url.origin() {
        url::Origin::Opaque(_) => format!("{}:", url.scheme()),
        origin @ url::Origin::Tuple(..) => origin.ascii_serialization(),
    }
}

/// "2 hours", for people.
fn in_words(life: HumanDuration) -> String {
    let seconds = life.duration().as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ => (seconds.div_ceil(60), "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
