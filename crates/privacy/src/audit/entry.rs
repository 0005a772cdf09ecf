//! What an audit event may carry.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::Event;

words! {
    /// The names of the facts that audit events carry.
    pub enum Detail("audit detail") {
        /// The id of the request.
        Request = "request",
        /// The human reference of the request.
        Reference = "reference",
        /// Access or deletion.
        Right = "type",
        /// The stage before.
        From = "from",
        /// The stage after.
        To = "to",
        /// How it ended.
        Outcome = "outcome",
        /// A word from a closed list: a pause reason, a denial ground, a reason to wait.
        Reason = "reason",
        /// The legal framework.
        Framework = "framework",
        /// The deadline.
        Deadline = "deadline",
        /// The id of the task.
        Task = "task",
        /// Access, deletion or verification.
        Kind = "kind",
        /// The status of the task.
        Status = "status",
        /// The id of the connection.
        Connection = "connection",
        /// The code of the connector.
        Connector = "connector",
        /// The vendor's id of a job.
        VendorJob = "vendor_job_id",
        /// The vendor's own word or code.
        VendorCode = "vendor_code",
        /// The code of a cause or an error.
        Cause = "cause",
        /// How many tries there were.
        Attempts = "attempts",
        /// How many objects.
        Objects = "objects",
        /// How many records.
        Records = "records",
        /// How many fields.
        Fields = "fields",
        /// How many bytes.
        Bytes = "bytes",
        /// How many things.
        Count = "count",
        /// SHA-256 of what was fetched or handed over.
        Sha256 = "sha256",
        /// Until when.
        Until = "until",
        /// The id of an object of the dossier.
        Object = "object",
        /// The id of a record of the dossier.
        Record = "record",
        /// The id of a change to the dossier.
        Change = "change",
        /// Include, exclude, redact or edit.
        Action = "action",
        /// The id of an operator, an API key, a webhook, a template or a setting's name.
        Target = "target",
        /// The role of an operator, or the scopes of an API key.
        Role = "role",
        /// The keyed hash of an identifier: the one thing about a subject that outlives its data.
        SubjectHash = "subject_hash",
    }
}

/// A fact that can't be a sentence, an address or a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Fact {
    /// A word of ours, written in the code.
    Word(&'static str),
    /// An id or a code: made by [`Fact::code`].
    Code(Code),
    /// A number of things.
    Number(u64),
    /// A point in time.
    At(Timestamp),
}

/// An id, a hash or a code: letters, digits and `-_.:/`, at most 128 of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Code(String);

impl Fact {
    /// An id, a hash or a code from elsewhere. What is none becomes `withheld`, so that a vendor that writes
    /// sentences or addresses where a code belongs does not write them into the log.
    pub fn code(text: &str) -> Self {
        let harmless = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
        let is_code = !text.is_empty() && text.len() <= 128 && text.chars().all(harmless);
        Self::Code(Code(if is_code { text } else { "withheld" }.to_owned()))
    }
}

impl From<u64> for Fact {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Fact {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Timestamp> for Fact {
    fn from(at: Timestamp) -> Self {
        Self::At(at)
    }
}

impl From<&'static str> for Fact {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

/// An event with the facts it carries. Actor, time and address are the log's own columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    event: Event,
    details: BTreeMap<Detail, Fact>,
}

/// A fact that an event does not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit event {event} does not carry {detail}")]
pub struct NotCarried {
    /// The event.
    pub event: Event,
    /// The fact.
    pub detail: Detail,
}

impl Entry {
    /// An event with its facts, if it may carry them.
    pub fn new(event: Event, details: impl IntoIterator<Item = (Detail, Fact)>) -> Result<Self, NotCarried> {
        let details: BTreeMap<Detail, Fact> = details.into_iter().collect();
        match details.keys().find(|detail| !event.carries(**detail)) {
            Some(detail) => Err(NotCarried { event, detail: *detail }),
            None => Ok(Self { event, details }),
        }
    }

