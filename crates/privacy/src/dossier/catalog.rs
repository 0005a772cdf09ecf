//! Which fields the records of an object have.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use super::{Record, ValueKind};

/// How many fields of one object are listed. A map keyed by ids has as many as there are ids.
pub const MAX_LISTED_FIELDS: usize = 2_000;

/// Which fields the records of an object have, gathered while they stream past. Sealed by the caller, like the
/// records: keys may be personal.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldCatalog {
    fields: BTreeMap<String, FieldSummary>,
    /// Were there more than [`MAX_LISTED_FIELDS`]? Unlisted fields are part of the dossier all the same.
    truncated: bool,
}

/// What is known about one field of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSummary {
    /// How many values there are.
    pub values: u64,
    /// Of which types.
    pub kinds: BTreeSet<ValueKind>,
}

impl FieldCatalog {
    /// Takes note of a record.
    pub fn note(&mut self, record: &Record) {
        for field in &record.fields {
            let name = field.path.general().text();
            if !self.fields.contains_key(&name) && self.fields.len() >= MAX_LISTED_FIELDS {
                self.truncated = true;
                continue;
            }
            let summary = self.fields.entry(name).or_default();
            summary.values += 1;
            summary.kinds.insert(field.value.reveal().kind());
        }
    }

    /// The fields by their patterns, as [`super::FieldPattern`] reads them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldSummary)> {
        self.fields.iter().map(|(name, summary)| (name.as_str(), summary))
    }

    /// How many fields are listed.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Is none?
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Were there more than can be listed?
    pub const fn is_truncated(&self) -> bool {
        self.truncated
    }
}

impl fmt::Debug for FieldCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldCatalog({} fields)", self.fields.len())
    }
}
