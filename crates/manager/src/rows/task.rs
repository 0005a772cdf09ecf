//! Tasks: one job at one vendor each.

use connectors::By as DoneBy;
use jiff::Timestamp;
use privacy::{
    IdentityType,
    task::{Task, TaskKind},
};
use serde_json::json;
use store::{Row, StoreError, Tx, args};

use crate::{ConnectionId, RequestId, TaskId};

/// A task as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct TaskRow {
    pub(crate) id: TaskId,
    pub(crate) request: RequestId,
    pub(crate) connection: ConnectionId,
    pub(crate) connector: String,
    /// Who does it.
    pub(crate) done_by: DoneBy,
    /// Its place among the tasks of the request.
    pub(crate) position: i64,
    /// Which deletion of the request it belongs to, from 1; 0 for what comes before any.
    pub(crate) round: u32,
    pub(crate) data_type: String,
    pub(crate) identifier_type: IdentityType,
    pub(crate) task: Task,
    /// What was last known of the vendor's job; it stays when the task has ended.
    pub(crate) vendor_job_id: Option<String>,
    pub(crate) vendor_status: Option<String>,
    pub(crate) last_poll_at: Option<Timestamp>,
    pub(crate) expected_by: Option<Timestamp>,
    pub(crate) export: Option<Vec<u8>>,
    pub(crate) export_expires_at: Option<Timestamp>,
    /// A code of ours for something a person should look at.
    pub(crate) warning: Option<String>,
    pub(crate) created_at: Timestamp,
}

impl TaskRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            request: row.parse("request")?,
            connection: row.parse("connection")?,
            connector: row.get("connector")?,
            done_by: done_by(row)?,
            position: row.get("position")?,
            round: u32::try_from(row.get::<i64>("round")?).unwrap_or(u32::MAX),
            data_type: row.get("data_type")?,
            identifier_type: row.parse("identifier_type")?,
            task: row.json("state")?,
            vendor_job_id: row.get("vendor_job_id")?,
            vendor_status: row.get("vendor_status")?,
            last_poll_at: row.get("last_poll_at")?,
            expected_by: row.get("expected_by")?,
            export: row.get("export")?,
            export_expires_at: row.get("export_expires_at")?,
            warning: row.get("warning")?,
            created_at: row.get("created_at")?,
        })
    }

    /// Whether a person does it through a mailed form.
    pub(crate) fn is_by_contact(&self) -> bool {
        self.done_by == DoneBy::DirectContact
    }

    /// What it does.
    pub(crate) const fn kind(&self) -> TaskKind {
        self.task.kind
    }

    /// The key of its one durable job.
    pub(crate) fn job_key(&self) -> String {
        format!("task:{}", self.id)
    }
}

fn done_by(row: &Row) -> Result<DoneBy, StoreError> {
    DoneBy::of_name(&row.get::<String>("done_by")?).ok_or_else(|| StoreError::Corrupt {
        what: "task",
        reason: "nobody knows who does it".to_owned(),
    })
}

/// Of which request a task is.
pub(crate) async fn request_of(tx: &mut Tx, id: TaskId) -> Result<Option<RequestId>, StoreError> {
    let row = tx
        .fetch_optional("SELECT request FROM task WHERE id = $1", args![id])
        .await?;
    row.map(|row| row.parse("request")).transpose()
}

/// The tasks of a request, in the order in which they were planned.
pub(crate) async fn of_request(tx: &mut Tx, request: RequestId) -> Result<Vec<TaskRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM task WHERE request = $1 ORDER BY position",
            args![request],
        )
        .await?;
    rows.iter().map(TaskRow::from_row).collect()
}

/// Requests that have open tasks of a connection, after `after`, in the order of their ids.
pub(crate) async fn requests_waiting_on(
    tx: &mut Tx,
    connection: ConnectionId,
    after: &str,
    limit: i64,
) -> Result<Vec<RequestId>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT DISTINCT request FROM task WHERE connection = $1 AND request > $2 \
             AND status NOT IN ('complete', 'skipped', 'stopped', 'expired') ORDER BY request LIMIT $3",
            args![connection, after, limit],
        )
        .await?;
    rows.iter().map(|row| row.parse("request")).collect()
}

/// How many open tasks a connection has.
pub(crate) async fn count_open(tx: &mut Tx, connection: ConnectionId) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS open FROM task WHERE connection = $1 \
         AND status NOT IN ('complete', 'skipped', 'stopped', 'expired')",
        args![connection],
    )
    .await?
    .get("open")
}

/// A task that waits for the vendor.
#[derive(Debug, Clone)]
pub(crate) struct Processing {
    pub(crate) task: TaskId,
    pub(crate) request: RequestId,
    pub(crate) vendor_job_id: String,
    /// Since when the vendor has had it.
    pub(crate) since: Timestamp,
    /// When the vendor is to be asked next.
    pub(crate) next_poll_at: Option<Timestamp>,
}

/// How many tasks of a connection wait for the vendor, `most` at most.
pub(crate) async fn count_processing(tx: &mut Tx, connection: ConnectionId, most: i64) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS flying FROM \
         (SELECT 1 FROM task WHERE connection = $1 AND status = 'processing' LIMIT $2) AS counted",
        args![connection, most],
    )
    .await?
    .get("flying")
}

/// The tasks of a connection that wait for the vendor.
pub(crate) async fn processing(
    tx: &mut Tx,
    connection: ConnectionId,
    limit: i64,
) -> Result<Vec<Processing>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT id, request, vendor_job_id, state FROM task WHERE connection = $1 AND status = 'processing' \
             AND vendor_job_id IS NOT NULL ORDER BY id LIMIT $2",
            args![connection, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let Task { state, .. } = row.json("state")?;
            Ok(Processing {
                task: row.parse("id")?,
                request: row.parse("request")?,
                vendor_job_id: row.get("vendor_job_id")?,
                since: state.since(),
                next_poll_at: state.phase().and_then(|phase| phase.job()?.next_poll_at),
            })
        })
        .collect()
}

/// Writes a new task.
pub(crate) async fn insert(tx: &mut Tx, row: &TaskRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO task (id, request, connection, connector, position, kind, round, data_type, identifier_type, \
         status, state, created_at, done_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        args![
            row.id,
            row.request,
            row.connection,
            &row.connector,
            row.position,
            row.kind().name(),
            row.round,
            &row.data_type,
            row.identifier_type.name(),
            row.task.status().name(),
            json!(row.task).to_string(),
            row.created_at,
            row.done_by.name()
        ],
    )
    .await?;
    Ok(())
}

/// Takes away the tasks of a request of which none has begun; the request's lock is held.
pub(crate) async fn remove_all(tx: &mut Tx, request: RequestId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM task WHERE request = $1", args![request])
        .await?;
    Ok(())
}

/// Writes back what was read and changed; the request's lock is held.
pub(crate) async fn save(tx: &mut Tx, row: &TaskRow) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE task SET status = $2, state = $3, vendor_job_id = $4, vendor_status = $5, last_poll_at = $6, \
         expected_by = $7, export = $8, export_expires_at = $9, warning = $10 WHERE id = $1",
        args![
            row.id,
            row.task.status().name(),
            json!(row.task).to_string(),
            row.vendor_job_id.clone(),
            row.vendor_status.clone(),
            row.last_poll_at,
            row.expected_by,
            row.export.clone(),
            row.export_expires_at,
            row.warning.clone()
        ],
    )
    .await?;
    Ok(())
}
