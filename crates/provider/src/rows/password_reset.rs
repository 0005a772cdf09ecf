//! Mailed links to choose a new password, by the hash of their token.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::UserId;

pub(crate) async fn insert(tx: &mut Tx, hash: [u8; 32], user: UserId, expires_at: Timestamp) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO password_reset (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        args![hash, user, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Whose link it is, as long as it lasts.
pub(crate) async fn by_hash(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<UserId>, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_optional(
            "SELECT user_id FROM password_reset WHERE token_hash = $1 AND expires_at > $2",
            args![hash, now],
        )
        .await?;
    row.map(|row| row.parse("user_id")).transpose()
}

/// How many were mailed to a user since then.
pub(crate) async fn count_since(tx: &mut Tx, user: UserId, since: Timestamp) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS mailed FROM password_reset WHERE user_id = $1 AND created_at > $2",
        args![user, since],
    )
    .await?
    .get("mailed")
}

/// Ends all links of a user.
pub(crate) async fn delete_of_user(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM password_reset WHERE user_id = $1", args![user])
        .await?;
    Ok(())
}

pub(crate) async fn delete_before(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM password_reset WHERE expires_at < $1", args![before])
        .await?;
    Ok(())
}
