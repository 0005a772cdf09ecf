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
        loop {
            let version = rows::request::version(&mut self.store().read().await?, id).await?;
            let now = self.now();
            if version.is_none() || (known.is_some() && version != known) || now >= deadline {
                return Ok(());
            }
            let known_now = known.or(version);
            let look_again = now.saturating_add(LOOK_EVERY).map_or(deadline, |at| at.min(deadline));
            tokio::select! {
                () = told(&mut changes, id) => {}
                () = self.store().clock().sleep_until(look_again) => {}
            }
            if known.is_none() {
                // Without a version to compare with, the next change after the question is waited for.
                return Box::pin(self.wait_for_change(id, known_now, deadline)).await;
            }
        }
    }
}

async fn told(changes: &mut broadcast::Receiver<RequestId>, id: RequestId) {
    loop {
        match changes.recv().await {
            Ok(changed) if changed != id => {}
            // Told, or so many changes that this one may have been among the missed: look.
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
