//! Requests about one token: revocation (RFC 7009) and introspection (RFC 7662).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ClientCredentials, EndpointCall, Secret, TokenError};

/// What the caller believes the token to be. Only a hint: the look-up goes on among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenHint {
    /// `access_token`
    AccessToken,
    /// `refresh_token`
    RefreshToken,
}

/// A request for revocation or introspection.
#[derive(Debug, Clone)]
pub struct TokenLookup {
    /// Who asks.
    pub client: ClientCredentials,
    /// About which token, to be found by its hash.
    pub token: Secret,
    /// What it may be.
    pub hint: Option<TokenHint>,
}

impl TokenLookup {
    /// Reads a call of the revocation endpoint (RFC 7009 section 2.1). A hint at a kind of token that does not exist here
    /// is [`TokenError::UnsupportedTokenType`].
    pub fn read_revocation(call: EndpointCall<'_>, allow_query: bool) -> Result<Self, TokenError> {
        let (lookup, unknown_hint) = Self::read(call, allow_query)?;
        if unknown_hint {
            Err(TokenError::UnsupportedTokenType)
        } else {
            Ok(lookup)
        }
    }

    /// Reads a call of the introspection endpoint (RFC 7662 section 2.1), where an unknown hint says nothing.
    pub fn read_introspection(call: EndpointCall<'_>, allow_query: bool) -> Result<Self, TokenError> {
        Self::read(call, allow_query).map(|(lookup, _)| lookup)
    }

    fn read(call: EndpointCall<'_>, allow_query: bool) -> Result<(Self, bool), TokenError> {
        let parameters = call.parameters(allow_query)?;
        let client = call.credentials(&parameters)?;
        let token = Secret::new(parameters.required("token")?.to_owned());
        let (hint, unknown) = match parameters.optional("token_type_hint")? {
            None => (None, false),
            Some("access_token") => (Some(TokenHint::AccessToken), false),
            Some("refresh_token") => (Some(TokenHint::RefreshToken), false),
            Some(_) => (None, true),
        };
        Ok((Self { client, token, hint }, unknown))
    }
}

/// The answer of the introspection endpoint (RFC 7662 section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introspection {
    /// Whether the token may be used now.
    pub active: bool,
    /// What it allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whom it was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `bearer` for access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// The user's stable id, never an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The API it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Its end, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Its beginning, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
}

impl Introspection {
    /// All that is told about a token that cannot be used, whatever the reason (RFC 7662 section 2.2).
    pub const fn inactive() -> Self {
        Self {
            active: false,
            scope: None,
            client_id: None,
            token_type: None,
            sub: None,
            aud: None,
            iss: None,
            exp: None,
            iat: None,
        }
    }

    /// A usable token between two moments; the rest is for the caller to fill.
    pub fn active(issued_at: Timestamp, expires_at: Option<Timestamp>) -> Self {
        Self {
            active: true,
            exp: expires_at.map(Timestamp::as_second),
            iat: Some(issued_at.as_second()),
            ..Self::inactive()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(body: &str) -> EndpointCall<'_> {
        EndpointCall {
            authorization: &[],
            content_type: Some("application/x-www-form-urlencoded"),
            query: None,
            body: body.as_bytes(),
        }
    }

    #[test]
    fn a_hint_is_only_a_hint() {
        for (body, revocation, introspection) in [
            ("client_id=1&token=T", Ok(None), Ok(None)),
            (
                "client_id=1&token=T&token_type_hint=refresh_token",
                Ok(Some(TokenHint::RefreshToken)),
                Ok(Some(TokenHint::RefreshToken)),
            ),
            (
                "client_id=1&token=T&token_type_hint=pat",
                Err(TokenError::UnsupportedTokenType),
                Ok(None),
            ), // AS-63
            ("token=T", missing_client(), missing_client()), // AS-64
        ] {
            let read = TokenLookup::read_revocation(call(body), false).map(|lookup| lookup.hint);
            assert_eq!(read, revocation, "{body}");
            let read = TokenLookup::read_introspection(call(body), false).map(|lookup| lookup.hint);
            assert_eq!(read, introspection, "{body}");
        }
    }

    const fn missing_client() -> Result<Option<TokenHint>, TokenError> {
        Err(TokenError::InvalidClient { by_header: false })
    }

    #[test]
    fn an_unusable_token_is_answered_with_one_word() {
        // AS-65
        assert_eq!(
            serde_json::to_string(&Introspection::inactive()).unwrap(),
            r#"{"active":false}"#
        );
    }
}
