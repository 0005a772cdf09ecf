//! The program that calls the API.

use axum::extract::FromRequestParts;
use http::{HeaderValue, StatusCode, header, request::Parts};
use rightful_http::problem::Problem;

use super::internal;
use crate::{
    By, Manager, Permission, Scopes,
    web::portal::{denied::Caller, frame::origin},
};

/// A program with an API key. Extracting it refuses others.
#[derive(Debug, Clone)]
pub(crate) struct ApiCaller {
    /// For use cases: who does it, and from where.
    pub(crate) by: By,
    scopes: Scopes,
}

impl ApiCaller {
    /// Refuses a key whose scopes do not allow it.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.scopes.allow(permission) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden")
            .title("Not allowed")
            .detail(format!(
                "the scopes of this API key ({}) do not allow this",
                self.scopes
            )))
    }
}

impl FromRequestParts<Manager> for ApiCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, manager: &Manager) -> Result<Self, Problem> {
        let mut sent = parts.headers.get_all(header::AUTHORIZATION).iter();
        let (header, more) = (sent.next(), sent.next());
        let api_key = match (header.map(HeaderValue::to_str), more) {
            (Some(Ok(text)), None) => bearer(text),
            _ => None,
        };
        let Some(api_key) = api_key else {
            return Err(unauthorized(
                "Bearer realm=\"rightful\"",
                "send an API key: Authorization: Bearer …",
            ));
        };
        let known = manager.known_api_key(api_key).await.map_err(|error| internal(&error))?;
        let Some(known) = known else {
            let challenge = "Bearer realm=\"rightful\", error=\"invalid_token\"";
            return Err(unauthorized(challenge, "this API key is unknown or was revoked"));
        };
        let by = By::api_key(known.id, origin(parts, manager).await);
        if let Some(caller) = parts.extensions.get::<Caller>() {
            caller.is(&by);
        }
        Ok(Self {
            by,
            scopes: known.scopes,
        })
    }
}

/// The scheme's case does not matter (RFC 9110 section 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized(challenge: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized")
        .title("Not authenticated")
        .detail(detail)
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}
