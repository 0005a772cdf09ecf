//! One line of an import: a record about a subject, as JSON.
//!
//! ```json
//! {"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com",
//!  "object": "profile", "record": {"any": "JSON"}}
//! ```

use std::{borrow::Cow, str::FromStr};

use oauth::Secret;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{DataSource, Subject, UnknownWord};

/// The longest name of an object, in characters.
const LONGEST_OBJECT: usize = 100;

/// A record that was read.
#[derive(Debug)]
pub(crate) struct ImportLine {
    pub(crate) source: DataSource,
    pub(crate) subject: Subject,
    pub(crate) object: String,
    /// The record's JSON as it was written, so that no number changes.
    pub(crate) record: Secret<Box<RawValue>>,
}

/// What is wrong with a line. It never quotes the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not JSON, or not an object.
    #[error("it is not a JSON object")]
    NotAnObject,
    /// Longer than a line may be.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// A field that no record has.
    #[error("it has a field other than data_source, data_type, identifier_type, identifier, object and record")]
    UnknownField,
    /// One field.
    #[error("{field} {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// To be read after its name.
        reason: Cow<'static, str>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<'a> {
    #[serde(borrow)]
    data_source: Option<&'a RawValue>,
    #[serde(borrow)]
    data_type: Option<&'a RawValue>,
    #[serde(borrow)]
    identifier_type: Option<&'a RawValue>,
    #[serde(borrow)]
    identifier: Option<&'a RawValue>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    record: Option<&'a RawValue>,
}

const FIELDS: [&str; 6] = [
    "data_source",
    "data_type",
    "identifier_type",
    "identifier",
    "object",
    "record",
];

impl ImportLine {
    /// Reads a line.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, LineError> {
        let fields: Fields<'_> = serde_json::from_slice(line).map_err(|error| told(&error))?;
        let source = word("data_source", fields.data_source)?;
        let data_type = word("data_type", fields.data_type)?;
        let identifier_type = word("identifier_type", fields.identifier_type)?;
        let identifier = text("identifier", fields.identifier)?.into_owned();
        let subject = Subject::new(data_type, identifier_type, Secret::new(identifier))
            .map_err(|error| field(error.field(), error.to_string()))?;
        let object = text("object", fields.object)?;
        if !is_object_name(&object) {
            return Err(field("object", "must be a name of 1 to 100 characters"));
        }
        let record = fields.record.ok_or_else(|| field("record", "is missing"))?;
        Ok(Self {
            source,
            subject,
            object: object.into_owned(),
            record: Secret::new(record.to_owned()),
        })
    }
}

/// Whether an object can be called that: it can be shown, and it is not too long.
pub(crate) fn is_object_name(name: &str) -> bool {
    !name.trim().is_empty() && !name.chars().any(char::is_control) && name.chars().count() <= LONGEST_OBJECT
}

fn text<'a>(name: &'static str, value: Option<&'a RawValue>) -> Result<Cow<'a, str>, LineError> {
    let value = value.ok_or_else(|| field(name, "is missing"))?;
    serde_json::from_str(value.get()).map_err(|_| field(name, "must be a string"))
}

fn word<T: FromStr<Err = UnknownWord>>(name: &'static str, value: Option<&RawValue>) -> Result<T, LineError> {
    text(name, value)?
        .parse()
        .map_err(|error: UnknownWord| field(name, error.to_string()))
}

fn field(field: &'static str, reason: impl Into<Cow<'static, str>>) -> LineError {
    LineError::Field {
        field,
        reason: reason.into(),
    }
}

/// serde's texts are stable; nothing of what they quote is kept but our own names.
fn told(error: &serde_json::Error) -> LineError {
    let message = error.to_string();
    let twice = FIELDS
        .into_iter()
        .find(|name| message.starts_with(&format!("duplicate field `{name}`")));
    match twice {
        Some(name) => field(name, "is given twice"),
        None if message.starts_with("unknown field") => LineError::UnknownField,
        None => LineError::NotAnObject,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"data_source":"app_backend","data_type":"visitor","identifier_type":"email","identifier":"ada@example.test","object":"profile","record":{"n":1.10}}"#;

    #[test]
    fn a_record_is_kept_as_it_was_written() {
        let line = ImportLine::parse(GOOD.as_bytes()).unwrap();
        assert_eq!((line.source, line.object.as_str()), (DataSource::AppBackend, "profile"));
        assert_eq!(line.record.reveal().get(), r#"{"n":1.10}"#);
    }

    #[test]
    fn a_bad_line_is_refused_by_its_field_and_never_quoted() {
        for (from, to, message) in [
            ("{\"data", "\"data", "it is not a JSON object"),
            ("app_backend", "ada-secret", "data_source must be one of app_backend"),
            ("\"app_backend\"", "7", "data_source must be a string"),
            ("visitor", "user\",\"x\":\"", "it has a field other than"),
            ("\"object\"", "\"identifier\"", "identifier is given twice"),
            ("ada@example.test", "", "identifier must not be empty"),
            ("\"identifier\":\"ada@example.test\",", "", "identifier is missing"),
            ("\"record\":{\"n\":1.10}", "\"object\":\"x\"", "object is given twice"),
            (",\"record\":{\"n\":1.10}", "", "record is missing"),
            ("profile", " ", "object must be a name"),
            (
                "\"visitor\",\"identifier_type\":\"email\"",
                "\"user\",\"identifier_type\":\"other\"",
                "identifier_type must be email",
            ),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let error = ImportLine::parse(GOOD.replacen(from, to, 1).as_bytes()).unwrap_err();
            let told = error.to_string();
            assert!(told.starts_with(message), "{told}");
            assert!(!told.contains("ada"), "{told}");
        }
    }
}
