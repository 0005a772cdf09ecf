//! What people change about what is handed over.

use serde::Deserialize;
use serde_json::Value;

use super::{FieldPattern, FieldValue, ObjectId, RecordId};
use crate::personal::Personal;

/// One change, as somebody made it. It touches no original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub target: Target,
    /// What it does.
    pub action: ChangeAction,
    /// Why, in free words.
    pub reason: Option<Personal>,
}

/// What a change is about: an object, a record of it, a field of all its records or of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// In which object.
    pub object: ObjectId,
    /// In which of its records; in all if none is named.
    pub record: Option<RecordId>,
    /// Which fields; the whole record, or the whole object with its files, if none is named.
    pub field: Option<FieldPattern>,
}

/// What a change does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeAction {
    /// Hand it over as it was found. Lifts exclusions, redactions and edits of the same or a wider reach.
    Include,
    /// Leave it out.
    Exclude,
    /// Show that there is something, not what.
    Redact,
    /// Hand over this value instead.
    Edit(Personal<FieldValue>),
}

/// A change as the API takes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireChange {
    /// The id of the object.
    pub object: String,
    /// The number of the record.
    #[serde(default)]
    pub record: Option<u64>,
    /// The path or pattern of the field.
    #[serde(default)]
    pub field: Option<Personal>,
    /// `include`, `exclude`, `redact` or `edit`.
    pub action: String,
    /// The new value of an edit; `null` is a value.
    #[serde(default, deserialize_with = "given")]
    pub value: Option<Personal<Value>>,
    /// Why, in free words.
    #[serde(default)]
    pub reason: Option<Personal>,
}

fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Personal<Value>>, D::Error> {
    Personal::<Value>::deserialize(deserializer).map(Some)
}

/// A change that can't be made. It names the field of the API's body and never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct ChangeError {
    /// The field of the body.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: ChangeProblem,
}

/// What is wrong with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeProblem {
    /// An object id is written otherwise.
    #[error("is not the id of an object")]
    BadObject,
    /// A path is written otherwise.
    #[error("is not the path of a field, like a.b[0].c")]
    BadPath,
    /// There are four actions.
    #[error("must be include, exclude, redact or edit")]
    UnknownAction,
    /// An edit without its value or field.
    #[error("is required to edit")]
    RequiredToEdit,
    /// Only edits have a value.
    #[error("is only allowed to edit")]
    OnlyToEdit,
    /// An edit changes one value.
    #[error("must be a text, a number, true, false or null")]
    NotAScalar,
}

impl Change {
    /// Checks a change that came over the API. Whether object, record and field exist is the caller's check.
    pub fn parse(wire: WireChange) -> Result<Self, ChangeError> {
        let refuse = |field, problem| ChangeError { field, problem };
        let object = wire
            .object
            .parse()
            .map_err(|_| refuse("object", ChangeProblem::BadObject))?;
        let field = match wire.field {
            Some(text) => Some(
                text.reveal()
                    .parse()
                    .map_err(|_| refuse("field", ChangeProblem::BadPath))?,
            ),
            None => None,
        };
        let action = match (wire.action.as_str(), wire.value) {
            ("edit", None) => return Err(refuse("value", ChangeProblem::RequiredToEdit)),
            ("edit", Some(_)) if field.is_none() => return Err(refuse("field", ChangeProblem::RequiredToEdit)),
            ("edit", Some(value)) => {
                let value = value.into_revealed().try_into();
                ChangeAction::Edit(Personal::new(
                    value.map_err(|_| refuse("value", ChangeProblem::NotAScalar))?,
                ))
            }
            ("include" | "exclude" | "redact", Some(_)) => return Err(refuse("value", ChangeProblem::OnlyToEdit)),
            ("include", None) => ChangeAction::Include,
            ("exclude", None) => ChangeAction::Exclude,
            ("redact", None) => ChangeAction::Redact,
            _ => return Err(refuse("action", ChangeProblem::UnknownAction)),
        };
        Ok(Self {
            target: Target {
                object,
                record: wire.record.map(RecordId),
                field,
            },
            action,
            reason: wire.reason,
        })
    }

    /// The change in the API's shape, to be sealed and stored; [`Change::from_json`] reads it back.
    pub fn reveal_json(&self) -> Personal<Value> {
        let mut map = serde_json::Map::new();
        let mut set = |name: &str, value: Value| map.insert(name.to_owned(), value);
        set("object", self.target.object.as_str().into());
        if let Some(record) = self.target.record {
            set("record", record.0.into());
        }
        if let Some(field) = &self.target.field {
            set("field", field.text().into());
        }
        set("action", self.action.name().into());
        if let ChangeAction::Edit(value) = &self.action {
            set("value", value.reveal().to_json());
        }
        if let Some(reason) = &self.reason {
            set("reason", reason.reveal().as_str().into());
        }
        Personal::new(Value::Object(map))
    }

    /// Reads what [`Change::reveal_json`] wrote; nothing if it did not.
    pub fn from_json(plain: &[u8]) -> Option<Self> {
        Self::parse(serde_json::from_slice(plain).ok()?).ok()
    }
}

impl ChangeAction {
    /// The word on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Include => "include",
            Self::Exclude => "exclude",
            Self::Redact => "redact",
            Self::Edit(_) => "edit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Change, ChangeError> {
        Change::parse(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn changes_survive_sealing() {
        for json in [
            r#"{"action":"exclude","object":"1"}"#,
            r#"{"action":"include","object":"1","record":7}"#,
            r#"{"action":"redact","field":"a[*].b","object":"1","reason":"another person"}"#,
            r#"{"action":"edit","field":"a","object":"1","record":7,"value":null}"#,
            r#"{"action":"edit","field":"[\"a.b\"]","object":"1","value":"x"}"#,
        ] {
            let change = parse(json).unwrap();
            let sealed = change.reveal_json().reveal().to_string();
            assert_eq!(sealed, json);
            assert_eq!(Change::from_json(sealed.as_bytes()), Some(change));
        }
    }

    #[test]
    fn a_change_that_can_not_be_made_names_the_field() {
        for (json, message) in [
            (
                r#"{"object":"a b","action":"exclude"}"#,
                "object is not the id of an object",
            ),
            (
                r#"{"object":"1","action":"delete"}"#,
                "action must be include, exclude, redact or edit",
            ),
            (
                r#"{"object":"1","action":"edit","field":"a"}"#,
                "value is required to edit",
            ),
            (
                r#"{"object":"1","action":"edit","value":1}"#,
                "field is required to edit",
            ),
            (
                r#"{"object":"1","action":"redact","value":1}"#,
                "value is only allowed to edit",
            ),
            (
                r#"{"object":"1","action":"edit","field":"a","value":[1]}"#,
                "value must be a text, a number, true, false or null",
            ),
            (
                r#"{"object":"1","action":"redact","field":"a."}"#,
                "field is not the path of a field, like a.b[0].c",
            ),
        ] {
            assert_eq!(parse(json).unwrap_err().to_string(), message);
        }
    }
}
