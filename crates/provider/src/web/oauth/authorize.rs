//! `GET /oauth2/authorize`: who asks for what, before anybody decides.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use oauth::Secret;

use super::{account, consent, log_in};
use crate::{
    Provider,
    app::authorize::AuthorizeError,
    web::{oauth::Onward, page::PageError, visitor::Visitor},
};

pub(super) async fn ask(
    State(provider): State<Provider>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let query = query.unwrap_or_default();
    match answer(&provider, &visitor, &query).await {
        Ok(response) => Ok(response),
        Err(error) => refused(&provider, error),
    }
}

async fn answer(provider: &Provider, visitor: &Visitor, query: &str) -> Result<Response, AuthorizeError> {
    let asked = provider.read_authorization(query).await?;
    provider
        .count_authorization(asked.application.id, visitor.origin)
        .await?;
    let Some(session) = &visitor.session else {
        return Ok(log_in::for_application(provider, visitor, &asked, query));
    };
    if session.must_set_up_two_step() {
        return Ok(PageError::SetUpTwoStep(Onward::read(query, "")).into_response());
    }
    let waiting = provider.begin_authorization(session, query, asked).await?;
    if waiting.account.is_some() {
        Ok(consent::show(provider, visitor, session, &waiting))
    } else {
        Ok(account::show(provider, visitor, session, &waiting))
    }
}

/// What becomes of a request that goes no further: the application is told where that is safe, else a page.
pub(super) fn refused(provider: &Provider, error: AuthorizeError) -> Result<Response, PageError> {
    match error {
        AuthorizeError::Redirect(refusal) => Ok(redirect(&refusal.url(provider.settings().issuer()))),
        AuthorizeError::Page(refusal) => Err(refusal.into()),
        AuthorizeError::Gone => Err(PageError::RequestGone),
        AuthorizeError::TooLong => Err(PageError::Unreadable(error.to_string())),
        AuthorizeError::Throttled(throttled) => Err(throttled.into()),
        AuthorizeError::Store(error) => Err(error.into()),
    }
}

/// 303, so that no browser sends a form again to the application (AS-16).
pub(super) fn redirect(to: &Secret) -> Response {
    let Ok(location) = HeaderValue::from_str(to.reveal()) else {
        // Redirect URIs are printable ASCII and the rest is percent-encoded.
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
