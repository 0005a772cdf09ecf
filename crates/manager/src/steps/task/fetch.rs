//! Fetching and reading an export.

use std::io::Cursor;

use connectors::{
    ExportSettings,
    export::{self, ExportError, ExportLocation},
};
use jiff::{SignedDuration, Timestamp};
use privacy::task::{Cause, Found, RetryFrom, TaskAction};
use store::{
    StoreError,
    jobs::{Lease, StepError},
};
use tokio::sync::mpsc;

use super::{
    answer::note_expiry,
    attempt::{Attempt, Outcome, about_vendor_job},
    fault::{Doing, WorkError, record},
    poll::ask,
    spool::{self, Arrived, Spool, take_in},
    store_export::{Piece, Sink, keep, store},
};
use crate::{Manager, TaskId, app::access::AccessError, rows};

/// How long the location that a poll brought is used without asking again.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Pieces that are read ahead of what is stored.
const READ_AHEAD: usize = 4;

/// Fetches the export into a sealed file, reads it as if an enemy had made it, stores it sealed under the request's
/// key, and makes it part of the dossier in one commit. Whatever an attempt that was cut off has left goes first.
pub(crate) async fn fetch(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let Some((case, attempt)) = about_vendor_job(manager, lease).await? else {
        return Ok(());
    };
    let known = known_location(manager, &case, &attempt, lease)?;
    case.commit().await?;

    clear_away(manager, attempt.task.id).await?;
    let of = rows::dossier::Attempt {
        request: attempt.request,
        task: attempt.task.id,
        id: manager.store().new_id().to_string(),
    };
    let read = match locate(manager, &attempt, known).await {
        Ok(Located::At(location, settings)) => read(manager, &attempt, &of, &location, &settings).await?,
        Ok(Located::Gone) => Err(gone()),
        Err(error) => Err(WorkError::Access(error)),
    };
    let mut read = read;
    if read.is_err() {
        // Nothing of an export that was not read to its end is kept.
        if let Err(error) = clear_away(manager, attempt.task.id).await {
            read = Err(WorkError::Access(AccessError::Store(error)));
        }
    }
    let Some(mut outcome) = Outcome::open(manager, &attempt, lease).await? else {
        return Ok(());
    };
    match read {
        Ok((found, rest)) => {
            keep(&mut outcome.case.tx, &of, rest).await?;
            rows::dossier::make_whole(&mut outcome.case.tx, &of).await?;
            outcome.case.freeze_policy(of.task).await?;
            outcome.act(if found.is_nothing() {
                TaskAction::NothingFound
            } else {
                TaskAction::Fetched { found }
            })?;
            outcome.done().await
        }
        Err(WorkError::Export(ExportError::NotHandedOut { .. })) if attempt.expired(outcome.now()) => {
            fail_expired(outcome).await
        }
        Err(error) => {
            note_expiry(&mut outcome);
            record(outcome, error, Doing::Reading).await
        }
    }
}

impl Attempt {
    fn expired(&self, now: Timestamp) -> bool {
        self.task.export_expires_at.is_some_and(|end| end <= now)
    }
}

/// Where the export lies now.
enum Located {
    At(ExportLocation, Box<ExportSettings>),
    Gone,
}

/// The location that the last poll brought, if it is fresh and no attempt with it has failed.
fn known_location(
    manager: &Manager,
    case: &crate::app::requests::case::Case,
    attempt: &Attempt,
    lease: &Lease,
) -> Result<Option<ExportLocation>, StoreError> {
    let row = &attempt.task;
    let fresh = case.tx.now().duration_since(row.task.state.since()) <= FRESH;
    let Some(sealed) = row
        .export
        .as_deref()
        .filter(|_| fresh && lease.attempts == 0 && row.task.attempts == 0)
    else {
        return Ok(None);
    };
    let key = manager.request_key(&case.request)?;
    let plain = key.open("task", "export", &row.id.to_string(), sealed)?;
    Ok(String::from_utf8(plain.into_revealed()).ok().map(ExportLocation::new))
}

async fn locate(manager: &Manager, attempt: &Attempt, known: Option<ExportLocation>) -> Result<Located, AccessError> {
    let settings = {
        let access = manager.access(attempt.task.connection, &attempt.pace).await?;
        Box::new(access.vendor().settings().export.clone())
    };
    if let Some(location) = known {
        return Ok(Located::At(location, settings));
    }
    let (job, _) = ask(manager, attempt).await?;
    Ok(job
        .export_location
        .map_or(Located::Gone, |location| Located::At(location, settings)))
}

