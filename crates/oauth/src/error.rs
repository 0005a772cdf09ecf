//! Errors as they travel.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$meaning:meta])* $variant:ident = $wire:literal,)+) => {
        /// An error of OAuth 2.0 by its registered name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$meaning])* $variant,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $wire,)+
                }
            }
        }
    };
}

error_codes! {
    /// A parameter is missing, repeated, malformed or not allowed here (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidRequest = "invalid_request",
    /// The client is unknown or failed to authenticate (RFC 6749 section 5.2).
    InvalidClient = "invalid_client",
    /// The code or refresh token is invalid, expired, revoked, or another client's (RFC 6749 section 5.2).
    InvalidGrant = "invalid_grant",
    /// The client may not use this grant or response type (RFC 6749 sections 4.1.2.1 and 5.2).
    UnauthorizedClient = "unauthorized_client",
    /// RFC 6749 section 5.2.
    UnsupportedGrantType = "unsupported_grant_type",
    /// RFC 6749 section 4.1.2.1.
    UnsupportedResponseType = "unsupported_response_type",
    /// The scope is unknown, malformed or wider than granted (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidScope = "invalid_scope",
    /// The user or the server said no (RFC 6749 section 4.1.2.1).
    AccessDenied = "access_denied",
    /// RFC 6749 section 4.1.2.1.
    ServerError = "server_error",
    /// RFC 6749 section 4.1.2.1.
    TemporarilyUnavailable = "temporarily_unavailable",
    /// `resource` names something not served here (RFC 8707 section 2).
    InvalidTarget = "invalid_target",
    /// RFC 7009 section 2.2.1.
    UnsupportedTokenType = "unsupported_token_type",
    /// The bearer token is wrong, expired or revoked (RFC 6750 section 3.1).
    InvalidToken = "invalid_token",
    /// The bearer token grants too little (RFC 6750 section 3.1).
    InsufficientScope = "insufficient_scope",
}

impl ErrorCode {
    /// The code of this name, if it is a known one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The JSON body of a refusal (RFC 6749 section 5.2). What arrives from a stranger may name any error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The name of the error; [`ErrorBody::code`] when it is a known one.
    pub error: String,
    /// Text for the developer of the client; never to be shown without escaping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

impl ErrorBody {
    /// A body with a description, in which characters outside RFC 6749's grammar become `'`.
    pub fn new(code: ErrorCode, description: &str) -> Self {
        Self {
            error: code.as_str().to_owned(),
            error_description: Some(describable(description)),
        }
    }

    /// The error, if it is a known one.
    pub fn code(&self) -> Option<ErrorCode> {
        ErrorCode::named(&self.error)
    }

    /// Reads a body leniently: a JSON object whose `error` is a string; anything else is `None`.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
        Some(Self {
            error: answer.get("error")?.as_str()?.to_owned(),
            error_description: answer
                .get("error_description")
                .and_then(|text| text.as_str())
                .map(str::to_owned),
        })
    }
}

/// `text` within the characters of `error_description`: %x20-21 / %x23-5B / %x5D-7E (RFC 6749 section 5.2).
pub(crate) fn describable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '"' | '\\' => '\'',
            ' '..='~' => character,
            _ => '\'',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_name() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::named(code.as_str()), Some(*code));
        }
        assert_eq!(ErrorCode::named("interaction_required"), None);
    }

    #[test]
    fn a_body_travels_there_and_back() {
        let body = ErrorBody::new(ErrorCode::InvalidGrant, "the \"code\" was used\n");
        let json = serde_json::to_string(&body).unwrap();
        assert_eq!(
            json,
            r#"{"error":"invalid_grant","error_description":"the 'code' was used'"}"#
        );
        assert_eq!(ErrorBody::parse(json.as_bytes()), Some(body));
    }

    #[test]
    fn a_stranger_s_body_is_read_leniently() {
        for (body, expected) in [
            (r#"{"error":"invalid_grant"}"#, Some(("invalid_grant", None))),
            (r#"{"error":"boo","error_description":7,"x":[]}"#, Some(("boo", None))),
            (
                r#"{"error":"boo","error_description":"<b>"}"#,
                Some(("boo", Some("<b>"))),
            ),
            (r#"{"error":{"code":403}}"#, None),
            (r#"{"code":"forbidden"}"#, None),
            (r#"["error"]"#, None),
            ("<html>", None),
            ("", None),
        ] {
            let read = ErrorBody::parse(body.as_bytes());
            let read = read
                .as_ref()
                .map(|body| (body.error.as_str(), body.error_description.as_deref()));
            assert_eq!(read, expected, "{body}");
        }
    }
}
