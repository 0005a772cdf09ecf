//! An export on its way: a sealed file that lasts no longer than its reading.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use connectors::export::ExportError;
use futures_util::{Stream, StreamExt as _, stream};
use rightful_http::client::{Body, TransportError};
use tokio::sync::mpsc;
use vault::{Place, SealedReader, SealedWriter};

use crate::{Manager, TaskId, app::requests::RequestKey, rows::dossier::Attempt};

/// Where an export lies while it is read. Each attempt has a file of its own, so that one that was given up and still
/// writes disturbs nobody.
pub(super) struct Spool {
    folder: PathBuf,
    name: String,
}

/// What the sealed file is bound to.
pub(super) struct SpoolPlace(String);

impl SpoolPlace {
    pub(super) fn place(&self) -> Place<'_> {
        Place {
            table: "task",
            column: "spooled export",
            row: &self.0,
        }
    }
}

impl Spool {
    pub(super) fn new(manager: &Manager, of: &Attempt) -> Self {
        Self {
            folder: folder(manager),
            name: format!("{}.{}", of.task, of.id),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    pub(super) fn place(&self) -> SpoolPlace {
        SpoolPlace(self.name.clone())
    }

    /// Removes the file, if there is one.
    pub(super) fn remove(&self) {
        fs::remove_file(self.path()).ok();
    }
}

fn folder(manager: &Manager) -> PathBuf {
    manager.data().join("spool")
}

/// Removes what attempts at this task have left.
pub(crate) fn remove_all(manager: &Manager, task: TaskId) {
    let prefix = format!("{task}.");
    for entry in fs::read_dir(folder(manager)).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// An export of up to this many bytes is kept in memory while it is read: a file would cost more than all the rest.
const SMALL: usize = 64 << 10;

/// An export that has arrived.
pub(super) enum Arrived {
    /// A small one.
    InMemory(Vec<u8>),
    /// In the sealed file.
    Spooled,
}

/// Takes an export in. On the disk it is sealed as it arrives: nothing of it ever lies in the open.
pub(super) async fn take_in(spool: &Spool, key: RequestKey, body: Body) -> Result<Arrived, ExportError> {
    let (mut small, mut stream) = (Vec::new(), body.into_stream());
    while small.len() <= SMALL {
        match stream.next().await {
            Some(piece) => small.extend_from_slice(&piece?),
            None => return Ok(Arrived::InMemory(small)),
        }
    }
    let begun = stream::once(async move { Ok(Bytes::from(small)) });
    spool_in(spool, key, begun.chain(stream)).await?;
    Ok(Arrived::Spooled)
}

async fn spool_in(
    spool: &Spool,
    key: RequestKey,
    stream: impl Stream<Item = Result<Bytes, TransportError>>,
) -> Result<(), ExportError> {
    let (pieces, mut arriving) = mpsc::channel::<Bytes>(16);
    let (folder, path, place) = (spool.folder.clone(), spool.path(), spool.place());
    let writing = tokio::task::spawn_blocking(move || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let file = BufWriter::new(File::create(path)?);
        let mut sealed = SealedWriter::new(file, key.data_key(), &place.place())?;
        while let Some(piece) = arriving.blocking_recv() {
            sealed.write_all(&piece)?;
        }
        sealed.finish()?.flush()
    });
    let (mut stream, mut fault) = (std::pin::pin!(stream), None);
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => {
                if pieces.send(piece).await.is_err() {
                    // The writer has failed and will say why.
                    break;
                }
            }
            Err(error) => {
                fault = Some(ExportError::from(error));
                break;
            }
        }
    }
    drop(pieces);
    let written = writing.await.map_err(io::Error::other).and_then(|written| written);
    match fault {
        Some(fault) => Err(fault),
        None => written.map_err(ExportError::Sink),
    }
}

/// Opens the sealed file for reading.
pub(super) fn open(path: &Path, key: &RequestKey, place: &SpoolPlace) -> io::Result<SealedReader<BufReader<File>>> {
    let file = BufReader::new(File::open(path)?);
    SealedReader::open(file, key.data_key(), &place.place()).map_err(io::Error::other)
}
