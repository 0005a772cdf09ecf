//! Waiting until a request changes.

use jiff::{SignedDuration, Timestamp};
use store::StoreError;
use tokio::sync::broadcast;

use crate::{Manager, RequestId, rows};

/// How often a waiting reader looks for what other processes have changed.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// Tells waiting readers of this process which request has changed.
pub(crate) struct Changes(broadcast::Sender<RequestId>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Changes {
    /// The request has changed, and the change is committed.
    pub(crate) fn tell(&self, id: RequestId) {
        // Nobody may be waiting.
        self.0.send(id).ok();
    }
}

impl Manager {
    /// Waits until the request's version is another one than `known`, or until `deadline`. The signal within this
    /// process only makes it quick; what counts is what the database says.
    pub async fn wait_for_change(
        &self,
        id: RequestId,
        known: Option<i64>,
        deadline: Timestamp,
    ) -> Result<(), StoreError> {
        let mut changes = self.changes().0.subscribe();
        let mut known = known;
        loop {
            let version = rows::request::version(&mut self.store().read().await?, id).await?;
            let now = self.now();
            // Without a version to compare with, the next change after the question is waited for.
            let is_other = known.is_some() && known != version;
            if version.is_none() || is_other || now >= deadline {
                return Ok(());
            }
            known = version;
            let look_again = now.saturating_add(LOOK_EVERY).map_or(deadline, |at| at.min(deadline));
            tokio::select! {
                () = told(&mut changes, id) => {}
                () = self.store().clock().sleep_until(look_again) => {}
            }
        }
    }
}

async fn told(changes: &mut broadcast::Receiver<RequestId>, id: RequestId) {
    loop {
        match changes.recv().await {
            Ok(other) if other != id => {}
            // Told, or so many changes that this one may have been among the missed: look.
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
