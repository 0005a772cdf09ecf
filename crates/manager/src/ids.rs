//! The names of things: time-ordered UUIDs, each kind a type of its own.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct IdError;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $object:literal;)*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// As it is named in the audit log: kind and id.
            pub fn object(self) -> String {
                format!(concat!($object, ":{}"), self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                // One thing has one name: braces, URNs and capitals are not other names of it.
                let id = Uuid::try_parse(text).map_err(|_| IdError)?;
                if id.hyphenated().to_string() == text { Ok(Self(id)) } else { Err(IdError) }
            }
        }

        impl From<$name> for store::Value {
            fn from(id: $name) -> Self {
                id.to_string().into()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}

ids! {
    /// A connection: one configured, credentialed use of a connector.
    ConnectionId = "connection";
    /// A person who works with the portal.
    OperatorId = "operator";
    /// A browser in which an operator is logged in.
    SessionId = "session";
    /// A program's key to the API.
    ApiKeyId = "api_key";
    /// A privacy request.
    RequestId = "request";
    /// One connection's share of a request: one job at the vendor.
    TaskId = "task";
    /// One asking of a processor about one task.
    ContactId = "contact";
    /// A file that a processor has added.
    UploadId = "upload";
    /// A list of requests that is taken in.
    ImportId = "import";
    /// A place that events are sent to.
    WebhookId = "webhook";
    /// One event for one webhook.
    DeliveryId = "delivery";
}
