//! What a user may do in an account.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A user's role in one account. It is looked up at every call: a change holds at the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything of the account.
    Administrator,
    /// Log in, authorize applications, see and revoke their own grants and tokens.
    User,
}

/// The text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is administrator or user")]
pub struct UnknownRole;

impl Role {
    /// `administrator` or `user`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::User => "user",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        match text {
            "administrator" => Ok(Self::Administrator),
            "user" => Ok(Self::User),
            _ => Err(UnknownRole),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
