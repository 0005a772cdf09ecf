//! Waiting jobs: what one more costs when a million wait already.
//!
//! Each size is measured in a process of its own, so that its memory is its own.

use std::{
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    OpenStore, Store, SystemClock, args,
    jobs::{LaneLimits, Lease, Runner, StepError, Steps},
};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use vault::SystemEntropy;

use crate::{process, report::Report};

/// The lane of the one connection that they all wait for.
const LANE: &str = "connection:bench";
/// How many come due at once.
const DUE: usize = 4_000;
/// How many are carried out at once.
const AT_ONCE: usize = 32;
/// The rate that polls have to hold, a second.
const RATE: u32 = 500;

/// What one size came to.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    /// Jobs a second without a rate.
    per_second: f64,
    /// Processor time of a job, in microseconds.
    processor: f64,
    /// The same for a commit of one changed row, the least that a durable job can cost.
    limit: f64,
    /// A claim of a full batch: the median, and the longest of 100, in milliseconds.
    claim_median: f64,
    claim_longest: f64,
    /// The achieved part of [`RATE`].
    rate: f64,
    /// The most memory held while working, in MiB.
    memory: f64,
}

/// Measures each size, and reports them beside the first.
pub(crate) async fn measure(database: Option<&str>, sizes: &[usize], report: &mut Report) -> Result<()> {
    let mut first = None;
    for size in sizes {
        let measured = in_a_process(database, *size).await?;
        let beside = *first.get_or_insert(measured.processor);
        report.note(&format!("{size} jobs wait"), "");
        for (name, value) in [
            ("jobs a second, 32 at once", format!("{:.0}", measured.per_second)),
            ("CPU us a job", format!("{:.0}", measured.processor)),
            ("  beside the first size", format!("{:.2}", measured.processor / beside)),
            (
                "  beside a one-row commit",
                format!("{:.2}", measured.processor / measured.limit),
            ),
            ("claim of 32, median ms", format!("{:.2}", measured.claim_median)),
            ("claim of 32, p99 ms", format!("{:.2}", measured.claim_longest)),
            ("part of a rate of 500/s kept", format!("{:.3}", measured.rate)),
            ("peak MiB", format!("{:.0}", measured.memory)),
        ] {
            report.note(&format!("  {name}"), &value);
        }
    }
    Ok(())
}

