//! What comes back to a client's redirect URI (RFC 6749 section 4.1.2).

use crate::{ParameterError, Parameters, Secret};

/// An answer of an authorization endpoint. Nothing in it is to be believed before `state` found its flow and
/// [`IssuerRule::check`] passed.
#[derive(Debug, Clone)]
pub struct Callback {
    /// Which flow it belongs to; look it up, once, before anything else.
    pub state: Secret,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// The answer.
    pub outcome: CallbackOutcome,
}

/// The answer itself.
#[derive(Debug, Clone)]
pub enum CallbackOutcome {
    /// A code to exchange.
    Code(Secret),
    /// No code.
    Error {
        /// The name of the error, which need not be a known one.
        error: String,
        /// Words of a stranger: escape them in HTML, keep them out of logs.
        description: Option<String>,
    },
}

/// Why a callback is ignored; no token request may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// A parameter is repeated or unreadable.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// Without `state` it belongs to no flow (RFC 6749 section 10.12).
    #[error("the callback has no state")]
    NoState,
    /// Neither a code nor an error.
    #[error("the callback has neither code nor error")]
    Empty,
    /// Both at once.
    #[error("the callback has both code and error")]
    Contradiction,
}

impl Callback {
    /// Reads the query string, without its `?`.
    pub fn parse(query: &str) -> Result<Self, CallbackError> {
        let parameters = Parameters::parse(query)?;
        let state = parameters.optional("state")?.ok_or(CallbackError::NoState)?;
        let description = parameters.optional("error_description")?.map(str::to_owned);
        let outcome = match (parameters.optional("code")?, parameters.optional("error")?) {
            (Some(code), None) => CallbackOutcome::Code(Secret::new(code.to_owned())),
            (None, Some(error)) => CallbackOutcome::Error {
                error: error.to_owned(),
                description,
            },
            (None, None) => return Err(CallbackError::Empty),
            (Some(_), Some(_)) => return Err(CallbackError::Contradiction),
        };
        Ok(Self {
            state: Secret::new(state.to_owned()),
            iss: parameters.optional("iss")?.map(str::to_owned),
            outcome,
        })
    }
}

/// Who must have answered, against mix-up (RFC 9207 section 2.4, RFC 9700 section 4.4).
#[derive(Debug, Clone, Copy)]
pub struct IssuerRule<'a> {
    /// The issuer that the flow was started with.
    pub issuer: &'a str,
    /// Its metadata promises `iss` in every answer.
    pub advertised: bool,
}

/// The answer may be somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It names another issuer.
    #[error("the answer comes from another authorization server")]
    Wrong,
    /// It names none although the server promised to.
    #[error("the answer does not name its authorization server")]
    Missing,
}

impl IssuerRule<'_> {
    /// A wrong `iss` is always refused, a missing one where it was promised. The comparison is exact.
    pub fn check(&self, iss: Option<&str>) -> Result<(), IssuerError> {
        match iss {
            Some(iss) if iss == self.issuer => Ok(()),
            Some(_) => Err(IssuerError::Wrong),
            None if self.advertised => Err(IssuerError::Missing),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_callback_is_a_code_or_an_error_of_one_flow() {
        use CallbackError as No;
        for (query, expected) in [
            ("code=C&state=S", Ok("code C")),
            ("code=C&state=S&session_state=x&foo=1&foo=2", Ok("code C")),
            ("error=access_denied&state=S", Ok("error access_denied")), // CL-6
            (
                "error=boo&error_description=%3Cscript%3E&state=S",
                Ok("error boo <script>"),
            ),
            ("error=access_denied", Err(No::NoState)),
            ("code=C", Err(No::NoState)), // CL-1
            ("code=C&state=", Err(No::NoState)),
            ("state=S", Err(No::Empty)),
            ("state=S&code=", Err(No::Empty)),
            ("state=S&code=C&error=x", Err(No::Contradiction)),
            (
                "state=S&code=C&code=D",
                Err(No::Parameter(ParameterError::Repeated("code"))),
            ),
            (
                "state=S&state=T&code=C",
                Err(No::Parameter(ParameterError::Repeated("state"))),
            ),
            (
                "state=S&code=C&iss=a&iss=b",
                Err(No::Parameter(ParameterError::Repeated("iss"))),
            ),
            ("state=S&code=%zz", Err(No::Parameter(ParameterError::Malformed))),
        ] {
            let read = Callback::parse(query).map(|callback| {
                assert_eq!(callback.state.reveal(), "S", "{query}");
                match callback.outcome {
                    CallbackOutcome::Code(code) => format!("code {}", code.reveal()),
                    CallbackOutcome::Error {
                        error,
                        description: None,
                    } => format!("error {error}"),
                    CallbackOutcome::Error {
                        error,
                        description: Some(words),
                    } => format!("error {error} {words}"),
                }
            });
            assert_eq!(read.as_deref().map_err(|error| *error), expected, "{query}");
        }
    }

    #[test]
    fn an_answer_must_come_from_the_server_that_was_asked() {
        // CL-3, CL-4
        for (advertised, iss, expected) in [
            (true, Some("https://as.test"), Ok(())),
            (true, Some("https://evil.test"), Err(IssuerError::Wrong)),
            (true, Some("https://as.test/"), Err(IssuerError::Wrong)),
            (true, None, Err(IssuerError::Missing)),
            (false, Some("https://as.test"), Ok(())),
            (false, Some("https://evil.test"), Err(IssuerError::Wrong)),
            (false, None, Ok(())),
        ] {
            let rule = IssuerRule {
                issuer: "https://as.test",
                advertised,
            };
            assert_eq!(rule.check(iss), expected, "{advertised} {iss:?}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in ".*") {
            let _ = Callback::parse(&query);
        }
    }
}
