//! The records of the built-in subject store, sealed, in the order of an export.

use std::fmt::Write as _;

use store::{AssertSqlSafe, Row, StoreError, Tx, Value, args};
use vault::{DataKey, OpenError, Place};
use zeroize::Zeroizing;

use crate::{AccountId, DataSource};

/// How many rows one statement inserts: 7 parameters each, below every driver's limit.
const ROWS_A_STATEMENT: usize = 64;

/// A record that is about to be stored.
pub(crate) struct NewRecord {
    pub(crate) subject: [u8; 32],
    pub(crate) source: DataSource,
    pub(crate) object: String,
    /// A keyed hash of source, object and record.
    pub(crate) content: [u8; 32],
    /// Its place in the order.
    pub(crate) seq: i64,
    pub(crate) sealed: Vec<u8>,
}

/// A stored record.
pub(crate) struct StoredRecord {
    pub(crate) source: DataSource,
    pub(crate) object: String,
    pub(crate) seq: i64,
    sealed: Vec<u8>,
}

/// The last record of a page, after which the next one begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cursor {
    source: String,
    object: String,
    seq: i64,
}

impl StoredRecord {
    /// The record's JSON.
    pub(crate) fn open(&self, account: AccountId, key: &DataKey) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let row = row_name(account, self.seq);
        key.open(&place(&row), &self.sealed)
            .map_err(|error: OpenError| StoreError::Corrupt {
                what: "record of a subject",
                reason: error.to_string(),
            })
    }

    /// Where the next page begins, if this is the last of one.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor {
            source: self.source.to_string(),
            object: self.object.clone(),
            seq: self.seq,
        }
    }
}

/// Seals a record's JSON for its place in the order.
pub(crate) fn seal(account: AccountId, seq: i64, key: &DataKey, json: &[u8]) -> Vec<u8> {
    let row = row_name(account, seq);
    key.seal(&place(&row), json)
}

/// Stores records; those that are there already stay as they are. Returns how many are new.
pub(crate) async fn insert(tx: &mut Tx, account: AccountId, records: Vec<NewRecord>) -> Result<u64, StoreError> {
    let mut stored = 0;
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        let mut sql = String::from(
            "INSERT INTO subject_record (account_id, subject, data_source, object, seq, content, sealed) VALUES ",
        );
        let mut values: Vec<Value> = Vec::new();
        for (index, record) in records.by_ref().take(ROWS_A_STATEMENT).enumerate() {
            let first = index * 7 + 1;
            let comma = if index == 0 { "" } else { ", " };
            write!(
                sql,
                "{comma}(${first}, ${}, ${}, ${}, ${}, ${}, ${})",
                first + 1,
                first + 2,
                first + 3,
                first + 4,
                first + 5,
                first + 6
            )
            .ok();
            values.extend(args![
                account,
                record.subject,
                record.source.as_str(),
                record.object,
                record.seq,
                record.content,
                record.sealed,
            ]);
        }
        sql.push_str(" ON CONFLICT DO NOTHING");
        stored += tx.execute(AssertSqlSafe(sql), values).await?;
    }
    Ok(stored)
}

/// Up to `limit` records of a subject after `cursor`, in the order of an export.
pub(crate) async fn page(
    tx: &mut Tx,
    account: AccountId,
    subject: [u8; 32],
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<StoredRecord>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT data_source, object, seq, sealed FROM subject_record \
             WHERE account_id = $1 AND subject = $2 AND (data_source, object, seq) > ($3, $4, $5) \
             ORDER BY data_source, object, seq LIMIT $6",
            args![account, subject, &cursor.source, &cursor.object, cursor.seq, limit],
        )
        .await?;
    rows.iter().map(record).collect()
}

/// Removes up to `limit` records of a subject in an account, and of nobody else. Returns how many went.
pub(crate) async fn delete_some(
    tx: &mut Tx,
    account: AccountId,
    subject: [u8; 32],
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute_many(
        "DELETE FROM subject_record WHERE account_id = $1 AND subject = $2 AND (data_source, object, seq) IN \
         (SELECT data_source, object, seq FROM subject_record WHERE account_id = $1 AND subject = $2 \
         ORDER BY data_source, object, seq LIMIT $3)",
        args![account, subject, limit],
    )
    .await
}

/// Whether the account has anything about the subject.
pub(crate) async fn any(tx: &mut Tx, account: AccountId, subject: [u8; 32]) -> Result<bool, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT 1 AS one FROM subject_record WHERE account_id = $1 AND subject = $2 LIMIT 1",
            args![account, subject],
        )
        .await?;
    Ok(row.is_some())
}

fn record(row: &Row) -> Result<StoredRecord, StoreError> {
    Ok(StoredRecord {
        source: row.parse("data_source")?,
        object: row.get("object")?,
        seq: row.get("seq")?,
        sealed: row.get("sealed")?,
    })
}

fn row_name(account: AccountId, seq: i64) -> String {
    format!("{account}/{seq}")
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "subject_record",
        column: "sealed",
        row,
    }
}
