//! `/oauth2/token`, `/oauth2/revoke` (RFC 7009), `/oauth2/introspect` (RFC 7662).

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::header;
use rightful_http::{ClientAddress, extract::Json};

use super::call::{Call, NO_STORE, refused};
use crate::Provider;

pub(super) async fn issue(State(provider): State<Provider>, call: Call) -> Response {
    issued(&provider, &call).await
}

/// Answers a call of the token endpoint from `caller`, without a router.
pub(in crate::web) async fn token(provider: &Provider, request: Request, caller: ClientAddress) -> Response {
    match Call::read(request, caller).await {
        Ok(call) => issued(provider, &call).await,
        Err(refusal) => refusal,
    }
}

async fn issued(provider: &Provider, call: &Call) -> Response {
    let authorization = call.authorization();
    match provider.issue_tokens(call.parts(&authorization), call.origin).await {
        Ok(tokens) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            (NO_STORE, json, tokens.to_json().into_revealed()).into_response()
        }
        Err(error) => refused(provider, &error),
    }
}

pub(super) async fn revoke(State(provider): State<Provider>, call: Call) -> Response {
    let authorization = call.authorization();
    match provider.revoke_token(call.parts(&authorization), call.origin).await {
        // The body says nothing (RFC 7009 section 2.2), but simple-oauth2 refuses an answer that is not JSON.
        Ok(()) => (NO_STORE, Json(serde_json::json!({}))).into_response(),
        Err(error) => refused(&provider, &error),
    }
}

pub(super) async fn introspect(State(provider): State<Provider>, call: Call) -> Response {
    let authorization = call.authorization();
    match provider.introspect_token(call.parts(&authorization), call.origin).await {
        Ok(answer) => (NO_STORE, Json(answer)).into_response(),
        Err(error) => refused(&provider, &error),
    }
}
