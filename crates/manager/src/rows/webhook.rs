//! Webhooks.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{
    WebhookId,
    app::webhooks::{Because, Subscribed},
};

/// A webhook as it is stored; what is sealed is sealed.
#[derive(Debug, Clone)]
pub(crate) struct WebhookRow {
    pub(crate) id: WebhookId,
    pub(crate) url: String,
    pub(crate) description: String,
    pub(crate) events: Subscribed,
    /// The wrapped data key.
    pub(crate) key: Vec<u8>,
    pub(crate) secret: Vec<u8>,
    /// The secret before, which signs as well until then.
    pub(crate) previous_secret: Option<Vec<u8>>,
    pub(crate) previous_until: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) disabled_at: Option<Timestamp>,
    pub(crate) disabled_because: Option<Because>,
    pub(crate) last_success_at: Option<Timestamp>,
    /// Since when nothing has arrived.
    pub(crate) failing_since: Option<Timestamp>,
    /// Since when deliveries are given up.
    pub(crate) given_up_at: Option<Timestamp>,
}

impl WebhookRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            url: row.get("url")?,
            description: row.get("description")?,
            events: row.parse("events")?,
            key: row.get("key")?,
            secret: row.get("secret")?,
            previous_secret: row.get("previous_secret")?,
            previous_until: row.get("previous_until")?,
            created_at: row.get("created_at")?,
            disabled_at: row.get("disabled_at")?,
            disabled_because: row.parse_optional("disabled_because")?,
            last_success_at: row.get("last_success_at")?,
            failing_since: row.get("failing_since")?,
            given_up_at: row.get("given_up_at")?,
        })
    }
}

/// Which events a webhook is told.
pub(crate) struct Subscription {
    pub(crate) webhook: WebhookId,
    pub(crate) events: Subscribed,
}

/// Those that take part, with what they want to be told.
pub(crate) async fn subscriptions(tx: &mut Tx) -> Result<Vec<Subscription>, StoreError> {
    let sql = "SELECT id, events FROM webhook WHERE disabled_at IS NULL ORDER BY id";
    let rows = tx.fetch_all(sql, args![]).await?;
    let subscription = |row: &Row| {
        Ok(Subscription {
            webhook: row.parse("id")?,
            events: row.parse("events")?,
        })
    };
    rows.iter().map(subscription).collect()
}

/// All of them, oldest first; people make a few.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<WebhookRow>, StoreError> {
    let rows = tx.fetch_all("SELECT * FROM webhook ORDER BY id", args![]).await?;
    rows.iter().map(WebhookRow::from_row).collect()
}

/// The webhook of this id.
pub(crate) async fn by_id(tx: &mut Tx, id: WebhookId) -> Result<Option<WebhookRow>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM webhook WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(WebhookRow::from_row).transpose()
}

/// The same, held until the end of the transaction: for decisions on what was read.
pub(crate) async fn locked(tx: &mut Tx, id: WebhookId) -> Result<Option<WebhookRow>, StoreError> {
    tx.lock("webhook", &id.to_string()).await?;
    by_id(tx, id).await
}

/// Writes a new one, or all of one that was [`locked`].
pub(crate) async fn save(tx: &mut Tx, row: &WebhookRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO webhook (id, url, description, events, key, secret, previous_secret, previous_until, created_at, \
         disabled_at, disabled_because, last_success_at, failing_since, given_up_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (id) DO UPDATE SET url = $2, description = $3, events = $4, key = $5, secret = $6, \
         previous_secret = $7, previous_until = $8, disabled_at = $10, disabled_because = $11, \
         last_success_at = $12, failing_since = $13, given_up_at = $14",
        args![
            row.id,
            &row.url,
            &row.description,
            row.events.to_string(),
            row.key.clone(),
            row.secret.clone(),
            row.previous_secret.clone(),
            row.previous_until,
            row.created_at,
            row.disabled_at,
            row.disabled_because.map(Because::name),
            row.last_success_at,
            row.failing_since,
            row.given_up_at,
        ],
    )
    .await?;
    Ok(())
}

/// Removes it with all that was sent to it.
pub(crate) async fn remove(tx: &mut Tx, id: WebhookId) -> Result<(), StoreError> {
    tx.execute_many("DELETE FROM webhook_delivery WHERE webhook = $1", args![id])
        .await?;
    tx.execute("DELETE FROM webhook WHERE id = $1", args![id]).await?;
    Ok(())
}
