//! Wrong passwords and client secrets of the last minute, where several servers must know of them.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

/// Notes a wrong attempt.
pub(crate) async fn insert(tx: &mut Tx, key: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute("INSERT INTO wrong_attempt (key, at) VALUES ($1, $2)", args![key, at])
        .await?;
    Ok(())
}

/// When the attempt after `since` was that has `newer` attempts behind it, if there are so many.
pub(crate) async fn newest_but(
    tx: &mut Tx,
    key: &str,
    since: Timestamp,
    newer: i64,
) -> Result<Option<Timestamp>, StoreError> {
    tx.fetch_optional(
        "SELECT at FROM wrong_attempt WHERE key = $1 AND at > $2 ORDER BY at DESC LIMIT 1 OFFSET $3",
        args![key, since, newer],
    )
    .await?
    .map(|row| row.get("at"))
    .transpose()
}

/// Forgets attempts that do not count any more.
pub(crate) async fn delete_before(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM wrong_attempt WHERE at < $1", args![before])
        .await?;
    Ok(())
}
