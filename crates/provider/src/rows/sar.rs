//! Subject access requests.

use std::fmt::Write as _;

use jiff::Timestamp;
use oauth::Secret;
use store::{AssertSqlSafe, Row, StoreError, Tx, Value, args};
use vault::{DataKey, Place};

use crate::{AccountId, DataType, IdentifierType, RequestType, SarId, Status, Subject};

/// A request as stored; who it is about is sealed.
#[derive(Debug, Clone)]
pub(crate) struct StoredSar {
    pub(crate) id: SarId,
    pub(crate) account: AccountId,
    pub(crate) request_type: RequestType,
    pub(crate) data_type: DataType,
    pub(crate) identifier_type: IdentifierType,
    pub(crate) subject: [u8; 32],
    identifier: Vec<u8>,
    pub(crate) status: Status,
    pub(crate) requested_at: Timestamp,
    pub(crate) processing_started_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) expired_at: Option<Timestamp>,
    pub(crate) sla_deadline_at: Timestamp,
    /// How many records were exported or deleted so far.
    pub(crate) records: i64,
    /// Why it failed, in plain words.
    pub(crate) cause: Option<String>,
    /// Its export is being written at this moment, or was when a worker died.
    pub(crate) exporting: bool,
    /// An upload in parts that was begun.
    pub(crate) upload_id: Option<String>,
    /// Its export lies in the store.
    pub(crate) export_kept: bool,
    /// What was made in its place, after it failed.
    pub(crate) retried_as: Option<SarId>,
}

/// What a new request consists of.
pub(crate) struct NewSar<'a> {
    pub(crate) account: AccountId,
    /// Its number within the account.
    pub(crate) ordinal: i64,
    pub(crate) request_type: RequestType,
    pub(crate) subject: &'a Subject,
    pub(crate) index: [u8; 32],
    pub(crate) sla_deadline_at: Timestamp,
}

impl StoredSar {
    /// Who it is about.
    pub(crate) fn subject(&self, key: &DataKey) -> Result<Subject, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            what: "identifier of a request",
            reason,
        };
        let row = self.id.to_string();
        let text = key
            .open(&place(&row), &self.identifier)
            .map_err(|error| corrupt(error.to_string()))?;
        let text = str::from_utf8(&text).map_err(|_| corrupt("it is not text".to_owned()))?;
        Ok(Subject {
            data_type: self.data_type,
            identifier_type: self.identifier_type,
            identifier: Secret::new(text.to_owned()),
        })
    }
}

pub(crate) async fn insert(tx: &mut Tx, key: &DataKey, new: NewSar<'_>) -> Result<SarId, StoreError> {
    let id = SarId(super::counter::next(tx, "subject_access_request").await?);
    let now = tx.now();
    let row = id.to_string();
    let identifier = key.seal(&place(&row), new.subject.identifier.reveal().as_bytes());
    tx.execute(
        "INSERT INTO subject_access_request (id, account_id, ordinal, request_type, data_type, identifier_type, subject, \
         identifier, status, requested_at, sla_deadline_at, records, exporting, export_kept) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $12)",
        args![
            id,
            new.account,
            new.ordinal,
            new.request_type.as_str(),
            new.subject.data_type.as_str(),
            new.subject.identifier_type.as_str(),
            new.index,
            identifier,
            Status::Pending.as_str(),
            now,
            new.sla_deadline_at,
            false,
        ],
    )
    .await?;
    Ok(id)
}

pub(crate) async fn by_id(tx: &mut Tx, id: SarId) -> Result<Option<StoredSar>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM subject_access_request WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(sar).transpose()
}

/// The requests of an account whose numbers are `newest` and below, newest first.
pub(crate) async fn of_account(
    tx: &mut Tx,
    account: AccountId,
    newest: i64,
    limit: i64,
) -> Result<Vec<StoredSar>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM subject_access_request WHERE account_id = $1 AND ordinal <= $2 \
             ORDER BY ordinal DESC LIMIT $3",
            args![account, newest, limit],
        )
        .await?;
    rows.iter().map(sar).collect()
}

/// Which requests of an account are looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) status: Option<Status>,
    pub(crate) request_type: Option<RequestType>,
    /// This number, or
    pub(crate) id: Option<SarId>,
    /// one of these subjects; none of both where this is none.
    pub(crate) subjects: Option<Vec<[u8; 32]>>,
}

impl Wanted {
    /// The condition after `WHERE`, and what is bound in it.
    fn condition(&self, account: AccountId) -> (String, Vec<Value>) {
        let mut args = args![account];
        let mut sql = "account_id = $1".to_owned();
        let words = [
            ("status", self.status.map(Status::as_str)),
            ("request_type", self.request_type.map(RequestType::as_str)),
        ];
        for (column, word) in words {
            if let Some(word) = word {
                args.push(word.into());
                write!(sql, " AND {column} = ${}", args.len()).ok();
            }
        }
        if let Some(subjects) = &self.subjects {
            // Ids begin at 30000001: 0 is nobody's.
            args.push(self.id.map_or(0, |id| id.0).into());
            let mut places = format!(" AND (id = ${}", args.len());
            for subject in subjects {
                args.push(subject.into());
                write!(places, " OR subject = ${}", args.len()).ok();
            }
            sql.push_str(&places);
            sql.push(')');
        }
        (sql, args)
    }
}

