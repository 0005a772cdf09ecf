//! The things a dossier consists of.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use super::FieldCatalog;
use crate::personal::Personal;

/// The id of an object: letters, digits, `-` and `_`, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ObjectId(String);

/// Not the id of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of an object")]
pub struct ObjectIdError;

impl ObjectId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if text.is_empty() || text.len() > 64 || !text.chars().all(allowed) {
            return Err(ObjectIdError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The number of a record in its object, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordId(pub u64);

/// A kind of thing that was found: a table, a collection, a file. A file that is no table is an object without
/// records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its id in the dossier.
    pub id: ObjectId,
    /// Its name at the source.
    pub name: Personal,
    /// The task that brought it; none for what staff added.
    pub task_id: Option<String>,
    /// How many records it has.
    pub records: u64,
    /// What fields they have.
    pub fields: FieldCatalog,
    /// Its files.
    pub files: Vec<AttachedFile>,
}

/// A file that is handed over as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedFile {
    /// Its id in the dossier.
    pub id: ObjectId,
    /// Its name at the source.
    pub name: Personal,
    /// What it is, for instance `application/pdf`.
    pub media_type: String,
    /// How large it is.
    pub bytes: u64,
    /// SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
}
