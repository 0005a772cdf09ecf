//! Sub-requests: one data source's share of a request.

use std::str::FromStr;

use jiff::Timestamp;
use store::{AssertSqlSafe, Row, StoreError, Tx, args};

use crate::{AccountId, DataSource, SarId, Status, SubRequestId, UnknownWord};

/// A sub-request as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredSubRequest {
    pub(crate) id: SubRequestId,
    pub(crate) request: SarId,
    pub(crate) source: DataSource,
    pub(crate) carrier: Carrier,
    pub(crate) status: Status,
    pub(crate) processing_started_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) export_location: Option<String>,
    /// What lies at that location has not been removed yet.
    pub(crate) part_kept: bool,
    /// Why it failed, where somebody said so.
    pub(crate) cause: Option<String>,
}

/// Who carries a share out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Carrier {
    /// The built-in subject store.
    Store,
    /// An internal team, by the API.
    Team,
    /// A database of the vendor's.
    Sql,
}

impl Carrier {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Team => "team",
            Self::Sql => "sql",
        }
    }
}

impl FromStr for Carrier {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "store" => Ok(Self::Store),
            "team" => Ok(Self::Team),
            "sql" => Ok(Self::Sql),
            _ => Err(UnknownWord(&["store", "team", "sql"])),
        }
    }
}

impl StoredSubRequest {
    /// An internal team's.
    pub(crate) fn is_a_teams(&self) -> bool {
        self.carrier == Carrier::Team
    }
}

pub(crate) async fn insert(
    tx: &mut Tx,
    request: SarId,
    source: DataSource,
    carrier: Carrier,
) -> Result<(), StoreError> {
    let id = SubRequestId(super::counter::next(tx, "sub_request").await?);
    tx.execute(
        "INSERT INTO sub_request (id, request_id, data_source, carrier, status, part_kept) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            id,
            request,
            source.as_str(),
            carrier.as_str(),
            Status::Pending.as_str(),
            false
        ],
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

/// Of each of these requests, how many shares have ended, and how many there are.
pub(crate) async fn ended(tx: &mut Tx, requests: &[SarId]) -> Result<Vec<(SarId, i64, i64)>, StoreError> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (1..=requests.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT request_id, COUNT(completed_at) AS ended, COUNT(*) AS shares FROM sub_request \
         WHERE request_id IN ({}) GROUP BY request_id",
        places.join(", ")
    );
    let args = requests.iter().map(|request| (*request).into()).collect();
    let rows = tx.fetch_all(AssertSqlSafe(sql), args).await?;
    rows.iter()
        .map(|row| Ok((SarId(row.get("request_id")?), row.get("ended")?, row.get("shares")?)))
        .collect()
}

/// The teams' shares of an account's requests, open ones or ended ones, oldest first.
pub(crate) async fn of_teams(
    tx: &mut Tx,
    account: AccountId,
    open: bool,
    limit: i64,
) -> Result<Vec<StoredSubRequest>, StoreError> {
    let sql = format!(
        "SELECT sub_request.* FROM sub_request \
         JOIN subject_access_request ON subject_access_request.id = sub_request.request_id \
         WHERE subject_access_request.account_id = $1 AND sub_request.carrier = 'team' \
         AND sub_request.completed_at IS {} ORDER BY sub_request.id {} LIMIT $2",
        if open { "NULL" } else { "NOT NULL" },
        if open { "" } else { "DESC" },
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), args![account, limit]).await?;
    rows.iter().map(sub_request).collect()
}

/// The queue of a data source's team, oldest first.
pub(crate) async fn queue(
    tx: &mut Tx,
    source: DataSource,
    status: Status,
    skip: i64,
    limit: i64,
) -> Result<Vec<StoredSubRequest>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM sub_request WHERE data_source = $1 AND status = $2 AND carrier = 'team' \
             ORDER BY id LIMIT $3 OFFSET $4",
            args![source.as_str(), status.as_str(), limit, skip],
        )
        .await?;
    rows.iter().map(sub_request).collect()
}

pub(crate) async fn queue_length(tx: &mut Tx, source: DataSource, status: Status) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS length FROM sub_request WHERE data_source = $1 AND status = $2 AND carrier = 'team'",
        args![source.as_str(), status.as_str()],
    )
    .await?
    .get("length")
}

pub(crate) async fn save(tx: &mut Tx, sub_request: &StoredSubRequest) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sub_request SET status = $2, processing_started_at = $3, completed_at = $4, export_location = $5, \
         part_kept = $6, cause = $7 WHERE id = $1",
        args![
            sub_request.id,
            sub_request.status.as_str(),
            sub_request.processing_started_at,
            sub_request.completed_at,
            sub_request.export_location.as_ref(),
            sub_request.part_kept,
            sub_request.cause.as_ref(),
        ],
    )
    .await?;
    Ok(())
}

/// The shares that we carry out ourselves begin.
pub(crate) async fn begin_own(tx: &mut Tx, request: SarId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE sub_request SET status = $2, processing_started_at = $3 \
         WHERE request_id = $1 AND carrier <> 'team' AND status = $4",
        args![request, Status::Processing.as_str(), now, Status::Pending.as_str()],
    )
    .await?;
    Ok(())
}

/// One share of ours ends.
pub(crate) async fn end_one(
    tx: &mut Tx,
    id: SubRequestId,
    status: Status,
    cause: Option<&str>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE sub_request SET status = $2, completed_at = $3, cause = $4 WHERE id = $1 AND completed_at IS NULL",
        args![id, status.as_str(), now, cause],
    )
    .await?;
    Ok(())
}

/// The rest of our own shares end.
pub(crate) async fn end_own(tx: &mut Tx, request: SarId, status: Status) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE sub_request SET status = $2, completed_at = $3 \
         WHERE request_id = $1 AND carrier <> 'team' AND completed_at IS NULL",
        args![request, status.as_str(), now],
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
        carrier: row.parse("carrier")?,
        status: row.parse("status")?,
        processing_started_at: row.get("processing_started_at")?,
        completed_at: row.get("completed_at")?,
        export_location: row.get("export_location")?,
        part_kept: row.get("part_kept")?,
        cause: row.get("cause")?,
    })
}
