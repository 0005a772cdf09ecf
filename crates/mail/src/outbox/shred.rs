//! Forgetting what mails said.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use store::{
    Store, StoreError, Tx, args,
    jobs::{Lease, NewJob, StepError},
};

use super::{SHRED, later};

/// How many mails one sweep shreds in one transaction.
const BATCH: i64 = 500;
/// Mails whose time ends within the same hour are shredded together, at its beginning.
const HOUR: Duration = Duration::from_hours(1);

/// Sees to it that what ends at `shred_at` is shredded. The job of an hour is awaited by many mails and, except for a
/// very short retention, has begun when no more of them come: nobody waits for it while it is claimed.
pub(super) fn schedule(tx: &mut Tx, shred_at: Timestamp) {
    let seconds = shred_at.as_second();
    let hour = Timestamp::from_second(seconds - seconds.rem_euclid(3600)).unwrap_or(shred_at);
    tx.enqueue(NewJob {
        kind: SHRED,
        lane: SHRED.to_owned(),
        run_at: hour,
        payload: json!({}),
        key: Some(format!("{SHRED} {hour}")),
    });
}

/// Carries out a [`super::SHRED`] job: destroys the keys of mails whose time is over.
pub async fn shred(store: &Store, lease: &Lease) -> Result<(), StepError> {
    let mut tx = store.write().await?;
    let now = tx.now();
    let soon = later(now, HOUR);
    let shredded = tx
        .execute(
            "UPDATE mail SET data_key = NULL, contents = NULL, answer = NULL WHERE id IN \
             (SELECT id FROM mail WHERE data_key IS NOT NULL AND shred_at <= $1 AND state <> 'queued' \
             ORDER BY shred_at LIMIT $2)",
            args![soon, BATCH],
        )
        .await?;
    let left = tx
        .fetch_all(
            "SELECT DISTINCT state FROM mail WHERE data_key IS NOT NULL AND shred_at <= $1",
            args![soon],
        )
        .await?;
    if left.is_empty() {
        tx.finish(lease).await?;
    } else if shredded > 0 {
        tx.reschedule(lease, now).await?;
    } else {
        // What is still to be sent is not forgotten before.
        tx.reschedule(lease, soon).await?;
    }
    tx.commit().await?;
    if shredded > 0 {
        store.forget_deleted().await?;
    }
    Ok(())
}

/// Shreds at once what all mails about `object` said, and sends none of them any more. Returns how many there were.
/// Call [`Store::forget_deleted`] after the commit.
pub async fn forget(tx: &mut Tx, object: &str) -> Result<u64, StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE mail SET data_key = NULL, contents = NULL, answer = NULL, next_attempt_at = NULL, \
         ended_at = CASE WHEN state = 'queued' THEN $2 ELSE ended_at END, \
         cause = CASE WHEN state = 'queued' THEN 'forgotten' ELSE cause END, \
         state = CASE WHEN state = 'queued' THEN 'failed' ELSE state END \
         WHERE object = $1 AND data_key IS NOT NULL",
        args![object, now],
    )
    .await
}
