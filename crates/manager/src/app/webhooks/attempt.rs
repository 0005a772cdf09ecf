//! Sending an event to a webhook, and what came of it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use privacy::audit::{Detail, Event};
use rightful_http::client::TransportError;
use store::{
    StoreError, Tx,
    jobs::{Lease, backoff},
};
use tracing::{info, warn};

use super::{Because, DeliveryCause, DeliveryState, deliveries::message_id};
use crate::{
    By, DeliveryId, Manager,
    rows::{
        self,
        webhook::WebhookRow,
        webhook_delivery::{Attempt, DeliveryRow},
    },
    steps,
};

/// How long after a first failure an event is sent again at the latest; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// What the wait grows to.
const LONGEST_WAIT: Duration = Duration::from_hours(6);

/// What a receiver made of an event.
struct Outcome {
    status: Option<StatusCode>,
    failed: Option<Failed>,
}

struct Failed {
    cause: DeliveryCause,
    reason: Option<String>,
    /// When the receiver wants to be asked again.
    retry_after: Option<Duration>,
}

impl Manager {
    /// Carries out the job of a delivery: sends it, then records what came of it. A process that dies in between has
    /// it sent again, under the same id.
    pub(crate) async fn deliver_to_webhook(&self, id: DeliveryId, lease: &Lease) -> Result<(), StoreError> {
        let mut read = self.store().read().await?;
        let delivery = rows::webhook_delivery::by_id(&mut read, id).await?;
        let delivery = delivery.filter(|delivery| delivery.state == DeliveryState::Pending);
        let webhook = match &delivery {
            Some(delivery) => rows::webhook::by_id(&mut read, delivery.webhook).await?,
            None => None,
        };
        drop(read);
        let (Some(delivery), Some(webhook)) = (delivery, webhook) else {
            // It has arrived, was given up, or its webhook is gone.
            let mut tx = self.store().write().await?;
            tx.finish(lease).await?;
            return tx.commit().await;
        };
        let outcome = self.call_webhook(&webhook, &delivery).await?;
        self.record_webhook_attempt(&delivery, outcome, lease).await
    }

    /// The one effect on the outside.
    async fn call_webhook(&self, webhook: &WebhookRow, delivery: &DeliveryRow) -> Result<Outcome, StoreError> {
        let id = message_id(delivery.id);
        let now = self.now();
        let signatures = self.webhook_signatures(webhook, &id, now, &delivery.body)?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(&webhook.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", signatures)
            .body(Bytes::from(delivery.body.clone()))
            .map_err(|error| StoreError::Corrupt {
                what: "webhook's URL",
                reason: error.to_string(),
            })?;
        let timeout = self.settings().webhook_timeout.duration();
        // What a receiver writes is not read: its status says it all.
        Ok(
            match tokio::time::timeout(timeout, self.transport().send(request)).await {
                Ok(Ok(response)) => judged(response.status(), response.headers()),
                Ok(Err(error)) => not_answered(&error),
                Err(_) => Outcome::failed(DeliveryCause::TimedOut, None),
            },
        )
    }

    async fn record_webhook_attempt(
        &self,
        sent: &DeliveryRow,
        outcome: Outcome,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        let now = tx.now();
        let webhook = rows::webhook::locked(&mut tx, sent.webhook).await?;
        let delivery = rows::webhook_delivery::by_id(&mut tx, sent.id).await?;
        let (Some(mut webhook), Some(delivery)) = (webhook, delivery) else {
            tx.finish(lease).await?;
            return tx.commit().await;
        };
        let attempt = self.judge(&delivery, &outcome, lease, now);
        match attempt.next_attempt_at {
            Some(at) => tx.retry(lease, at).await?,
            None => tx.finish(lease).await?,
        }
        rows::webhook_delivery::record(&mut tx, delivery.id, &attempt).await?;
        if attempt.state != DeliveryState::Pending {
            let end = now.saturating_add(self.settings().webhook_retention.signed());
            steps::webhook::forget_at(&mut tx, end.unwrap_or(Timestamp::MAX));
        }
        self.note(&mut tx, &mut webhook, &attempt).await?;
        rows::webhook::save(&mut tx, &webhook).await?;
        tx.commit().await?;

        let (event, status) = (&*delivery.event, attempt.status);
        let cause = attempt.cause.map(DeliveryCause::name);
        match attempt.state {
            DeliveryState::Delivered => {
                info!(webhook.id = %webhook.id, delivery.id = %delivery.id, event, status, "webhook told");
            }
            DeliveryState::Pending => {
                warn!(webhook.id = %webhook.id, delivery.id = %delivery.id, event, status, cause, "a webhook could not be told yet, will try again");
            }
            DeliveryState::Failed => {
                warn!(webhook.id = %webhook.id, delivery.id = %delivery.id, event, status, cause, "a webhook could not be told");
            }
        }
        Ok(())
    }

    /// What becomes of the delivery: there, tried again, or given up.
    fn judge(&self, delivery: &DeliveryRow, outcome: &Outcome, lease: &Lease, now: Timestamp) -> Attempt {
        let status = outcome.status.map(|status| i64::from(status.as_u16()));
        let Some(failed) = &outcome.failed else {
            return Attempt {
                state: DeliveryState::Delivered,
                status,
                cause: None,
                reason: None,
                next_attempt_at: None,
            };
        };
        let last = delivery
            .queued_at
            .saturating_add(self.settings().webhook_give_up_after.signed());
        let last = last.unwrap_or(Timestamp::MAX);
        // One that was given up meanwhile, because somebody disabled its webhook, stays so.
        let hopeless = failed.cause == DeliveryCause::Gone || now >= last || delivery.state != DeliveryState::Pending;
        let wait = backoff(lease.attempts, FIRST_WAIT, LONGEST_WAIT, &**self.store().entropy());
        let wait = wait.max(failed.retry_after.unwrap_or_default().min(LONGEST_WAIT));
        let next = now.saturating_add(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX));
        Attempt {
            state: if hopeless {
                DeliveryState::Failed
            } else {
                DeliveryState::Pending
            },
            status,
            cause: Some(failed.cause),
            reason: failed.reason.clone(),
            // The last try is at the very end.
            next_attempt_at: (!hopeless).then(|| next.unwrap_or(last).min(last)),
        }
    }

