//! The name of a mail.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A mail in the outbox: a time-ordered UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailId(Uuid);

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a mail")]
pub struct MailIdError;

impl From<Uuid> for MailId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for MailId {
    type Err = MailIdError;

    fn from_str(text: &str) -> Result<Self, MailIdError> {
        // One thing has one name: braces, URNs and capitals are not other names of it.
        let id = Uuid::try_parse(text).map_err(|_| MailIdError)?;
        if id.hyphenated().to_string() == text {
            Ok(Self(id))
        } else {
            Err(MailIdError)
        }
    }
}

impl From<MailId> for store::Value {
    fn from(id: MailId) -> Self {
        id.to_string().into()
    }
}

impl Serialize for MailId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MailId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
