//! An access request: everything about the subject, streamed from the database into one ZIP in the export store.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use serde_json::json;
use store::{
    StoreError,
    jobs::{Lease, NewJob, StepError},
};
use tokio::sync::mpsc;

use super::{
    archive::{self, Entry, Summary},
    broken,
    carry_out::{Trouble, locked},
};
use crate::{
    Actor, DataSource, Exports, Provider, Status, Subject,
    app::subject_access::{later, object},
    exports::{S3Location, Upload},
    rows::{
        self,
        sar::StoredSar,
        sub_request::{Carrier, StoredSubRequest},
        subject_record::Cursor,
    },
    sources::sql::{Asked, SourceError, SqlSource},
};

/// How many records are read at once.
const RECORDS_A_PAGE: i64 = 100;

/// Writes the export under its final key (again, if an earlier attempt died) and completes the request.
pub(super) async fn export(provider: &Provider, lease: &Lease, sar: &StoredSar) -> Result<(), Trouble> {
    let key = Exports::key(sar.account, sar.id);
    if let Some(upload) = &sar.upload_id {
        let aborted = provider.exports().abort_upload(&key, upload).await;
        aborted.map_err(|error| broken(&error))?;
    }
    let (entries, pieces, zipping) = archive::begin(sar.id);
    let mut upload = provider.exports().upload(&key);
    // Both sides of the archive at once: what goes in and what comes out.
    let moved = tokio::try_join!(feed(provider, sar, entries), send(provider, sar, &mut upload, pieces));
    let zipped = zipping.await.map_err(|error| broken(&error));
    let summary = match (moved, zipped) {
        (Ok(_), Ok(Ok(summary))) => summary,
        (Err(error), _) => {
            upload.abort().await;
            return Err(error);
        }
        (Ok(_), Err(error)) => {
            upload.abort().await;
            return Err(error.into());
        }
        (Ok(_), Ok(Err(error))) => {
            upload.abort().await;
            return Err(broken(&error).into());
        }
    };
    let bytes = upload.finish().await.map_err(|error| broken(&error))?;
    Ok(complete(provider, lease, sar, &summary, bytes).await?)
}

/// Hands every record, from the subject store and from databases, and every part of a team to the archive.
async fn feed(provider: &Provider, sar: &StoredSar, entries: mpsc::Sender<Entry>) -> Result<(), Trouble> {
    // A closed channel means that the archive has failed, which its own result tells.
    let closed = |_| StepError::Failed("the archive broke off".to_owned());
    let mut read = provider.store().read().await?;
    let key = rows::subject_account::key(&mut read, provider.vault(), sar.account).await?;
    let shares = rows::sub_request::of_request(&mut read, sar.id).await?;
    drop(read);
    let mut cursor = Cursor::default();
    let mut open: Option<(DataSource, String)> = None;
    while let Some(key) = &key {
        // A connection for each page: a slow store must not keep one from everybody else.
        let mut read = provider.store().read().await?;
        let page = rows::subject_record::page(&mut read, sar.account, sar.subject, &cursor, RECORDS_A_PAGE).await?;
        drop(read);
        let Some(last) = page.last() else { break };
        cursor = last.cursor();
        for record in page {
            if open
                .as_ref()
                .is_none_or(|(source, object)| *source != record.source || *object != record.object)
            {
                open = Some((record.source, record.object.clone()));
                let member = Entry::Records {
                    source: record.source,
                    object: record.object.clone(),
                };
                entries.send(member).await.map_err(closed)?;
            }
            let json = record.open(sar.account, key)?;
            let mut line = Vec::with_capacity(json.len() + 1);
            line.extend_from_slice(&json);
            line.push(b'\n');
            entries.send(Entry::Bytes(line.into())).await.map_err(closed)?;
        }
    }
    for share in shares.iter().filter(|share| share.carrier == Carrier::Sql) {
        let key = key.as_ref().ok_or(StoreError::LeaseLost)?;
        feed_from_databases(provider, sar, &sar.subject(key)?, share, &entries).await?;
    }
    // A part that is not kept any more was removed by a deletion of the same subject.
    for share in shares.iter().filter(|share| share.part_kept) {
        if let Some(location) = &share.export_location {
            let (source, entries) = (share.source, &entries);
            let location: S3Location = location.parse().map_err(|error| broken(&error))?;
            let part = provider
                .exports()
                .read(&location.key)
                .await
                .map_err(|error| broken(&error))?;
            let mut part =
                part.ok_or_else(|| StepError::Failed(format!("the part of {source} is not at {location}")))?;
            let name = location.key.rsplit('/').next().unwrap_or_default().to_owned();
            entries.send(Entry::Part { source, name }).await.map_err(closed)?;
            while let Some(piece) = part.try_next().await.map_err(|error| broken(&error))? {
                entries.send(Entry::Bytes(piece)).await.map_err(closed)?;
            }
        }
    }
    Ok(entries.send(Entry::End).await.map_err(closed)?)
}

