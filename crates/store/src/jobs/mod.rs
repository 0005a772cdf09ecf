//! Durable work: jobs that wait on lanes, are claimed under a lease, and finish in the transaction of what they did.
//!
//! A job's `run_at` says when it is due; while it is leased, when the lease runs out. Waiting is therefore always the
//! same thing, a row with a time, and a worker that died is recovered by nobody in particular. A lane is one
//! organisation at one vendor, or one kind of inner work: its rate (GCRA) and its number of jobs in flight hold across
//! every process, because they are columns.

mod backoff;
mod claim;
mod lane;
mod lease;
mod runner;
mod turns;

use jiff::Timestamp;

pub use backoff::backoff;
pub use claim::Claimed;
pub use lane::{LaneLimits, LaneState, Pause};
pub use lease::Lease;
pub use runner::{Runner, StepError, Steps};

use crate::{StoreError, Tx, args};

/// Work to be done later, or now but not here.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What to do; the service's steps know the word.
    pub kind: &'static str,
    /// On which lane it waits. A lane that does not exist yet is made without limits.
    pub lane: String,
    /// When it is due.
    pub run_at: Timestamp,
    /// What it is about: ids, never personal values.
    pub payload: serde_json::Value,
    /// At most one waiting job has this key; a second one only moves the first one's time forward.
    pub key: Option<String>,
}

/// A job on its way into the database, and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Enqueued {
    pub(crate) job: NewJob,
    pub(crate) share: String,
}

impl Tx {
    /// Puts durable work on its lane, in this commit.
    pub fn enqueue(&mut self, job: NewJob) {
        self.enqueue_for("", job);
    }

    /// The same for one of several who use the lane together: they take turns there, however much one of them has.
    pub fn enqueue_for(&mut self, share: &str, job: NewJob) {
        let share = share.to_owned();
        self.jobs.push(Enqueued { job, share });
    }

    /// Removes the waiting or running job of this key; a running one finds its lease lost and keeps nothing.
    pub async fn cancel_job(&mut self, key: &str) -> Result<(), StoreError> {
        let gone = self
            .fetch_optional("DELETE FROM job WHERE key = $1 RETURNING lane, lease", args![key])
            .await?;
        if let Some(job) = gone
            && job.get::<Option<String>>("lease")?.is_some()
        {
            // Its place in the lane has become free.
            let now = self.now();
            self.due(job.get("lane")?, now);
        }
        Ok(())
    }

    /// Writes the jobs that were enqueued and lowers their lanes' due times; last in a transaction, so that the lane's
    /// row is held for as short as can be. Lanes are touched in the order of their names: no two commits deadlock.
    pub(crate) async fn insert_jobs(&mut self) -> Result<(), StoreError> {
        let mut jobs = std::mem::take(&mut self.jobs);
        jobs.sort_by(|a, b| a.job.lane.cmp(&b.job.lane));
        let now = self.now();
        for Enqueued { job, share } in jobs {
            let id = self.new_id().to_string();
            self.execute(
                "INSERT INTO job (id, lane, kind, key, run_at, lease, attempts, payload, created_at, share) \
                 VALUES ($1, $2, $3, $4, $5, NULL, 0, $6, $7, $8) \
                 ON CONFLICT (key) DO UPDATE SET run_at = CASE \
                 WHEN job.lease IS NULL AND job.run_at > excluded.run_at THEN excluded.run_at ELSE job.run_at END",
                args![
                    id,
                    &job.lane,
                    job.kind,
                    job.key,
                    job.run_at,
                    job.payload.to_string(),
                    now,
                    share
                ],
            )
            .await?;
            self.due(job.lane, job.run_at);
        }
        for (lane, at) in std::mem::take(&mut self.due) {
            self.lower_lane(&lane, at).await?;
        }
        Ok(())
    }

    /// Notes that `lane` has something to do at `at`.
    pub(crate) fn due(&mut self, lane: String, at: Timestamp) {
        let earliest = self.due.entry(lane).or_insert(at);
        *earliest = at.min(*earliest);
    }
}
