//! What a grant allows.

use std::fmt;
use std::str::FromStr;

use crate::{ParameterError, Parameters};

/// The scope of a grant. There is one: everything that the user may do, which means read, write and offline access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `all`: the rights of the user's own role.
    All,
}

/// Why a scope is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// The parameter itself cannot be used.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// Another value than `all`.
    #[error("the only scope is all")]
    Unknown,
    /// `scopes` (the vendor's name) and `scope` (RFC 6749 section 3.3) say different things.
    #[error("scopes and scope differ")]
    Differ,
}

impl Scope {
    /// `all`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
        }
    }

    /// What a request asks for under `scopes` or `scope`, both only if equal; `None` when it asks for nothing.
    pub fn requested(parameters: &Parameters) -> Result<Option<Self>, ScopeError> {
        match (parameters.optional("scopes")?, parameters.optional("scope")?) {
            (Some(scopes), Some(scope)) if scopes != scope => Err(ScopeError::Differ),
            (Some(text), _) | (None, Some(text)) => text.parse().map(Some),
            (None, None) => Ok(None),
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        // RFC 6749 section 3.3: a set of words, so a repeated one adds nothing.
        if text.split(' ').all(|word| word == "all") {
            Ok(Self::All)
        } else {
            Err(ScopeError::Unknown)
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_name_is_read_and_both_must_agree() {
        // Decision 2, AS-11
        for (query, expected) in [
            ("scopes=all", Ok(Some(Scope::All))),
            ("scope=all", Ok(Some(Scope::All))),
            ("scopes=all&scope=all", Ok(Some(Scope::All))),
            ("scopes=all&scope=", Ok(Some(Scope::All))),
            ("scopes=all&scope=read", Err(ScopeError::Differ)),
            ("scope=read", Err(ScopeError::Unknown)),
            ("scope=all+read", Err(ScopeError::Unknown)),
            ("scope=ALL", Err(ScopeError::Unknown)),
            (
                "scope=all&scope=all",
                Err(ScopeError::Parameter(ParameterError::Repeated("scope"))),
            ),
            ("", Ok(None)),
            ("scopes=", Ok(None)),
        ] {
            assert_eq!(
                Scope::requested(&Parameters::parse(query).unwrap()),
                expected,
                "{query}"
            );
        }
    }
}