/// Hands what the databases of one data source hold to the archive, as it comes.
async fn feed_from_databases(
    provider: &Provider,
    sar: &StoredSar,
    subject: &Subject,
    share: &StoredSubRequest,
    entries: &mpsc::Sender<Entry>,
) -> Result<(), Trouble> {
    let closed = |_| StepError::Failed("the archive broke off".to_owned());
    let failed = |error| Trouble::Source(share.id, error);
    let asked = Asked {
        account: sar.account,
        subject,
    };
    for database in databases(provider, sar, subject, share)? {
        let mut reading = database.read(asked).await.map_err(failed)?;
        for object in database.objects_of(subject) {
            let mut pieces = reading.pieces(object);
            let mut first = true;
            while let Some(piece) = pieces.try_next().await.map_err(failed)? {
                if std::mem::take(&mut first) {
                    let member = Entry::Records {
                        source: share.source,
                        object: object.name.clone(),
                    };
                    entries.send(member).await.map_err(closed)?;
                }
                entries.send(Entry::Bytes(piece)).await.map_err(closed)?;
            }
        }
        reading.end().await;
    }
    Ok(())
}

/// The databases that a share is about. A share that none answers for any more is not taken for done.
pub(super) fn databases<'a>(
    provider: &'a Provider,
    sar: &StoredSar,
    subject: &Subject,
    share: &StoredSubRequest,
) -> Result<Vec<&'a SqlSource>, Trouble> {
    let all = provider.sql_sources().of(sar.account, subject);
    let databases: Vec<_> = all.filter(|database| database.name == share.source).collect();
    if databases.is_empty() {
        let error = SourceError::passing(share.source, "it is not configured any more");
        return Err(Trouble::Source(share.id, error));
    }
    Ok(databases)
}

/// Hands what comes out of the archive to the store; keeps the id of an upload in parts before anything is sent.
async fn send(
    provider: &Provider,
    sar: &StoredSar,
    upload: &mut Upload<'_>,
    mut pieces: mpsc::Receiver<Bytes>,
) -> Result<(), Trouble> {
    while let Some(piece) = pieces.recv().await {
        if upload.must_begin() {
            let id = upload.begin().await.map_err(|error| broken(&error))?.to_owned();
            let mut tx = provider.store().write().await?;
            rows::sar::set_upload(&mut tx, sar.id, Some(&id)).await?;
            tx.commit().await?;
        }
        upload.push(piece).await.map_err(|error| broken(&error))?;
    }
    Ok(())
}

async fn complete(
    provider: &Provider,
    lease: &Lease,
    sar: &StoredSar,
    summary: &Summary,
    bytes: u64,
) -> Result<(), StepError> {
    let mut tx = provider.store().write().await?;
    let Some(sar) = locked(&mut tx, sar.id).await?.filter(|sar| !sar.status.is_final()) else {
        return Err(StoreError::LeaseLost.into());
    };
    let expired_at = later(tx.now(), provider.settings().export_ttl.signed());
    let records = i64::try_from(summary.records).unwrap_or(i64::MAX);
    rows::sar::complete_access(&mut tx, sar.id, records, expired_at).await?;
    rows::sub_request::end_own(&mut tx, sar.id, Status::Completed).await?;
    tx.enqueue(NewJob {
        kind: super::REMOVE_EXPORT,
        lane: "exports".to_owned(),
        run_at: expired_at,
        payload: json!({ "request": sar.id }),
        key: Some(format!("export:{}", sar.id)),
    });
    let shares = rows::sub_request::of_request(&mut tx, sar.id).await?;
    if shares.iter().any(|share| share.part_kept) {
        let run_at = tx.now();
        tx.enqueue(NewJob {
            kind: super::REMOVE_PARTS,
            lane: "exports".to_owned(),
            run_at,
            payload: json!({ "request": sar.id }),
            key: Some(format!("parts:{}", sar.id)),
        });
    }
    let detail =
        json!({ "account": sar.account, "records": summary.records, "members": summary.members, "bytes": bytes });
    tx.audit(Actor::SYSTEM.did("subject_access.exported", object(sar.id), detail));
    tx.finish(lease).await?;
    tx.commit().await?;
    Ok(())
}
