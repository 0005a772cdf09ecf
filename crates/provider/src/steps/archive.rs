//! The ZIP of an export, written as it is read: nothing but a few buffers is in memory, and nothing is on a disk.
//!
//! ```text
//! <data source>/<object>.ndjson   one record a line
//! <data source>/<file>            what a team brought that is not newline-delimited JSON
//! manifest.json                   {"version": 1, "request_id": …, "members": […]}
//! ```

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};
use zip::{ZipWriter, write::SimpleFileOptions, write::StreamWriter};

use super::member_names::MemberNames;
use crate::{DataSource, SarId, app::tokens::hex};

/// How much the archive hands on at once.
const PIECE_BYTES: usize = 256 * 1024;

/// What goes into the archive, in order.
pub(super) enum Entry {
    /// What follows are records of one object, a line each.
    Records { source: DataSource, object: String },
    /// What follows is a part that a team brought, in a file of that name.
    Part { source: DataSource, name: String },
    /// More of the present member.
    Bytes(Bytes),
    /// All is in. Without it the archive is not finished.
    End,
}

/// What an archive holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Summary {
    pub(super) records: u64,
    pub(super) members: usize,
}

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    /// What went in stopped before its end, or nobody takes what comes out.
    #[error("the archive broke off")]
    BrokeOff,
    /// It could not be written.
    #[error("the archive could not be written")]
    Zip(#[from] zip::result::ZipError),
    /// It could not be written.
    #[error("the archive could not be written")]
    Io(#[from] io::Error),
}

/// A member, as the manifest lists it.
#[derive(Serialize)]
struct Listed {
    name: String,
    object: String,
    data_source: DataSource,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
    sha256: String,
}

/// Begins an archive in a thread of its own: where entries go in, where its bytes come out, and how it ends.
pub(super) fn begin(
    request: SarId,
) -> (
    mpsc::Sender<Entry>,
    mpsc::Receiver<Bytes>,
    JoinHandle<Result<Summary, ArchiveError>>,
) {
    let (entries, mut received) = mpsc::channel(32);
    let (pieces, sent) = mpsc::channel(2);
    let zipping = spawn_blocking(move || {
        let given_up = Arc::new(AtomicBool::new(false));
        let outlet = Outlet {
            pieces,
            buffer: Vec::new(),
            given_up: Arc::clone(&given_up),
        };
        let mut archive = Archive::new(outlet);
        let written = archive.write_all(request, &mut received);
        // Dropped unfinished, the writer would write the end of an archive all the same.
        given_up.store(written.is_err(), Ordering::SeqCst);
        let summary = written?;
        archive.finish()?;
        Ok(summary)
    });
    (entries, sent, zipping)
}

struct Archive {
    zip: ZipWriter<StreamWriter<Outlet>>,
    names: MemberNames,
    listed: Vec<Listed>,
    open: Option<Open>,
}

/// The member that is being written.
struct Open {
    listed: Listed,
    hash: Sha256,
    /// The last byte so far, for a last line without its end.
    last: u8,
}

impl Archive {
    fn new(outlet: Outlet) -> Self {
        Self {
            zip: ZipWriter::new_stream(outlet),
            names: MemberNames::default(),
            listed: Vec::new(),
            open: None,
        }
    }

    fn write_all(&mut self, request: SarId, entries: &mut mpsc::Receiver<Entry>) -> Result<Summary, ArchiveError> {
        loop {
            match entries.blocking_recv().ok_or(ArchiveError::BrokeOff)? {
                Entry::Records { source, object } => {
                    let name = self.names.records(source, &object);
                    self.open(name, object, source, true)?;
                }
                Entry::Part { source, name } => {
                    let records = is_ndjson(&name);
                    let member = if records {
                        self.names.records(source, "export")
                    } else {
                        self.names.file(source, &name)
                    };
                    let object = if records { "export".to_owned() } else { name };
                    self.open(member, object, source, records)?;
                }
                Entry::Bytes(bytes) => self.write(&bytes)?,
                Entry::End => break,
            }
        }
        self.close();
        let summary = Summary {
            records: self.listed.iter().filter_map(|member| member.records).sum(),
            members: self.listed.len(),
        };
        let manifest = json!({ "version": 1, "request_id": request, "members": self.listed });
        self.zip.start_file("manifest.json", options())?;
        self.zip.write_all(manifest.to_string().as_bytes())?;
        Ok(summary)
    }

    fn open(&mut self, name: String, object: String, source: DataSource, records: bool) -> Result<(), ArchiveError> {
        self.close();
        self.zip.start_file(name.as_str(), options())?;
        self.open = Some(Open {
            listed: Listed {
                name,
                object,
                data_source: source,
                format: if records { "ndjson" } else { "file" },
                records: records.then_some(0),
                sha256: String::new(),
            },
            hash: Sha256::new(),
            last: b'\n',
        });
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.hash.update(bytes);
        if let Some(records) = &mut open.listed.records {
            // A record is a line that is not empty.
            for byte in bytes {
                if open.last == b'\n' && !byte.is_ascii_whitespace() {
                    *records += 1;
                }
                if !byte.is_ascii_whitespace() || *byte == b'\n' {
                    open.last = *byte;
                }
            }
        }
        Ok(self.zip.write_all(bytes)?)
    }

    fn close(&mut self) {
        if let Some(Open { mut listed, hash, .. }) = self.open.take() {
            listed.sha256 = hex(&hash.finalize());
            self.listed.push(listed);
        }
    }

    fn finish(self) -> Result<(), ArchiveError> {
        let mut outlet = self.zip.finish()?.into_inner();
        Ok(outlet.hand_on()?)
    }
}

/// Member sizes are not known when they begin, so all of them have room for more than 4 GiB.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .large_file(true)
        .unix_permissions(0o600)
}

/// A part is newline-delimited JSON unless its name says something else.
fn is_ndjson(name: &str) -> bool {
    name.rsplit_once('.')
        .is_none_or(|(_, extension)| ["ndjson", "jsonl"].contains(&extension))
}

/// Where the archive's bytes leave its thread.
struct Outlet {
    pieces: mpsc::Sender<Bytes>,
    buffer: Vec<u8>,
    given_up: Arc<AtomicBool>,
}

impl Outlet {
    fn hand_on(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.buffer);
        self.pieces
            .blocking_send(piece.into())
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.given_up.load(Ordering::SeqCst) {
            return Ok(bytes.len());
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE_BYTES {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
