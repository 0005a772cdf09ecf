//! What was sent to a webhook, and sending it again.

use jiff::Timestamp;
use manager::{
    By, DeliveryId, Manager, WebhookId,
    app::webhooks::{DeliveryFilter, DeliveryState, DeliveryView},
};
use serde_json::json;

use crate::{Failure, commands::Call, output::Row};

pub(super) async fn list(
    call: &Call,
    manager: &Manager,
    id: WebhookId,
    state: Option<DeliveryState>,
    limit: u32,
) -> anyhow::Result<()> {
    let filter = DeliveryFilter {
        state,
        before: None,
        limit,
    };
    let page = manager.webhook_deliveries(id, &filter).await?;
    let page = page.ok_or_else(|| super::unknown(id))?;
    let rows = page.deliveries.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
    let heads = ["id", "event", "state", "attempts", "happened", ""];
    call.output.list(&rows, &heads, "nothing was sent")?;
    if page.next.is_some() {
        call.output.remark("There are more: see them with a larger --limit.");
    }
    Ok(())
}

pub(super) async fn test(call: &Call, manager: &Manager, webhook: WebhookId) -> anyhow::Result<()> {
    let id = manager.test_webhook(webhook, &By::command_line()).await?;
    queued(call, manager, webhook, id).await
}

pub(super) async fn replay(
    call: &Call,
    manager: &Manager,
    webhook: WebhookId,
    delivery: Option<&str>,
    since: Option<Timestamp>,
) -> anyhow::Result<()> {
    let by = By::command_line();
    if let Some(delivery) = delivery {
        let id: DeliveryId = delivery
            .parse()
            .map_err(|_| Failure::usage("--delivery: expected a delivery's id, as `webhook deliveries` shows it"))?;
        manager.replay_webhook_delivery(webhook, id, &by).await?;
        return queued(call, manager, webhook, id).await;
    }
    let since = since.unwrap_or(Timestamp::MIN);
    let mut count: u64 = 0;
    loop {
        let replayed = manager.replay_failed_webhook_deliveries(webhook, since, &by).await?;
        count += u64::from(replayed.count);
        if !replayed.more {
            break;
        }
    }
    call.output.answer(&json!({"id": webhook, "replayed": count}), || {
        format!("{count} deliveries are sent once more")
    })?;
    Ok(())
}

async fn queued(call: &Call, manager: &Manager, webhook: WebhookId, id: DeliveryId) -> anyhow::Result<()> {
    let delivery = manager.webhook_delivery(webhook, id).await?;
    let delivery = delivery.ok_or_else(|| Failure::new(format!("there is no delivery {id}")))?;
    call.output.answer(&serde_json::to_value(&delivery)?, || {
        format!("delivery {id} is sent by the manager that serves or works off jobs")
    })?;
    Ok(())
}

fn row(delivery: &DeliveryView) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(delivery)?,
        cells: vec![
            delivery.id.to_string(),
            delivery.event.clone(),
            delivery.state.name().to_owned(),
            delivery.attempts.to_string(),
            delivery.created_at.to_string(),
            delivery.why().unwrap_or_default(),
        ],
    })
}
