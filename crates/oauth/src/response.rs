//! The answer of the authorization endpoint: a redirect with parameters in its query or fragment.

use std::fmt;
use std::str::FromStr;

use crate::error::describable;
use crate::{ErrorCode, Secret, TokenResponse, encode_form};

/// What an authorization request asks for (RFC 6749 section 3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseType {
    /// An authorization code.
    Code,
    /// An access token: the implicit grant.
    Token,
}

/// The text names no response type that is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("response_type must be code or token")]
pub struct UnknownResponseType;

impl ResponseType {
    /// `code` or `token`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Token => "token",
        }
    }

    /// Where its answer stands.
    pub const fn mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            Self::Token => ResponseMode::Fragment,
        }
    }
}

impl FromStr for ResponseType {
    type Err = UnknownResponseType;

    fn from_str(text: &str) -> Result<Self, UnknownResponseType> {
        match text {
            "code" => Ok(Self::Code),
            "token" => Ok(Self::Token),
            _ => Err(UnknownResponseType),
        }
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The part of the redirect URL that carries the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseMode {
    /// Behind `?`: the client's server sees it.
    Query,
    /// Behind `#`: it stays in the browser.
    Fragment,
}

/// A proven place to send an answer to. Every URL it makes is for a `Location` header and never for a log.
#[derive(Debug, Clone)]
pub struct ReturnAddress {
    /// A redirect URI that belongs to the client.
    pub redirect_uri: String,
    /// Where the answer stands in the URL.
    pub mode: ResponseMode,
    /// What the client wants back unchanged.
    pub state: Option<Secret>,
}

impl ReturnAddress {
    /// RFC 6749 section 4.1.2, with the issuer (RFC 9207 section 2).
    pub fn with_code(&self, code: &Secret, issuer: &str) -> Secret {
        self.url(&[("code", code.reveal())], &[("iss", issuer)])
    }

    /// RFC 6749 section 4.2.2: an access token without refresh token, with the issuer.
    pub fn with_token(&self, token: &TokenResponse, issuer: &str) -> Secret {
        let seconds = token.expires_in.unwrap_or_default().to_string();
        let mut after = vec![("iss", issuer)];
        if token.expires_in.is_some() {
            after.insert(0, ("expires_in", &seconds));
        }
        self.url(
            &[("access_token", token.access_token.reveal()), ("token_type", "bearer")],
            &after,
        )
    }

    /// RFC 6749 sections 4.1.2.1 and 4.2.2.1, with the issuer; no description when it is empty.
    pub fn with_error(&self, error: ErrorCode, description: &str, issuer: &str) -> Secret {
        let description = describable(description);
        let mut before = vec![("error", error.as_str())];
        if !description.is_empty() {
            before.push(("error_description", &description));
        }
        self.url(&before, &[("iss", issuer)])
    }

    fn url(&self, before: &[(&str, &str)], after: &[(&str, &str)]) -> Secret {
        let state = self.state.as_ref().map(|state| ("state", state.reveal().as_str()));
        let answer = encode_form(before.iter().copied().chain(state).chain(after.iter().copied()));
        let uri = &self.redirect_uri;
        let joint = match self.mode {
            ResponseMode::Fragment => "#",
            ResponseMode::Query if uri.ends_with(['?', '&']) => "",
            ResponseMode::Query if uri.contains('?') => "&",
            ResponseMode::Query => "?",
        };
        Secret::new(format!("{uri}{joint}{answer}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Parameters;

    fn address(redirect_uri: &str, mode: ResponseMode, state: Option<&str>) -> ReturnAddress {
        let state = state.map(|state| Secret::new(state.to_owned()));
        ReturnAddress {
            redirect_uri: redirect_uri.to_owned(),
            mode,
            state,
        }
    }

    #[test]
    fn a_code_travels_in_the_query_with_state_and_issuer() {
        // AS-10, AS-12; RFC 6749 section 3.1.2: a query of the URI's own is kept
        for (uri, state, expected) in [
            (
                "https://a.test/cb",
                Some("x"),
                "https://a.test/cb?code=C&state=x&iss=https%3A%2F%2Fas.test",
            ),
            (
                "https://a.test/cb",
                None,
                "https://a.test/cb?code=C&iss=https%3A%2F%2Fas.test",
            ),
            (
                "https://a.test/cb?t=1",
                Some("x"),
                "https://a.test/cb?t=1&code=C&state=x&iss=https%3A%2F%2Fas.test",
            ),
            (
                "https://a.test/cb?",
                Some("x"),
                "https://a.test/cb?code=C&state=x&iss=https%3A%2F%2Fas.test",
            ),
            (
                "https://a.test",
                Some("& +"),
                "https://a.test?code=C&state=%26%20%2B&iss=https%3A%2F%2Fas.test",
            ),
        ] {
            let url = address(uri, ResponseMode::Query, state).with_code(&"C".to_owned().into(), "https://as.test");
            assert_eq!(url.reveal(), expected);
        }
    }

    #[test]
    fn a_token_travels_in_the_fragment_without_refresh_token() {
        // AS-56
        let mut token = TokenResponse::new("T".to_owned().into(), 7200);
        token.refresh_token = Some("R".to_owned().into());
        let url = address("https://a.test/cb", ResponseMode::Fragment, Some("x")).with_token(&token, "https://as.test");
        let expected =
            "https://a.test/cb#access_token=T&token_type=bearer&state=x&expires_in=7200&iss=https%3A%2F%2Fas.test";
        assert_eq!(url.reveal(), expected);
    }

    #[test]
    fn an_error_travels_like_the_answer_would_have() {
        let to = address("https://a.test/cb", ResponseMode::Fragment, Some("x"));
        let url = to.with_error(ErrorCode::AccessDenied, "", "https://as.test");
        assert_eq!(
            url.reveal(),
            "https://a.test/cb#error=access_denied&state=x&iss=https%3A%2F%2Fas.test"
        );
    }

    proptest! {
        #[test]
        fn state_comes_back_byte_for_byte(state in "[^\0]{1,80}") {
            // AS-10
            let to = address("https://a.test/cb", ResponseMode::Query, Some(&state));
            let url = to.with_error(ErrorCode::InvalidScope, "no\r\n", "https://as.test").into_revealed();
            let query = url.split_once('?').unwrap().1;
            prop_assert!(query.is_ascii());
            let parameters = Parameters::parse(query).unwrap();
            prop_assert_eq!(parameters.required("state"), Ok(state.as_str()));
        }
    }
}
