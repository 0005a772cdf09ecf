//! Browser sessions.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use super::operator::OperatorRow;
use crate::OperatorId;

/// A session and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct SessionRow {
    pub(crate) began_at: Timestamp,
    pub(crate) used_at: Timestamp,
    pub(crate) operator: OperatorRow,
}

/// Begins a session, and forgets those that began before `forgotten`.
pub(crate) async fn begin(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    operator: OperatorId,
    forgotten: Timestamp,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM browser_session WHERE began_at < $1", args![forgotten])
        .await?;
    tx.execute(
        "INSERT INTO browser_session (token_hash, operator, began_at, used_at) VALUES ($1, $2, $3, $3)",
        args![token_hash, operator, now],
    )
    .await?;
    Ok(())
}

/// The session of this token, if its operator may still log in.
pub(crate) async fn find(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT s.began_at, s.used_at, o.* FROM browser_session s JOIN operator o ON o.id = s.operator \
             WHERE s.token_hash = $1 AND o.deactivated_at IS NULL",
            args![token_hash],
        )
        .await?;
    row.map(|row| {
        Ok(SessionRow {
            began_at: row.get("began_at")?,
            used_at: row.get("used_at")?,
            operator: OperatorRow::from_row(&row)?,
        })
    })
    .transpose()
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

/// Ends the session.
pub(crate) async fn end(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browser_session WHERE token_hash = $1", args![token_hash])
        .await?;
    Ok(())
}
