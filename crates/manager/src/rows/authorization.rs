//! Authorizations that were begun, and how they ended.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::ConnectionId;

/// An authorization that waits for its callback.
#[derive(Debug, Clone)]
pub(crate) struct FlowRow {
    /// SHA-256 of the state, as text.
    pub(crate) state_hash: String,
    pub(crate) connection: ConnectionId,
    /// The browser session that it is bound to, where one began it.
    pub(crate) session_hash: Option<Vec<u8>>,
    /// The PKCE verifier, sealed under the connection's key.
    pub(crate) verifier: Vec<u8>,
    pub(crate) redirect_uri: String,
    /// The authorization server that it is pinned to.
    pub(crate) endpoints: String,
    /// Who began it, as an actor.
    pub(crate) begun_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl FlowRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            state_hash: row.get("state_hash")?,
            connection: row.parse("connection")?,
            session_hash: row.get("session_hash")?,
            verifier: row.get("verifier")?,
            redirect_uri: row.get("redirect_uri")?,
            endpoints: row.get("endpoints")?,
            begun_by: row.get("begun_by")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
        })
    }
}

/// Keeps a flow until its callback, and forgets those whose time is over.
pub(crate) async fn begin(tx: &mut Tx, flow: &FlowRow) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM authorization_flow WHERE expires_at <= $1", args![now])
        .await?;
    tx.execute("DELETE FROM authorization_outcome WHERE expires_at <= $1", args![now])
        .await?;
    tx.execute(
        "INSERT INTO authorization_flow (state_hash, connection, session_hash, verifier, redirect_uri, endpoints, \
         begun_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            &flow.state_hash,
            flow.connection,
            flow.session_hash.clone(),
            &flow.verifier,
            &flow.redirect_uri,
            &flow.endpoints,
            &flow.begun_by,
            flow.created_at,
            flow.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// Takes the flow of this state out: it is there once. One whose time is over is not there.
pub(crate) async fn take(tx: &mut Tx, state_hash: &str) -> Result<Option<FlowRow>, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_optional(
            "DELETE FROM authorization_flow WHERE state_hash = $1 RETURNING *",
            args![state_hash],
        )
        .await?;
    let flow = row.as_ref().map(FlowRow::from_row).transpose()?;
    Ok(flow.filter(|flow| flow.expires_at > now))
}

/// Forgets the flows of a connection.
pub(crate) async fn forget(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM authorization_flow WHERE connection = $1",
        args![connection],
    )
    .await?;
    Ok(())
}

/// Keeps how a flow ended, for the page that the browser is sent to.
pub(crate) async fn keep_outcome(
    tx: &mut Tx,
    ticket_hash: &str,
    connection: ConnectionId,
    outcome: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO authorization_outcome (ticket_hash, connection, outcome, expires_at) VALUES ($1, $2, $3, $4)",
        args![ticket_hash, connection, outcome, expires_at],
    )
    .await?;
    Ok(())
}

/// How the flow of this ticket ended.
pub(crate) async fn outcome(tx: &mut Tx, ticket_hash: &str) -> Result<Option<(ConnectionId, String)>, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_optional(
            "SELECT connection, outcome FROM authorization_outcome WHERE ticket_hash = $1 AND expires_at > $2",
            args![ticket_hash, now],
        )
        .await?;
    row.map(|row| Ok((row.parse("connection")?, row.get("outcome")?)))
        .transpose()
}
