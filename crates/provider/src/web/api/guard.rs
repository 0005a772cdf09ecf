//! What every call goes through before anything else of it is looked at: whose it is, and how often they come.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use oauth::{BearerCall, BearerError};
use rightful_http::ClientAddress;

use super::{error::ApiError, me};
use crate::{
    Actor, ApiUser, BearerRefusal, Caller, Provider,
    app::{asker::Asker, throttles::Allowance},
    web::denied::Known,
};

/// Lets users through, with an [`Asker`] and an [`crate::ApiUser`] in the request's extensions.
pub(super) async fn users(State(provider): State<Provider>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let user = match caller(&provider, &parts).await {
        Ok(Caller::User(user)) => user,
        Ok(Caller::Service(service)) => {
            is_known(&parts, |origin| Actor::service(service.token, origin));
            return ApiError::forbidden("A service token is for internal requests only").into_response();
        }
        Err(error) => return error.into_response(),
    };
    let origin = parts.extensions.get::<ClientAddress>().map(|address| address.0);
    let asker = Asker::by_api(&user, origin);
    is_known(&parts, |_| asker.actor);
    parts.extensions.insert(asker);
    parts.extensions.insert(user);
    paced(&provider, &account_key(&user), Request::from_parts(parts, body), next).await
}

/// `GET /v2/me` of a user who may call now, as [`users`] and [`me::show`] answer it; nothing for anybody else.
pub(in crate::web) async fn plain_me(provider: &Provider, head: &Parts) -> Option<Response> {
    let Ok(Caller::User(user)) = caller(provider, head).await else {
        return None;
    };
    let taken = provider.throttles().api_calls.take(&account_key(&user)).await;
    let allowance = taken.ok()?.ok()?;
    let mut response = me::plain(provider, &user).await.ok()?;
    if provider.settings().rate_limit_headers {
        announce(response.headers_mut(), allowance);
    }
    Some(response)
}

fn account_key(user: &ApiUser) -> String {
    format!("account:{}", user.account)
}

/// Lets internal teams through, with a [`crate::Service`] in the request's extensions. Anybody else is refused before
/// any parameter is looked at.
pub(super) async fn teams(State(provider): State<Provider>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let service = match caller(&provider, &parts).await {
        Ok(Caller::Service(service)) => service,
        Ok(Caller::User(user)) => {
            is_known(&parts, |origin| Asker::by_api(&user, origin).actor);
            return ApiError::forbidden("Internal requests need a service token").into_response();
        }
        Err(error) => return error.into_response(),
    };
    is_known(&parts, |origin| Actor::service(service.token, origin));
    let key = format!("service:{}", service.token);
    parts.extensions.insert(service);
    paced(&provider, &key, Request::from_parts(parts, body), next).await
}

/// Notes who calls, for the record of what was refused.
fn is_known(parts: &Parts, actor: impl FnOnce(Option<IpAddr>) -> Actor) {
    let origin = parts.extensions.get::<ClientAddress>().map(|address| address.0);
    if let Some(known) = parts.extensions.get::<Known>() {
        known.is(actor(origin));
    }
}

async fn caller(provider: &Provider, parts: &Parts) -> Result<Caller, ApiError> {
    let authorization: Vec<&[u8]> = parts
        .headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let call = BearerCall {
        authorization: &authorization,
        token_header: parts.headers.contains_key("token"),
        query: parts.uri.query(),
    };
    provider.authenticate(call).await.map_err(|refusal| match refusal {
        BearerRefusal::Bearer(error) => refused(provider, error),
        BearerRefusal::Store(error) => error.into(),
    })
}

fn refused(provider: &Provider, error: BearerError) -> ApiError {
    let status = error.status(provider.settings().revoked_status);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNAUTHORIZED);
    let code = match error {
        BearerError::Missing | BearerError::OldHeader => "unauthorized",
        BearerError::TwoMethods => "bad_request",
        BearerError::InvalidToken => "authentication_failed",
    };
    let challenge = HeaderValue::from_static(error.www_authenticate());
    ApiError::new(status, code, error.to_string()).header(header::WWW_AUTHENTICATE, challenge)
}

async fn paced(provider: &Provider, key: &str, request: Request, next: Next) -> Response {
    let headers = provider.settings().rate_limit_headers;
    match provider.throttles().api_calls.take(key).await {
        Ok(Ok(allowance)) => {
            let mut response = next.run(request).await;
            if headers {
                announce(response.headers_mut(), allowance);
            }
            response
        }
        Ok(Err(throttled)) => {
            let mut response = ApiError::throttled().into_response();
            if headers {
                let wait = throttled.retry_after();
                response.headers_mut().insert(header::RETRY_AFTER, wait.into());
                let none = Allowance {
                    limit: provider.settings().rate_burst.get(),
                    remaining: 0,
                    whole_in: throttled.after,
                };
                announce(response.headers_mut(), none);
            }
            response
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}

fn announce(headers: &mut HeaderMap, allowance: Allowance) {
    let reset = allowance.whole_in.as_millis().div_ceil(1000);
    for (name, value) in [
        ("ratelimit-limit", u128::from(allowance.limit)),
        ("ratelimit-remaining", u128::from(allowance.remaining)),
        ("ratelimit-reset", reset),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            u64::try_from(value).unwrap_or(u64::MAX).into(),
        );
    }
}