/// What was found, and what of it is not stored yet.
type Read = (Found, Vec<Piece>);

/// Fetches, reads and stores; the outer error is for the runner, the inner one for the task.
async fn read(
    manager: &Manager,
    attempt: &Attempt,
    of: &rows::dossier::Attempt,
    location: &ExportLocation,
    settings: &ExportSettings,
) -> Result<Result<Read, WorkError>, StepError> {
    let clock = manager.store().clock().clone();
    let wait = SignedDuration::try_from(settings.timeout).unwrap_or(SignedDuration::MAX);
    let deadline = manager.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
    tokio::select! {
        read = read_whole(manager, attempt, of, location, settings) => read,
        () = clock.sleep_until(deadline) => Ok(Err(WorkError::Export(ExportError::Unavailable {
            reason: "it takes longer than export_timeout allows".to_owned(),
        }))),
    }
}

async fn read_whole(
    manager: &Manager,
    attempt: &Attempt,
    of: &rows::dossier::Attempt,
    location: &ExportLocation,
    settings: &ExportSettings,
) -> Result<Result<Read, WorkError>, StepError> {
    let fetched = export::fetch(&**manager.transport(), location, settings, manager.now()).await;
    let fetched = match fetched {
        Ok(fetched) => fetched,
        Err(error) => return Ok(Err(error.into())),
    };
    let row = rows::request::by_id(&mut manager.store().read().await?, attempt.request).await?;
    let Some(row) = row else {
        return Err(StepError::Failed("the request is gone".to_owned()));
    };
    let spooled = Spool::new(manager, of);
    let arrived = match take_in(&spooled, manager.request_key(&row)?, fetched.body).await {
        Ok(arrived) => arrived,
        Err(error) => return Ok(Err(error.into())),
    };
    let (pieces, stored) = mpsc::channel::<Piece>(READ_AHEAD);
    let sink = Sink::new(manager.clone(), manager.request_key(&row)?, pieces);
    let limits = settings.limits;
    let job = attempt.vendor_job().map(|job| job.id.clone());
    let (archive, key) = (spooled.path(), manager.request_key(&row)?);
    let place = spooled.place();
    let reading = tokio::task::spawn_blocking(move || {
        let mut sink = sink;
        let found = match arrived {
            Arrived::InMemory(archive) => {
                export::read_export(Cursor::new(archive), job.as_deref(), &limits, &mut sink)?
            }
            Arrived::Spooled => {
                let archive = spool::open(&archive, &key, &place).map_err(ExportError::Sink)?;
                export::read_export(archive, job.as_deref(), &limits, &mut sink)?
            }
        };
        sink.finish().map_err(ExportError::Sink)?;
        Ok::<_, ExportError>((found, sink.kept()))
    });
    let (reading, stored) = tokio::join!(reading, store(manager, of, stored));
    spooled.remove();
    // A database that failed makes the reader fail as well: it is the cause.
    let rest = stored?;
    let read = reading.map_err(|_| StepError::Failed("reading an export panicked".to_owned()))?;
    Ok(read
        .map(|(found, kept)| Found {
            objects: kept.objects,
            records: found.records,
            fields: kept.fields,
            bytes: found.bytes,
            sha256: Some(found.sha256),
        })
        .map(|found| (found, rest))
        .map_err(WorkError::from))
}

/// Removes what an attempt that was cut off has left.
pub(super) async fn clear_away(manager: &Manager, task: TaskId) -> Result<(), StoreError> {
    spool::remove_all(manager, task);
    let torn = rows::dossier::torn_objects(&mut manager.store().read().await?, task).await?;
    for object in torn {
        let mut tx = manager.store().write().await?;
        rows::dossier::drop_object(&mut tx, &object).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn gone() -> WorkError {
    WorkError::Export(ExportError::Unavailable {
        reason: "the vendor no longer says where it lies".to_owned(),
    })
}

async fn fail_expired(mut outcome: Outcome<'_>) -> Result<(), StepError> {
    outcome.act(TaskAction::Fail {
        cause: Cause::new(
            "export_expired",
            "The vendor's export has expired. A retry submits a new job.",
        ),
        retry_from: RetryFrom::Start,
    })?;
    outcome.done().await
}
