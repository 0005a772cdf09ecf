//! What a task brought.

use serde::{Deserialize, Serialize};

/// How much an access or verification task found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Kinds of things: tables, files, collections.
    pub objects: u64,
    /// Rows of all objects together.
    pub records: u64,
    /// Values of all records together.
    pub fields: u64,
    /// Unpacked size in bytes.
    pub bytes: u64,
    /// SHA-256 of the export as it was fetched, in lower-case hexadecimal, where there was a file.
    #[serde(default)]
    pub sha256: Option<String>,
}

impl Found {
    /// Was there nothing at all?
    pub const fn is_nothing(&self) -> bool {
        self.objects == 0 && self.records == 0
    }
}

/// What a complete task brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum TaskResult {
    /// The system holds data.
    Found {
        /// How much.
        found: Found,
    },
    /// The system holds nothing about the subject.
    NothingFound,
    /// The system says that it has deleted what it held.
    Deleted,
}
