//! What needs a person now.

use privacy::{framework::DueSoon, request::StageName};
use store::StoreError;

use super::ConnectionView;
use crate::{Manager, rows};

/// The start page's facts.
#[derive(Debug, Clone)]
pub struct Attention {
    /// Every connection.
    pub connections: Vec<ConnectionView>,
    /// How many requests there are in each state that has any.
    pub requests: Vec<(StageName, u64)>,
    /// Open requests past their deadline.
    pub past_due: u64,
    /// Open requests whose deadline is near.
    pub due_soon: u64,
    /// Open requests with a task that failed.
    pub failed: u64,
}

impl Attention {
    /// How many requests are in this state.
    pub fn in_state(&self, state: StageName) -> u64 {
        let found = self.requests.iter().find(|(known, _)| *known == state);
        found.map_or(0, |(_, count)| *count)
    }
}

impl Manager {
    /// What needs a person now.
    pub async fn attention(&self) -> Result<Attention, StoreError> {
        let now = self.now();
        let soon = now.saturating_add(DueSoon::default().0).unwrap_or(now);
        let mut read = self.store().read().await?;
        let past_due = rows::attention::due_before(&mut read, now).await?;
        let due_soon = rows::attention::due_before(&mut read, soon).await? - past_due;
        let failed = rows::attention::with_failed_tasks(&mut read).await?;
        drop(read);
        let count = |count| u64::try_from(count).unwrap_or_default();
        Ok(Attention {
            connections: self.connections().await?,
            requests: self.request_counts().await?,
            past_due: count(past_due),
            due_soon: count(due_soon),
            failed: count(failed),
        })
    }
}
