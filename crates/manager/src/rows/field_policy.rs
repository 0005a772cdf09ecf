//! What is handed over as a rule: of a connection, and as it was when a task's findings arrived.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::{ConnectionId, RequestId, TaskId};

/// A connection's policy as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct PolicyRow {
    /// The policy, sealed under the connection's key.
    pub(crate) content: Vec<u8>,
    pub(crate) changed_at: Timestamp,
    pub(crate) changed_by: String,
}

/// The policy of a connection, if somebody saved one.
pub(crate) async fn of_connection(tx: &mut Tx, connection: ConnectionId) -> Result<Option<PolicyRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT content, changed_at, changed_by FROM field_policy WHERE connection = $1",
            args![connection],
        )
        .await?;
    row.map(|row| {
        Ok(PolicyRow {
            content: row.get("content")?,
            changed_at: row.get("changed_at")?,
            changed_by: row.get("changed_by")?,
        })
    })
    .transpose()
}

/// Saves the policy of a connection.
pub(crate) async fn save(
    tx: &mut Tx,
    connection: ConnectionId,
    content: Vec<u8>,
    changed_by: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO field_policy (connection, content, version, changed_at, changed_by) VALUES ($1, $2, 1, $3, $4) \
         ON CONFLICT (connection) DO UPDATE SET content = excluded.content, version = field_policy.version + 1, \
         changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        args![connection, content, now, changed_by],
    )
    .await?;
    Ok(())
}

/// Forgets the policy of a connection.
pub(crate) async fn forget(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM field_policy WHERE connection = $1", args![connection])
        .await?;
    Ok(())
}

/// Keeps the policy that holds for what a task found, sealed under the request's key; none: everything is handed over.
pub(crate) async fn freeze(
    tx: &mut Tx,
    task: TaskId,
    request: RequestId,
    content: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    tx.execute("DELETE FROM task_policy WHERE task = $1", args![task])
        .await?;
    if let Some(content) = content {
        tx.execute(
            "INSERT INTO task_policy (task, request, content) VALUES ($1, $2, $3)",
            args![task, request, content],
        )
        .await?;
    }
    Ok(())
}

/// The policies that hold for what was found for a request.
pub(crate) async fn of_request(tx: &mut Tx, request: RequestId) -> Result<Vec<(TaskId, Vec<u8>)>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT task, content FROM task_policy WHERE request = $1 ORDER BY task",
            args![request],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.parse("task")?, row.get("content")?)))
        .collect()
}
