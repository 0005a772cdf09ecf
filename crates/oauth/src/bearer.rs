//! Bearer tokens at the API (RFC 6750).

use crate::{Parameters, RevokedStatus, Secret};

/// The parts of an API call that may carry a token, as they arrived.
#[derive(Clone, Copy)]
pub struct BearerCall<'a> {
    /// Every value of `Authorization`.
    pub authorization: &'a [&'a [u8]],
    /// Whether there is a `Token` header: the vendor's way before OAuth, recognised only to say so.
    pub token_header: bool,
    /// The query string without its `?`.
    pub query: Option<&'a str>,
}

/// Why an API call is not authenticated. The message is meant for the caller's developer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// No token in the only place where it counts.
    #[error("send the access token as Authorization: Bearer <token>")]
    Missing,
    /// The header of former times, `Token: …`, or `Authorization: Token …`.
    #[error("the Token header is no longer accepted; send Authorization: Bearer <token>")]
    OldHeader,
    /// Two tokens, or one in two places (RFC 6750 section 2).
    #[error("send the access token once, as Authorization: Bearer <token>")]
    TwoMethods,
    /// Unknown, expired, revoked or malformed: all the same to the caller.
    #[error("the access token is invalid, expired or revoked")]
    InvalidToken,
}

impl BearerCall<'_> {
    /// The token, which is still to be looked up by its hash. Tokens in the query or body do not count.
    pub fn token(&self) -> Result<Secret, BearerError> {
        let in_query = self
            .query
            .is_some_and(|query| Parameters::parse(query).is_ok_and(|parameters| parameters.contains("access_token")));
        match self.authorization {
            [] if self.token_header => Err(BearerError::OldHeader),
            [] => Err(BearerError::Missing),
            [_] if in_query => Err(BearerError::TwoMethods),
            [header] => from_header(header),
            _ => Err(BearerError::TwoMethods),
        }
    }
}

impl BearerError {
    /// The HTTP status.
    pub const fn status(self, revoked: RevokedStatus) -> u16 {
        match self {
            Self::Missing | Self::OldHeader => 401,
            Self::TwoMethods => 400,
            Self::InvalidToken => revoked.at_api(),
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 section 3): no error code for those who sent no token.
    pub const fn www_authenticate(self) -> &'static str {
        match self {
            Self::Missing | Self::OldHeader => "Bearer realm=\"api\"",
            Self::TwoMethods => {
                "Bearer error=\"invalid_request\", error_description=\"send the access token once\", realm=\"api\""
            }
            Self::InvalidToken => {
                "Bearer error=\"invalid_token\", error_description=\"the access token is invalid, expired or revoked\", realm=\"api\""
            }
        }
    }
}

/// RFC 6750 section 2.1; the scheme in any case (RFC 9110 section 11.1).
fn from_header(header: &[u8]) -> Result<Secret, BearerError> {
    let header = str::from_utf8(header).map_err(|_| BearerError::Missing)?.trim();
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if scheme.eq_ignore_ascii_case("token") {
        return Err(BearerError::OldHeader);
    }
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(BearerError::Missing);
    }
    let body = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if body.is_empty() || !body.bytes().all(allowed) {
        return Err(BearerError::InvalidToken);
    }
    Ok(Secret::new(token.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_counts_only_in_the_header() {
        use BearerError::{InvalidToken, Missing, OldHeader, TwoMethods};
        let none: &[&[u8]] = &[];
        for (authorization, token_header, query, expected) in [
            (&[&b"Bearer abc.D-_~+/=="[..]][..], false, None, Ok("abc.D-_~+/==")),
            (&[b"bearer abc"], false, None, Ok("abc")), // AS-57
            (&[b"BEARER   abc"], false, Some("page=2"), Ok("abc")),
            (&[b"Bearer abc"], true, None, Ok("abc")),
            (none, false, None, Err(Missing)),                     // AS-58
            (none, false, Some("access_token=abc"), Err(Missing)), // AS-57
            (none, true, None, Err(OldHeader)),
            (&[b"Token abc"], false, None, Err(OldHeader)),
            (&[b"Basic abc"], false, None, Err(Missing)),
            (&[b"Bearer"], false, None, Err(Missing)),
            (&[b"Bearer "], false, None, Err(Missing)),
            (&[b"abc"], false, None, Err(Missing)),
            (&[b"\xff"], false, None, Err(Missing)),
            (&[b"Bearer a b"], false, None, Err(InvalidToken)),
            (&[b"Bearer =a"], false, None, Err(InvalidToken)),
            (&["Bearer ä".as_bytes()], false, None, Err(InvalidToken)),
            (&[b"Bearer abc"], false, Some("access_token=abc"), Err(TwoMethods)),
            (&[b"Bearer abc", b"Bearer abc"], false, None, Err(TwoMethods)),
        ] {
            let call = BearerCall {
                authorization,
                token_header,
                query,
            };
            assert_eq!(
                call.token()
                    .as_ref()
                    .map(|token| token.reveal().as_str())
                    .map_err(|error| *error),
                expected
            );
        }
    }

    #[test]
    fn each_refusal_has_its_status_and_challenge() {
        use RevokedStatus::{Rfc, Seed};
        for (error, mode, status, challenge) in [
            (BearerError::Missing, Seed, 401, "Bearer realm="),
            (BearerError::OldHeader, Rfc, 401, "Bearer realm="),
            (BearerError::InvalidToken, Seed, 403, "Bearer error=\"invalid_token\""), // decisions 1 and 9
            (BearerError::InvalidToken, Rfc, 401, "Bearer error=\"invalid_token\""),
            (BearerError::TwoMethods, Seed, 400, "Bearer error=\"invalid_request\""),
        ] {
            assert_eq!(error.status(mode), status, "{error:?}");
            assert!(error.www_authenticate().starts_with(challenge), "{error:?}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(header in any::<Vec<u8>>(), query in proptest::option::of(".*")) {
            let call = BearerCall { authorization: &[&header], token_header: false, query: query.as_deref() };
            let _ = call.token();
        }
    }
}
