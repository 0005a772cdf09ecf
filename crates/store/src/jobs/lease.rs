//! The right to carry out one job.

use std::time::Duration;

use jiff::Timestamp;

use super::lane::later;
use crate::{Store, StoreError, Tx, args};

/// A job that this worker may carry out until the lease runs out. It ends with [`Tx::finish`] or [`Tx::reschedule`], in
/// the transaction that records what was done: a worker that has lost its lease records nothing.
#[derive(Debug, Clone)]
pub struct Lease {
    pub(super) job: String,
    pub(super) token: String,
    pub(super) limited: bool,
    /// The lane that the job is on.
    pub lane: String,
    /// What to do.
    pub kind: String,
    /// What it is about.
    pub payload: serde_json::Value,
    /// How many times it was begun before and did not end well (errors, and workers that died).
    pub attempts: u32,
    /// When it was put on its lane.
    pub created_at: Timestamp,
}

impl Lease {
    /// The payload as the step's own type.
    pub fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_value(self.payload.clone()).map_err(|error| StoreError::corrupt("job payload", &error))
    }
}

impl Tx {
    /// The job is done. Fails with [`StoreError::LeaseLost`] where somebody else may have it by now.
    pub async fn finish(&mut self, lease: &Lease) -> Result<(), StoreError> {
        let gone = self
            .execute(
                "DELETE FROM job WHERE id = $1 AND lease = $2",
                args![&lease.job, &lease.token],
            )
            .await?;
        self.ended(lease, gone)
    }

    /// The job goes on at `run_at`, as a new first attempt: what it waits for is progress, not failure.
    pub async fn reschedule(&mut self, lease: &Lease, run_at: Timestamp) -> Result<(), StoreError> {
        self.put_back(lease, run_at, 0).await
    }

    /// The job did not work out and is tried again at `run_at`.
    pub async fn retry(&mut self, lease: &Lease, run_at: Timestamp) -> Result<(), StoreError> {
        self.put_back(lease, run_at, lease.attempts.saturating_add(1)).await
    }

    /// The job was not begun after all (its lane was closed): the attempts stay as they were.
    pub async fn postpone(&mut self, lease: &Lease, run_at: Timestamp) -> Result<(), StoreError> {
        self.put_back(lease, run_at, lease.attempts).await
    }

    async fn put_back(&mut self, lease: &Lease, run_at: Timestamp, attempts: u32) -> Result<(), StoreError> {
        let changed = self
            .execute(
                "UPDATE job SET lease = NULL, run_at = $3, attempts = $4 WHERE id = $1 AND lease = $2",
                args![&lease.job, &lease.token, run_at, attempts],
            )
            .await?;
        self.due(lease.lane.clone(), run_at);
        self.ended(lease, changed)
    }

    fn ended(&mut self, lease: &Lease, changed: u64) -> Result<(), StoreError> {
        if changed == 0 {
            return Err(StoreError::LeaseLost);
        }
        if lease.limited {
            // A place in the lane has become free.
            let now = self.now();
            self.due(lease.lane.clone(), now);
        }
        Ok(())
    }
}

impl Store {
    /// Keeps the lease for `duration` more; false where it is lost.
    pub(super) async fn heartbeat(&self, lease: &Lease, duration: Duration) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let until = later(tx.now(), duration);
        let kept = tx
            .execute(
                "UPDATE job SET run_at = $3 WHERE id = $1 AND lease = $2",
                args![&lease.job, &lease.token, until],
            )
            .await?;
        tx.commit().await?;
        Ok(kept > 0)
    }

    /// Gives back every lease. Only for a database that certainly nobody else works on.
    pub(super) async fn break_leases(&self) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let now = tx.now();
        let lanes = tx
            .fetch_all("SELECT DISTINCT lane FROM job WHERE lease IS NOT NULL", args![])
            .await?;
        for lane in &lanes {
            tx.due(lane.get("lane")?, now);
        }
        let broken = tx
            .execute(
                "UPDATE job SET lease = NULL, run_at = $1, attempts = attempts + 1 WHERE lease IS NOT NULL",
                args![now],
            )
            .await?;
        tx.commit().await?;
        Ok(broken)
    }
}
