//! What was sent to a webhook, and sending it again.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp};
use rightful_http::{
    extract::{Path, Path2},
    pages::{
        Layout,
        parts::{Badge, PostButton, Toast, Tone, When},
    },
};
use serde_json::Value;

use super::{PATH, SECTION, refused, webhook};
use crate::{
    DeliveryId, Manager, Permission, WebhookId,
    app::webhooks::{DeliveryState, DeliveryView, WebhookState},
    web::portal::{Operator, PageError, Submitted},
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/settings/webhooks/{id}/replay", post(replay_failed))
        .route("/settings/webhooks/{id}/deliveries/{delivery}", get(page))
        .route("/settings/webhooks/{id}/deliveries/{delivery}/replay", post(replay))
}

#[derive(Template)]
#[template(path = "portal/webhooks/delivery.html")]
struct DeliveryPage<'a> {
    delivery: DeliveryView,
    badge: Badge<'static>,
    payload: String,
    back: String,
    host: String,
    again: Option<PostButton<'a>>,
}

pub(super) fn state(delivery: &DeliveryView) -> Badge<'static> {
    match delivery.state {
        DeliveryState::Delivered => Badge::new(Tone::Ok, "Delivered"),
        DeliveryState::Failed => Badge::new(Tone::Bad, "Failed"),
        DeliveryState::Pending if delivery.attempts > 0 => Badge::new(Tone::Warn, "Trying again"),
        DeliveryState::Pending => Badge::new(Tone::Info, "Under way"),
    }
}

async fn page(
    State(manager): State<Manager>,
    operator: Operator,
    Path2(id, delivery): Path2<WebhookId, DeliveryId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let webhook = webhook(&manager, id).await?;
    let delivery = manager
        .webhook_delivery(id, delivery)
        .await?
        .ok_or(PageError::NotFound)?;
    let payload: Value = serde_json::from_str(&delivery.body).unwrap_or_default();
    let again = format!("{PATH}/{id}/deliveries/{}/replay", delivery.id);
    let csrf = operator.csrf(&again);
    let body = DeliveryPage {
        badge: state(&delivery),
        payload: format!("{payload:#}"),
        back: format!("{PATH}/{id}"),
        host: webhook.host(),
        again: (webhook.state != WebhookState::Disabled).then(|| PostButton::new(again, "Send again", csrf)),
        delivery,
    };
    let title = body.delivery.event.clone();
    Ok(operator.page_in(SECTION, &title, Layout::Reading, &body))
}

async fn replay(
    State(manager): State<Manager>,
    Path2(id, delivery): Path2<WebhookId, DeliveryId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    let again = manager.replay_webhook_delivery(id, delivery, &operator.by).await;
    again.map_err(refused)?;
    Ok(Operator::see(
        &format!("{PATH}/{id}"),
        &Toast::done("The event is on its way again."),
    ))
}

async fn replay_failed(
    State(manager): State<Manager>,
    Path(id): Path<WebhookId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    webhook(&manager, id).await?;
    let hours: i64 = match submitted.field("hours")? {
        "" => 24,
        text => text.parse().map_err(PageError::conflict)?,
    };
    let span = SignedDuration::try_from_hours(hours).unwrap_or(SignedDuration::MAX);
    let since = manager.now().saturating_sub(span).unwrap_or(Timestamp::MIN);
    let replayed = manager.replay_failed_webhook_deliveries(id, since, &operator.by).await;
    let replayed = replayed.map_err(refused)?;
    let toast = match (replayed.count, replayed.more) {
        (0, _) => Toast::done("Nothing failed in that time."),
        (1, _) => Toast::done("One event is on its way again."),
        (count, false) => Toast::done(format!("{count} events are on their way again.")),
        (count, true) => Toast::done(format!(
            "{count} events are on their way again. There are more: repeat it."
        )),
    };
    Ok(Operator::see(&format!("{PATH}/{id}"), &toast))
}
