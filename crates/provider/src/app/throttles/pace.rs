//! How fast one caller may come (generic cell rate algorithm).
//!
//! Where several servers share a database, the allowance is a row there, and each server takes from it in small
//! portions, a tenth of a second's worth, so that a fast account costs few writes. An embedded database has one server,
//! which counts in memory.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rightful_http::settings::Rate;
use store::{Store, StoreError};

use super::Throttled;
use crate::rows;

/// More callers than this and those who have rested are forgotten.
const MOST_CALLERS: usize = 50_000;
/// Every so many portions, rows of callers who have rested are removed.
const SWEEP_EVERY: u64 = 5_000;

/// What is left to a caller after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// How many calls may come at once after a rest.
    pub(crate) limit: u32,
    /// How many may come now.
    pub(crate) remaining: u32,
    /// When all of them may come again.
    pub(crate) whole_in: Duration,
}

/// The pace of each caller.
pub(crate) struct Pace {
    store: Store,
    interval: i64,
    burst: i64,
    portion: i64,
    callers: Mutex<Callers>,
}

#[derive(Default)]
struct Callers {
    known: HashMap<String, Caller>,
    portions: u64,
}

#[derive(Debug, Clone, Default)]
struct Caller {
    /// Until when the allowance is spent, as far as this server knows; in microseconds.
    spent_until: i64,
    /// Calls taken from the row and not used yet, and until when they may be.
    in_hand: i64,
    in_hand_until: i64,
    /// One portion is fetched at a time: calls that come together share it, and none takes more than it needs.
    fetching: Arc<tokio::sync::Mutex<()>>,
}

impl Pace {
    /// As many at once as `burst` says, and then at `rate`.
    pub(crate) fn new(rate: Rate, burst: NonZeroU32, store: Store) -> Self {
        let interval = i64::try_from(rate.interval().as_micros()).unwrap_or(i64::MAX).max(1);
        let burst = i64::from(burst.get());
        Self {
            store,
            interval,
            burst,
            portion: (100_000 / interval).clamp(1, (burst / 4).max(1)),
            callers: Mutex::default(),
        }
    }

    /// Takes one call of `key`.
    pub(crate) async fn take(&self, key: &str) -> Result<Result<Allowance, Throttled>, StoreError> {
        let now = self.store.now().as_microsecond();
        if !self.store.is_shared() {
            return Ok(self.take_here(key, now));
        }
        if let Some(known) = self.take_in_hand(key, now) {
            return Ok(known);
        }
        // Boxed: what is seldom done must not make the way of every call a long one.
        Box::pin(self.fetch(key, now)).await
    }

    /// Takes one call of `key` from a portion that is fetched from the row they share.
    async fn fetch(&self, key: &str, now: i64) -> Result<Result<Allowance, Throttled>, StoreError> {
        let fetching = Arc::clone(&self.callers().at(key, now).fetching);
        let _fetching = fetching.lock().await;
        if let Some(known) = self.take_in_hand(key, now) {
            return Ok(known);
        }
        let sweep = {
            let mut callers = self.callers();
            callers.portions += 1;
            callers.portions.is_multiple_of(SWEEP_EVERY)
        };
        let mut tx = self.store.write().await?;
        if sweep {
            rows::rate_limit::sweep(&mut tx).await?;
        }
        let (granted, spent_until) =
            rows::rate_limit::spend(&mut tx, key, self.portion, self.interval, self.burst).await?;
        tx.commit().await?;

        let mut callers = self.callers();
        let caller = callers.at(key, now);
        caller.spent_until = caller.spent_until.max(spent_until);
        if granted == 0 {
            return Ok(Err(self.throttled(caller.spent_until, now)));
        }
        caller.in_hand = granted - 1;
        caller.in_hand_until = now.saturating_add(granted.saturating_mul(self.interval));
        Ok(Ok(self.allowance(caller, now)))
    }

    /// Without the database: from what this server has in hand, or a refusal that is certain.
    fn take_in_hand(&self, key: &str, now: i64) -> Option<Result<Allowance, Throttled>> {
        let mut callers = self.callers();
        let caller = callers.at(key, now);
        if caller.in_hand > 0 && now < caller.in_hand_until {
            caller.in_hand -= 1;
            return Some(Ok(self.allowance(caller, now)));
        }
        // Other servers can only have spent more.
        (self.room(caller.spent_until, now) < 1).then(|| Err(self.throttled(caller.spent_until, now)))
    }

    fn take_here(&self, key: &str, now: i64) -> Result<Allowance, Throttled> {
        let mut callers = self.callers();
        let caller = callers.at(key, now);
        if self.room(caller.spent_until, now) < 1 {
            return Err(self.throttled(caller.spent_until, now));
        }
        caller.spent_until = caller.spent_until.max(now).saturating_add(self.interval);
        Ok(self.allowance(caller, now))
    }

    fn room(&self, spent_until: i64, now: i64) -> i64 {
        let whole = now.saturating_add(self.burst.saturating_mul(self.interval));
        whole.saturating_sub(spent_until.max(now)) / self.interval
    }

    fn throttled(&self, spent_until: i64, now: i64) -> Throttled {
        let free_at = spent_until.saturating_sub((self.burst - 1).saturating_mul(self.interval));
        Throttled {
            after: Duration::from_micros(free_at.saturating_sub(now).max(1).unsigned_abs()),
        }
    }

    fn allowance(&self, caller: &Caller, now: i64) -> Allowance {
        let remaining = (self.room(caller.spent_until, now) + caller.in_hand).clamp(0, self.burst);
        Allowance {
            limit: u32::try_from(self.burst).unwrap_or(u32::MAX),
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            whole_in: Duration::from_micros(caller.spent_until.saturating_sub(now).max(0).unsigned_abs()),
        }
    }

    fn callers(&self) -> MutexGuard<'_, Callers> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Callers {
    fn at(&mut self, key: &str, now: i64) -> &mut Caller {
        if self.known.len() >= MOST_CALLERS && !self.known.contains_key(key) {
            self.known.retain(|_, caller| caller.spent_until > now);
            if self.known.len() >= 2 * MOST_CALLERS {
                self.known.clear();
            }
        }
        self.known.entry(key.to_owned()).or_default()
    }
}