    /// What the attempt means for the webhook as a whole.
    async fn note(&self, tx: &mut Tx, webhook: &mut WebhookRow, attempt: &Attempt) -> Result<(), StoreError> {
        let now = tx.now();
        if webhook.previous_until.is_some_and(|until| until <= now) {
            (webhook.previous_secret, webhook.previous_until) = (None, None);
        }
        let Some(cause) = attempt.cause else {
            webhook.last_success_at = Some(now);
            (webhook.failing_since, webhook.given_up_at) = (None, None);
            return Ok(());
        };
        let since = *webhook.failing_since.get_or_insert(now);
        if webhook.disabled_at.is_some() {
            return Ok(());
        }
        if cause == DeliveryCause::Gone {
            webhook.disabled_at = Some(now);
            webhook.disabled_because = Some(Because::Gone);
            rows::webhook_delivery::give_up(tx, webhook.id, DeliveryCause::Disabled).await?;
            let told = self.tell_about_webhook(tx, webhook, since, cause.words()).await?;
            tx.audit(By::automation().event(
                Event::WebhookDisabled,
                webhook.id.object(),
                [(Detail::Count, told.into())],
            ));
        } else if attempt.state == DeliveryState::Failed && webhook.given_up_at.is_none() {
            webhook.given_up_at = Some(now);
            let words = attempt.reason.as_deref().unwrap_or(cause.words());
            let told = self.tell_about_webhook(tx, webhook, since, words).await?;
            let facts = [(Detail::Cause, cause.name().into()), (Detail::Count, told.into())];
            tx.audit(By::automation().event(Event::WebhookFailing, webhook.id.object(), facts));
        }
        Ok(())
    }
}

impl Outcome {
    fn failed(cause: DeliveryCause, reason: Option<String>) -> Self {
        Self {
            status: None,
            failed: Some(Failed {
                cause,
                reason,
                retry_after: None,
            }),
        }
    }
}

fn judged(status: StatusCode, headers: &HeaderMap) -> Outcome {
    let cause = match status {
        status if status.is_success() => None,
        StatusCode::GONE => Some(DeliveryCause::Gone),
        status if status.is_redirection() => Some(DeliveryCause::Redirect),
        _ => Some(DeliveryCause::Refused),
    };
    let seconds = headers
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    Outcome {
        status: Some(status),
        failed: cause.map(|cause| Failed {
            cause,
            reason: (cause == DeliveryCause::Refused).then(|| format!("the receiver answered {}", status.as_u16())),
            retry_after: seconds.map(Duration::from_secs),
        }),
    }
}

/// A [`TransportError`] tells the host and plain words, never more of the URL.
fn not_answered(error: &TransportError) -> Outcome {
    let cause = match error {
        TransportError::Forbidden { .. } => DeliveryCause::Forbidden,
        TransportError::NotSent { .. } | TransportError::Unknown { .. } | TransportError::TooLarge { .. } => {
            DeliveryCause::Unreachable
        }
    };
    Outcome::failed(cause, Some(error.to_string()))
}
