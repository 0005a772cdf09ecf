//! API keys.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::{ApiKeyId, Scopes};

/// A key as stored: its hash alone.
#[derive(Debug, Clone)]
pub(crate) struct ApiKeyRow {
    pub(crate) id: ApiKeyId,
    pub(crate) scopes: Scopes,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// Writes a new key.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: ApiKeyId,
    name: &str,
    hash: &[u8; 32],
    scopes: &Scopes,
    created_by: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO api_key (id, name, hash, scopes, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)",
        args![id, name, hash, scopes.to_string(), now, created_by],
    )
    .await?;
    Ok(())
}

/// The key of this hash, unless it was revoked.
pub(crate) async fn by_hash(tx: &mut Tx, hash: &[u8; 32]) -> Result<Option<ApiKeyRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT id, scopes, last_used_at FROM api_key WHERE hash = $1 AND revoked_at IS NULL",
            args![hash],
        )
        .await?;
    row.map(|row| {
        Ok(ApiKeyRow {
            id: row.parse("id")?,
            scopes: row.parse("scopes")?,
            last_used_at: row.get("last_used_at")?,
        })
    })
    .transpose()
}

/// Notes that the key was used.
pub(crate) async fn used(tx: &mut Tx, id: ApiKeyId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("UPDATE api_key SET last_used_at = $2 WHERE id = $1", args![id, now])
        .await?;
    Ok(())
}

/// A key as it is listed.
#[derive(Debug, Clone)]
pub(crate) struct ListedKey {
    pub(crate) id: ApiKeyId,
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
    pub(crate) created_at: Timestamp,
    pub(crate) created_by: String,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// All keys, those that work first, the newest first.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<ListedKey>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM api_key ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, created_at DESC, id LIMIT 1000",
            args![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ListedKey {
                id: row.parse("id")?,
                name: row.get("name")?,
                scopes: row.parse("scopes")?,
                created_at: row.get("created_at")?,
                created_by: row.get("created_by")?,
                last_used_at: row.get("last_used_at")?,
                revoked_at: row.get("revoked_at")?,
            })
        })
        .collect()
}

/// Revokes the key; false where there is none to revoke.
pub(crate) async fn revoke(tx: &mut Tx, id: ApiKeyId) -> Result<bool, StoreError> {
    let now = tx.now();
    let revoked = tx
        .execute(
            "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            args![id, now],
        )
        .await?;
    Ok(revoked > 0)
}
