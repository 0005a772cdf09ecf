//! Fields and their values.

use std::fmt;

use serde_json::Value;

use super::FieldPath;
use crate::personal::Personal;

words! {
    /// The type of a value.
    pub enum ValueKind("kind of value") {
        /// Known to be nothing.
        Null = "null",
        /// True or false.
        Boolean = "boolean",
        /// A number.
        Number = "number",
        /// Text.
        Text = "text",
        /// A list without elements.
        EmptyList = "empty_list",
        /// An object without fields.
        EmptyObject = "empty_object",
    }
}

/// A value at the end of a path. Lists and objects are paths, unless they are empty.
#[derive(Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// Known to be nothing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A number, as precise as JSON readers are.
    Number(serde_json::Number),
    /// Text.
    Text(String),
    /// A list without elements.
    EmptyList,
    /// An object without fields.
    EmptyObject,
}

/// A list or an object, where one value is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a text, a number, true, false or null")]
pub struct NotAScalar;

impl FieldValue {
    /// Its type.
    pub const fn kind(&self) -> ValueKind {
        match self {
            Self::Null => ValueKind::Null,
            Self::Boolean(_) => ValueKind::Boolean,
            Self::Number(_) => ValueKind::Number,
            Self::Text(_) => ValueKind::Text,
            Self::EmptyList => ValueKind::EmptyList,
            Self::EmptyObject => ValueKind::EmptyObject,
        }
    }

    /// The value as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(value.clone()),
            Self::Text(value) => Value::String(value.clone()),
            Self::EmptyList => Value::Array(Vec::new()),
            Self::EmptyObject => Value::Object(serde_json::Map::new()),
        }
    }

    /// The value as a cell of a table shows it.
    pub fn to_cell(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => value.clone(),
            Self::EmptyList => "[]".to_owned(),
            Self::EmptyObject => "{}".to_owned(),
        }
    }
}

impl TryFrom<Value> for FieldValue {
    type Error = NotAScalar;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Bool(value) => Ok(Self::Boolean(value)),
            Value::Number(value) => Ok(Self::Number(value)),
            Value::String(value) => Ok(Self::Text(value)),
            Value::Array(list) if list.is_empty() => Ok(Self::EmptyList),
            Value::Object(map) if map.is_empty() => Ok(Self::EmptyObject),
            Value::Array(_) | Value::Object(_) => Err(NotAScalar),
        }
    }
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldValue({}, ..)", self.kind())
    }
}

/// One value of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it lies.
    pub path: FieldPath,
    /// What it is.
    pub value: Personal<FieldValue>,
}
