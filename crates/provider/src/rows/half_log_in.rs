//! Log-ins whose password was right and that wait for a code, by the hash of their cookie.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::UserId;

pub(crate) async fn insert(tx: &mut Tx, hash: [u8; 32], user: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO half_log_in (token_hash, user_id, began_at) VALUES ($1, $2, $3)",
        args![hash, user, now],
    )
    .await?;
    Ok(())
}

/// Who logs in, and since when.
pub(crate) async fn by_hash(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<(UserId, Timestamp)>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM half_log_in WHERE token_hash = $1", args![hash])
        .await?;
    row.map(|row| Ok((row.parse("user_id")?, row.get("began_at")?)))
        .transpose()
}

pub(crate) async fn delete(tx: &mut Tx, hash: [u8; 32]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM half_log_in WHERE token_hash = $1", args![hash])
        .await?;
    Ok(())
}

/// Ends those of a user: their password is another one now.
pub(crate) async fn delete_of_user(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM half_log_in WHERE user_id = $1", args![user])
        .await?;
    Ok(())
}

pub(crate) async fn delete_before(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM half_log_in WHERE began_at < $1", args![before])
        .await?;
    Ok(())
}
