//! Wrong attempts by address.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use store::{Store, StoreError, Tx};

use super::{Throttled, network};
use crate::{
    app::present::{AsOf, Present, wrong_attempt_noted},
    rows,
};

/// How long a wrong attempt counts.
pub(crate) const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// More addresses than this and those whose minute is over are forgotten.
const MOST_ADDRESSES: usize = 50_000;

/// Who was wrong how often within the last minute. Only a wrong attempt is written down.
pub(crate) struct Attempts {
    what: &'static str,
    most: usize,
    store: Store,
    /// Newest at the end; unused where servers share a database.
    wrong: Mutex<HashMap<IpAddr, VecDeque<Timestamp>>>,
    present: Present,
    calm: Mutex<Calm>,
}

/// Addresses that may try for as long as the epoch stays: nobody was wrong since they were looked up.
#[derive(Default)]
struct Calm {
    epoch: i64,
    addresses: HashSet<IpAddr>,
}

impl Attempts {
    pub(super) fn new(what: &'static str, most: usize, store: Store, present: Present) -> Self {
        Self {
            what,
            most,
            store,
            present,
            wrong: Mutex::default(),
            calm: Mutex::default(),
        }
    }

    /// Whether `address` may try once more.
    pub(crate) async fn may_try<E: From<Throttled> + From<StoreError>>(&self, address: IpAddr) -> Result<(), E> {
        let as_of = self.present.now().await?;
        self.may_try_as_of(as_of, address).await
    }

    /// The same for a call that knows its present.
    pub(crate) async fn may_try_as_of<E: From<Throttled> + From<StoreError>>(
        &self,
        as_of: AsOf,
        address: IpAddr,
    ) -> Result<(), E> {
        let now = self.store.now();
        if !self.store.is_shared() {
            let tenth = self
                .here()
                .get(&network(address))
                .and_then(|times| self.oldest_that_counts(times));
            return Ok(Self::decide(tenth, now)?);
        }
        let epoch = as_of.wrong_attempts;
        if self.is_calm(address, epoch) {
            return Ok(());
        }
        // Boxed: what is seldom done must not make the way of every call a long one.
        Box::pin(async move {
            let mut read = self.store.read().await?;
            Self::decide(self.last_but_most(&mut read, address, now).await?, now)?;
            self.keep_calm(address, epoch);
            Ok(())
        })
        .await
    }

    fn is_calm(&self, address: IpAddr, epoch: i64) -> bool {
        let calm = self.calm.lock().unwrap_or_else(PoisonError::into_inner);
        calm.epoch == epoch && calm.addresses.contains(&network(address))
    }

    fn keep_calm(&self, address: IpAddr, epoch: i64) {
        let mut calm = self.calm.lock().unwrap_or_else(PoisonError::into_inner);
        if calm.epoch < epoch || calm.addresses.len() >= MOST_ADDRESSES {
            *calm = Calm {
                epoch: calm.epoch.max(epoch),
                addresses: HashSet::new(),
            };
        }
        if calm.epoch == epoch {
            calm.addresses.insert(network(address));
        }
    }

    /// `address` was wrong; refused where others of that address were wrong too often meanwhile.
    pub(crate) async fn was_wrong<E: From<Throttled> + From<StoreError>>(
        &self,
        tx: &mut Tx,
        address: IpAddr,
    ) -> Result<(), E> {
        let now = self.store.now();
        if !self.store.is_shared() {
            self.was_wrong_here(address, now);
            return Ok(());
        }
        let key = self.key(address);
        tx.lock("wrong_attempt", &key).await?;
        let tenth = self.last_but_most(tx, address, now).await?;
        Self::decide(tenth, now)?;
        rows::wrong_attempt::insert(tx, &key, now).await?;
        Ok(wrong_attempt_noted(tx).await?)
    }

    /// The same, in a transaction of its own.
    pub(crate) async fn note_wrong<E: From<Throttled> + From<StoreError>>(&self, address: IpAddr) -> Result<(), E> {
        if !self.store.is_shared() {
            self.was_wrong_here(address, self.store.now());
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        self.was_wrong::<E>(&mut tx, address).await?;
        Ok(tx.commit().await?)
    }

    async fn last_but_most(
        &self,
        tx: &mut Tx,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let since = now.saturating_sub(WINDOW).unwrap_or(Timestamp::MIN);
        let place = i64::try_from(self.most).unwrap_or(i64::MAX);
        rows::wrong_attempt::newest_but(tx, &self.key(address), since, place - 1).await
    }

    /// `tenth` is the attempt that has to be a minute old before the next one.
    fn decide(tenth: Option<Timestamp>, now: Timestamp) -> Result<(), Throttled> {
        let Some(waited) = tenth.map(|at| now.duration_since(at)).filter(|waited| *waited < WINDOW) else {
            return Ok(());
        };
        let after = Duration::try_from(WINDOW - waited).unwrap_or_default();
        Err(Throttled { after })
    }

    fn oldest_that_counts(&self, times: &VecDeque<Timestamp>) -> Option<Timestamp> {
        times
            .len()
            .checked_sub(self.most)
            .and_then(|index| times.get(index))
            .copied()
    }

    fn was_wrong_here(&self, address: IpAddr, now: Timestamp) {
        let mut wrong = self.here();
        if wrong.len() >= MOST_ADDRESSES {
            wrong.retain(|_, times| times.back().is_some_and(|at| now.duration_since(*at) < WINDOW));
        }
        if wrong.len() >= 2 * MOST_ADDRESSES {
            wrong.clear();
        }
        let times = wrong.entry(network(address)).or_default();
        times.push_back(now);
        while times.len() > self.most {
            times.pop_front();
        }
    }

    fn here(&self) -> MutexGuard<'_, HashMap<IpAddr, VecDeque<Timestamp>>> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, address: IpAddr) -> String {
        format!("{} {}", self.what, network(address))
    }
}
