//! Refusals of the token, revocation and introspection endpoints.

use std::borrow::Cow;

use crate::{ErrorBody, ErrorCode, ParameterError, RevokedStatus, ScopeError};

/// Why a request to a client-authenticated endpoint is refused. The message is the `error_description` and tells
/// nothing about codes, tokens or clients that the caller does not own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The request itself is wrong; the text says how.
    #[error("{0}")]
    InvalidRequest(Cow<'static, str>),
    /// The client is unknown, deleted, or did not prove itself.
    #[error("the client is unknown or did not authenticate")]
    InvalidClient {
        /// It tried with an `Authorization` header, so that the answer must carry a challenge (RFC 6749 section 5.2).
        by_header: bool,
    },
    /// The code or token is unknown, expired, used or another client's: always in the same words.
    #[error("the code or refresh token is not valid for this request")]
    InvalidGrant,
    /// The grant was valid once and is not any more; the status follows [`RevokedStatus`].
    #[error("the authorization was revoked or has expired")]
    Revoked,
    /// The application does not have this grant.
    #[error("the application may not use this grant")]
    UnauthorizedClient,
    /// Neither `authorization_code` nor `refresh_token`.
    #[error("grant_type must be authorization_code or refresh_token")]
    UnsupportedGrantType,
    /// RFC 6749 section 6: the scope may narrow, never widen.
    #[error("the only scope is all")]
    InvalidScope,
    /// RFC 8707 section 2.
    #[error("the resource is not served here")]
    InvalidTarget,
    /// RFC 7009 section 2.2.1.
    #[error("tokens of this type cannot be revoked here")]
    UnsupportedTokenType,
}

impl TokenError {
    /// The code in the body.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidRequest(_) => ErrorCode::InvalidRequest,
            Self::InvalidClient { .. } => ErrorCode::InvalidClient,
            Self::InvalidGrant | Self::Revoked => ErrorCode::InvalidGrant,
            Self::UnauthorizedClient => ErrorCode::UnauthorizedClient,
            Self::UnsupportedGrantType => ErrorCode::UnsupportedGrantType,
            Self::InvalidScope => ErrorCode::InvalidScope,
            Self::InvalidTarget => ErrorCode::InvalidTarget,
            Self::UnsupportedTokenType => ErrorCode::UnsupportedTokenType,
        }
    }

    /// The HTTP status.
    pub const fn status(&self, revoked: RevokedStatus) -> u16 {
        match self {
            Self::InvalidClient { .. } => 401,
            Self::Revoked => revoked.at_token_endpoint(),
            _ => 400,
        }
    }

    /// The value of `WWW-Authenticate`, only where the client used the header: others would take it for a second error.
    pub const fn www_authenticate(&self) -> Option<&'static str> {
        match self {
            Self::InvalidClient { by_header: true } => Some("Basic realm=\"oauth2\", charset=\"UTF-8\""),
            _ => None,
        }
    }

    /// The JSON body, to be sent with `Cache-Control: no-store`.
    pub fn body(&self) -> ErrorBody {
        ErrorBody::new(self.code(), &self.to_string())
    }
}

impl From<ParameterError> for TokenError {
    fn from(error: ParameterError) -> Self {
        Self::InvalidRequest(error.to_string().into())
    }
}

impl From<ScopeError> for TokenError {
    fn from(error: ScopeError) -> Self {
        match error {
            ScopeError::Parameter(error) => error.into(),
            ScopeError::Unknown | ScopeError::Differ => Self::InvalidScope,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_status_and_code() {
        use RevokedStatus::{Rfc, Seed};
        for (error, mode, status, code) in [
            (TokenError::InvalidRequest("x".into()), Seed, 400, "invalid_request"),
            (
                TokenError::InvalidClient { by_header: false },
                Seed,
                401,
                "invalid_client",
            ), // AS-39
            (TokenError::InvalidGrant, Seed, 400, "invalid_grant"),
            (TokenError::Revoked, Seed, 403, "invalid_grant"), // decision 1
            (TokenError::Revoked, Rfc, 400, "invalid_grant"),
            (TokenError::UnsupportedGrantType, Seed, 400, "unsupported_grant_type"),
            (TokenError::UnauthorizedClient, Seed, 400, "unauthorized_client"),
            (TokenError::InvalidTarget, Seed, 400, "invalid_target"),
        ] {
            assert_eq!(
                (error.status(mode), error.code().as_str()),
                (status, code),
                "{error:?} {mode}"
            );
            assert_eq!(error.body().error, code);
        }
    }

    #[test]
    fn only_a_client_that_used_the_header_is_challenged() {
        // AS-39, RFC 6749 section 5.2
        assert!(
            TokenError::InvalidClient { by_header: true }
                .www_authenticate()
                .unwrap()
                .starts_with("Basic ")
        );
        assert_eq!(TokenError::InvalidClient { by_header: false }.www_authenticate(), None);
    }
}
