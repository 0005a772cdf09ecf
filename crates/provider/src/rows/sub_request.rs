//! Sub-requests: one data source's share of a request.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{DataSource, SarId, Status, SubRequestId};

/// A sub-request as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredSubRequest {
    pub(crate) id: SubRequestId,
    pub(crate) request: SarId,
    pub(crate) source: DataSource,
    /// An internal team carries it out; else the built-in subject store does.
    pub(crate) team: bool,
    pub(crate) status: Status,
    pub(crate) processing_started_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) export_location: Option<String>,
    /// What lies at that location has not been removed yet.
    pub(crate) part_kept: bool,
}

pub(crate) async fn insert(tx: &mut Tx, request: SarId, source: DataSource, team: bool) -> Result<(), StoreError> {
    let id = SubRequestId(super::counter::next(tx, "sub_request").await?);
    tx.execute(
        "INSERT INTO sub_request (id, request_id, data_source, team, status, part_kept) VALUES ($1, $2, $3, $4, $5, $6)",
        args![id, request, source.as_str(), team, Status::Pending.as_str(), false],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_id(tx: &mut Tx, id: SubRequestId) -> Result<Option<StoredSubRequest>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM sub_request WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(sub_request).transpose()
}

pub(crate) async fn of_request(tx: &mut Tx, request: SarId) -> Result<Vec<StoredSubRequest>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM sub_request WHERE request_id = $1 ORDER BY id",
            args![request],
        )
        .await?;
    rows.iter().map(sub_request).collect()
}

/// A data source's queue, oldest first.
pub(crate) async fn queue(
    tx: &mut Tx,
    source: DataSource,
    status: Status,
    skip: i64,
    limit: i64,
) -> Result<Vec<StoredSubRequest>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM sub_request WHERE data_source = $1 AND status = $2 ORDER BY id LIMIT $3 OFFSET $4",
            args![source.as_str(), status.as_str(), limit, skip],
        )
        .await?;
    rows.iter().map(sub_request).collect()
}

pub(crate) async fn queue_length(tx: &mut Tx, source: DataSource, status: Status) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS length FROM sub_request WHERE data_source = $1 AND status = $2",
        args![source.as_str(), status.as_str()],
    )
    .await?
    .get("length")
}

pub(crate) async fn save(tx: &mut Tx, sub_request: &StoredSubRequest) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sub_request SET status = $2, processing_started_at = $3, completed_at = $4, export_location = $5, \
         part_kept = $6 WHERE id = $1",
        args![
            sub_request.id,
            sub_request.status.as_str(),
            sub_request.processing_started_at,
            sub_request.completed_at,
            sub_request.export_location.as_ref(),
            sub_request.part_kept,
        ],
    )
    .await?;
    Ok(())
}

/// The built-in store's shares begin.
pub(crate) async fn begin_own(tx: &mut Tx, request: SarId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE sub_request SET status = $2, processing_started_at = $3 \
         WHERE request_id = $1 AND team = $4 AND status = $5",
        args![
            request,
            Status::Processing.as_str(),
            now,
            false,
            Status::Pending.as_str()
        ],
    )
    .await?;
    Ok(())
}

/// The built-in store's shares end.
pub(crate) async fn end_own(tx: &mut Tx, request: SarId, status: Status) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE sub_request SET status = $2, completed_at = $3 \
         WHERE request_id = $1 AND team = $4 AND completed_at IS NULL",
        args![request, status.as_str(), now, false],
    )
    .await?;
    Ok(())
}

/// The parts that teams brought are gone.
pub(crate) async fn parts_gone(tx: &mut Tx, request: SarId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sub_request SET part_kept = $2 WHERE request_id = $1",
        args![request, false],
    )
    .await?;
    Ok(())
}

fn sub_request(row: &Row) -> Result<StoredSubRequest, StoreError> {
    Ok(StoredSubRequest {
        id: SubRequestId(row.get("id")?),
        request: SarId(row.get("request_id")?),
        source: row.parse("data_source")?,
        team: row.get("team")?,
        status: row.parse("status")?,
        processing_started_at: row.get("processing_started_at")?,
        completed_at: row.get("completed_at")?,
        export_location: row.get("export_location")?,
        part_kept: row.get("part_kept")?,
    })
}
