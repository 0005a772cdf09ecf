//! Browser sessions.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use super::operator::OperatorRow;
use crate::{OperatorId, SessionId};

/// A session and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct SessionRow {
    pub(crate) session: Session,
    pub(crate) operator: OperatorRow,
}

/// A session, without its token.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) began_at: Timestamp,
    pub(crate) used_at: Timestamp,
    /// When the person last proved who they are.
    pub(crate) confirmed_at: Timestamp,
    pub(crate) origin: Option<String>,
    pub(crate) agent: String,
}

impl Session {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("session_id")?,
            began_at: row.get("began_at")?,
            used_at: row.get("used_at")?,
            confirmed_at: row.get("confirmed_at")?,
            origin: row.get("origin")?,
            agent: row.get("agent")?,
        })
    }
}

/// What a session begins with.
pub(crate) struct NewSession<'a> {
    pub(crate) id: SessionId,
    pub(crate) token_hash: [u8; 32],
    pub(crate) operator: OperatorId,
    pub(crate) origin: Option<String>,
    pub(crate) agent: &'a str,
}

/// Begins a session, and forgets those that began before `forgotten`.
pub(crate) async fn begin(tx: &mut Tx, new: NewSession<'_>, forgotten: Timestamp) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM browser_session WHERE began_at < $1", args![forgotten])
        .await?;
    tx.execute(
        "INSERT INTO browser_session (token_hash, operator, began_at, used_at, confirmed_at, id, origin, agent) \
         VALUES ($1, $2, $3, $3, $3, $4, $5, $6)",
        args![new.token_hash, new.operator, now, new.id, new.origin, new.agent],
    )
    .await?;
    Ok(())
}

/// The session of this token, if its operator may still log in.
pub(crate) async fn find(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT s.id AS session_id, s.began_at, s.used_at, s.confirmed_at, s.origin, s.agent, o.* \
             FROM browser_session s JOIN operator o ON o.id = s.operator \
             WHERE s.token_hash = $1 AND o.deactivated_at IS NULL AND o.activated_at IS NOT NULL",
            args![token_hash],
        )
        .await?;
    row.map(|row| {
        Ok(SessionRow {
            session: Session::from_row(&row)?,
            operator: OperatorRow::from_row(&row)?,
        })
    })
    .transpose()
}

/// The operator's sessions, the one used last first.
pub(crate) async fn of(tx: &mut Tx, operator: OperatorId) -> Result<Vec<Session>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT id AS session_id, began_at, used_at, confirmed_at, origin, agent FROM browser_session \
             WHERE operator = $1 ORDER BY used_at DESC, id LIMIT 500",
            args![operator],
        )
        .await?;
    rows.iter().map(Session::from_row).collect()
}

/// Notes that the session was used.
pub(crate) async fn used(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE browser_session SET used_at = $2 WHERE token_hash = $1",
        args![token_hash, now],
    )
    .await?;
    Ok(())
}

/// Notes that the person proved once more who they are.
pub(crate) async fn confirmed(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE browser_session SET confirmed_at = $2 WHERE token_hash = $1",
        args![token_hash, now],
    )
    .await?;
    Ok(())
}

/// Ends the session.
pub(crate) async fn end(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browser_session WHERE token_hash = $1", args![token_hash])
        .await?;
    Ok(())
}

/// Ends one of the operator's sessions; false where there is no such one.
pub(crate) async fn end_one(tx: &mut Tx, operator: OperatorId, id: SessionId) -> Result<bool, StoreError> {
    let ended = tx
        .execute(
            "DELETE FROM browser_session WHERE operator = $1 AND id = $2",
            args![operator, id],
        )
        .await?;
    Ok(ended > 0)
}

/// Ends the operator's sessions, all or all but one; how many there were.
pub(crate) async fn end_all(tx: &mut Tx, operator: OperatorId, but: Option<SessionId>) -> Result<u64, StoreError> {
    let but = but.map(|id| id.to_string()).unwrap_or_default();
    tx.execute(
        "DELETE FROM browser_session WHERE operator = $1 AND id <> $2",
        args![operator, but],
    )
    .await
}
