//! Why a task failed.

use serde::{Deserialize, Serialize};

/// Why a task failed, in words for people. It names the system and repeats neither personal values nor text that a
/// person wrote: the caller keeps such text sealed beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Our stable code, for instance `vendor_lost_job`, `export_refused`.
    pub code: String,
    /// What happened, in plain words.
    pub message: String,
    /// The vendor's own code, as it came.
    #[serde(default)]
    pub vendor_code: Option<String>,
}

impl Cause {
    /// A cause without a vendor's code.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            vendor_code: None,
        }
    }

    /// Adds the vendor's own code.
    #[must_use]
    pub fn with_vendor_code(mut self, code: impl Into<String>) -> Self {
        self.vendor_code = Some(code.into());
        self
    }
}
