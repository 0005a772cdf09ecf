//! Reading what a processor has sent: it becomes part of the dossier.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
};

use connectors::export::{self, ExportError, Limits};
use privacy::task::{Found, Phase, TaskAction};
use sha2::{Digest as _, Sha256};
use store::jobs::{Lease, StepError};
use tokio::sync::mpsc;
use vault::SealedWriter;

use super::{
    attempt::Outcome,
    fetch::clear_away,
    spool::{self, Spool},
    store_export::{self, Piece, Sink, store},
};
use crate::{
    Manager, TaskId,
    app::{contact::upload_name, requests::case::Case},
    hex::hex,
    rows::{self, contact::ContactRow, contact_upload::UploadRow, request::RequestRow},
    steps::requests::finish,
};

/// Pieces that are read ahead of what is stored.
const READ_AHEAD: usize = 4;

/// What was read so far.
#[derive(Default)]
struct Sums {
    records: u64,
    bytes: u64,
    hash: Sha256,
}

/// Reads the files of an answer one by one, and makes them part of the dossier in one commit. Whatever an attempt that
/// was cut off has left goes first.
pub(super) async fn read(manager: &Manager, mut case: Case, task: TaskId, lease: &Lease) -> Result<(), StepError> {
    let Some(contact) = rows::contact::of_task(&mut case.tx, task).await? else {
        return Outcome { case, task, lease }.done().await;
    };
    let uploads = rows::contact_upload::whole(&mut case.tx, contact.id).await?;
    let request = case.request.clone();
    case.commit().await?;

    clear_away(manager, task).await?;
    let of = rows::dossier::Attempt {
        request: request.id,
        task,
        id: manager.store().new_id().to_string(),
    };
    let (found, rest) = read_all(manager, &request, &of, &uploads).await?;

    let Some(case) = Case::open(manager, request.id).await? else {
        return finish(manager, lease).await;
    };
    let mut outcome = Outcome { case, task, lease };
    let still_reading = outcome.case.task(task).and_then(|row| row.task.state.phase()) == Some(&Phase::Reading);
    if still_reading {
        store_export::keep(&mut outcome.case.tx, &of, rest).await?;
        keep(&mut outcome, &of, &contact, found).await?;
    }
    outcome.done().await
}

async fn keep(
    outcome: &mut Outcome<'_>,
    of: &rows::dossier::Attempt,
    contact: &ContactRow,
    found: Found,
) -> Result<(), StepError> {
    rows::dossier::make_whole(&mut outcome.case.tx, of).await?;
    outcome.case.freeze_policy(of.task).await?;
    rows::contact_upload::forget(&mut outcome.case.tx, contact.id).await?;
    outcome.act(TaskAction::Fetched { found })
}

async fn read_all(
    manager: &Manager,
    request: &RequestRow,
    of: &rows::dossier::Attempt,
    uploads: &[UploadRow],
) -> Result<(Found, Vec<Piece>), StepError> {
    let (pieces, stored) = mpsc::channel::<Piece>(READ_AHEAD);
    let sink = Sink::new(manager.clone(), manager.request_key(request)?, pieces);
    let reading = async {
        let (mut sink, mut sums) = (sink, Sums::default());
        let spooled = Spool::new(manager, of);
        for upload in uploads {
            spool_in(manager, request, &spooled, upload, &mut sums.hash).await?;
            let name = upload_name(&manager.request_key(request)?, upload)?;
            let (path, place, key) = (spooled.path(), spooled.place(), manager.request_key(request)?);
            let read = tokio::task::spawn_blocking(move || {
                let open = || spool::open(&path, &key, &place).map_err(ExportError::Sink);
                let (limits, name) = (Limits::default(), name.reveal());
                let is_zip = name.to_ascii_lowercase().ends_with(".zip");
                let found = if is_zip && export::is_export(open()?, &limits) {
                    export::read_export(open()?, None, &limits, &mut sink)?
                } else {
                    export::read_single(open()?, name, &limits, &mut sink)?
                };
                sink.finish().map_err(ExportError::Sink)?;
                Ok::<_, ExportError>((sink, found))
            });
            let read = read.await.map_err(|_| failed("reading a file panicked"))?;
            let (back, found) = read.map_err(|error| failed(&error.to_string()))?;
            sink = back;
            sums.records += found.records;
            sums.bytes += found.bytes;
        }
        spooled.remove();
        let kept = sink.kept();
        Ok::<_, StepError>(Found {
            objects: kept.objects,
            records: sums.records,
            fields: kept.fields,
            bytes: sums.bytes,
            // Of one file its own, of several that of all of them, one after another.
            sha256: Some(hex(&sums.hash.finalize())),
        })
    };
    let (found, stored) = tokio::join!(reading, store(manager, of, stored));
    // A database that failed makes the reader fail as well: it is the cause.
    let rest = stored?;
    Ok((found?, rest))
}

/// Puts a file together, sealed, so that it can be read from anywhere.
async fn spool_in(
    manager: &Manager,
    request: &RequestRow,
    spooled: &Spool,
    upload: &UploadRow,
    hash: &mut Sha256,
) -> Result<(), StepError> {
    let key = manager.request_key(request)?;
    let (path, place) = (spooled.path(), spooled.place());
    let sealing = manager.request_key(request)?;
    let (pieces, mut arriving) = mpsc::channel::<Vec<u8>>(READ_AHEAD);
    let writing = tokio::task::spawn_blocking(move || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = BufWriter::new(File::create(path)?);
        let mut sealed = SealedWriter::new(file, sealing.data_key(), &place.place())?;
        while let Some(piece) = arriving.blocking_recv() {
            sealed.write_all(&piece)?;
        }
        sealed.finish()?.flush()
    });
    for number in 0.. {
        let sealed = rows::contact_upload::piece(&mut manager.store().read().await?, upload.id, number).await?;
        let Some(sealed) = sealed else { break };
        let row = format!("{}/{number}", upload.id);
        let piece = key.open("contact_piece", "content", &row, &sealed)?.into_revealed();
        hash.update(&piece);
        if pieces.send(piece).await.is_err() {
            // The writer has failed and will say why.
            break;
        }
    }
    drop(pieces);
    let written = writing.await.map_err(io::Error::other).and_then(|written| written);
    written.map_err(|error| failed(&error.to_string()))
}

fn failed(reason: &str) -> StepError {
    StepError::Failed(reason.to_owned())
}
