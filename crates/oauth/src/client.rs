//! A registered application.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::RedirectUri;

/// The id of an application: a positive number, written in decimal without sign or leading zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(i64);

/// The text is not the id of any application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a client id")]
pub struct ClientIdError;

impl ClientId {
    /// The id with this number, which must be positive.
    pub const fn new(number: i64) -> Result<Self, ClientIdError> {
        if number > 0 {
            Ok(Self(number))
        } else {
            Err(ClientIdError)
        }
    }

    /// The number, as a database stores it.
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl FromStr for ClientId {
    type Err = ClientIdError;

    fn from_str(text: &str) -> Result<Self, ClientIdError> {
        // One application has one id: "07" and "+7" must not be other names of 7.
        if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ClientIdError);
        }
        Self::new(text.parse().map_err(|_| ClientIdError)?)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether an application can keep a secret (RFC 6749 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientType {
    /// It runs on the user's device: a secret proves nothing, PKCE is required.
    Public,
    /// It runs on a server and authenticates with its secret.
    Confidential,
}

/// The text names no client type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client type is public or confidential")]
pub struct UnknownClientType;

impl ClientType {
    /// `public` or `confidential`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Confidential => "confidential",
        }
    }
}

impl FromStr for ClientType {
    type Err = UnknownClientType;

    fn from_str(text: &str) -> Result<Self, UnknownClientType> {
        match text {
            "public" => Ok(Self::Public),
            "confidential" => Ok(Self::Confidential),
            _ => Err(UnknownClientType),
        }
    }
}

impl fmt::Display for ClientType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The ways in which an application may obtain a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grants {
    /// Authorization code (RFC 6749 section 4.1), with refresh tokens.
    pub code: bool,
    /// Implicit (RFC 6749 section 4.2), for public clients.
    pub implicit: bool,
}

/// Why a set of grants cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantsError {
    /// A word that is neither `code` nor `implicit`.
    #[error("a grant is code or implicit")]
    Unknown,
    /// None at all: the application could do nothing.
    #[error("an application needs at least one grant")]
    Empty,
    /// RFC 6749 section 4.2: the implicit grant is for public clients.
    #[error("the implicit grant is only for public applications")]
    ImplicitNeedsPublic,
}

impl Grants {
    /// What an application gets when nobody chooses: the code grant, and for public ones the implicit grant too.
    pub const fn default_for(client_type: ClientType) -> Self {
        Self {
            code: true,
            implicit: matches!(client_type, ClientType::Public),
        }
    }

    /// These grants, if an application of this type may have them.
    pub const fn allowed_for(self, client_type: ClientType) -> Result<Self, GrantsError> {
        match (self, client_type) {
            (
                Self {
                    code: false,
                    implicit: false,
                },
                _,
            ) => Err(GrantsError::Empty),
            (Self { implicit: true, .. }, ClientType::Confidential) => Err(GrantsError::ImplicitNeedsPublic),
            (grants, _) => Ok(grants),
        }
    }
}

impl FromStr for Grants {
    type Err = GrantsError;

    /// Reads `code`, `implicit` or both with a comma between.
    fn from_str(text: &str) -> Result<Self, GrantsError> {
        let mut grants = Self {
            code: false,
            implicit: false,
        };
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word {
                "code" => grants.code = true,
                "implicit" => grants.implicit = true,
                _ => return Err(GrantsError::Unknown),
            }
        }
        if grants.code || grants.implicit {
            Ok(grants)
        } else {
            Err(GrantsError::Empty)
        }
    }
}

impl fmt::Display for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.code, self.implicit) {
            (true, true) => "code,implicit",
            (true, false) => "code",
            (false, true) => "implicit",
            (false, false) => "",
        })
    }
}

/// What the protocol needs to know of a registered application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its public name in every request.
    pub id: ClientId,
    /// Whether its secret counts.
    pub client_type: ClientType,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// How it may obtain a grant.
    pub grants: Grants,
    /// Its own switch: refuse the code grant without PKCE.
    pub pkce_required: bool,
}

impl Client {
    /// Whether the code grant needs a challenge: always for public clients (RFC 9700 section 2.1.1).
    pub fn requires_pkce(&self) -> bool {
        self.pkce_required || self.client_type == ClientType::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        for (text, expected) in [
            ("1", Ok(1)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("9223372036854775808", Err(ClientIdError)),
            ("0", Err(ClientIdError)),
            ("01", Err(ClientIdError)),
            ("+1", Err(ClientIdError)),
            ("-1", Err(ClientIdError)),
            (" 1", Err(ClientIdError)),
            ("", Err(ClientIdError)),
            ("abc", Err(ClientIdError)),
            ("١", Err(ClientIdError)),
        ] {
            assert_eq!(text.parse::<ClientId>().map(ClientId::number), expected, "{text}");
        }
    }

    #[test]
    fn grants_are_read_and_written_alike() {
        for text in ["code", "implicit", "code,implicit"] {
            assert_eq!(text.parse::<Grants>().unwrap().to_string(), text);
        }
        assert_eq!("".parse::<Grants>(), Err(GrantsError::Empty));
        assert_eq!("password".parse::<Grants>(), Err(GrantsError::Unknown));
    }

    #[test]
    fn only_public_clients_may_have_the_implicit_grant() {
        // Decision 5.
        let both: Grants = "code,implicit".parse().unwrap();
        assert_eq!(both.allowed_for(ClientType::Public), Ok(both));
        assert_eq!(
            both.allowed_for(ClientType::Confidential),
            Err(GrantsError::ImplicitNeedsPublic)
        );
        assert_eq!(Grants::default_for(ClientType::Confidential).to_string(), "code");
        assert_eq!(Grants::default_for(ClientType::Public).to_string(), "code,implicit");
    }
}
