//! Authorization requests that wait for the user's decision. What they ask stands here and nowhere in a form.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::{AccountId, RequestId};

/// A request as stored.
pub(crate) struct StoredRequest {
    /// The query of `/oauth2/authorize`, as it came.
    pub(crate) query: String,
    /// The account that the user chose, where there was a choice.
    pub(crate) account: Option<AccountId>,
    pub(crate) created_at: Timestamp,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: RequestId,
    session: [u8; 32],
    query: &str,
    account: Option<AccountId>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO authorization_request (id, session_hash, query, account_id, created_at) VALUES ($1, $2, $3, $4, $5)",
        args![id, session, query, account.map(|account| account.0), now],
    )
    .await?;
    Ok(())
}

/// The request of this id, if it is this session's.
pub(crate) async fn by_id(tx: &mut Tx, id: RequestId, session: [u8; 32]) -> Result<Option<StoredRequest>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT * FROM authorization_request WHERE id = $1 AND session_hash = $2",
            args![id, session],
        )
        .await?;
    row.map(|row| {
        Ok(StoredRequest {
            query: row.get("query")?,
            account: row.get::<Option<i64>>("account_id")?.map(AccountId),
            created_at: row.get("created_at")?,
        })
    })
    .transpose()
}

pub(crate) async fn set_account(tx: &mut Tx, id: RequestId, account: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE authorization_request SET account_id = $2 WHERE id = $1",
        args![id, account],
    )
    .await?;
    Ok(())
}

/// Takes the request away; false if somebody else did.
pub(crate) async fn take(tx: &mut Tx, id: RequestId) -> Result<bool, StoreError> {
    let gone = tx
        .execute("DELETE FROM authorization_request WHERE id = $1", args![id])
        .await?;
    Ok(gone == 1)
}

pub(crate) async fn delete_before(tx: &mut Tx, created_before: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM authorization_request WHERE created_at < $1",
        args![created_before],
    )
    .await?;
    Ok(())
}
