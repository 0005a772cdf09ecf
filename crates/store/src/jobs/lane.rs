//! A lane's limits and state, kept in its row.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::backoff;
use crate::{Row, Store, StoreError, Tx, args};

/// What a lane allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneLimits {
    /// The time between two jobs at the sustained rate; zero for no limit.
    pub interval: Duration,
    /// How many may start at once after a quiet time (at least 1).
    pub burst: u32,
    /// How many may be in flight at once; zero for no limit.
    pub most_in_flight: u32,
}

/// How long a lane is closed when the other side says "too many requests".
#[derive(Debug, Clone, Copy)]
pub enum Pause {
    /// It said for how long.
    For(Duration),
    /// It did not say: backoff with full jitter between `first` and `most`, doubling with each time in a row.
    Backoff {
        /// The ceiling of the first pause.
        first: Duration,
        /// The ceiling of every pause.
        most: Duration,
    },
}

/// What can be told about a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneState {
    /// Until when nothing runs on it, if that lies in the future.
    pub closed_until: Option<Timestamp>,
    /// How many times in a row it was throttled.
    pub throttled: u32,
}

impl Tx {
    /// Makes the lane, or gives it these limits.
    pub async fn set_lane(&mut self, key: &str, limits: LaneLimits) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO lane (key, due_at, closed_until, throttled, next_slot, interval_micros, burst, most_in_flight) \
             VALUES ($1, $2, 0, 0, 0, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET \
             interval_micros = excluded.interval_micros, burst = excluded.burst, most_in_flight = excluded.most_in_flight",
            args![key, i64::MAX, micros(limits.interval), limits.burst.max(1), limits.most_in_flight],
        )
        .await?;
        Ok(())
    }

    /// Closes the lane for everybody, and lets it resume one job at a time, never sooner than its rate allows. Returns
    /// until when.
    pub async fn pause_lane(&mut self, key: &str, pause: Pause) -> Result<Timestamp, StoreError> {
        let now = self.now();
        let throttled = self.lane(key).await?.map_or(0, |lane| lane.throttled);
        let wait = match pause {
            Pause::For(wait) => wait,
            Pause::Backoff { first, most } => backoff(throttled, first, most, &**self.entropy()),
        };
        let until = later(now, wait);
        self.execute(
            "UPDATE lane SET closed_until = CASE WHEN closed_until > $2 THEN closed_until ELSE $2 END, \
             throttled = throttled + 1, next_slot = CASE WHEN next_slot > $2 + (burst - 1) * interval_micros \
             THEN next_slot ELSE $2 + (burst - 1) * interval_micros END WHERE key = $1",
            args![key, until],
        )
        .await?;
        Ok(self
            .lane(key)
            .await?
            .and_then(|lane| lane.closed_until)
            .unwrap_or(until))
    }

    /// The other side answered again: the next pause starts small.
    pub async fn lane_recovered(&mut self, key: &str) -> Result<(), StoreError> {
        self.execute(
            "UPDATE lane SET throttled = 0 WHERE key = $1 AND throttled > 0",
            args![key],
        )
        .await?;
        Ok(())
    }

    /// The lane's state, if there is such a lane.
    pub async fn lane(&mut self, key: &str) -> Result<Option<LaneState>, StoreError> {
        let now = self.now();
        let row = self
            .fetch_optional("SELECT closed_until, throttled FROM lane WHERE key = $1", args![key])
            .await?;
        row.map(|row| {
            let closed_until: Timestamp = row.get("closed_until")?;
            let throttled = u32::try_from(row.get::<i64>("throttled")?).unwrap_or(u32::MAX);
            Ok(LaneState {
                closed_until: (closed_until > now).then_some(closed_until),
                throttled,
            })
        })
        .transpose()
    }

    /// The lane has something to do at `at`, or earlier.
    pub(crate) async fn lower_lane(&mut self, key: &str, at: Timestamp) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO lane (key, due_at, closed_until, throttled, next_slot, interval_micros, burst, most_in_flight) \
             VALUES ($1, $2, 0, 0, 0, 0, 1, 0) ON CONFLICT (key) DO UPDATE SET \
             due_at = CASE WHEN lane.due_at > excluded.due_at THEN excluded.due_at ELSE lane.due_at END",
            args![key, at],
        )
        .await?;
        Ok(())
    }
}

impl Store {
    /// Takes one more place in the lane's rate, for a job that makes more calls than the one that its claim stands for.
    /// Returns when the call may be made: now, or soon.
    pub async fn take_slot(&self, key: &str) -> Result<Timestamp, StoreError> {
        let mut tx = self.write().await?;
        let now = tx.now();
        // The claim of a job takes the place of the interval that begins at `next_slot`, `burst - 1` intervals ahead.
        let row = tx
            .fetch_optional(
                "UPDATE lane SET next_slot = CASE WHEN next_slot > $2 THEN next_slot ELSE $2 END + interval_micros \
                 WHERE key = $1 AND interval_micros > 0 RETURNING next_slot - burst * interval_micros AS free_at",
                args![key, now],
            )
            .await?;
        tx.commit().await?;
        let free_at = row.map(|row| row.get::<Timestamp>("free_at")).transpose()?;
        Ok(free_at.map_or(now, |free_at| free_at.max(now)))
    }
}

/// A lane's row, as claiming needs it.
pub(super) struct Lane {
    pub(super) key: String,
    pub(super) closed_until: i64,
    pub(super) most_in_flight: i64,
    /// Who had the last turn.
    pub(super) turn: String,
    next_slot: i64,
    interval: i64,
    burst: i64,
}

impl Lane {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            key: row.get("key")?,
            closed_until: row.get("closed_until")?,
            most_in_flight: row.get("most_in_flight")?,
            turn: row.get("turn")?,
            next_slot: row.get("next_slot")?,
            interval: row.get("interval_micros")?,
            burst: row.get("burst")?,
        })
    }

    /// How many jobs the rate allows at `now` (generic cell rate algorithm).
    pub(super) fn allowance(&self, now: i64) -> i64 {
        if self.interval <= 0 {
            return i64::MAX;
        }
        let used_up_to = self.next_slot.max(now);
        let room = now
            .saturating_add(self.burst.saturating_mul(self.interval))
            .saturating_sub(used_up_to);
        (room / self.interval).max(0)
    }

    /// Takes `count` slots.
    pub(super) fn take(&mut self, count: i64, now: i64) {
        if self.interval > 0 {
            self.next_slot = self
                .next_slot
                .max(now)
                .saturating_add(count.saturating_mul(self.interval));
        }
    }

    /// When the rate allows one more.
    pub(super) fn next_allowed(&self) -> i64 {
        if self.interval <= 0 {
            return i64::MIN;
        }
        self.next_slot
            .saturating_sub((self.burst - 1).saturating_mul(self.interval))
    }

    pub(super) fn next_slot(&self) -> i64 {
        self.next_slot
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

pub(super) fn later(now: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| now.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}
