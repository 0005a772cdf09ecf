//! Counting what needs a person.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

/// How many open requests are due from `from` and before `until`, `most` at most.
pub(crate) async fn due_between(
    tx: &mut Tx,
    (from, until): (Timestamp, Timestamp),
    most: i64,
) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS due FROM \
         (SELECT 1 FROM request WHERE state <> 'closed' AND due_at >= $1 AND due_at < $2 LIMIT $3) AS counted",
        args![from, until, most],
    )
    .await?
    .get("due")
}

/// How many open requests have a task that failed, `most` at most.
pub(crate) async fn with_failed_tasks(tx: &mut Tx, most: i64) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS failed FROM (SELECT 1 FROM request WHERE failed LIMIT $1) AS counted",
        args![most],
    )
    .await?
    .get("failed")
}
