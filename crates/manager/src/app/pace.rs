//! Calls keep to their organisation's rate, also where one job makes several.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use rightful_http::client::{Body, Transport, TransportError};

use crate::Manager;

/// Nothing waits for its turn longer than this in the middle of its work.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// A place counts at least this long. A vendor cannot tell a finer rate from its average, for calls scatter by as much on
/// their way; and a place that is gone before it can be used would make every call take another one.
const FINEST: Duration = Duration::from_millis(50);

/// The place in its lane's rate that a piece of work has taken already and not used yet.
#[derive(Clone)]
pub(crate) struct Pace(Arc<Mutex<Option<Timestamp>>>);

impl Pace {
    /// Of a job on its organisation's lane, which was claimed just now: the claim stands for one call.
    pub(crate) fn claimed_at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Some(now))))
    }

    /// Of work that somebody asked for beside the lane.
    pub(crate) fn beside_the_lane() -> Self {
        Self(Arc::default())
    }

    /// Uses the place, if there is one and it is not too old to count.
    fn use_up(&self, now: Timestamp, interval: Duration) -> bool {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let age = taken.and_then(|taken| Duration::try_from(now.duration_since(taken)).ok());
        age.is_some_and(|age| age < interval.max(FINEST))
    }
}

/// The way out to one organisation. Beside the call that the job's claim stands for, each call takes a place of its own
/// in the lane's rate and waits for it.
pub(super) struct PacedTransport {
    manager: Manager,
    lane: String,
    interval: Duration,
    pace: Pace,
}

impl PacedTransport {
    pub(super) fn new(manager: &Manager, lane: String, interval: Duration, pace: Pace) -> Self {
        Self {
            manager: manager.clone(),
            lane,
            interval,
            pace,
        }
    }

    pub(super) fn pace(&self) -> Pace {
        self.pace.clone()
    }
}

#[async_trait::async_trait]
impl Transport for PacedTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let store = self.manager.store();
        if !self.pace.use_up(store.now(), self.interval) {
            let not_sent = |reason: &str| TransportError::NotSent {
                host: request.uri().host().unwrap_or_default().to_owned(),
                reason: reason.to_owned(),
            };
            let turn = store.take_slot(&self.lane).await;
            let turn = turn.map_err(|_| not_sent("the database failed before the call"))?;
            if turn.duration_since(store.now()) > LONGEST_WAIT {
                return Err(not_sent("its rate limit leaves no room for this call now"));
            }
            store.clock().pause_until(turn).await;
        }
        self.manager.transport().send(request).await
    }
}
