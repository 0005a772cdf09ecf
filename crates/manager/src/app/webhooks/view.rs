//! A webhook as the API and the pages show it: never its secret.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::json;
use store::StoreError;

use super::{Because, Subscribed};
use crate::{
    Manager, WebhookId,
    rows::{self, webhook::WebhookRow},
};

words! {
    /// How a webhook is.
    WebhookState, UnknownWebhookState, "not the state of a webhook":
    /// It is sent what happens.
    Active = "active",
    /// Deliveries are given up; it is still sent what happens.
    Failing = "failing",
    /// It is sent nothing.
    Disabled = "disabled",
}

/// A webhook.
#[derive(Debug, Clone)]
pub struct WebhookView {
    /// Its id.
    pub id: WebhookId,
    /// Where events are sent.
    pub url: String,
    /// What people call it.
    pub description: String,
    /// Which events.
    pub events: Subscribed,
    /// How it is.
    pub state: WebhookState,
    /// Why it is sent nothing.
    pub disabled_because: Option<Because>,
    /// When there was one.
    pub created_at: Timestamp,
    /// When something arrived last.
    pub last_success_at: Option<Timestamp>,
    /// Since when nothing has arrived, if something was tried.
    pub failing_since: Option<Timestamp>,
    /// Until when the secret before signs as well.
    pub previous_secret_until: Option<Timestamp>,
}

impl WebhookView {
    /// The host that events are sent to: the URL itself may be known to few.
    pub fn host(&self) -> String {
        host(&self.url)
    }
}

impl Serialize for WebhookView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({
            "id": self.id,
            "url": self.url,
            "description": self.description,
            "events": self.events.names(),
            "state": self.state.name(),
            "disabled_because": self.disabled_because.map(Because::name),
            "created_at": self.created_at,
            "last_success_at": self.last_success_at,
            "failing_since": self.failing_since,
            "previous_secret_until": self.previous_secret_until,
        })
        .serialize(serializer)
    }
}

/// The host of a webhook's URL, with its port if that is another than usual.
pub(super) fn host(url: &str) -> String {
    let url = url::Url::parse(url).ok();
    let host = url.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host.to_owned(),
        None => String::new(),
    }
}

impl Manager {
    /// All webhooks, oldest first.
    pub async fn webhooks(&self) -> Result<Vec<WebhookView>, StoreError> {
        let now = self.now();
        let rows = rows::webhook::all(&mut self.store().read().await?).await?;
        Ok(rows.into_iter().map(|row| view(row, now)).collect())
    }

    /// A webhook.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<WebhookView>, StoreError> {
        let now = self.now();
        let row = rows::webhook::by_id(&mut self.store().read().await?, id).await?;
        Ok(row.map(|row| view(row, now)))
    }
}

pub(super) fn view(row: WebhookRow, now: Timestamp) -> WebhookView {
    WebhookView {
        state: match (row.disabled_at, row.given_up_at) {
            (Some(_), _) => WebhookState::Disabled,
            (None, Some(_)) => WebhookState::Failing,
            (None, None) => WebhookState::Active,
        },
        id: row.id,
        url: row.url,
        description: row.description,
        events: row.events,
        disabled_because: row.disabled_because,
        created_at: row.created_at,
        last_success_at: row.last_success_at,
        failing_since: row.failing_since,
        previous_secret_until: row.previous_until.filter(|until| now < *until),
    }
}
