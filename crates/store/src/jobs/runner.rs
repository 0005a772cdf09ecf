//! Carrying jobs out.

use std::{fs::File, panic::AssertUnwindSafe, path::PathBuf, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use jiff::SignedDuration;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

use super::{Claimed, Lease, backoff, lane::later};
use crate::{Store, StoreError, store::Backend};

/// How long a lease lasts without a heartbeat: what a worker's death costs at most.
const LEASE: Duration = Duration::from_secs(15);
/// How often a running job renews its lease.
const HEARTBEAT: SignedDuration = SignedDuration::from_secs(5);
/// How long running jobs may take to end when the process is asked to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// What a service does for each kind of job.
#[async_trait::async_trait]
pub trait Steps: Send + Sync + 'static {
    /// Carries out one job: at most one outside effect, then one transaction that records it and ends the lease
    /// ([`crate::Tx::finish`], [`crate::Tx::reschedule`]). An error puts the job back with a growing delay.
    async fn run(&self, lease: &Lease) -> Result<(), StepError>;
}

/// Why a job could not be carried out this time.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else; it will be tried again.
    #[error("{0}")]
    Failed(String),
}

/// Claims due jobs and carries them out.
#[derive(Clone)]
pub struct Runner {
    store: Store,
    steps: Arc<dyn Steps>,
    concurrency: usize,
}

impl Runner {
    /// A runner that carries out at most `concurrency` jobs at once.
    pub fn new(store: Store, steps: Arc<dyn Steps>, concurrency: usize) -> Self {
        Self {
            store,
            steps,
            concurrency,
        }
    }

