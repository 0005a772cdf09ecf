//! Ids: numbers that the vendor hands out, and UUIDs.

use std::{fmt, num::ParseIntError, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! number_ids {
    ($($(#[$meaning:meta])* $name:ident;)+) => { $(
        $(#[$meaning])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                text.parse().map(Self)
            }
        }

        impl From<$name> for store::Value {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    )+ };
}

number_ids! {
    /// An account: one organisation, to which users, applications and requests belong. A number, as at the vendor.
    AccountId;
    /// A subject access request.
    SarId;
    /// One data source's share of a subject access request.
    SubRequestId;
}

macro_rules! uuid_ids {
    ($($(#[$meaning:meta])* $name:ident;)+) => { $(
        $(#[$meaning])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        impl From<$name> for store::Value {
            fn from(id: $name) -> Self {
                id.0.to_string().into()
            }
        }
    )+ };
}

uuid_ids! {
    /// A person who can log in; one person may belong to several accounts.
    UserId;
    /// One consent of one user to one application for one account. Tokens hang off it.
    GrantId;
    /// A personal or a service token, by its public name.
    TokenId;
    /// An invitation to an account.
    InvitationId;
    /// An authorization request that waits for the user's decision.
    RequestId;
}
