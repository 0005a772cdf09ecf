//! What was sent, and sending it again.

use jiff::Timestamp;
use privacy::audit::{Detail, Event};
use serde::{Serialize, Serializer};
use serde_json::json;
use store::{StoreError, retried};

use super::{ChangeWebhookError, DeliveryCause, DeliveryState, follow_up};
use crate::{
    By, DeliveryId, Manager, WebhookId,
    rows::{self, webhook_delivery::DeliveryRow},
};

/// How many deliveries one call sends again.
const MOST_AT_ONCE: u32 = 1000;

/// The type of the event that tries a webhook out.
const TEST: &str = "webhook.test";

/// Which deliveries to list.
#[derive(Debug, Clone)]
pub struct DeliveryFilter {
    /// Those in this state only.
    pub state: Option<DeliveryState>,
    /// Those made before this one only: where the list before ended.
    pub before: Option<DeliveryId>,
    /// At most so many.
    pub limit: u32,
}

/// A page of deliveries, the newest first.
#[derive(Debug, Clone)]
pub struct DeliveriesPage {
    /// The deliveries.
    pub deliveries: Vec<DeliveryView>,
    /// Where the next page begins.
    pub next: Option<DeliveryId>,
}

/// One event for one webhook.
#[derive(Debug, Clone)]
pub struct DeliveryView {
    /// Its id. The receiver knows it as [`DeliveryView::message_id`].
    pub id: DeliveryId,
    /// What it tells.
    pub event: String,
    /// What is sent, the same at every attempt.
    pub body: String,
    /// What became of it.
    pub state: DeliveryState,
    /// When the event happened.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried last.
    pub last_attempt_at: Option<Timestamp>,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// When it arrived or was given up.
    pub ended_at: Option<Timestamp>,
    /// The status that the receiver answered last.
    pub status: Option<i64>,
    /// Why the last attempt failed.
    pub cause: Option<DeliveryCause>,
    /// The same in more words, where there are such.
    pub reason: Option<String>,
}

impl DeliveryView {
    /// `webhook-id`: the same at every attempt, so that a receiver knows what it has already.
    pub fn message_id(&self) -> String {
        message_id(self.id)
    }

    /// Why the last attempt failed, in plain words.
    pub fn why(&self) -> Option<String> {
        self.reason
            .clone()
            .or_else(|| self.cause.map(|cause| cause.words().to_owned()))
    }
}

/// Without what is sent, which a list would repeat for each.
impl Serialize for DeliveryView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cause = |cause: DeliveryCause| json!({"code": cause.name(), "message": self.why()});
        json!({
            "id": self.id,
            "message_id": self.message_id(),
            "event": self.event,
            "state": self.state.name(),
            "created_at": self.created_at,
            "attempts": self.attempts,
            "last_attempt_at": self.last_attempt_at,
            "next_attempt_at": self.next_attempt_at,
            "ended_at": self.ended_at,
            "response_status": self.status,
            "cause": self.cause.map(cause),
        })
        .serialize(serializer)
    }
}

/// What was sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// How many deliveries.
    pub count: u32,
    /// Whether there are more: ask again.
    pub more: bool,
}

pub(super) fn message_id(id: DeliveryId) -> String {
    format!("msg_{id}")
}

impl Manager {
    /// Deliveries of a webhook; none where there is no such webhook.
    pub async fn webhook_deliveries(
        &self,
        id: WebhookId,
        filter: &DeliveryFilter,
    ) -> Result<Option<DeliveriesPage>, StoreError> {
        let mut tx = self.store().read().await?;
        if rows::webhook::by_id(&mut tx, id).await?.is_none() {
            return Ok(None);
        }
        let limit = filter.limit.saturating_add(1);
        let mut rows = rows::webhook_delivery::of_webhook(&mut tx, id, filter.state, filter.before, limit).await?;
        let is_more = u32::try_from(rows.len()).unwrap_or(u32::MAX) > filter.limit;
        rows.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
        Ok(Some(DeliveriesPage {
            next: rows.last().filter(|_| is_more).map(|row| row.id),
            deliveries: rows.into_iter().map(view).collect(),
        }))
    }

