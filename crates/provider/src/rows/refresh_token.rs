//! Refresh tokens that rotate (public applications), by their hash. Those of confidential ones are not stored.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::GrantId;

/// A rotating refresh token as stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredRefreshToken {
    pub(crate) issued_at: Timestamp,
    pub(crate) rotated_at: Option<Timestamp>,
}

pub(crate) async fn insert(tx: &mut Tx, hash: [u8; 32], grant: GrantId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO refresh_token (token_hash, grant_id, issued_at) VALUES ($1, $2, $3)",
        args![hash, grant, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_hash(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<StoredRefreshToken>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT issued_at, rotated_at FROM refresh_token WHERE token_hash = $1",
            args![hash],
        )
        .await?;
    row.map(|row| {
        Ok(StoredRefreshToken {
            issued_at: row.get("issued_at")?,
            rotated_at: row.get("rotated_at")?,
        })
    })
    .transpose()
}

/// Another token took its place. The first time counts, so that the grace does not grow.
pub(crate) async fn rotated(tx: &mut Tx, hash: [u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE refresh_token SET rotated_at = $2 WHERE token_hash = $1 AND rotated_at IS NULL",
        args![hash, now],
    )
    .await?;
    Ok(())
}

/// Forgets the tokens of grants that are gone.
pub(crate) async fn delete_orphans(tx: &mut Tx, rotated_before: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM refresh_token WHERE rotated_at < $1 AND grant_id IN \
         (SELECT id FROM access_grant WHERE revoked_at IS NOT NULL)",
        args![rotated_before],
    )
    .await?;
    Ok(())
}
