//! The durable work of webhooks.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use store::{
    Tx,
    jobs::{Lease, NewJob, StepError},
};

use super::INTERNAL;
use crate::{DeliveryId, Manager, rows::webhook_delivery};

/// Send an event to a webhook.
pub(crate) const DELIVER: &str = "webhook.deliver";
/// Forget what was sent long ago.
pub(crate) const FORGET: &str = "webhook.forget";

/// How many deliveries one sweep forgets in one transaction.
const BATCH: i64 = 500;
/// Those that end within the same hour are forgotten together.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[derive(Deserialize)]
struct About {
    delivery: DeliveryId,
}

pub(crate) async fn deliver(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let About { delivery } = lease.payload()?;
    Ok(manager.deliver_to_webhook(delivery, lease).await?)
}

/// Sees to it that what has ended by then is forgotten: the first of those that wait says when.
pub(crate) fn forget_at(tx: &mut Tx, at: Timestamp) {
    enqueue(tx, later(at));
}

fn later(at: Timestamp) -> Timestamp {
    at.saturating_add(HOUR).unwrap_or(at)
}

fn enqueue(tx: &mut Tx, run_at: Timestamp) {
    tx.enqueue(NewJob {
        kind: FORGET,
        lane: INTERNAL.to_owned(),
        run_at,
        payload: json!({}),
        key: Some(FORGET.to_owned()),
    });
}

pub(crate) async fn forget(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let mut tx = manager.store().write().await?;
    let now = tx.now();
    // The job's own row goes first: what ends from now on makes another.
    tx.finish(lease).await?;
    let retention = manager.settings().webhook_retention.signed();
    let before = now.saturating_sub(retention).unwrap_or(Timestamp::MIN);
    webhook_delivery::forget(&mut tx, before, BATCH).await?;
    if let Some(first) = webhook_delivery::first_end(&mut tx).await? {
        let next = first.saturating_add(retention).unwrap_or(Timestamp::MAX);
        enqueue(&mut tx, if next <= now { now } else { later(next) });
    }
    Ok(tx.commit().await?)
}
