//! The answer of the token endpoint, as both ends see it (RFC 6749 section 5.1).

use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{ASSUMED_LIFE, Secret};

/// Tokens that were issued.
#[derive(Debug, Clone)]
pub struct TokenResponse {
    /// The bearer token for the API.
    pub access_token: Secret,
    /// Its life in seconds from receipt; `None` when the server does not say.
    pub expires_in: Option<u64>,
    /// A refresh token. `None` in a refresh response means that the one in hand stays good.
    pub refresh_token: Option<Secret>,
    /// The scope, where the server names it.
    pub scope: Option<String>,
}

/// Why an answer is no token response. No part of the answer is repeated in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenResponseError {
    /// Anything but 200.
    #[error("the token endpoint answered with status {0}")]
    Status(u16),
    /// Not a JSON object.
    #[error("the token endpoint did not answer with a JSON object")]
    NotJson,
    /// A field is missing or cannot be used.
    #[error("the token response has no usable {0}")]
    Field(&'static str),
    /// Only bearer tokens can be used (RFC 6749 section 7.1).
    #[error("the token response has another token type than bearer")]
    TokenType,
}

/// A life beyond this many seconds (ten years) is a way of saying "for ever".
const LONGEST_LIFE: u64 = 10 * 365 * 24 * 60 * 60;

impl TokenResponse {
    /// An access token with a life in seconds, and nothing else.
    pub const fn new(access_token: Secret, expires_in: u64) -> Self {
        Self {
            access_token,
            expires_in: Some(expires_in),
            refresh_token: None,
            scope: None,
        }
    }

    /// Adds a refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: Secret) -> Self {
        self.refresh_token = Some(refresh_token);
        self
    }

    /// The life of the access token; a short one is assumed where the server does not say.
    pub fn life(&self) -> SignedDuration {
        let seconds = self.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
        seconds.map_or(ASSUMED_LIFE, SignedDuration::from_secs)
    }

    /// The JSON body, to be sent with `Cache-Control: no-store`. It lets the tokens out.
    pub fn to_json(&self) -> Secret {
        let body = Body {
            access_token: self.access_token.reveal(),
            expires_in: self.expires_in,
            refresh_token: self.refresh_token.as_ref().map(|token| token.reveal().as_str()),
            scope: self.scope.as_deref(),
            token_type: "bearer",
        };
        // Text and a number: there is nothing that could not be written.
        Secret::new(serde_json::to_string(&body).unwrap_or_default())
    }

    /// Reads what a token endpoint answered, strictly where it matters and tolerantly elsewhere: unknown fields,
    /// a missing or numeric-string `expires_in`, a missing scope or refresh token and any case of `bearer` are fine.
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, TokenResponseError> {
        if status != 200 {
            return Err(TokenResponseError::Status(status));
        }
        let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| TokenResponseError::NotJson)?;
        let access_token = token(&body, "access_token")?.ok_or(TokenResponseError::Field("access_token"))?;
        match body.get("token_type").and_then(Value::as_str) {
            Some(token_type) if token_type.eq_ignore_ascii_case("bearer") => {}
            Some(_) => return Err(TokenResponseError::TokenType),
            None => return Err(TokenResponseError::Field("token_type")),
        }
        Ok(Self {
            access_token,
            expires_in: body.get("expires_in").and_then(seconds),
            refresh_token: token(&body, "refresh_token")?,
            scope: body.get("scope").and_then(Value::as_str).map(str::to_owned),
        })
    }
}

/// As it travels.
#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    token_type: &'static str,
}

/// A token made of printable ASCII (RFC 6749 appendix A.12): anything else could not travel in a header.
fn token(body: &Map<String, Value>, name: &'static str) -> Result<Option<Secret>, TokenResponseError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(Secret::new(text.clone())))
        }
        Some(_) => Err(TokenResponseError::Field(name)),
    }
}

