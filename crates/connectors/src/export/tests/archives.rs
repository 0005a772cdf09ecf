//! Building archives, bending them, and taking down what is read.

use std::io::{self, Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::export::{ExportError, ExportSink, FileHead, Found, Limits, ObjectHead, ObjectSummary, Record, read_export};

/// An archive of these members.
pub(super) fn zip<'a>(members: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The same, not compressed.
pub(super) fn stored<'a>(members: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        writer.start_file(name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Where the `nth` (from 0) header of the directory begins.
pub(super) fn directory_header(archive: &[u8], nth: usize) -> usize {
    let mut headers = (0..archive.len()).filter(|at| archive[*at..].starts_with(b"PK\x01\x02"));
    headers.nth(nth).unwrap()
}

/// Replaces every occurrence of `old` by `new`, which is as long.
pub(super) fn replace(archive: &mut [u8], old: &[u8], new: &[u8]) {
    assert_eq!(old.len(), new.len());
    for at in 0..archive.len() {
        if archive[at..].starts_with(old) {
            archive[at..at + new.len()].copy_from_slice(new);
        }
    }
}

/// Takes down what a sink is told, one line each.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) lines: Vec<String>,
    pub(super) file: Vec<u8>,
    /// Fails at this record.
    pub(super) full_at: Option<usize>,
    pub(super) records: usize,
}

impl ExportSink for Notes {
    fn begin_object(&mut self, object: &ObjectHead) -> io::Result<()> {
        let source = object.data_source.as_ref().map_or("-", |source| source.reveal());
        self.lines
            .push(format!("object {source} {} {:?}", object.name.reveal(), object.format));
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.records += 1;
        if self.full_at.is_some_and(|full| self.records >= full) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        assert!(!record.text.contains('\n'));
        self.lines.push(record.text.to_owned());
        Ok(())
    }

    fn end_object(&mut self, summary: &ObjectSummary) -> io::Result<()> {
        self.lines.push(format!("end {} {}", summary.records, summary.fields));
        Ok(())
    }

    fn abandon_object(&mut self) -> io::Result<()> {
        self.lines.push("abandon".to_owned());
        Ok(())
    }

    fn begin_file(&mut self, file: &FileHead) -> io::Result<()> {
        let source = file.data_source.as_ref().map_or("-", |source| source.reveal());
        let unreadable = if file.unreadable { " unreadable" } else { "" };
        self.lines.push(format!(
            "file {source} {} {}{unreadable}",
            file.name.reveal(),
            file.length
        ));
        self.file.clear();
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.extend_from_slice(bytes);
        Ok(())
    }

    fn end_file(&mut self) -> io::Result<()> {
        let shown: String = String::from_utf8_lossy(&self.file).chars().take(60).collect();
        self.lines.push(shown);
        Ok(())
    }
}

/// Reads an archive with the usual limits.
pub(super) fn read(archive: &[u8]) -> (Result<Found, ExportError>, Vec<String>) {
    read_within(archive, &Limits::default())
}

pub(super) fn read_within(archive: &[u8], limits: &Limits) -> (Result<Found, ExportError>, Vec<String>) {
    let mut notes = Notes::default();
    let found = read_export(Cursor::new(archive), Some("7"), limits, &mut notes);
    (found, notes.lines)
}