async fn in_a_process(database: Option<&str>, size: usize) -> Result<Measured> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--waiting-jobs").arg(size.to_string());
    if let Some(database) = database {
        command.args(["--database", database]);
    }
    let output = command.stderr(Stdio::inherit()).output().await?;
    ensure!(output.status.success(), "the measurement of {size} waiting jobs failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Measures one size and says the outcome on standard output.
#[expect(clippy::print_stdout, reason = "the parent process reads it")]
pub(crate) async fn measure_here(database: Option<&str>, size: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = open(folder.path(), database).await?;
    fill(&store, size).await?;

    let claims = claims(&store).await?;
    let limit = one_row_commits(&store).await?;
    make_due(&store).await?;
    let (used, begun) = (process::own_processor_time(), Instant::now());
    work(&store, DUE).await?;
    let elapsed = begun.elapsed();
    let processor = process::own_processor_time().saturating_sub(used);

    let measured = Measured {
        per_second: DUE as f64 / elapsed.as_secs_f64(),
        processor: processor.as_secs_f64() * 1e6 / DUE as f64,
        limit,
        claim_median: millis(&claims, 50),
        claim_longest: millis(&claims, 99),
        rate: rate(&store).await?,
        memory: process::own_peak_memory().unwrap_or_default(),
    };
    println!("{}", json!(measured));
    store.close().await;
    Ok(())
}

async fn open(folder: &Path, database: Option<&str>) -> Result<Store> {
    let file = store::sqlite_url(folder, "bench");
    let store = Store::open(OpenStore {
        url: database.unwrap_or(&file),
        schema: &format!("bench_{}", std::process::id()),
        migrations: &[],
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        crash_points: None,
    })
    .await?;
    Ok(store)
}

/// `size` jobs that are due within the next day and an hour, in no order.
async fn fill(store: &Store, size: usize) -> Result<()> {
    let mut tx = store.write().await?;
    let soon = tx.now().saturating_add(SignedDuration::from_hours(1))?;
    let step = 86_400_000_000 / i64::try_from(size)?;
    // 7919 is a prime: every time occurs once, far from its neighbours' rows.
    tx.execute_many(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
         INSERT INTO job (id, lane, kind, key, run_at, lease, attempts, payload, created_at) \
         SELECT 'job-' || CAST(10000000 + i AS TEXT), $2, 'poll', 'task:' || CAST(10000000 + i AS TEXT), \
         $3 + ((i * 7919) % $1) * $4, NULL, 0, '{\"task\":\"0191e0a4-0000-7000-8000-000000000000\"}', $3 FROM n",
        args![i64::try_from(size)?, LANE, soon, step],
    )
    .await?;
    tx.set_lane(LANE, LaneLimits::default()).await?;
    if store.is_shared() {
        // As autovacuum does by itself a little later.
        tx.execute("ANALYZE job", args![]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Makes [`DUE`] of them due now.
async fn make_due(store: &Store) -> Result<()> {
    let mut tx = store.write().await?;
    let now = tx.now();
    let due = i64::try_from(DUE)?;
    tx.execute_many(
        "UPDATE job SET run_at = $1, lease = NULL WHERE id IN (SELECT id FROM job ORDER BY id LIMIT $2)",
        args![now, due],
    )
    .await?;
    tx.execute(
        "UPDATE lane SET due_at = $2, next_slot = 0 WHERE key = $1",
        args![LANE, now],
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// How long a claim takes that brings a full batch, sorted.
async fn claims(store: &Store) -> Result<Vec<Duration>> {
    make_due(store).await?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        let claimed = store.claim(AT_ONCE, Duration::from_mins(1)).await?;
        times.push(begun.elapsed());
        ensure!(
            claimed.leases.len() == AT_ONCE,
            "a claim brought {}",
            claimed.leases.len()
        );
    }
    times.sort_unstable();
    Ok(times)
}

fn millis(sorted: &[Duration], percent: usize) -> f64 {
    let at = sorted.get(sorted.len() * percent / 100).or(sorted.last());
    at.copied().unwrap_or_default().as_secs_f64() * 1000.0
}

/// Processor time of a commit that changes one row, by as many tasks at once, in microseconds.
async fn one_row_commits(store: &Store) -> Result<f64> {
    let used = process::own_processor_time();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..AT_ONCE {
        let store = store.clone();
        writers.spawn(async move {
            for n in 0..DUE / AT_ONCE {
                let mut tx = store.write().await?;
                let id = format!("job-{}", 10_000_001 + writer * (DUE / AT_ONCE) + n);
                tx.execute("UPDATE job SET attempts = 0, lease = NULL WHERE id = $1", args![id])
                    .await?;
                tx.commit().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(written) = writers.join_next().await {
        written??;
    }
    let used = process::own_processor_time().saturating_sub(used);
    Ok(used.as_secs_f64() * 1e6 / DUE as f64)
}

/// Puts each job off, as a poll does that finds the vendor still at work.
struct PutOff {
    store: Store,
    left: AtomicUsize,
    done: CancellationToken,
}

#[async_trait::async_trait]
impl Steps for PutOff {
    async fn run(&self, lease: &Lease) -> Result<(), StepError> {
        let mut tx = self.store.write().await?;
        let later = tx
            .now()
            .saturating_add(SignedDuration::from_hours(1))
            .unwrap_or(tx.now());
        tx.reschedule(lease, later).await?;
        tx.commit().await?;
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.done.cancel();
        }
        Ok(())
    }
}

/// Carries out `count` jobs.
async fn work(store: &Store, count: usize) -> Result<()> {
    let done = CancellationToken::new();
    let steps = PutOff {
        store: store.clone(),
        left: AtomicUsize::new(count),
        done: done.clone(),
    };
    let runner = Runner::new(store.clone(), Arc::new(steps), AT_ONCE);
    let worked = tokio::time::timeout(Duration::from_mins(2), runner.run(done)).await;
    worked.context("the due jobs were not carried out within two minutes")??;
    Ok(())
}

/// Which part of its rate a lane achieves while so many wait.
async fn rate(store: &Store) -> Result<f64> {
    make_due(store).await?;
    let mut tx = store.write().await?;
    let limits = LaneLimits {
        interval: Duration::from_secs(1) / RATE,
        burst: 10,
        most_in_flight: 0,
    };
    tx.set_lane(LANE, limits).await?;
    tx.commit().await?;
    let begun = Instant::now();
    work(store, 2_000).await?;
    Ok((2_000.0 - 10.0) / begun.elapsed().as_secs_f64() / f64::from(RATE))
}
