//! The server's description of itself (RFC 8414).

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::header;
use oauth::{Endpoints, ServerMetadata};
use rightful_http::extract::Json;

use crate::Provider;

/// `GET /.well-known/oauth-authorization-server`: claims what works, nothing else (AS-71).
pub(super) async fn document(State(provider): State<Provider>) -> Response {
    let issuer = provider.settings().issuer();
    let at = |path: &str| format!("{issuer}{path}");
    let endpoints = Endpoints {
        authorization: &at("/oauth2/authorize"),
        token: &at("/oauth2/token"),
        revocation: &at("/oauth2/revoke"),
        introspection: &at("/oauth2/introspect"),
    };
    let cache = [(header::CACHE_CONTROL, "public, max-age=300")];
    (cache, Json(ServerMetadata::describing(issuer, endpoints))).into_response()
}
