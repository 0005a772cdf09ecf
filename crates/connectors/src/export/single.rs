//! Reading a file that came by itself, not in an export: what a person has sent.

use std::{
    cell::Cell,
    io::{self, Read, Seek, SeekFrom},
};

use privacy::Personal;

use super::{
    entries::damaged,
    error::ExportError,
    found::Found,
    json,
    limits::Limits,
    manifest::{self, Manifest},
    object::Object,
    read::read_export,
    sink::{ExportSink, FileHead, Format, ObjectHead},
    table,
};

/// Reads one file into `sink`: JSON, NDJSON, CSV and TSV as an object with records, anything else (and what can't be
/// read as such) as a file. It blocks. The hash is left to whoever took the file in.
pub fn read_single<R: Read + Seek>(
    mut file: R,
    name: &str,
    limits: &Limits,
    sink: &mut dyn ExportSink,
) -> Result<Found, ExportError> {
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let format = Format::of_member(name);
    if let Some(format) = format {
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        if let Some(found) = as_object(&mut file, name, format, limits, sink)? {
            return Ok(found);
        }
        sink.abandon_object().map_err(ExportError::Sink)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    sink.begin_file(&FileHead {
        member: Personal::new(name.to_owned()),
        name: Personal::new(name.to_owned()),
        data_source: None,
        length,
        unreadable: format.is_some(),
    })
    .map_err(ExportError::Sink)?;
    let mut found = Found {
        files: 1,
        ..Found::default()
    };
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                found.bytes += length as u64;
                let bytes = buffer.get(..length).unwrap_or_default();
                sink.bytes(bytes).map_err(ExportError::Sink)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    sink.end_file().map_err(ExportError::Sink)?;
    Ok(found)
}

/// Whether a file is an archive that describes itself as our own provider's exports do, and can be read as one.
pub fn is_export<R: Read + Seek>(mut file: R, limits: &Limits) -> bool {
    let Ok((mut archive, members)) = super::entries::open(&mut file, limits) else {
        return false;
    };
    let Some(entry) = members.iter().find(|entry| entry.member == manifest::MEMBER) else {
        return false;
    };
    let listed = match archive.by_index(entry.index) {
        Ok(member) => matches!(Manifest::read(member), Some(Ok(_))),
        Err(_) => false,
    };
    // Read once for nothing: what is refused half-way is to be kept whole, as the file that it is.
    listed && read_export(file, None, limits, &mut Nowhere).is_ok()
}

fn as_object<R: Read>(
    file: R,
    name: &str,
    format: Format,
    limits: &Limits,
    sink: &mut dyn ExportSink,
) -> Result<Option<Found>, ExportError> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let head = ObjectHead {
        name: Personal::new(stem.to_owned()),
        data_source: None,
        member: Personal::new(name.to_owned()),
        format,
    };
    sink.begin_object(&head).map_err(ExportError::Sink)?;
    let since_record = Cell::new(0);
    let mut counted = Counted {
        inner: file,
        read: 0,
        since_record: &since_record,
        max_record: limits.max_record,
        fault: None,
    };
    let mut object = Object::new(sink, &since_record);
    let read = match format {
        Format::Json | Format::Ndjson => json::read(&mut counted, format, false, &mut object),
        Format::Csv | Format::Tsv => table::read(&mut counted, format, &mut object),
    };
    if let Some(fault) = counted.fault.take() {
        return Err(unreadable(fault));
    }
    let bytes = counted.read;
    let summary = object.finish().map_err(ExportError::Sink)?;
    // A table without a line would leave nothing: it is kept as the file that was sent.
    if read.is_err() || summary.records == 0 {
        return Ok(None);
    }
    sink.end_object(&summary).map_err(ExportError::Sink)?;
    Ok(Some(Found {
        objects: 1,
        records: summary.records,
        fields: summary.fields,
        bytes,
        ..Found::default()
    }))
}

fn unreadable(_: io::Error) -> ExportError {
    damaged("it can't be read")
}

/// Counts what is read, stops at a record without end, and keeps a fault of the file apart from what a parser says.
struct Counted<'a, R> {
    inner: R,
    read: u64,
    since_record: &'a Cell<usize>,
    max_record: usize,
    fault: Option<io::Error>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_record.get() > self.max_record {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        match self.inner.read(buffer) {
            Ok(length) => {
                self.read += length as u64;
                self.since_record.set(self.since_record.get().saturating_add(length));
                Ok(length)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.fault = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    }
}

/// Takes everything and keeps nothing.
struct Nowhere;

impl ExportSink for Nowhere {
    fn begin_object(&mut self, _: &ObjectHead) -> io::Result<()> {
        Ok(())
    }

    fn record(&mut self, _: &super::sink::Record<'_>) -> io::Result<()> {
        Ok(())
    }

    fn end_object(&mut self, _: &super::sink::ObjectSummary) -> io::Result<()> {
        Ok(())
    }

    fn abandon_object(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn begin_file(&mut self, _: &FileHead) -> io::Result<()> {
        Ok(())
    }

    fn bytes(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn end_file(&mut self) -> io::Result<()> {
        Ok(())
    }
}
