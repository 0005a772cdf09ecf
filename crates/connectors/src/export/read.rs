//! Reading an export, member by member, within fixed memory.

use std::{
    cell::Cell,
    io::{self, BufReader, Read, Seek, SeekFrom},
};

use privacy::Personal;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::{
    entries::{self, Entry, damaged, unreadable},
    error::ExportError,
    found::Found,
    json,
    limits::Limits,
    manifest::{self, Listed, Manifest},
    member::Member,
    names,
    object::Object,
    s3::hex,
    sink::{ExportSink, FileHead, Format, ObjectHead},
    table,
};

/// Reads the archive of the vendor's job `request_id` into `sink`: JSON, NDJSON, CSV and TSV as objects with records,
/// anything else (and what can't be read as such) as files. It blocks, and trusts nothing: an archive that goes beyond
/// `limits`, tries tricks or does not agree with its own manifest is refused whole, and nothing of it may be kept.
pub fn read_export<R: Read + Seek>(
    mut archive: R,
    request_id: Option<&str>,
    limits: &Limits,
    sink: &mut dyn ExportSink,
) -> Result<Found, ExportError> {
    let sha256 = hash_of(&mut archive).map_err(|_| damaged("it can't be read"))?;
    let (mut archive, members) = entries::open(BufReader::new(archive), limits)?;
    let mut reading = Reading {
        limits,
        sink,
        found: Found {
            sha256,
            ..Found::default()
        },
    };
    let manifest = reading.manifest(&mut archive, &members)?;
    if let Some(manifest) = &manifest {
        manifest.check(request_id, members.iter().map(|entry| entry.member.as_str()))?;
        reading.found.request_id.clone_from(&manifest.request_id);
    }
    for entry in &members {
        let listed = match &manifest {
            Some(_) if entry.member == manifest::MEMBER => continue,
            Some(manifest) => manifest.members.get(&entry.member),
            None => None,
        };
        reading.member(&mut archive, entry, listed)?;
    }
    Ok(reading.found)
}

struct Reading<'a> {
    limits: &'a Limits,
    sink: &'a mut dyn ExportSink,
    found: Found,
}

impl Reading<'_> {
    fn manifest<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        members: &[Entry],
    ) -> Result<Option<Manifest>, ExportError> {
        let Some(entry) = members.iter().find(|entry| entry.member == manifest::MEMBER) else {
            return Ok(None);
        };
        let since_record = Cell::new(0);
        let mut member = self.open(archive, entry, &since_record, false)?;
        let manifest = Manifest::read(Unbounded(&mut member, &since_record)).transpose();
        let (bytes, _) = member.finish()?;
        let manifest = manifest?;
        if manifest.is_some() {
            self.found.bytes += bytes;
        }
        Ok(manifest)
    }

    fn member<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        entry: &Entry,
        listed: Option<&Listed>,
    ) -> Result<(), ExportError> {
        let named = listed
            .and_then(|listed| listed.format.as_deref())
            .and_then(Format::of_name);
        let Some(format) = named.or_else(|| Format::of_member(&entry.member)) else {
            return self.file(archive, entry, listed, false);
        };
        if self.object(archive, entry, listed, format)? {
            return Ok(());
        }
        self.sink.abandon_object().map_err(ExportError::Sink)?;
        self.file(archive, entry, listed, true)
    }

    /// Reads a member as an object. False if it turns out to be none.
    fn object<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        entry: &Entry,
        listed: Option<&Listed>,
        format: Format,
    ) -> Result<bool, ExportError> {
        let head = object_head(entry, listed, format);
        self.sink.begin_object(&head).map_err(ExportError::Sink)?;
        let since_record = Cell::new(0);
        let mut member = self.open(archive, entry, &since_record, listed.is_some())?;
        let mut object = Object::new(self.sink, &since_record);
        // Whoever counted the records of a manifest counted lines.
        let strict = listed.is_some_and(|listed| listed.format.is_some());
        let read = match format {
            Format::Json | Format::Ndjson => json::read(&mut member, format, strict, &mut object),
            Format::Csv | Format::Tsv => table::read(&mut member, format, &mut object),
        };
        // What stopped the archive or the sink comes before what a parser makes of it.
        let (bytes, sha256) = member.finish()?;
        let summary = object.finish().map_err(ExportError::Sink)?;
        if read.is_err() {
            return Ok(false);
        }
        listed.map_or(Ok(()), |listed| listed.check(Some(summary.records), sha256.as_deref()))?;
        self.found.objects += 1;
        self.found.records += summary.records;
        self.found.fields += summary.fields;
        self.found.bytes += bytes;
        self.sink.end_object(&summary).map_err(ExportError::Sink)?;
        Ok(true)
    }

    fn file<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        entry: &Entry,
        listed: Option<&Listed>,
        unreadable: bool,
    ) -> Result<(), ExportError> {
        let (folder, name) = names::split(&entry.member);
        let head = FileHead {
            member: Personal::new(entry.member.clone()),
            name: Personal::new(name.to_owned()),
            data_source: data_source(folder, listed),
            length: entry.length,
            unreadable,
        };
        self.sink.begin_file(&head).map_err(ExportError::Sink)?;
        let since_record = Cell::new(0);
        let mut member = self.open(archive, entry, &since_record, listed.is_some())?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            match Unbounded(&mut member, &since_record).read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    self.sink
                        .bytes(buffer.get(..length).unwrap_or_default())
                        .map_err(ExportError::Sink)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return member.finish().and(Err(damaged("a file in it can't be unpacked"))),
            }
        }
        let (bytes, sha256) = member.finish()?;
        listed.map_or(Ok(()), |listed| listed.check(None, sha256.as_deref()))?;
        self.found.files += 1;
        self.found.bytes += bytes;
        self.sink.end_file().map_err(ExportError::Sink)
    }

    fn open<'a, R: Read + Seek>(
        &self,
        archive: &'a mut ZipArchive<R>,
        entry: &Entry,
        since_record: &'a Cell<usize>,
        hashed: bool,
    ) -> Result<Member<'a, impl Read + use<'a, R>>, ExportError>
    where
        Self: 'a,
    {
        let file = archive.by_index(entry.index).map_err(|error| unreadable(&error))?;
        let packed = file.compressed_size();
        Ok(Member::new(
            file,
            packed,
            self.found.bytes,
            *self.limits,
            since_record,
            hashed,
        ))
    }
}

/// A reader of members that have no records to be bounded.
struct Unbounded<'a, R>(&'a mut R, &'a Cell<usize>);

impl<R: Read> Read for Unbounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.set(0);
        self.0.read(buffer)
    }
}

fn object_head(entry: &Entry, listed: Option<&Listed>, format: Format) -> ObjectHead {
    let (folder, file) = names::split(&entry.member);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let name = listed
        .and_then(|listed| listed.object.as_deref())
        .filter(|name| !name.is_empty());
    ObjectHead {
        name: Personal::new(name.unwrap_or(if stem.is_empty() { file } else { stem }).to_owned()),
        data_source: data_source(folder, listed),
        member: Personal::new(entry.member.clone()),
        format,
    }
}

fn data_source(folder: Option<&str>, listed: Option<&Listed>) -> Option<Personal> {
    listed
        .and_then(|listed| listed.data_source.as_deref())
        .or(folder)
        .map(|name| Personal::new(name.to_owned()))
}

fn hash_of<R: Read + Seek>(archive: &mut R) -> io::Result<String> {
    archive.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match archive.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(length) => hash.update(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
