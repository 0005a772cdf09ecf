//! Recovery codes: each lets its owner in once without the authenticator.

use store::{StoreError, Tx, args};

use crate::OperatorId;

/// Puts new codes in place of all earlier ones.
pub(crate) async fn replace(tx: &mut Tx, operator: OperatorId, tags: &[[u8; 32]]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM recovery_code WHERE operator = $1", args![operator])
        .await?;
    for tag in tags {
        tx.execute(
            "INSERT INTO recovery_code (operator, tag) VALUES ($1, $2)",
            args![operator, tag],
        )
        .await?;
    }
    Ok(())
}

/// Uses a code up; false where it is none, or was used.
pub(crate) async fn use_up(tx: &mut Tx, operator: OperatorId, tag: &[u8; 32]) -> Result<bool, StoreError> {
    let now = tx.now();
    let used = tx
        .execute(
            "UPDATE recovery_code SET used_at = $3 WHERE operator = $1 AND tag = $2 AND used_at IS NULL",
            args![operator, tag, now],
        )
        .await?;
    Ok(used > 0)
}

/// How many are left.
pub(crate) async fn left(tx: &mut Tx, operator: OperatorId) -> Result<i64, StoreError> {
    let row = tx
        .fetch_one(
            "SELECT COUNT(*) AS codes FROM recovery_code WHERE operator = $1 AND used_at IS NULL",
            args![operator],
        )
        .await?;
    row.get("codes")
}
