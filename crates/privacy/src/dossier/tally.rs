//! What was found against what is handed over, in numbers.

use serde::{Deserialize, Serialize};

use super::ReviewedRecord;

/// What was found against what is handed over, in numbers, gathered while records stream past.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Records that were found.
    pub records_found: u64,
    /// Records of which at least one field is handed over.
    pub records_handed_over: u64,
    /// Fields that were found.
    pub fields_found: u64,
    /// Fields that are handed over, redacted and edited ones among them.
    pub fields_handed_over: u64,
    /// Fields that are handed over without their value.
    pub fields_redacted: u64,
    /// Fields that are handed over with another value.
    pub fields_edited: u64,
}

impl Tally {
    /// Counts a record.
    pub fn note(&mut self, record: &ReviewedRecord) {
        self.records_found += 1;
        self.records_handed_over += u64::from(record.fields.iter().any(|field| field.included));
        for field in &record.fields {
            self.fields_found += 1;
            self.fields_handed_over += u64::from(field.included);
            self.fields_redacted += u64::from(field.included && field.redacted);
            self.fields_edited += u64::from(field.included && !field.redacted && field.edited.is_some());
        }
    }
}
