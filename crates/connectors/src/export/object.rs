//! One object on its way into the sink.

use std::{cell::Cell, io};

use super::{
    fields::FieldNames,
    sink::{ExportSink, ObjectSummary, Record},
};

/// A member can't be read as records: it is kept as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

// Why it can't be read is of no use to anybody who has the file, and a parser's message may quote it.
impl From<serde_json::Error> for Unreadable {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

impl From<csv::Error> for Unreadable {
    fn from(_: csv::Error) -> Self {
        Self
    }
}

impl From<io::Error> for Unreadable {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// Hands records on, counts them and notes their fields.
pub(super) struct Object<'a> {
    sink: &'a mut dyn ExportSink,
    since_record: &'a Cell<usize>,
    fields: FieldNames,
    records: u64,
    /// What the sink had to say, where it could not take a record.
    fault: Option<io::Error>,
}

impl<'a> Object<'a> {
    pub(super) fn new(sink: &'a mut dyn ExportSink, since_record: &'a Cell<usize>) -> Self {
        since_record.set(0);
        Self {
            sink,
            since_record,
            fields: FieldNames::default(),
            records: 0,
            fault: None,
        }
    }

    pub(super) const fn records(&self) -> u64 {
        self.records
    }

    /// Notes a field that an object has even without records.
    pub(super) fn column(&mut self, name: &str) {
        self.fields.insert(name);
    }

    pub(super) fn record(&mut self, text: &str) -> Result<(), Unreadable> {
        self.since_record.set(0);
        self.fields.add(text)?;
        self.records += 1;
        self.sink.record(&Record { text }).map_err(|error| {
            self.fault = Some(error);
            Unreadable
        })
    }

    /// How many records and fields there were; or what the sink had to say.
    pub(super) fn finish(self) -> Result<ObjectSummary, io::Error> {
        match self.fault {
            Some(error) => Err(error),
            None => Ok(ObjectSummary {
                records: self.records,
                fields: self.fields.count(),
            }),
        }
    }
}