/// The requests of an account that fit, newest first.
pub(crate) async fn find(
    tx: &mut Tx,
    account: AccountId,
    wanted: &Wanted,
    skip: i64,
    limit: i64,
) -> Result<Vec<StoredSar>, StoreError> {
    let (condition, mut args) = wanted.condition(account);
    let first = args.len();
    args.extend(args![limit, skip]);
    let sql = format!(
        "SELECT * FROM subject_access_request WHERE {condition} ORDER BY ordinal DESC LIMIT ${} OFFSET ${}",
        first + 1,
        first + 2
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), args).await?;
    rows.iter().map(sar).collect()
}

/// How many fit.
pub(crate) async fn count(tx: &mut Tx, account: AccountId, wanted: &Wanted) -> Result<i64, StoreError> {
    let (condition, args) = wanted.condition(account);
    let sql = format!("SELECT COUNT(*) AS found FROM subject_access_request WHERE {condition}");
    tx.fetch_one(AssertSqlSafe(sql), args).await?.get("found")
}

/// The access requests of a subject that have something in the export store, or are about to.
pub(crate) async fn with_exports(
    tx: &mut Tx,
    account: AccountId,
    subject: [u8; 32],
) -> Result<Vec<StoredSar>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM subject_access_request WHERE account_id = $1 AND subject = $2 AND request_type = 'access' \
             AND (exporting = $3 OR export_kept = $3 OR EXISTS (SELECT 1 FROM sub_request \
             WHERE sub_request.request_id = subject_access_request.id AND sub_request.part_kept = $3)) ORDER BY id",
            args![account, subject, true],
        )
        .await?;
    rows.iter().map(sar).collect()
}

/// Begun: `pending` becomes `processing`.
pub(crate) async fn begin(tx: &mut Tx, id: SarId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE subject_access_request SET status = $2, processing_started_at = $3 WHERE id = $1 AND status = $4",
        args![id, Status::Processing.as_str(), at, Status::Pending.as_str()],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_exporting(tx: &mut Tx, id: SarId, exporting: bool) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE subject_access_request SET exporting = $2 WHERE id = $1",
        args![id, exporting],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_upload(tx: &mut Tx, id: SarId, upload: Option<&str>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE subject_access_request SET upload_id = $2 WHERE id = $1",
        args![id, upload],
    )
    .await?;
    Ok(())
}

pub(crate) async fn add_records(tx: &mut Tx, id: SarId, records: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE subject_access_request SET records = records + $2 WHERE id = $1",
        args![id, records],
    )
    .await?;
    Ok(())
}

/// Completed with an export that can be fetched until `expired_at`.
pub(crate) async fn complete_access(
    tx: &mut Tx,
    id: SarId,
    records: i64,
    expired_at: Timestamp,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE subject_access_request SET status = $2, completed_at = $3, expired_at = $4, records = $5, \
         export_kept = $6, exporting = $7, upload_id = NULL WHERE id = $1",
        args![id, Status::Completed.as_str(), now, expired_at, records, true, false],
    )
    .await?;
    Ok(())
}

pub(crate) async fn complete_delete(tx: &mut Tx, id: SarId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE subject_access_request SET status = $2, completed_at = $3 WHERE id = $1",
        args![id, Status::Completed.as_str(), now],
    )
    .await?;
    Ok(())
}

/// Failed for good; `left` says whether something of an export may lie in the store.
pub(crate) async fn fail(tx: &mut Tx, id: SarId, cause: &str, left: bool) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE subject_access_request SET status = $2, completed_at = $3, cause = $4, exporting = $5, \
         export_kept = $6 WHERE id = $1",
        args![id, Status::Failure.as_str(), now, cause, false, left],
    )
    .await?;
    Ok(())
}

/// Notes what was made in place of a request that failed.
pub(crate) async fn set_retried(tx: &mut Tx, id: SarId, successor: SarId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE subject_access_request SET retried_as = $2 WHERE id = $1",
        args![id, successor],
    )
    .await?;
    Ok(())
}

/// The export is gone; where it goes before its time, its time ends now.
pub(crate) async fn export_gone(tx: &mut Tx, id: SarId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE subject_access_request SET export_kept = $2, upload_id = NULL, \
         expired_at = CASE WHEN expired_at > $3 THEN $3 ELSE expired_at END WHERE id = $1",
        args![id, false, now],
    )
    .await?;
    Ok(())
}

fn sar(row: &Row) -> Result<StoredSar, StoreError> {
    Ok(StoredSar {
        id: SarId(row.get("id")?),
        account: AccountId(row.get("account_id")?),
        request_type: row.parse("request_type")?,
        data_type: row.parse("data_type")?,
        identifier_type: row.parse("identifier_type")?,
        subject: row.get("subject")?,
        identifier: row.get("identifier")?,
        status: row.parse("status")?,
        requested_at: row.get("requested_at")?,
        processing_started_at: row.get("processing_started_at")?,
        completed_at: row.get("completed_at")?,
        expired_at: row.get("expired_at")?,
        sla_deadline_at: row.get("sla_deadline_at")?,
        records: row.get("records")?,
        cause: row.get("cause")?,
        exporting: row.get("exporting")?,
        upload_id: row.get("upload_id")?,
        export_kept: row.get("export_kept")?,
        retried_as: row.get::<Option<i64>>("retried_as")?.map(SarId),
    })
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "subject_access_request",
        column: "identifier",
        row,
    }
}
