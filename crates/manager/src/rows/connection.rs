//! Connections.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{ConnectionId, app::connection_state::ConnectionState};

/// A connection as it is stored; what is sealed is sealed.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionRow {
    pub(crate) id: ConnectionId,
    pub(crate) connector: String,
    pub(crate) name: String,
    pub(crate) state: ConnectionState,
    pub(crate) version: i64,
    /// The lane of calls to its organisation.
    pub(crate) lane: String,
    /// The wrapped data key; gone once the connection is removed.
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Vec<u8>>,
    /// As they were given, without the secret ones.
    pub(crate) settings: serde_json::Value,
    pub(crate) secret_settings: Option<Vec<u8>>,
    /// Where the grant in use came from and is refreshed.
    pub(crate) endpoints: Option<String>,
    pub(crate) tokens: Option<Vec<u8>>,
    pub(crate) generation: i64,
    pub(crate) token_received_at: Option<Timestamp>,
    pub(crate) token_expires_at: Option<Timestamp>,
    pub(crate) refresh_lease: Option<String>,
    pub(crate) refresh_lease_until: Timestamp,
    pub(crate) account_id: Option<String>,
    pub(crate) account_name: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) user_email: Option<Vec<u8>>,
    pub(crate) pending: Option<Vec<u8>>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) failing_since: Option<Timestamp>,
    pub(crate) alerted_at: Option<Timestamp>,
    pub(crate) last_success_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) removed_at: Option<Timestamp>,
}

impl ConnectionRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            connector: row.get("connector")?,
            name: row.get("name")?,
            state: row.parse("state")?,
            version: row.get("version")?,
            lane: row.get("lane")?,
            key: row.get("key")?,
            client_id: row.get("client_id")?,
            client_secret: row.get("client_secret")?,
            settings: row.json("settings")?,
            secret_settings: row.get("secret_settings")?,
            endpoints: row.get("endpoints")?,
            tokens: row.get("tokens")?,
            generation: row.get("generation")?,
            token_received_at: row.get("token_received_at")?,
            token_expires_at: row.get("token_expires_at")?,
            refresh_lease: row.get("refresh_lease")?,
            refresh_lease_until: row.get("refresh_lease_until")?,
            account_id: row.get("account_id")?,
            account_name: row.get("account_name")?,
            user_id: row.get("user_id")?,
            user_email: row.get("user_email")?,
            pending: row.get("pending")?,
            error_code: row.get("error_code")?,
            error_message: row.get("error_message")?,
            failing_since: row.get("failing_since")?,
            alerted_at: row.get("alerted_at")?,
            last_success_at: row.get("last_success_at")?,
            created_at: row.get("created_at")?,
            removed_at: row.get("removed_at")?,
        })
    }
}

/// The connection of this id, unless it was removed.
pub(crate) async fn by_id(tx: &mut Tx, id: ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT * FROM connection WHERE id = $1 AND removed_at IS NULL",
            args![id],
        )
        .await?;
    row.as_ref().map(ConnectionRow::from_row).transpose()
}

/// The same, held until the end of the transaction: for decisions on what was read.
pub(crate) async fn locked(tx: &mut Tx, id: ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
    tx.lock("connection", &id.to_string()).await?;
    by_id(tx, id).await
}

/// A connection's name, also of one that was removed.
pub(crate) async fn name(tx: &mut Tx, id: ConnectionId) -> Result<Option<String>, StoreError> {
    let row = tx
        .fetch_optional("SELECT name FROM connection WHERE id = $1", args![id])
        .await?;
    row.map(|row| row.get("name")).transpose()
}

/// Every connection that was not removed, oldest first.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<ConnectionRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM connection WHERE removed_at IS NULL ORDER BY created_at, id LIMIT 1000",
            args![],
        )
        .await?;
    rows.iter().map(ConnectionRow::from_row).collect()
}

/// The connections whose calls go over this lane.
pub(crate) async fn of_lane(tx: &mut Tx, lane: &str) -> Result<Vec<ConnectionRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM connection WHERE lane = $1 AND removed_at IS NULL ORDER BY created_at, id LIMIT 1000",
            args![lane],
        )
        .await?;
    rows.iter().map(ConnectionRow::from_row).collect()
}

/// Whether somebody has begun to remove the connection.
pub(crate) async fn is_being_removed(tx: &mut Tx, erasing: &str) -> Result<bool, StoreError> {
    let row = tx
        .fetch_optional("SELECT id FROM job WHERE key = $1", args![erasing])
        .await?;
    Ok(row.is_some())
}

/// Writes a new connection.
pub(crate) async fn insert(tx: &mut Tx, row: &ConnectionRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO connection (id, connector, name, state, version, lane, key, client_id, settings, generation, \
         refresh_lease_until, created_at) VALUES ($1, $2, $3, $4, 0, $5, $6, $7, '{}', 0, 0, $8)",
        args![
            row.id,
            &row.connector,
            &row.name,
            row.state.name(),
            &row.lane,
            row.key.clone(),
            &row.client_id,
            row.created_at
        ],
    )
    .await?;
    save(tx, row).await
}

/// Writes back what was read and changed; [`StoreError::Stale`] where somebody else was faster.
pub(crate) async fn save(tx: &mut Tx, row: &ConnectionRow) -> Result<(), StoreError> {
    let changed = tx
        .execute(
            "UPDATE connection SET version = version + 1, name = $3, state = $4, lane = $5, key = $6, client_id = $7, \
             client_secret = $8, settings = $9, secret_settings = $10, endpoints = $11, tokens = $12, generation = $13, \
             token_received_at = $14, token_expires_at = $15, refresh_lease = $16, refresh_lease_until = $17, \
             account_id = $18, account_name = $19, user_id = $20, user_email = $21, pending = $22, error_code = $23, \
             error_message = $24, failing_since = $25, alerted_at = $26, last_success_at = $27, removed_at = $28 \
             WHERE id = $1 AND version = $2",
            args![
                row.id,
                row.version,
                &row.name,
                row.state.name(),
                &row.lane,
                row.key.clone(),
                &row.client_id,
                row.client_secret.clone(),
                row.settings.to_string(),
                row.secret_settings.clone(),
                row.endpoints.clone(),
                row.tokens.clone(),
                row.generation,
                row.token_received_at,
                row.token_expires_at,
                row.refresh_lease.clone(),
                row.refresh_lease_until,
                row.account_id.clone(),
                row.account_name.clone(),
                row.user_id.clone(),
                row.user_email.clone(),
                row.pending.clone(),
                row.error_code.clone(),
                row.error_message.clone(),
                row.failing_since,
                row.alerted_at,
                row.last_success_at,
                row.removed_at
            ],
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale { what: "connection" })
    }
}

/// A call worked: the connection is well. At most one write a minute; the version stays, for nothing is decided on it.
pub(crate) async fn succeeded(tx: &mut Tx, id: ConnectionId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE connection SET last_success_at = $2, failing_since = NULL, alerted_at = NULL, error_code = NULL, \
         error_message = NULL \
         WHERE id = $1 AND state = 'connected' AND (last_success_at IS NULL OR last_success_at < $2 - 60000000 OR \
         failing_since IS NOT NULL)",
        args![id, now],
    )
    .await?;
    Ok(())
}