    /// Works until `stop` fires; then lets running jobs end.
    pub async fn run(self, stop: CancellationToken) -> Result<(), StoreError> {
        let _presence = self.announce().await?;
        let mut listener = self.store.listener().await;
        let places = Arc::new(Semaphore::new(self.concurrency));
        let tracker = TaskTracker::new();
        // Other processes on the same SQLite file can't wake us; PostgreSQL's notice may be lost with a connection.
        let slow_poll = match self.store.backend() {
            Backend::Sqlite(_) => Duration::from_secs(1),
            Backend::Postgres(_) => Duration::from_secs(15),
        };
        while !stop.is_cancelled() {
            let free = tokio::select! {
                () = stop.cancelled() => break,
                place = places.acquire() => {
                    drop(place);
                    places.available_permits()
                }
            };
            let claimed = match self.store.claim(free, LEASE).await {
                Ok(claimed) => claimed,
                Err(StoreError::Crashed) => return Err(StoreError::Crashed),
                Err(error) => {
                    warn!(
                        error = &error as &dyn std::error::Error,
                        "jobs could not be claimed, will try again"
                    );
                    Claimed {
                        leases: Vec::new(),
                        next_due: None,
                    }
                }
            };
            let idle = claimed.leases.is_empty();
            for lease in claimed.leases {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                    break;
                };
                let runner = self.clone();
                tracker.spawn(async move {
                    runner.carry_out(lease).await;
                    drop(place);
                });
            }
            if !idle {
                continue;
            }
            let now = self.store.now();
            let latest = later(now, slow_poll);
            let until = claimed.next_due.map_or(latest, |due| due.min(latest));
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.store.woken() => {}
                () = heard(listener.as_mut()) => {}
                () = self.store.clock().sleep_until(until) => {}
            }
        }
        tracker.close();
        if tokio::time::timeout(FAREWELL, tracker.wait()).await.is_err() {
            warn!("jobs that did not end in time will be taken up again");
        }
        Ok(())
    }

    /// Carries out, one after the other, everything that is due now and that this makes due now. For tests and `--once`.
    pub async fn drain(&self) -> Result<usize, StoreError> {
        let mut done = 0;
        loop {
            let claimed = self.store.claim(1, LEASE).await?;
            if claimed.leases.is_empty() {
                if claimed.next_due.is_some_and(|due| due <= self.store.now()) {
                    continue;
                }
                return Ok(done);
            }
            for lease in claimed.leases {
                self.carry_out(lease).await;
                done += 1;
            }
            if self.store.has_crashed() {
                return Err(StoreError::Crashed);
            }
        }
    }

    /// Claims the one job that has waited longest, if any is due: [`Runner::run`] in pieces, for a simulation that decides
    /// what goes on at the same time. What is claimed is carried out by [`Runner::carry_out`].
    pub async fn claim_one(&self) -> Result<Claimed, StoreError> {
        self.store.claim(1, LEASE).await
    }

    /// Renews a lease, as a running job does by itself; false where it is lost.
    pub async fn renew(&self, lease: &Lease) -> Result<bool, StoreError> {
        self.store.heartbeat(lease, LEASE).await
    }

    /// Carries a claimed job out; an error puts it back with a growing delay.
    pub async fn carry_out(&self, lease: Lease) {
        debug!(job.kind = lease.kind, job.attempts = lease.attempts, "job begins");
        let step = AssertUnwindSafe(self.steps.run(&lease)).catch_unwind();
        // Side by side: a heartbeat may have to wait for the step's own transaction, which must go on meanwhile.
        let outcome = tokio::select! {
            biased;
            outcome = step => outcome,
            () = self.keep_alive(&lease) => Ok(Err(StepError::Store(StoreError::LeaseLost))),
        };
        let error = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(StepError::Store(StoreError::LeaseLost | StoreError::Crashed))) => {
                debug!(job.kind = lease.kind, "job was taken over, nothing of it is kept");
                return;
            }
            Ok(Err(error)) => error,
            Err(_) => StepError::Failed("it panicked".to_owned()),
        };
        warn!(
            job.kind = lease.kind,
            job.attempts = lease.attempts,
            error = &error as &dyn std::error::Error,
            "job failed, will be tried again"
        );
        if let Err(error) = self.put_back(&lease).await {
            // The lease runs out by itself.
            debug!(error = &error as &dyn std::error::Error, "a job could not be put back");
        }
    }

    /// Renews the lease for as long as it is ours; returns when it is not.
    async fn keep_alive(&self, lease: &Lease) {
        loop {
            let beat = self.store.now().saturating_add(HEARTBEAT);
            self.store
                .clock()
                .sleep_until(beat.unwrap_or(jiff::Timestamp::MAX))
                .await;
            match self.store.heartbeat(lease, LEASE).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => warn!(error = &error as &dyn std::error::Error, "a lease could not be renewed"),
            }
        }
    }

    async fn put_back(&self, lease: &Lease) -> Result<(), StoreError> {
        let wait = backoff(
            lease.attempts,
            Duration::from_millis(200),
            Duration::from_mins(15),
            &**self.store.entropy(),
        );
        let mut tx = self.store.write().await?;
        let at = later(tx.now(), wait);
        tx.retry(lease, at).await?;
        tx.commit().await
    }

    /// Takes up at once what a dead process left, where it is certain that no other one works on the database: every
    /// runner on an SQLite file holds a shared lock beside it, so the one that gets it alone knows.
    async fn announce(&self) -> Result<Option<File>, StoreError> {
        let Some(path) = self.presence_path() else {
            return Ok(None);
        };
        let Ok(file) = File::options().create(true).append(true).open(&path) else {
            return Ok(None);
        };
        if file.try_lock().is_ok() {
            let broken = self.store.break_leases().await?;
            if broken > 0 {
                tracing::info!(jobs = broken, "took up the jobs of a process that died");
            }
            file.unlock().ok();
        }
        let shared = tokio::task::spawn_blocking(move || file.lock_shared().map(|()| file)).await;
        Ok(shared.ok().and_then(Result::ok))
    }

    fn presence_path(&self) -> Option<PathBuf> {
        match self.store.backend() {
            Backend::Sqlite(sqlite) => Some(sqlite.path.with_extension("workers")),
            Backend::Postgres(_) => None,
        }
    }
}

async fn heard(listener: Option<&mut sqlx::postgres::PgListener>) {
    match listener {
        // A broken connection is opened again by the listener; what was said meanwhile the slow poll finds.
        Some(listener) => {
            if listener.recv().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        None => std::future::pending().await,
    }
}
