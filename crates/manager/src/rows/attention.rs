//! Counting what needs a person.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

/// How many open requests are due before `at`.
pub(crate) async fn due_before(tx: &mut Tx, at: Timestamp) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS due FROM request WHERE state <> 'closed' AND due_at < $1",
        args![at],
    )
    .await?
    .get("due")
}

/// How many open requests have a task that failed.
pub(crate) async fn with_failed_tasks(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(DISTINCT task.request) AS failed FROM task JOIN request ON request.id = task.request \
         WHERE task.status = 'failed' AND request.state <> 'closed'",
        args![],
    )
    .await?
    .get("failed")
}
