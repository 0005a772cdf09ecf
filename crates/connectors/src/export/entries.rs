//! What is in an archive, by its directory alone: everything that can be refused before a byte is unpacked.

use std::{
    collections::HashSet,
    io::{Read, Seek, SeekFrom},
};

use zip::{
    CompressionMethod, ZipArchive,
    read::{ArchiveOffset, Config, ZipFileEntry},
    result::ZipError,
};

use super::{error::ExportError, limits::Limits, names};

/// Up to this length an entry may be packed as tightly as it likes: short texts of few words often are.
const SMALL: u64 = 256 << 10;

/// The bytes in which the end of a directory must lie: its record, the one before it, the longest comment.
const TAIL: u64 = 22 + 20 + 0xffff;

/// The length of a local header without its name.
const LOCAL_HEADER: u64 = 30;

/// One file of the archive.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) index: usize,
    /// Its name, safe.
    pub(super) member: String,
    /// Bytes unpacked, as the directory says.
    pub(super) length: u64,
}

/// Opens an archive and lists its files, folders left out.
pub(super) fn open<R: Read + Seek>(mut reader: R, limits: &Limits) -> Result<(ZipArchive<R>, Vec<Entry>), ExportError> {
    let archive_length = reader.seek(SeekFrom::End(0)).map_err(|_| damaged("it can't be read"))?;
    let too_many = || ExportError::Limit {
        limit: "export_max_entries",
        value: limits.max_entries,
    };
    if announced(&mut reader, archive_length)? > limits.max_entries {
        return Err(too_many());
    }
    // A fixed offset: with "detect", an archive may be hidden behind another.
    let config = Config {
        archive_offset: ArchiveOffset::Known(0),
    };
    let archive = ZipArchive::with_config(config, reader).map_err(|error| unreadable(&error))?;
    if archive.len() as u64 > limits.max_entries {
        return Err(too_many());
    }
    if archive.has_duplicate_names() {
        return Err(hostile("two files in it have the same name"));
    }
    let mut names = HashSet::with_capacity(archive.len());
    let mut places = Vec::with_capacity(archive.len());
    let mut entries = Vec::with_capacity(archive.len());
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|error| unreadable(&error))?;
        let (length, packed) = (entry.size(), entry.compressed_size());
        check(&entry)?;
        total = total.saturating_add(length);
        if total > limits.max_bytes {
            return Err(ExportError::Limit {
                limit: "export_max_bytes",
                value: limits.max_bytes,
            });
        }
        check_ratio(length, packed, limits)?;
        let start = entry.header_start();
        places.push((start, start.saturating_add(LOCAL_HEADER).saturating_add(packed)));
        let name = entry.name().map_err(|error| unreadable(&error))?;
        let member = names::safe(&name).map_err(hostile)?;
        if !names.insert(member.clone()) {
            return Err(hostile("two files in it have the same name"));
        }
        if !entry.is_dir() {
            entries.push(Entry { index, member, length });
        }
    }
    check_ratio(total, archive_length, limits)?;
    check_places(places, archive.central_directory_start())?;
    Ok((archive, entries))
}

fn check(entry: &ZipFileEntry<'_>) -> Result<(), ExportError> {
    // The kind of file stands in the upper half of the attributes, whatever system they claim to be from.
    let kind = (entry.external_attributes() >> 16) & 0o170_000;
    if entry.encrypted() {
        Err(hostile("a file in it is encrypted"))
    } else if !matches!(kind, 0 | 0o100_000 | 0o040_000) {
        Err(hostile("it holds a link or a device"))
    } else if entry.is_dir() && entry.size() > 0 {
        Err(hostile("a folder in it has content"))
    } else if !matches!(
        entry.compression(),
        CompressionMethod::Stored | CompressionMethod::Deflated
    ) {
        Err(hostile("a file in it is packed in a way that is not read here"))
    } else {
        Ok(())
    }
}

/// Refuses what unpacks to more than the allowed multiple of its packed length.
pub(super) fn check_ratio(length: u64, packed: u64, limits: &Limits) -> Result<(), ExportError> {
    if length > SMALL && length / packed.max(1) > limits.max_ratio {
        return Err(ExportError::Limit {
            limit: "export_max_ratio",
            value: limits.max_ratio,
        });
    }
    Ok(())
}

/// Refuses entries that share bytes: that is how a small archive unpacks to an endless one.
fn check_places(mut places: Vec<(u64, u64)>, directory: u64) -> Result<(), ExportError> {
    places.sort_unstable();
    let ends = places.iter().map(|(_, end)| *end);
    let next_starts = places.iter().skip(1).map(|(start, _)| *start).chain([directory]);
    if ends.zip(next_starts).any(|(end, next)| end > next) {
        return Err(hostile("files in it share the same bytes"));
    }
    Ok(())
}

/// The largest number of entries that any end of a 64-bit directory announces: the library makes room for them all
/// before it reads one. Ends of the older kind can't announce more than 65,535.
fn announced<R: Read + Seek>(reader: &mut R, length: u64) -> Result<u64, ExportError> {
    let failed = |_| damaged("it can't be read");
    let mut tail = Vec::new();
    reader
        .seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .map_err(failed)?;
    reader.take(TAIL).read_to_end(&mut tail).map_err(failed)?;
    let locators = tail.windows(20).filter(|window| window.starts_with(b"PK\x06\x07"));
    // A record has one locator; more than a few are a trap for whoever follows each.
    let offsets: Vec<u64> = locators.filter_map(|window| number(window, 8)).take(8).collect();
    let mut most = 0;
    for offset in offsets {
        let mut record = Vec::new();
        if reader.seek(SeekFrom::Start(offset)).is_ok() {
            reader.take(56).read_to_end(&mut record).map_err(failed)?;
        }
        if record.starts_with(b"PK\x06\x06") {
            most = most
                .max(number(&record, 24).unwrap_or(0))
                .max(number(&record, 32).unwrap_or(0));
        }
    }
    Ok(most)
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// What the library says about an archive, in our words: its own may quote the archive.
pub(super) fn unreadable(error: &ZipError) -> ExportError {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) | ZipError::InvalidPassword => {
            hostile("it is packed in a way that is not read here")
        }
        ZipError::Io(_) => damaged("it ends too early"),
        _ => damaged("it is no ZIP archive, or not a whole one"),
    }
}

pub(super) const fn hostile(reason: &'static str) -> ExportError {
    ExportError::Hostile { reason }
}

pub(super) fn damaged(reason: &str) -> ExportError {
    ExportError::Damaged {
        reason: reason.to_owned(),
    }
}
