//! Browser sessions of logged-in users, by the hash of their cookie.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::{AccountId, UserId};

/// A session as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredSession {
    pub(crate) user: UserId,
    /// The account that the settings pages show.
    pub(crate) account: AccountId,
    pub(crate) began_at: Timestamp,
    pub(crate) used_at: Timestamp,
    /// When the user last proved who they are.
    pub(crate) proven_at: Timestamp,
}

pub(crate) async fn insert(tx: &mut Tx, hash: [u8; 32], user: UserId, account: AccountId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO browser_session (token_hash, user_id, account_id, began_at, used_at, proven_at) \
         VALUES ($1, $2, $3, $4, $4, $4)",
        args![hash, user, account, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_hash(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<StoredSession>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM browser_session WHERE token_hash = $1", args![hash])
        .await?;
    row.map(|row| {
        Ok(StoredSession {
            user: row.parse("user_id")?,
            account: AccountId(row.get("account_id")?),
            began_at: row.get("began_at")?,
            used_at: row.get("used_at")?,
            proven_at: row.get("proven_at")?,
        })
    })
    .transpose()
}

/// How long a user's other sessions have lasted: when each began and was last used, the last used first.
pub(crate) async fn others(
    tx: &mut Tx,
    user: UserId,
    but: [u8; 32],
) -> Result<Vec<(Timestamp, Timestamp)>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT began_at, used_at FROM browser_session WHERE user_id = $1 AND token_hash <> $2 \
             ORDER BY used_at DESC, began_at LIMIT 100",
            args![user, but],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("began_at")?, row.get("used_at")?)))
        .collect()
}

/// The user has just proved again who they are.
pub(crate) async fn proven(tx: &mut Tx, hash: [u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE browser_session SET proven_at = $2 WHERE token_hash = $1",
        args![hash, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn used(tx: &mut Tx, hash: [u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE browser_session SET used_at = $2 WHERE token_hash = $1",
        args![hash, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_account(tx: &mut Tx, hash: [u8; 32], account: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE browser_session SET account_id = $2 WHERE token_hash = $1",
        args![hash, account],
    )
    .await?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut Tx, hash: [u8; 32]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browser_session WHERE token_hash = $1", args![hash])
        .await?;
    tx.execute("DELETE FROM authorization_request WHERE session_hash = $1", args![hash])
        .await?;
    Ok(())
}

pub(crate) async fn delete_of_user(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browser_session WHERE user_id = $1", args![user])
        .await?;
    Ok(())
}

/// Ends a user's sessions but one.
pub(crate) async fn delete_others(tx: &mut Tx, user: UserId, kept: [u8; 32]) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM browser_session WHERE user_id = $1 AND token_hash <> $2",
        args![user, kept],
    )
    .await?;
    Ok(())
}

/// Forgets sessions that cannot last any more.
pub(crate) async fn delete_ended(
    tx: &mut Tx,
    used_before: Timestamp,
    began_before: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM browser_session WHERE used_at < $1 OR began_at < $2",
        args![used_before, began_before],
    )
    .await?;
    Ok(())
}
