//! Who did something.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of an operator or an API key: letters, digits, `-` and `_`, at most 64. Never a name or an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(String);

impl ActorId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ActorId {
    type Err = ActorParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if text.is_empty() || text.len() > 64 || !text.chars().all(allowed) {
            return Err(ActorParseError);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Who caused a change. Written `person:ID`, `api_key:ID`, `subject`, `processor`, `command_line`, `automation`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// An operator of the request manager.
    Person(ActorId),
    /// A program that uses the REST API.
    ApiKey(ActorId),
    /// The data subject.
    Subject,
    /// The human who answers a Direct Contact task.
    Processor,
    /// Somebody with a shell on the machine.
    CommandLine,
    /// A rule, a timer, the program itself.
    Automation,
}

impl Actor {
    /// Does this actor speak for the company, so that it may decide about requests?
    pub const fn is_staff(&self) -> bool {
        matches!(self, Self::Person(_) | Self::ApiKey(_) | Self::CommandLine)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person:{}", id.as_str()),
            Self::ApiKey(id) => write!(f, "api_key:{}", id.as_str()),
            Self::Subject => f.write_str("subject"),
            Self::Processor => f.write_str("processor"),
            Self::CommandLine => f.write_str("command_line"),
            Self::Automation => f.write_str("automation"),
        }
    }
}

/// Not an actor, or not an actor's id. The text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an actor")]
pub struct ActorParseError;

impl FromStr for Actor {
    type Err = ActorParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("person", id)) => Ok(Self::Person(id.parse()?)),
            Some(("api_key", id)) => Ok(Self::ApiKey(id.parse()?)),
            Some(_) => Err(ActorParseError),
            None => match text {
                "subject" => Ok(Self::Subject),
                "processor" => Ok(Self::Processor),
                "command_line" => Ok(Self::CommandLine),
                "automation" => Ok(Self::Automation),
                _ => Err(ActorParseError),
            },
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_are_read_back_as_written() {
        for text in [
            "person:0192-ab_c",
            "api_key:7",
            "subject",
            "processor",
            "command_line",
            "automation",
        ] {
            assert_eq!(text.parse::<Actor>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_address_is_not_an_id() {
        for text in [
            "person:ada@example.com",
            "person:",
            "person",
            "ada",
            "person:a b",
            "mail:1",
        ] {
            assert_eq!(text.parse::<Actor>(), Err(ActorParseError), "{text}");
        }
    }
}
