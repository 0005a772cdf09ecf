//! What else belongs into the commit of an event.

use std::sync::Arc;

use crate::{NewEvent, StoreError, Tx};

/// Sees the events of every commit just before it happens, and adds to it what follows from them: rows, jobs, further
/// events. Where it fails, nothing of the commit happens.
#[async_trait::async_trait]
pub trait FollowUp: Send + Sync + 'static {
    /// What follows from `events`, in the commit of `tx`. Events that are added here are not seen again.
    async fn of(&self, tx: &mut Tx, events: &[NewEvent]) -> Result<(), StoreError>;
}

/// A shared follow-up.
pub type SharedFollowUp = Arc<dyn FollowUp>;
