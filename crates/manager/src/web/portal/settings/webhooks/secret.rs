//! Another secret for a webhook.

use axum::{Router, extract::State, response::Response, routing::get};
use jiff::SignedDuration;
use rightful_http::{
    extract::Path,
    pages::{
        Layout,
        parts::{Choice, Confirm, Field},
    },
};

use super::{ConfirmPage, PATH, SECTION, SecretPage, refused, webhook};
use crate::{
    Manager, Permission, WebhookId,
    web::portal::{Operator, PageError, Submitted},
};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/settings/webhooks/{id}/secret", get(ask).post(rotate))
}

async fn ask(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<WebhookId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let webhook = webhook(&manager, id).await?;
    let action = format!("{PATH}/{id}/secret");
    operator.require_recent(&action)?;
    let csrf = operator.csrf(&action);
    let overlap = vec![
        Choice::new("24", "for a day")
            .hint("Both sign meanwhile, so that the receiver can change over in its own time"),
        Choice::new("168", "for a week").hint("The same, for longer"),
        Choice::new("0", "not at all").hint("When somebody knows it who should not"),
    ];
    let confirm = Confirm::new(
        action,
        csrf,
        format!("Make another secret for {}?", webhook.host()),
        "Make another secret",
        format!("{PATH}/{id}"),
    )
    .text("The receiver needs the new one to go on checking signatures.")
    .field(Field::radios("overlap", "The present secret is still good", overlap).value("24"));
    Ok(operator.page_in(SECTION, "Another secret", Layout::Reading, &ConfirmPage { confirm }))
}

async fn rotate(
    State(manager): State<Manager>,
    Path(id): Path<WebhookId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    webhook(&manager, id).await?;
    operator.require_recent(&format!("{PATH}/{id}/secret"))?;
    let hours: i64 = match submitted.field("overlap")? {
        "" => 24,
        text => text.parse().map_err(PageError::conflict)?,
    };
    let overlap = SignedDuration::try_from_hours(hours).unwrap_or(SignedDuration::MAX);
    let rotated = manager.rotate_webhook_secret(id, overlap, &operator.by).await;
    let (secret, until) = rotated.map_err(refused)?;
    let body = SecretPage {
        title: "Another secret",
        text: "It signs from now on.",
        secret: &secret,
        until: (hours > 0).then_some(until),
        path: format!("{PATH}/{id}"),
    };
    Ok(operator.page_in(SECTION, "Another secret", Layout::Reading, &body))
}
