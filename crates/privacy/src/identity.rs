//! What a data subject is known by.

mod email;

use std::collections::BTreeMap;

use crate::personal::{Personal, mask_email, mask_identifier};

words! {
    /// The kinds of identifier, with the vendor's words.
    pub enum IdentityType("identity type") {
        /// An e-mail address.
        Email = "email",
        /// The visitor cookie.
        OptimizelyEndUserId = "optimizely_end_user_id",
        /// An id on targeting records.
        DcpId = "dcp_id",
        /// A user id of feature experiments.
        FullstackId = "fullstack_id",
        /// Any other uploaded identifier.
        Other = "other",
    }
}

impl IdentityType {
    /// The name of the field in an API body, for error messages.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Email => "identities.email",
            Self::OptimizelyEndUserId => "identities.optimizely_end_user_id",
            Self::DcpId => "identities.dcp_id",
            Self::FullstackId => "identities.fullstack_id",
            Self::Other => "identities.other",
        }
    }

    /// How a value of this type is shown where it need not be read in full.
    pub fn mask(self, value: &Personal) -> String {
        match self {
            Self::Email => mask_email(value.reveal()),
            _ => mask_identifier(value.reveal()),
        }
    }

    /// The form in which a value is looked up: what goes into the blind index. Two spellings that mean the same
    /// person give the same text. It is for comparing only; vendors get the value as it was given.
    pub fn normalize(self, value: &str) -> Personal {
        let trimmed = value.trim();
        Personal::new(match self {
            Self::Email => trimmed.to_lowercase(),
            _ => trimmed.to_owned(),
        })
    }

    /// Checks a value given by a person and takes it into custody. E-mail addresses lose outer white space.
    pub fn accept(self, value: &str) -> Result<Personal, IdentityError> {
        let refuse = |problem| {
            Err(IdentityError {
                field: self.field(),
                problem,
            })
        };
        if value.trim().is_empty() {
            return refuse(IdentityProblem::Empty);
        }
        if value.contains('\0') {
            return refuse(IdentityProblem::Nul);
        }
        let value = if self == Self::Email { value.trim() } else { value };
        if value.chars().count() > MAX_CHARS {
            return refuse(IdentityProblem::TooLong);
        }
        if self == Self::Email && !email::is_address(value) {
            return refuse(IdentityProblem::NotAnAddress);
        }
        Ok(Personal::new(value.to_owned()))
    }
}

/// The longest identifier the vendor takes, in characters.
pub const MAX_CHARS: usize = 355;

/// An identity that can't be taken. It names the field and never repeats the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct IdentityError {
    /// The field of the API body: `identities` or `identities.email`.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: IdentityProblem,
}

/// What is wrong with an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityProblem {
    /// No identity at all, or an empty one.
    #[error("must not be empty")]
    Empty,
    /// The text contains U+0000.
    #[error("must not contain a NUL character")]
    Nul,
    /// Longer than [`MAX_CHARS`].
    #[error("must have at most 355 characters")]
    TooLong,
    /// Not the syntax of an e-mail address.
    #[error("is not an e-mail address")]
    NotAnAddress,
    /// A type that nobody knows.
    #[error("contains an unknown type, known are email, optimizely_end_user_id, dcp_id, fullstack_id, other")]
    UnknownType,
    /// Sealed identities that can't be read back.
    #[error("can not be read")]
    Unreadable,
}

/// All identities of one data subject: at least one, at most one of each type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identities(BTreeMap<IdentityType, Personal>);

impl Identities {
    /// Checks identities given as (word of the type, value).
    pub fn parse<K: AsRef<str>, V: AsRef<str>>(given: impl IntoIterator<Item = (K, V)>) -> Result<Self, IdentityError> {
        let mut identities = BTreeMap::new();
        for (word, value) in given {
            // The word is not repeated: people do swap key and value.
            let Ok(kind) = word.as_ref().parse::<IdentityType>() else {
                return Err(IdentityError {
                    field: "identities",
                    problem: IdentityProblem::UnknownType,
                });
            };
            identities.insert(kind, kind.accept(value.as_ref())?);
        }
        if identities.is_empty() {
            return Err(IdentityError {
                field: "identities",
                problem: IdentityProblem::Empty,
            });
        }
        Ok(Self(identities))
    }

    /// The identities of a subject known by an e-mail address alone.
    pub fn of_email(address: &str) -> Result<Self, IdentityError> {
        Self::parse([(IdentityType::Email.name(), address)])
    }

    /// The value of one type.
    pub fn get(&self, kind: IdentityType) -> Option<&Personal> {
        self.0.get(&kind)
    }

    /// The e-mail address, where mails go.
    pub fn email(&self) -> Option<&Personal> {
        self.get(IdentityType::Email)
    }

    /// All of them, in the order of [`IdentityType::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (IdentityType, &Personal)> {
        self.0.iter().map(|(kind, value)| (*kind, value))
    }

    /// What may be shown: type and masked value.
    pub fn masked(&self) -> BTreeMap<IdentityType, String> {
        self.iter().map(|(kind, value)| (kind, kind.mask(value))).collect()
    }

    /// What the blind index is computed from: type and normalised value.
    pub fn normalized(&self) -> impl Iterator<Item = (IdentityType, Personal)> {
        self.iter().map(|(kind, value)| (kind, kind.normalize(value.reveal())))
    }

    /// The plain text to seal: a JSON object of type and value.
    pub fn reveal_json(&self) -> Personal<Vec<u8>> {
        let map: serde_json::Map<String, serde_json::Value> = self
            .iter()
            .map(|(kind, value)| (kind.name().to_owned(), value.reveal().clone().into()))
            .collect();
        Personal::new(serde_json::Value::from(map).to_string().into_bytes())
    }

    /// Reads back what [`Identities::reveal_json`] wrote.
    pub fn from_json(plain: &[u8]) -> Result<Self, IdentityError> {
        let given: BTreeMap<String, String> = serde_json::from_slice(plain).map_err(|_| IdentityError {
            field: "identities",
            problem: IdentityProblem::Unreadable,
        })?;
        Self::parse(given)
    }
}

#[cfg(test)]
mod tests;
