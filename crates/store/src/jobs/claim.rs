//! Taking a batch of due jobs.

use std::time::Duration;

use base64::Engine as _;
use jiff::Timestamp;

use super::{
    Lease,
    lane::{Lane, later},
};
use crate::{Store, StoreError, Tx, args, store::Backend};

/// How many lanes one claim looks at.
const LANES: i64 = 32;

/// What a claim brought.
#[derive(Debug)]
pub struct Claimed {
    /// The jobs to carry out now.
    pub leases: Vec<Lease>,
    /// When a lane is next due, if any is; looked up only where there was nothing to claim.
    pub next_due: Option<Timestamp>,
}

impl Store {
    /// Claims up to `most` due jobs for `duration`, the lanes that waited longest first, within every lane's limits.
    pub async fn claim(&self, most: usize, duration: Duration) -> Result<Claimed, StoreError> {
        // Nearly always there is nothing to do, and then nobody needs to write.
        let next_due = self.next_due().await?;
        if next_due.is_none_or(|at| at > self.now()) {
            return Ok(Claimed {
                leases: Vec::new(),
                next_due,
            });
        }
        let mut tx = self.write().await?;
        let now = tx.now();
        let sql = match self.backend() {
            Backend::Sqlite(_) => "SELECT * FROM lane WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
            Backend::Postgres(_) => {
                "SELECT * FROM lane WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED"
            }
        };
        let mut leases = Vec::new();
        for row in tx.fetch_all(sql, args![now, LANES]).await? {
            let room = most.saturating_sub(leases.len());
            if room == 0 {
                break;
            }
            tx.claim_from(Lane::from_row(&row)?, room, duration, &mut leases)
                .await?;
        }
        tx.commit().await?;
        let next_due = if leases.is_empty() {
            self.next_due().await?
        } else {
            None
        };
        Ok(Claimed { leases, next_due })
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut read = self.read().await?;
        let row = read
            .fetch_one("SELECT MIN(due_at) AS due_at FROM lane", args![])
            .await?;
        let due: Option<i64> = row.get("due_at")?;
        Ok(due
            .filter(|due| *due < i64::MAX)
            .and_then(|due| Timestamp::from_microsecond(due).ok()))
    }
}

impl Tx {
    async fn claim_from(
        &mut self,
        mut lane: Lane,
        room: usize,
        duration: Duration,
        leases: &mut Vec<Lease>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let micros = now.as_microsecond();
        if lane.closed_until > micros {
            return self.set_due(&lane, lane.closed_until).await;
        }
        let mut allowed = lane.allowance(micros).min(i64::try_from(room).unwrap_or(i64::MAX));
        let limited = lane.most_in_flight > 0;
        if limited {
            let flying = self
                .fetch_one(
                    "SELECT COUNT(*) AS flying FROM job WHERE lane = $1 AND lease IS NOT NULL AND run_at > $2",
                    args![&lane.key, now],
                )
                .await?;
            allowed = allowed.min(lane.most_in_flight - flying.get::<i64>("flying")?);
        }
        if allowed > 0 {
            let token =
                base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(vault::random_bytes::<16>(&**self.entropy()));
            let mut number = 0;
            let before = self.turns(&lane.key).await?;
            for (share, places) in self.deal(&before, &lane.key, &lane.turn, micros, allowed).await? {
                let rows = self
                    .fetch_all(
                        "UPDATE job SET attempts = attempts + CASE WHEN lease IS NULL THEN 0 ELSE 1 END, \
                         lease = $2, run_at = $3 WHERE id IN (SELECT id FROM job \
                         WHERE lane = $1 AND share = $6 AND run_at <= $4 ORDER BY run_at LIMIT $5) \
                         RETURNING id, kind, payload, attempts, created_at",
                        args![&lane.key, &token, later(now, duration), now, places, &share],
                    )
                    .await?;
                lane.turn = share;
                number += rows.len();
                for row in rows {
                    leases.push(Lease {
                        job: row.get("id")?,
                        token: token.clone(),
                        limited,
                        lane: lane.key.clone(),
                        kind: row.get("kind")?,
                        payload: row.json("payload")?,
                        attempts: u32::try_from(row.get::<i64>("attempts")?).unwrap_or(u32::MAX),
                        created_at: row.get("created_at")?,
                    });
                }
            }
            lane.take(i64::try_from(number).unwrap_or(i64::MAX), micros);
        }
        let due = match self.turns(&lane.key).await?.next() {
            None => i64::MAX,
            // Full: the next place is free when a lease ends, which its finish says, or when one runs out.
            Some(next) if allowed <= 0 && limited && lane.next_allowed() <= micros => {
                self.first_lease_end(&lane.key).await?.unwrap_or(next)
            }
            // Behind every lane that has waited since before now.
            Some(next) => next.max(lane.next_allowed()).max(micros),
        };
        self.set_due(&lane, due).await
    }

    async fn first_lease_end(&mut self, lane: &str) -> Result<Option<i64>, StoreError> {
        self.fetch_one(
            "SELECT MIN(run_at) AS ends FROM job WHERE lane = $1 AND lease IS NOT NULL",
            args![lane],
        )
        .await?
        .get("ends")
    }

    async fn set_due(&mut self, lane: &Lane, due: i64) -> Result<(), StoreError> {
        self.execute(
            "UPDATE lane SET due_at = $2, next_slot = $3, turn = $4 WHERE key = $1",
            args![&lane.key, due, lane.next_slot(), &lane.turn],
        )
        .await?;
        Ok(())
    }
}
