//! Where the content of an export goes.

use std::{fmt, io};

use privacy::Personal;
use serde_json::Value;

/// Takes what is read, piece by piece. Names come from the vendor and may be personal, like everything here. An object or a file is begun and ended before the next begins. When reading an
/// export fails in the end, nothing that was taken may be kept; an error from here stops the reading.
pub trait ExportSink {
    /// An object begins: records of one kind.
    fn begin_object(&mut self, object: &ObjectHead) -> io::Result<()>;

    /// One record of the object.
    fn record(&mut self, record: &Record<'_>) -> io::Result<()>;

    /// The object is whole.
    fn end_object(&mut self, summary: &ObjectSummary) -> io::Result<()>;

    /// The object turned out to be none: forget it and its records. Its member comes again, whole, as a file.
    fn abandon_object(&mut self) -> io::Result<()>;

    /// A file begins.
    fn begin_file(&mut self, file: &FileHead) -> io::Result<()>;

    /// The next bytes of the file.
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The file is whole.
    fn end_file(&mut self) -> io::Result<()>;
}

/// What is known of an object before its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// Its name, such as `profile`. Two objects of one export may have the same.
    pub name: Personal,
    /// Where the vendor has it from, such as `app_backend`.
    pub data_source: Option<Personal>,
    /// The member of the archive.
    pub member: Personal,
    /// How the member is written.
    pub format: Format,
}

/// What is known of a file before its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHead {
    /// The member of the archive: a relative path with `/`, without `.` and `..`.
    pub member: Personal,
    /// Its last part.
    pub name: Personal,
    /// Where the vendor has it from.
    pub data_source: Option<Personal>,
    /// Its length in bytes, as the archive says.
    pub length: u64,
    /// Whether it was meant to be an object and could not be read as one.
    pub unreadable: bool,
}

/// What is known of an object after its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectSummary {
    /// How many there were.
    pub records: u64,
    /// How many different fields they have (leaves by their path, list positions aside), 10,000 at most.
    pub fields: u64,
}

/// One record.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// The record as JSON on one line, numbers and order of fields as the vendor wrote them.
    pub text: &'a str,
}

impl Record<'_> {
    /// The record, read. Numbers beyond 64 bits lose digits here, and the order of fields is gone. Whatever is handed
    /// to a sink can be read.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.text).unwrap_or_default()
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Record(..)")
    }
}

/// How a member of records is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON text: an array of records, or one record.
    Json,
    /// JSON texts one after another, usually one a line.
    Ndjson,
    /// Values separated by commas or semicolons (RFC 4180), names in the first line.
    Csv,
    /// The same with tabs.
    Tsv,
}

impl Format {
    /// The format of a member by the end of its name.
    pub fn of_member(member: &str) -> Option<Self> {
        let (_, extension) = member.rsplit('/').next()?.rsplit_once('.')?;
        Self::of_name(&extension.to_ascii_lowercase())
    }

    /// The format by its name in a manifest.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            _ => None,
        }
    }
}