/// A positive number of whole seconds, however it is written; anything else counts as not said.
fn seconds(value: &Value) -> Option<u64> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    // "7200.5" is close enough to 7200; "1.5e300" is not close to 1.
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: u64 = whole.parse().ok()?;
    (seconds > 0).then_some(seconds.min(LONGEST_LIFE))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_wire_shape_is_the_vendor_s() {
        let first = TokenResponse::new("A".to_owned().into(), 7200).with_refresh_token("R".to_owned().into());
        let expected = r#"{"access_token":"A","expires_in":7200,"refresh_token":"R","token_type":"bearer"}"#;
        assert_eq!(first.to_json().reveal(), expected);
        // A refresh of a confidential client carries no refresh token (decision 6, AS-49).
        let later = TokenResponse::new("A".to_owned().into(), 7200);
        let expected = r#"{"access_token":"A","expires_in":7200,"token_type":"bearer"}"#;
        assert_eq!(later.to_json().reveal(), expected);
    }

    #[test]
    fn an_answer_is_read_by_cl_10() {
        use TokenResponseError::{Field, NotJson, Status, TokenType};
        let none = None::<&str>;
        for (status, body, expected) in [
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","expires_in":7200}"#,
                Ok((Some(7200), none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"Bearer","refresh_token":"R"}"#,
                Ok((None, Some("R"))),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"BEARER","expires_in":"7200"}"#,
                Ok((Some(7200), none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","expires_in":7200.5,"x":{}}"#,
                Ok((Some(7200), none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","expires_in":null}"#,
                Ok((None, none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","expires_in":"soon"}"#,
                Ok((None, none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","expires_in":0}"#,
                Ok((None, none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","expires_in":-5}"#,
                Ok((None, none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","expires_in":1.5e99}"#,
                Ok((None, none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","refresh_token":null}"#,
                Ok((None, none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","refresh_token":""}"#,
                Ok((None, none)),
            ),
            (
                200,
                r#"{"access_token":"B","access_token":"A","token_type":"bearer"}"#,
                Ok((None, none)),
            ),
            (
                200,
                r#"{"access_token":"A","token_type":"bearer","refresh_token":7}"#,
                Err(Field("refresh_token")),
            ),
            (200, r#"{"access_token":"A","token_type":"mac"}"#, Err(TokenType)),
            (200, r#"{"access_token":"A"}"#, Err(Field("token_type"))),
            (200, r#"{"token_type":"bearer"}"#, Err(Field("access_token"))),
            (
                200,
                r#"{"access_token":"","token_type":"bearer"}"#,
                Err(Field("access_token")),
            ),
            (
                200,
                r#"{"access_token":"A\r\nX: y","token_type":"bearer"}"#,
                Err(Field("access_token")),
            ),
            (200, r#"["access_token"]"#, Err(NotJson)),
            (200, "access_token=A&token_type=bearer", Err(NotJson)),
            (200, "", Err(NotJson)),
            (201, r#"{"access_token":"A","token_type":"bearer"}"#, Err(Status(201))),
            (403, "", Err(Status(403))),
        ] {
            let read = TokenResponse::parse(status, body.as_bytes());
            let seen = read.as_ref().map_err(|error| *error).map(|token| {
                assert_eq!(token.access_token.reveal(), "A", "{body}");
                (
                    token.expires_in,
                    token.refresh_token.as_ref().map(|token| token.reveal().as_str()),
                )
            });
            assert_eq!(seen, expected, "{body}");
        }
    }

    #[test]
    fn a_life_that_is_not_said_is_assumed_to_be_short() {
        let read = |body: &str| TokenResponse::parse(200, body.as_bytes()).unwrap().life();
        assert_eq!(read(r#"{"access_token":"A","token_type":"bearer"}"#), ASSUMED_LIFE);
        let endless = read(r#"{"access_token":"A","token_type":"bearer","expires_in":18446744073709551615}"#);
        assert_eq!(endless, SignedDuration::from_hours(10 * 365 * 24));
    }

    proptest! {
        #[test]
        fn what_one_end_writes_the_other_reads(
            access in "[!-~]{1,60}", refresh in proptest::option::of("[!-~]{1,60}"), life in 1..LONGEST_LIFE,
        ) {
            let mut sent = TokenResponse::new(access.clone().into(), life);
            sent.refresh_token = refresh.clone().map(Secret::new);
            let read = TokenResponse::parse(200, sent.to_json().reveal().as_bytes()).unwrap();
            prop_assert_eq!(read.access_token.reveal(), &access);
            prop_assert_eq!(read.refresh_token.map(Secret::into_revealed), refresh);
            prop_assert_eq!(read.expires_in, Some(life));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
            let _ = TokenResponse::parse(200, &bytes);
        }
    }
}
