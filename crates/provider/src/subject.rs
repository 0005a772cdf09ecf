//! Who a request is about, and the words in which requests are written.

use oauth::Secret;
use vault::Vault;

use crate::AccountId;

/// An enum whose variants have names on the wire and in the database.
macro_rules! words {
    ($(#[$meaning:meta])* $name:ident { $($(#[$variant_meaning:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meaning])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_meaning])* $variant,)+ }

        impl $name {
            /// Every word, in the vendor's order.
            pub const WORDS: &[&str] = &[$($word,)+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord(Self::WORDS)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// A word that is none of those that are known there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord(pub &'static [&'static str]);

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "must be one of {}", self.0.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

words! {
    /// What is asked for.
    RequestType {
        /// Find everything and export it.
        Access = "access",
        /// Remove everything; it can't be brought back.
        Delete = "delete",
    }
}

words! {
    /// Whose data.
    DataType {
        /// A collaborator of the customer's account.
        User = "user",
        /// An end visitor of the customer's sites.
        Visitor = "visitor",
    }
}

words! {
    /// By what the subject is known.
    IdentifierType {
        /// An e-mail address; upper and lower case mean the same person.
        Email = "email",
        /// The visitor cookie.
        EndUserId = "optimizely_end_user_id",
        /// Any id on targeting records.
        DcpId = "dcp_id",
        /// The user id of feature experiments.
        FullstackId = "fullstack_id",
        /// Any identifier that was uploaded.
        Other = "other",
    }
}

words! {
    /// A place where the vendor holds data of subjects, by the vendor's names.
    DataSource {
        /// The application's own database.
        AppBackend = "app_backend",
        /// What the application runs on.
        AppBackendInfra = "app_backend_infra",
        /// Event data.
        DataPlatform = "data_platform",
        /// The warehouse.
        DataWarehouse = "datawarehouse",
        /// Systems of others.
        ExternalSystems = "external_systems",
        /// The company's own use.
        Optimizely = "optimizely",
        /// Its use of its own product.
        OptimizelyOnOptimizely = "optimizely_on_optimizely",
        /// Programmes.
        ProgramManagement = "program_management",
        /// Security logs.
        Security = "security",
        /// Billing, contracts.
        BusinessSystems = "business_systems",
        /// Campaigns.
        Marketing = "marketing",
        /// Technical support.
        Tse = "tse",
    }
}

words! {
    /// How far a request, or one data source's share of it, has come.
    Status {
        /// Nobody has begun.
        Pending = "pending",
        /// Somebody has.
        Processing = "processing",
        /// All of it is done.
        Completed = "completed",
        /// It could not be done.
        Failure = "failure",
    }
}

impl Status {
    /// True where nothing follows.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failure)
    }
}

/// The longest identifier, in characters.
const LONGEST_IDENTIFIER: usize = 355;

/// A person, as one account knows them.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Whose data.
    pub data_type: DataType,
    /// By what.
    pub identifier_type: IdentifierType,
    /// As it was given.
    pub identifier: Secret,
}

/// Why an identifier can't be used. The message is to be read after the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// Nothing, or nothing but spaces.
    #[error("must not be empty")]
    Empty,
    /// More than 355 characters.
    #[error("must not be longer than 355 characters")]
    TooLong,
    /// U+0000, which databases and C programs take for an end.
    #[error("must not contain the character U+0000")]
    Nul,
    /// The vendor knows its users by their addresses alone.
    #[error("must be email where data_type is user")]
    UserByEmailOnly,
}

impl SubjectError {
    /// The field that is wrong.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong | Self::Nul => "identifier",
            Self::UserByEmailOnly => "identifier_type",
        }
    }
}

impl Subject {
    /// A subject, checked.
    pub fn new(data_type: DataType, identifier_type: IdentifierType, identifier: Secret) -> Result<Self, SubjectError> {
        let text = identifier.reveal();
        if text.trim().is_empty() {
            return Err(SubjectError::Empty);
        }
        if text.contains('\0') {
            return Err(SubjectError::Nul);
        }
        if text.chars().count() > LONGEST_IDENTIFIER {
            return Err(SubjectError::TooLong);
        }
        if data_type == DataType::User && identifier_type != IdentifierType::Email {
            return Err(SubjectError::UserByEmailOnly);
        }
        Ok(Self {
            data_type,
            identifier_type,
            identifier,
        })
    }

    /// What the subject is found by in `account`: tells nothing to somebody without the vault, and nothing about
    /// whether another account knows the same person.
    pub(crate) fn index(&self, vault: &Vault, account: AccountId) -> [u8; 32] {
        let normalised = self.normalised();
        let normalised = normalised.reveal();
        vault.blind_index(
            "subject",
            &format!("{account}\n{}\n{}\n{normalised}", self.data_type, self.identifier_type),
        )
    }

    /// The identifier without spaces around it, an e-mail address in lower case.
    pub(crate) fn normalised(&self) -> Secret {
        let identifier = self.identifier.reveal().trim();
        Secret::new(match self.identifier_type {
            IdentifierType::Email => identifier.to_lowercase(),
            _ => identifier.to_owned(),
        })
    }

    /// The identifier with most of it hidden, for pages: enough to recognise one that is known already.
    pub fn masked(&self) -> String {
        let text = self.identifier.reveal().trim();
        let hidden = |text: &str| {
            let first: String = text.chars().take(1).collect();
            format!("{first}•••")
        };
        match (self.identifier_type, text.rsplit_once('@')) {
            (IdentifierType::Email, Some((name, host))) => format!("{}@{host}", hidden(name)),
            _ => hidden(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(data_type: &str, identifier_type: &str, identifier: &str) -> Result<Subject, SubjectError> {
        Subject::new(
            data_type.parse().unwrap(),
            identifier_type.parse().unwrap(),
            Secret::new(identifier.to_owned()),
        )
    }

    #[test]
    fn identifiers_are_checked() {
        // SEC-31
        let long = "ä".repeat(355);
        let too_long = "a".repeat(356);
        for (data_type, identifier_type, identifier, expected) in [
            ("visitor", "email", "ada@example.test", Ok(())),
            ("visitor", "other", "O'Brien \"x\" \u{202e}; --", Ok(())),
            ("visitor", "dcp_id", long.as_str(), Ok(())),
            ("visitor", "dcp_id", too_long.as_str(), Err(SubjectError::TooLong)),
            ("visitor", "dcp_id", "", Err(SubjectError::Empty)),
            ("visitor", "dcp_id", " \t", Err(SubjectError::Empty)),
            ("visitor", "dcp_id", "a\0b", Err(SubjectError::Nul)),
            ("user", "email", "ada@example.test", Ok(())),
            ("user", "other", "ada", Err(SubjectError::UserByEmailOnly)),
        ] {
            let result = subject(data_type, identifier_type, identifier).map(|_| ());
            assert_eq!(result, expected, "{data_type} {identifier_type} {identifier:?}");
        }
        assert!("Email".parse::<IdentifierType>().is_err());
        assert_eq!(
            "x".parse::<DataType>().unwrap_err().to_string(),
            "must be one of user, visitor"
        );
    }

    #[test]
    fn a_masked_identifier_can_be_recognised_but_not_learnt() {
        for (identifier_type, identifier, masked) in [
            ("email", "ada@example.test", "a•••@example.test"),
            ("other", "oeu1383080393924", "o•••"),
            ("email", "no-address", "n•••"),
        ] {
            assert_eq!(
                subject("visitor", identifier_type, identifier).unwrap().masked(),
                masked
            );
        }
    }
}
