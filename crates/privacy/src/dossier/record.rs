//! One row, document or entry of what was found.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::{Field, FieldPath, FieldValue, RecordId, Segment};
use crate::personal::Personal;

/// One row, document or entry of an object, flattened into fields in the order they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number in the object.
    pub id: RecordId,
    /// Its fields; no path occurs twice.
    pub fields: Vec<Field>,
}

impl Record {
    /// Flattens a JSON value: every scalar, empty list and empty object becomes a field. Nothing is lost,
    /// [`Record::to_json`] gives it back.
    pub fn from_json(id: RecordId, value: Value) -> Self {
        let mut fields = Vec::new();
        flatten(value, &mut Vec::new(), &mut fields);
        Self { id, fields }
    }

    /// A row of a table: names of columns and their texts. A name that occurs again gets a number, an empty one its
    /// position, so that no cell is lost.
    pub fn from_row<'a>(id: RecordId, cells: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut taken = HashSet::new();
        let mut counts = HashMap::new();
        let fields = cells.into_iter().enumerate().map(|(position, (name, text))| {
            let name = if name.is_empty() {
                format!("column {}", position + 1)
            } else {
                name.to_owned()
            };
            let mut unique = name.clone();
            // The count goes on where it stood, so that a thousand columns of one name are no million look-ups.
            let count: &mut usize = counts.entry(name.clone()).or_insert(1);
            while !taken.insert(unique.clone()) {
                *count += 1;
                unique = format!("{name} ({count})");
            }
            Field {
                path: FieldPath::column(unique),
                value: Personal::new(FieldValue::Text(text)),
            }
        });
        Self {
            id,
            fields: fields.collect(),
        }
    }

    /// The record as JSON. Where elements of a list are missing, those behind them move up.
    pub fn to_json(&self) -> Personal<Value> {
        let mut root = Node::Missing;
        for field in &self.fields {
            root.insert(field.path.segments(), field.value.reveal());
        }
        Personal::new(root.into_json())
    }
}

fn flatten(value: Value, path: &mut Vec<Segment>, fields: &mut Vec<Field>) {
    let mut below = |segment, value, fields: &mut Vec<Field>| {
        path.push(segment);
        flatten(value, path, fields);
        path.pop();
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                below(Segment::Key(key), value, fields);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (index, value) in list.into_iter().enumerate() {
                below(Segment::Index(index), value, fields);
            }
        }
        leaf => {
            if let Ok(value) = FieldValue::try_from(leaf) {
                fields.push(Field {
                    path: FieldPath::new(path.clone()),
                    value: Personal::new(value),
                });
            }
        }
    }
}

/// A JSON value while its fields come in.
enum Node<'a> {
    Missing,
    Leaf(&'a FieldValue),
    Object(BTreeMap<&'a str, Node<'a>>),
    // By index, not by position: a hostile index must not cost memory.
    List(BTreeMap<usize, Node<'a>>),
}

impl<'a> Node<'a> {
    fn insert(&mut self, path: &'a [Segment], value: &'a FieldValue) {
        match path.split_first() {
            None => *self = Node::Leaf(value),
            Some((Segment::Key(key), rest)) => {
                if !matches!(self, Node::Object(_)) {
                    *self = Node::Object(BTreeMap::new());
                }
                if let Node::Object(map) = self {
                    map.entry(key).or_insert(Node::Missing).insert(rest, value);
                }
            }
            Some((Segment::Index(index), rest)) => {
                if !matches!(self, Node::List(_)) {
                    *self = Node::List(BTreeMap::new());
                }
                if let Node::List(list) = self {
                    list.entry(*index).or_insert(Node::Missing).insert(rest, value);
                }
            }
        }
    }

    fn into_json(self) -> Value {
        match self {
            Node::Missing => Value::Object(serde_json::Map::new()),
            Node::Leaf(value) => value.to_json(),
            Node::Object(map) => Value::Object(
                map.into_iter()
                    .map(|(key, node)| (key.to_owned(), node.into_json()))
                    .collect(),
            ),
            Node::List(list) => Value::Array(list.into_values().map(Node::into_json).collect()),
        }
    }
}
