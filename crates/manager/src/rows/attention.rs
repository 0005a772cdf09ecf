//! Counting what needs a person.

use jiff::Timestamp;
use store::{AssertSqlSafe, StoreError, Tx, Value, args};

use crate::{ConnectionId, RequestId};

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

/// Requests in review in which one of these connections takes part, each with that connection, `most` at most; the first
/// deadline first.
pub(crate) async fn in_review_with(
    tx: &mut Tx,
    connections: &[ConnectionId],
    most: i64,
) -> Result<Vec<(RequestId, ConnectionId)>, StoreError> {
    if connections.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (2..connections.len() + 2).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT DISTINCT r.due_at, r.id, t.connection FROM request r JOIN task t ON t.request = r.id \
         WHERE r.state = 'pending_review' AND t.connection IN ({}) ORDER BY r.due_at, r.id, t.connection LIMIT $1",
        places.join(", ")
    );
    let mut values: Vec<Value> = vec![most.into()];
    values.extend(connections.iter().map(|id| Value::from(*id)));
    let rows = tx.fetch_all(AssertSqlSafe(sql), values).await?;
    rows.iter()
        .map(|row| Ok((row.parse("id")?, row.parse("connection")?)))
        .collect()
}
