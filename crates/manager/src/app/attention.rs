//! What needs a person now.

use jiff::Timestamp;
use privacy::{framework::DueSoon, request::StageName};
use store::StoreError;

use super::{
    ConnectionView, LostApprovers,
    requests::Count,
    webhooks::{Because, WebhookState, WebhookView},
};
use crate::{Manager, rows};

/// The start page's facts.
#[derive(Debug, Clone)]
pub struct Attention {
    /// Every connection.
    pub connections: Vec<ConnectionView>,
    /// How many requests there are in each state that has any.
    pub requests: Vec<(StageName, Count)>,
    /// Open requests past their deadline.
    pub past_due: Count,
    /// Open requests whose deadline is near.
    pub due_soon: Count,
    /// Open requests with a task that failed.
    pub failed: Count,
    /// Webhooks that get nothing, although nobody wanted it so.
    pub webhooks: Vec<WebhookView>,
    /// Connections whose approvers can't approve any more.
    pub lost_approvers: Vec<LostApprovers>,
}

impl Attention {
    /// How many requests are in this state.
    pub fn in_state(&self, state: StageName) -> Count {
        let found = self.requests.iter().find(|(known, _)| *known == state);
        found.map_or(Count::default(), |(_, count)| *count)
    }
}

impl Manager {
    /// What needs a person now.
    pub async fn attention(&self) -> Result<Attention, StoreError> {
        let now = self.now();
        let soon = now.saturating_add(DueSoon::default().0).unwrap_or(now);
        let mut read = self.store().read().await?;
        let past_due = rows::attention::due_between(&mut read, (Timestamp::MIN, now), Count::FAR).await?;
        let due_soon = rows::attention::due_between(&mut read, (now, soon), Count::FAR).await?;
        let failed = rows::attention::with_failed_tasks(&mut read, Count::FAR).await?;
        drop(read);
        Ok(Attention {
            connections: self.connections().await?,
            requests: self.request_counts().await?,
            past_due: Count::of(past_due),
            due_soon: Count::of(due_soon),
            failed: Count::of(failed),
            webhooks: self.webhooks().await?.into_iter().filter(is_in_trouble).collect(),
            lost_approvers: self.lost_approvers().await?,
        })
    }
}

fn is_in_trouble(webhook: &WebhookView) -> bool {
    webhook.state == WebhookState::Failing || webhook.disabled_because == Some(Because::Gone)
}
