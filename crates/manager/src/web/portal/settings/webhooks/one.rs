//! One webhook, with what was sent to it.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use rightful_http::{
    extract::{Path, Query},
    pages::{
        Layout,
        parts::{Badge, Choice, Confirm, Csrf, Field, Live, Notice, PostButton, Toast, Tone, When},
    },
};
use serde::Deserialize;

use super::{ConfirmPage, PATH, SECTION, badge, refused, webhook};
use crate::{
    DeliveryId, Manager, Permission, WebhookId,
    app::webhooks::{DeliveriesPage, DeliveryFilter, DeliveryState, WebhookChanges, WebhookState, WebhookView},
    web::portal::{Operator, PageError, Submitted},
};

/// How many deliveries a page shows.
const PAGE: u32 = 25;

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/settings/webhooks/{id}", get(page))
        .route("/settings/webhooks/{id}/test", post(test))
        .route("/settings/webhooks/{id}/enable", post(enable))
        .route("/settings/webhooks/{id}/disable", post(disable))
        .route("/settings/webhooks/{id}/remove", get(ask_to_remove).post(remove))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    state: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/webhooks/one.html")]
struct WebhookPage<'a> {
    webhook: WebhookView,
    badge: Badge<'static>,
    notice: Option<Notice<'static>>,
    deliveries: DeliveriesPage,
    /// Which of them are shown, with how many can be chosen.
    filters: Vec<(&'static str, String, bool)>,
    next: Option<String>,
    here: String,
    since: Vec<Choice<'static>>,
    operator: &'a Operator,
}

impl WebhookPage<'_> {
    fn path(&self, what: &str) -> String {
        format!("{PATH}/{}/{what}", self.webhook.id)
    }

    fn csrf(&self, what: &str) -> Csrf {
        self.operator.csrf(&self.path(what))
    }

    fn button(&self, what: &str, label: &'static str) -> PostButton<'_> {
        PostButton::new(self.path(what), label, self.csrf(what))
    }

    fn is_enabled(&self) -> bool {
        self.webhook.state != WebhookState::Disabled
    }
}

fn notice(webhook: &WebhookView) -> Option<Notice<'static>> {
    use crate::app::webhooks::Because;
    match (webhook.state, webhook.disabled_because) {
        (WebhookState::Disabled, Some(Because::Gone)) => Some(
            Notice::new(
                Tone::Bad,
                "The receiver answered 410, so nothing is sent to it any more. Enable the webhook when it is back, then send again what failed.",
            )
            .title("The receiver is gone"),
        ),
        (WebhookState::Disabled, _) => Some(Notice::new(
            Tone::Info,
            "Nothing is sent to it. What happens meanwhile is not kept for it.",
        )),
        (WebhookState::Failing, _) => Some(
            Notice::new(
                Tone::Bad,
                "What could not be delivered for days was given up. New events are still tried. When the receiver works again, send again what failed.",
            )
            .title("Nothing arrives"),
        ),
        (WebhookState::Active, _) => None,
    }
}

async fn page(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<WebhookId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let webhook = webhook(&manager, id).await?;
    let shown: Option<DeliveryState> = asked.state.as_deref().and_then(|word| word.parse().ok());
    let before: Option<DeliveryId> = asked.cursor.as_deref().and_then(|word| word.parse().ok());
    let filter = DeliveryFilter {
        state: shown,
        before,
        limit: PAGE,
    };
    let deliveries = manager
        .webhook_deliveries(id, &filter)
        .await?
        .ok_or(PageError::NotFound)?;
    let path = |state: Option<DeliveryState>, cursor: Option<DeliveryId>| {
        let mut query = Vec::new();
        query.extend(state.map(|state| format!("state={state}")));
        query.extend(cursor.map(|cursor| format!("cursor={cursor}")));
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{PATH}/{id}{mark}{}", query.join("&"))
    };
    let title = webhook.host();
    let body = WebhookPage {
        badge: badge(&webhook),
        notice: notice(&webhook),
        filters: [
            None,
            Some(DeliveryState::Pending),
            Some(DeliveryState::Delivered),
            Some(DeliveryState::Failed),
        ]
        .into_iter()
        .map(|state| {
            let label = match state {
                None => "All",
                Some(DeliveryState::Pending) => "Under way",
                Some(DeliveryState::Delivered) => "Delivered",
                Some(DeliveryState::Failed) => "Failed",
            };
            (label, path(state, None), state == shown)
        })
        .collect(),
        next: deliveries.next.map(|next| path(shown, Some(next))),
        here: path(shown, before),
        since: vec![
            Choice::new("1", "the last hour"),
            Choice::new("24", "the last day").chosen(true),
            Choice::new("72", "the last three days"),
            Choice::new("720", "the last 30 days"),
        ],
        webhook,
        deliveries,
        operator: &operator,
    };
    Ok(operator.live_page(SECTION, &title, &body))
}

async fn test(
    State(manager): State<Manager>,
    Path(id): Path<WebhookId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    manager
        .test_webhook(id, &submitted.operator.by)
        .await
        .map_err(refused)?;
    let toast = Toast::done("A test event is on its way.");
    Ok(Operator::see(&format!("{PATH}/{id}"), &toast))
}

async fn enable(
    State(manager): State<Manager>,
    Path(id): Path<WebhookId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    switch(&manager, id, &submitted, true, "The webhook takes part again.").await
}

async fn disable(
    State(manager): State<Manager>,
    Path(id): Path<WebhookId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    switch(
        &manager,
        id,
        &submitted,
        false,
        "Nothing is sent to the webhook any more.",
    )
    .await
}

async fn switch(
    manager: &Manager,
    id: WebhookId,
    submitted: &Submitted,
    enabled: bool,
    toast: &'static str,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    let changes = WebhookChanges {
        enabled: Some(enabled),
        ..WebhookChanges::default()
    };
    manager
        .change_webhook(id, changes, &submitted.operator.by)
        .await
        .map_err(refused)?;
    Ok(Operator::see(&format!("{PATH}/{id}"), &Toast::done(toast)))
}

async fn ask_to_remove(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<WebhookId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let webhook = webhook(&manager, id).await?;
    let action = format!("{PATH}/{id}/remove");
    let csrf = operator.csrf(&action);
    let confirm = Confirm::new(
        action,
        csrf,
        format!("Remove the webhook at {}?", webhook.host()),
        "Remove",
        format!("{PATH}/{id}"),
    )
    .text("Its secret and the list of what was sent to it are deleted. What is still under way is not sent.")
    .danger();
    Ok(operator.page_in(SECTION, "Remove the webhook", Layout::Reading, &ConfirmPage { confirm }))
}

async fn remove(
    State(manager): State<Manager>,
    Path(id): Path<WebhookId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageSettings)?;
    if !manager.remove_webhook(id, &submitted.operator.by).await? {
        return Err(PageError::NotFound);
    }
    Ok(Operator::see(PATH, &Toast::done("The webhook was removed.")))
}
