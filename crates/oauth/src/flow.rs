//! A client's flow: sending the user off, and judging a refresh that failed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use crate::{Challenge, ErrorBody, ErrorCode, Secret, encode_form};

/// The value that binds a callback to its flow (RFC 6749 section 10.12): 128 random bits, for one use.
#[derive(Debug, Clone)]
pub struct State(Secret);

impl State {
    /// The state of 22 characters that 16 random bytes make.
    pub fn from_entropy(random: [u8; 16]) -> Self {
        Self(Secret::new(URL_SAFE_NO_PAD.encode(random)))
    }

    /// Lets the state out, for the URL or to be hashed for storage.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// The link that sends a user to an authorization server, always with PKCE S256.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizeUrl<'a> {
    /// The server's authorization endpoint; a query of its own is kept (RFC 6749 section 3.1).
    pub endpoint: &'a Url,
    /// The id that the server gave.
    pub client_id: &'a str,
    /// Where the answer shall go, as registered.
    pub redirect_uri: &'a str,
    /// Name and value of the scope: `("scopes", "all")` at this vendor, `("scope", …)` by RFC 6749 section 3.3.
    pub scope: (&'a str, &'a str),
    /// Binds the callback to this flow.
    pub state: &'a State,
    /// Of this flow's verifier.
    pub challenge: &'a Challenge,
    /// The vendor's account to authorize against.
    pub account_id: Option<&'a str>,
}

impl AuthorizeUrl<'_> {
    /// The URL.
    pub fn url(&self) -> Url {
        let challenge = self.challenge.to_string();
        let mut pairs = vec![
            ("client_id", self.client_id),
            ("redirect_uri", self.redirect_uri),
            ("response_type", "code"),
            self.scope,
            ("state", self.state.reveal()),
            ("code_challenge", &challenge),
            ("code_challenge_method", Challenge::METHOD),
        ];
        pairs.extend(self.account_id.map(|account| ("account_id", account)));
        let asked = encode_form(pairs);
        let mut url = self.endpoint.clone();
        let query = match url.query() {
            Some(own) if !own.is_empty() => format!("{own}&{asked}"),
            _ => asked,
        };
        url.set_query(Some(&query));
        url
    }
}

/// What a failed refresh means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshFailure {
    /// The authorization is gone: a person has to connect again.
    Gone,
    /// The client id, secret or rights are wrong: an administrator has to look at the settings.
    Misconfigured,
    /// Try again later; the refresh token is kept.
    Passing,
}

/// Judges an answer of the token endpoint that is not a token response.
///
/// Only an answer that is the server's own word ends an authorization: 400, 401 or 403 with JSON that names
/// `invalid_grant` or no known error, or with no body at all, as the vendor's 403. HTML and text come from something in
/// between, and 5xx and 429 pass.
pub fn classify_refresh_failure(status: u16, content_type: Option<&str>, body: &[u8]) -> RefreshFailure {
    if !matches!(status, 400 | 401 | 403) {
        return RefreshFailure::Passing;
    }
    if body.trim_ascii().is_empty() {
        let html = content_type.is_some_and(|value| value.to_ascii_lowercase().contains("html"));
        return if html {
            RefreshFailure::Passing
        } else {
            RefreshFailure::Gone
        };
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err() {
        return RefreshFailure::Passing;
    }
    match ErrorBody::parse(body).and_then(|body| body.code()) {
        Some(ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable) => RefreshFailure::Passing,
        Some(
            ErrorCode::InvalidRequest
            | ErrorCode::InvalidClient
            | ErrorCode::UnauthorizedClient
            | ErrorCode::UnsupportedGrantType
            | ErrorCode::UnsupportedResponseType
            | ErrorCode::InvalidScope
            | ErrorCode::InvalidTarget
            | ErrorCode::UnsupportedTokenType
            | ErrorCode::InsufficientScope,
        ) => RefreshFailure::Misconfigured,
        Some(ErrorCode::InvalidGrant | ErrorCode::InvalidToken | ErrorCode::AccessDenied) | None => {
            RefreshFailure::Gone
        }
    }
}

#[cfg(test)]
mod tests;
