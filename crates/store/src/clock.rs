//! What time it is, and waiting until it is later.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Time, passed in everywhere, so that tests and simulations live through weeks without sleeping.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + 'static {
    /// This instant, in microseconds at best (what the database keeps).
    fn now(&self) -> Timestamp;

    /// Returns once `now()` has reached `instant`.
    async fn sleep_until(&self, instant: Timestamp);

    /// The same in the middle of a piece of work, of which nothing else goes on meanwhile. A simulation lets others come
    /// between here.
    async fn pause_until(&self, instant: Timestamp) {
        self.sleep_until(instant).await;
    }
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait::async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one clock that everything else asks"
    )]
    fn now(&self) -> Timestamp {
        truncate(Timestamp::now())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one clock that everything else asks"
    )]
    async fn sleep_until(&self, instant: Timestamp) {
        // The wall clock may be set while we sleep: look again at least once a minute.
        while let Ok(wait) = Duration::try_from(instant.duration_since(self.now())) {
            if wait.is_zero() {
                return;
            }
            tokio::time::sleep(wait.min(Duration::from_mins(1))).await;
        }
    }
}

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub struct VirtualClock {
    now: Mutex<Timestamp>,
    moved: watch::Sender<()>,
}

impl VirtualClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new(truncate(now)),
            moved: watch::channel(()).0,
        })
    }

    /// Moves the clock by `by` (it may go backwards, as a real one does) and wakes whoever waits.
    pub fn advance(&self, by: SignedDuration) {
        let later = self.now().saturating_add(by).unwrap_or(Timestamp::MAX);
        self.set(later);
    }

    /// Sets the clock and wakes whoever waits.
    pub fn set(&self, instant: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = truncate(instant);
        self.moved.send_replace(());
    }
}

#[async_trait::async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep_until(&self, instant: Timestamp) {
        let mut moved = self.moved.subscribe();
        while self.now() < instant {
            // The sender lives in `self`, so the channel cannot close under us.
            if moved.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Microseconds are what the database keeps; finer time would not survive a round trip.
fn truncate(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
