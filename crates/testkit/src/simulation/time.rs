//! One time for the world, and clocks that show it more or less right.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use store::Clock;

use super::gate;

/// What time it really is. It moves only when the simulation moves it, and only forwards.
#[derive(Debug, Clone)]
pub(super) struct WorldTime(Arc<AtomicI64>);

impl WorldTime {
    pub(super) fn at(instant: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(instant.as_microsecond())))
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn set(&self, instant: Timestamp) {
        self.0.fetch_max(instant.as_microsecond(), Ordering::SeqCst);
    }
}

/// A service's clock: off by some time, which changes when somebody sets it.
#[derive(Debug)]
pub(super) struct ServiceClock {
    world: WorldTime,
    ahead: AtomicI64,
}

impl ServiceClock {
    pub(super) fn new(world: &WorldTime, ahead: SignedDuration) -> Arc<Self> {
        Arc::new(Self {
            world: world.clone(),
            ahead: AtomicI64::new(micros(ahead)),
        })
    }

    /// Somebody sets it forwards or backwards.
    pub(super) fn set_by(&self, by: SignedDuration) {
        self.ahead.fetch_add(micros(by), Ordering::SeqCst);
    }

    /// What time it really is when this clock shows `shown`.
    pub(super) fn world_time(&self, shown: Timestamp) -> Timestamp {
        later(shown, SignedDuration::from_micros(-self.ahead.load(Ordering::SeqCst)))
    }
}

#[async_trait::async_trait]
impl Clock for ServiceClock {
    fn now(&self) -> Timestamp {
        later(
            self.world.now(),
            SignedDuration::from_micros(self.ahead.load(Ordering::SeqCst)),
        )
    }

    /// Never: what waits in the services are leases that renew themselves and limits on how long a download takes. The
    /// simulation renews leases itself, and all other waiting is a row with a time.
    async fn sleep_until(&self, _: Timestamp) {
        std::future::pending::<()>().await;
    }

    async fn pause_until(&self, instant: Timestamp) {
        if instant > self.now() {
            gate::pause(Some(self.world_time(instant))).await;
        }
    }
}

pub(super) fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn micros(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
