//! Numbers that are handed out one after the other.

use store::{StoreError, Tx, args};

/// The next number of the counter `name`.
pub(crate) async fn next(tx: &mut Tx, name: &str) -> Result<i64, StoreError> {
    tx.fetch_one(
        "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value",
        args![name],
    )
    .await?
    .get("value")
}
