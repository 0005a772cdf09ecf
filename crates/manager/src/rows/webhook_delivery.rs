//! Events on their way to webhooks, and such that were.

use jiff::Timestamp;
use store::{AssertSqlSafe, Row, StoreError, Tx, args};

use crate::{
    DeliveryId, WebhookId,
    app::webhooks::{DeliveryCause, DeliveryState},
};

/// A delivery as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct DeliveryRow {
    pub(crate) id: DeliveryId,
    pub(crate) webhook: WebhookId,
    pub(crate) event: String,
    /// What is sent, the same at every attempt.
    pub(crate) body: String,
    pub(crate) state: DeliveryState,
    pub(crate) created_at: Timestamp,
    /// When it was put on its way, first or again.
    pub(crate) queued_at: Timestamp,
    pub(crate) attempts: u32,
    pub(crate) last_attempt_at: Option<Timestamp>,
    pub(crate) next_attempt_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    /// What the receiver answered last.
    pub(crate) status: Option<i64>,
    pub(crate) cause: Option<DeliveryCause>,
    pub(crate) reason: Option<String>,
}

impl DeliveryRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            webhook: row.parse("webhook")?,
            event: row.get("event")?,
            body: row.get("body")?,
            state: row.parse("state")?,
            created_at: row.get("created_at")?,
            queued_at: row.get("queued_at")?,
            attempts: u32::try_from(row.get::<i64>("attempts")?).unwrap_or(u32::MAX),
            last_attempt_at: row.get("last_attempt_at")?,
            next_attempt_at: row.get("next_attempt_at")?,
            ended_at: row.get("ended_at")?,
            status: row.get("status")?,
            cause: row.parse_optional("cause")?,
            reason: row.get("reason")?,
        })
    }
}

/// Writes a new one, to be sent at once.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: DeliveryId,
    webhook: WebhookId,
    event: &str,
    body: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO webhook_delivery (id, webhook, event, body, state, created_at, queued_at, attempts, \
         next_attempt_at) VALUES ($1, $2, $3, $4, $5, $6, $6, 0, $6)",
        args![id, webhook, event, body, DeliveryState::Pending.name(), now],
    )
    .await?;
    Ok(())
}

/// The delivery of this id.
pub(crate) async fn by_id(tx: &mut Tx, id: DeliveryId) -> Result<Option<DeliveryRow>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM webhook_delivery WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(DeliveryRow::from_row).transpose()
}

/// Those of a webhook, the newest first: in one state only, older than one only, at most so many.
pub(crate) async fn of_webhook(
    tx: &mut Tx,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    before: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<DeliveryRow>, StoreError> {
    // Ids are lower-case hexadecimal: every one of them comes before this.
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    let mut sql = "SELECT * FROM webhook_delivery WHERE webhook = $1 AND id < $2".to_owned();
    let mut args = args![webhook, before, limit];
    if let Some(state) = state {
        sql.push_str(" AND state = $4");
        args.push(state.name().into());
    }
    sql.push_str(" ORDER BY id DESC LIMIT $3");
    let rows = tx.fetch_all(AssertSqlSafe(sql), args).await?;
    rows.iter().map(DeliveryRow::from_row).collect()
}

/// Those of a webhook that failed and were made since then, oldest first.
pub(crate) async fn failed_since(
    tx: &mut Tx,
    webhook: WebhookId,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<DeliveryId>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT id FROM webhook_delivery WHERE webhook = $1 AND state = $2 AND created_at >= $3 \
             ORDER BY id LIMIT $4",
            args![webhook, DeliveryState::Failed.name(), since, limit],
        )
        .await?;
    rows.iter().map(|row| row.parse("id")).collect()
}

/// Puts one on its way again.
pub(crate) async fn queue_again(tx: &mut Tx, id: DeliveryId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE webhook_delivery SET state = $2, queued_at = $3, next_attempt_at = $3, ended_at = NULL WHERE id = $1",
        args![id, DeliveryState::Pending.name(), now],
    )
    .await?;
    Ok(())
}

/// What came of an attempt.
pub(crate) struct Attempt {
    pub(crate) state: DeliveryState,
    pub(crate) status: Option<i64>,
    pub(crate) cause: Option<DeliveryCause>,
    pub(crate) reason: Option<String>,
    pub(crate) next_attempt_at: Option<Timestamp>,
}

/// Records an attempt at one that was to be sent.
pub(crate) async fn record(tx: &mut Tx, id: DeliveryId, attempt: &Attempt) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE webhook_delivery SET state = $2, status = $3, cause = $4, reason = $5, next_attempt_at = $6, \
         last_attempt_at = $7, ended_at = $8, attempts = attempts + 1 WHERE id = $1",
        args![
            id,
            attempt.state.name(),
            attempt.status,
            attempt.cause.map(DeliveryCause::name),
            attempt.reason.clone(),
            attempt.next_attempt_at,
            now,
            (attempt.state != DeliveryState::Pending).then_some(now),
        ],
    )
    .await?;
    Ok(())
}

/// Gives up all that is still to be sent to a webhook.
pub(crate) async fn give_up(tx: &mut Tx, webhook: WebhookId, cause: DeliveryCause) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute_many(
        "UPDATE webhook_delivery SET state = $2, cause = $3, reason = NULL, next_attempt_at = NULL, ended_at = $4 \
         WHERE webhook = $1 AND state = $5",
        args![
            webhook,
            DeliveryState::Failed.name(),
            cause.name(),
            now,
            DeliveryState::Pending.name()
        ],
    )
    .await?;
    Ok(())
}

/// Forgets up to `limit` of those that ended before `before`; returns how many.
pub(crate) async fn forget(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM webhook_delivery WHERE id IN \
         (SELECT id FROM webhook_delivery WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)",
        args![before, limit],
    )
    .await
}

/// When the first of those that ended did so.
pub(crate) async fn first_end(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    tx.fetch_one("SELECT MIN(ended_at) AS first FROM webhook_delivery", args![])
        .await?
        .get("first")
}