    /// What happened.
    pub const fn event(&self) -> Event {
        self.event
    }

    /// The facts, by name.
    pub const fn details(&self) -> &BTreeMap<Detail, Fact> {
        &self.details
    }

    /// The facts as they are stored and hashed: a JSON object with sorted keys and no white space.
    pub fn details_json(&self) -> String {
        let map: serde_json::Map<String, serde_json::Value> = self
            .details
            .iter()
            .map(|(detail, fact)| (detail.name().to_owned(), fact.to_json()))
            .collect();
        serde_json::Value::from(map).to_string()
    }
}

impl Fact {
    fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Word(word) => (*word).into(),
            Self::Code(Code(code)) => code.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::At(at) => at.to_string().into(),
        }
    }
}

impl Event {
    /// May this event carry that fact? Events about one kind of thing carry the same facts.
    pub fn carries(self, detail: Detail) -> bool {
        use Detail as D;
        let about = self.name().split('.').next().unwrap_or_default();
        let allowed: &[Detail] = match about {
            "request" => &[
                D::Request,
                D::Reference,
                D::Right,
                D::From,
                D::To,
                D::Outcome,
                D::Reason,
                D::Framework,
                D::Deadline,
                D::Until,
                D::Count,
                D::Connection,
                D::Target,
                D::Objects,
                D::Records,
                D::Fields,
                D::Bytes,
                D::Sha256,
                D::SubjectHash,
            ],
            "task" | "direct_contact" => &[
                D::Request,
                D::Task,
                D::Kind,
                D::Status,
                D::From,
                D::To,
                D::Connection,
                D::Connector,
                D::VendorJob,
                D::VendorCode,
                D::Cause,
                D::Attempts,
                D::Reason,
                D::Until,
                D::Objects,
                D::Records,
                D::Fields,
                D::Bytes,
                D::Sha256,
                D::Count,
            ],
            "dossier" => &[
                D::Request,
                D::Task,
                D::Object,
                D::Record,
                D::Change,
                D::Action,
                D::Count,
                D::Objects,
                D::Records,
                D::Fields,
                D::Bytes,
                D::Sha256,
            ],
            "connection" => &[
                D::Connection,
                D::Connector,
                D::From,
                D::To,
                D::Cause,
                D::VendorCode,
                D::Count,
                D::Until,
                D::Target,
            ],
            _ => &[
                D::Target,
                D::Role,
                D::Reason,
                D::Cause,
                D::VendorCode,
                D::Request,
                D::Connection,
                D::Count,
                D::From,
                D::To,
                D::Sha256,
            ],
        };
        allowed.contains(&detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_distinct_words_that_are_read_back() {
        for event in Event::ALL {
            assert_eq!(event.name().parse(), Ok(*event));
            assert!(
                event
                    .name()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '.' || c == '_'),
                "{event}"
            );
            assert_eq!(event.name().matches('.').count(), 1, "{event}");
        }
    }

    #[test]
    fn an_address_does_not_get_into_the_log() {
        let entry = Entry::new(
            Event::TaskFailed,
            [
                (Detail::VendorCode, Fact::code("no such user: ada@example.com\r\n")),
                (Detail::Attempts, 12_u32.into()),
                (Detail::Cause, "vendor_lost_job".into()),
                (Detail::Until, Timestamp::UNIX_EPOCH.into()),
            ],
        )
        .unwrap();
        assert_eq!(
            entry.details_json(),
            r#"{"attempts":12,"cause":"vendor_lost_job","until":"1970-01-01T00:00:00Z","vendor_code":"withheld"}"#
        );
    }

    #[test]
    fn an_event_carries_only_what_belongs_to_it() {
        let refused = Entry::new(Event::ConnectionConnected, [(Detail::Sha256, "x".into())]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the audit event connection.connected does not carry sha256"
        );
    }
}