    /// One delivery of a webhook.
    pub async fn webhook_delivery(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
    ) -> Result<Option<DeliveryView>, StoreError> {
        let row = rows::webhook_delivery::by_id(&mut self.store().read().await?, id).await?;
        Ok(row.filter(|row| row.webhook == webhook).map(view))
    }

    /// Sends a webhook an event that says nothing, to try it out.
    pub async fn test_webhook(&self, id: WebhookId, by: &By) -> Result<DeliveryId, ChangeWebhookError> {
        retried(|| self.test_webhook_once(id, by)).await
    }

    async fn test_webhook_once(&self, id: WebhookId, by: &By) -> Result<DeliveryId, ChangeWebhookError> {
        let mut tx = self.store().write().await?;
        let row = rows::webhook::locked(&mut tx, id).await?;
        let row = row.ok_or(ChangeWebhookError::NotFound)?;
        if row.disabled_at.is_some() {
            return Err(ChangeWebhookError::Disabled);
        }
        let delivery = follow_up::send(&mut tx, id, TEST, &json!({ "webhook_id": id })).await?;
        tx.audit(by.event(Event::WebhookTested, id.object(), []));
        tx.commit().await?;
        Ok(delivery)
    }

    /// Sends a delivery once more, under the same id; one that is still to be sent is sent now.
    pub async fn replay_webhook_delivery(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
        by: &By,
    ) -> Result<(), ChangeWebhookError> {
        retried(|| self.replay_webhook_delivery_once(webhook, id, by)).await
    }

    async fn replay_webhook_delivery_once(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
        by: &By,
    ) -> Result<(), ChangeWebhookError> {
        let mut tx = self.store().write().await?;
        let row = rows::webhook::locked(&mut tx, webhook).await?;
        let row = row.ok_or(ChangeWebhookError::NotFound)?;
        let delivery = rows::webhook_delivery::by_id(&mut tx, id).await?;
        if delivery.is_none_or(|delivery| delivery.webhook != webhook) {
            return Err(ChangeWebhookError::NotFound);
        }
        if row.disabled_at.is_some() {
            return Err(ChangeWebhookError::Disabled);
        }
        rows::webhook_delivery::queue_again(&mut tx, id).await?;
        follow_up::enqueue(&mut tx, webhook, id);
        tx.audit(by.event(
            Event::WebhookReplayed,
            webhook.object(),
            [(Detail::Count, 1_u32.into())],
        ));
        Ok(tx.commit().await?)
    }

    /// Sends once more what failed and was made since then, oldest first.
    pub async fn replay_failed_webhook_deliveries(
        &self,
        webhook: WebhookId,
        since: Timestamp,
        by: &By,
    ) -> Result<Replayed, ChangeWebhookError> {
        retried(|| self.replay_failed_once(webhook, since, by)).await
    }

    async fn replay_failed_once(
        &self,
        webhook: WebhookId,
        since: Timestamp,
        by: &By,
    ) -> Result<Replayed, ChangeWebhookError> {
        let mut tx = self.store().write().await?;
        let row = rows::webhook::locked(&mut tx, webhook).await?;
        let row = row.ok_or(ChangeWebhookError::NotFound)?;
        if row.disabled_at.is_some() {
            return Err(ChangeWebhookError::Disabled);
        }
        let mut failed = rows::webhook_delivery::failed_since(&mut tx, webhook, since, MOST_AT_ONCE + 1).await?;
        let most = usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX);
        let more = failed.len() > most;
        failed.truncate(most);
        for id in &failed {
            rows::webhook_delivery::queue_again(&mut tx, *id).await?;
            follow_up::enqueue(&mut tx, webhook, *id);
        }
        let count = u32::try_from(failed.len()).unwrap_or(MOST_AT_ONCE);
        if count > 0 {
            tx.audit(by.event(
                Event::WebhookReplayed,
                webhook.object(),
                [(Detail::Count, count.into())],
            ));
            tx.commit().await?;
        }
        Ok(Replayed { count, more })
    }
}

fn view(row: DeliveryRow) -> DeliveryView {
    DeliveryView {
        id: row.id,
        event: row.event,
        body: row.body,
        state: row.state,
        created_at: row.created_at,
        attempts: row.attempts,
        last_attempt_at: row.last_attempt_at,
        next_attempt_at: row.next_attempt_at,
        ended_at: row.ended_at,
        status: row.status,
        cause: row.cause,
        reason: row.reason,
    }
}
