//! Which number tells that an authorization is gone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The HTTP status for a revoked or expired authorization (setting `revoked_status`). The bodies are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RevokedStatus {
    /// 403 at the token endpoint and at the API, as the vendor documents it.
    #[default]
    Seed,
    /// 400 at the token endpoint (RFC 6749 section 5.2), 401 at the API (RFC 6750 section 3.1).
    Rfc,
}

/// The text is neither `seed` nor `rfc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("revoked_status is seed or rfc")]
pub struct UnknownRevokedStatus;

impl RevokedStatus {
    /// The status of a refresh with a revoked or expired grant.
    pub const fn at_token_endpoint(self) -> u16 {
        match self {
            Self::Seed => 403,
            Self::Rfc => 400,
        }
    }

    /// The status of an API call with a wrong, revoked or expired bearer token.
    pub const fn at_api(self) -> u16 {
        match self {
            Self::Seed => 403,
            Self::Rfc => 401,
        }
    }
}

impl FromStr for RevokedStatus {
    type Err = UnknownRevokedStatus;

    fn from_str(text: &str) -> Result<Self, UnknownRevokedStatus> {
        match text {
            "seed" => Ok(Self::Seed),
            "rfc" => Ok(Self::Rfc),
            _ => Err(UnknownRevokedStatus),
        }
    }
}

impl fmt::Display for RevokedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seed => "seed",
            Self::Rfc => "rfc",
        })
    }
}
