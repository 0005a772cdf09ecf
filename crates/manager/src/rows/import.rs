//! Lists of requests that are taken in by and by.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{ImportId, RequestId, app::requests::ImportState};

/// An import; what is sealed is sealed.
#[derive(Debug, Clone)]
pub(crate) struct ImportRow {
    pub(crate) id: ImportId,
    pub(crate) state: ImportState,
    /// `csv` or `ndjson`.
    pub(crate) format: String,
    /// Who handed it in, as the audit log names them.
    pub(crate) made_by: String,
    /// From which address.
    pub(crate) origin: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    /// How long the list is.
    pub(crate) bytes: u64,
    /// How far it was read.
    pub(crate) position: u64,
    /// The names in the first line of a CSV, once they were read.
    pub(crate) names: Option<Vec<u8>>,
    pub(crate) rows_read: u64,
    pub(crate) created: u64,
    pub(crate) existing: u64,
    pub(crate) refused: u64,
    /// Why it stopped.
    pub(crate) reason: Option<String>,
    /// The wrapped key of what the list says, until it has ended.
    pub(crate) data_key: Option<Vec<u8>>,
}

impl ImportRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let count = |name: &'static str| Ok::<_, StoreError>(u64::try_from(row.get::<i64>(name)?).unwrap_or_default());
        Ok(Self {
            id: row.parse("id")?,
            state: row.parse("state")?,
            format: row.get("format")?,
            made_by: row.get("made_by")?,
            origin: row.get("origin")?,
            created_at: row.get("created_at")?,
            ended_at: row.get("ended_at")?,
            bytes: count("bytes")?,
            position: count("position")?,
            names: row.get("names")?,
            rows_read: count("rows_read")?,
            created: count("created")?,
            existing: count("existing")?,
            refused: count("refused")?,
            reason: row.get("reason")?,
            data_key: row.get("data_key")?,
        })
    }
}

/// What became of one row.
#[derive(Debug, Clone)]
pub(crate) struct OutcomeRow {
    pub(crate) number: u64,
    pub(crate) result: String,
    pub(crate) request: Option<RequestId>,
    pub(crate) field: Option<String>,
    pub(crate) reason: Option<String>,
}

/// Writes a new import.
pub(crate) async fn insert(tx: &mut Tx, row: &ImportRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO import (id, state, format, made_by, origin, created_at, bytes, position, rows_read, created, \
         existing, refused, data_key) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0, 0, $7)",
        args![
            row.id,
            row.state.name(),
            &row.format,
            &row.made_by,
            row.origin.clone(),
            row.created_at,
            row.data_key.clone()
        ],
    )
    .await?;
    Ok(())
}

/// An import.
pub(crate) async fn by_id(tx: &mut Tx, id: ImportId) -> Result<Option<ImportRow>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM import WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(ImportRow::from_row).transpose()
}

/// An import, held until the end of the transaction.
pub(crate) async fn locked(tx: &mut Tx, id: ImportId) -> Result<Option<ImportRow>, StoreError> {
    tx.lock("import", &id.to_string()).await?;
    by_id(tx, id).await
}

/// The newest imports, before `before` where that is given.
pub(crate) async fn newest(tx: &mut Tx, before: Option<ImportId>, limit: i64) -> Result<Vec<ImportRow>, StoreError> {
    // Ids are lower-case hexadecimal: every one of them comes before this.
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    let rows = tx
        .fetch_all(
            "SELECT * FROM import WHERE id < $1 ORDER BY id DESC LIMIT $2",
            args![before, limit],
        )
        .await?;
    rows.iter().map(ImportRow::from_row).collect()
}

/// Writes back what was read and changed; the import's lock is held.
pub(crate) async fn save(tx: &mut Tx, row: &ImportRow) -> Result<(), StoreError> {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    tx.execute(
        "UPDATE import SET state = $2, ended_at = $3, bytes = $4, position = $5, names = $6, rows_read = $7, \
         created = $8, existing = $9, refused = $10, reason = $11, data_key = $12 WHERE id = $1",
        args![
            row.id,
            row.state.name(),
            row.ended_at,
            count(row.bytes),
            count(row.position),
            row.names.clone(),
            count(row.rows_read),
            count(row.created),
            count(row.existing),
            count(row.refused),
            row.reason.clone(),
            row.data_key.clone()
        ],
    )
    .await?;
    Ok(())
}

/// Adds a piece of the list; false where nobody waits for it any more.
pub(crate) async fn add_piece(tx: &mut Tx, id: ImportId, number: u64, content: Vec<u8>) -> Result<bool, StoreError> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let added = tx
        .execute(
            "INSERT INTO import_piece (import, number, content) \
             SELECT id, $2, $3 FROM import WHERE id = $1 AND state = 'receiving'",
            args![id, number, content],
        )
        .await?;
    Ok(added == 1)
}

/// A piece of the list, sealed.
pub(crate) async fn piece(tx: &mut Tx, id: ImportId, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let row = tx
        .fetch_optional(
            "SELECT content FROM import_piece WHERE import = $1 AND number = $2",
            args![id, number],
        )
        .await?;
    row.map(|row| row.get("content")).transpose()
}

/// Forgets what the list says.
pub(crate) async fn forget(tx: &mut Tx, id: ImportId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM import_content WHERE import = $1", args![id])
        .await?;
    tx.execute_many("DELETE FROM import_piece WHERE import = $1", args![id])
        .await?;
    Ok(())
}

/// Lists that have not arrived to their end since `before`.
pub(crate) async fn torn(tx: &mut Tx, before: Timestamp) -> Result<Vec<ImportId>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT id FROM import WHERE state = 'receiving' AND created_at < $1 ORDER BY id LIMIT 100",
            args![before],
        )
        .await?;
    rows.iter().map(|row| row.parse("id")).collect()
}

/// Counts a row by what it says: how often that stood in the list by now.
pub(crate) async fn count_content(tx: &mut Tx, id: ImportId, content: &[u8; 32]) -> Result<u64, StoreError> {
    let row = tx
        .fetch_one(
            "INSERT INTO import_content (import, content, times) VALUES ($1, $2, 1) \
             ON CONFLICT (import, content) DO UPDATE SET times = import_content.times + 1 RETURNING times",
            args![id, content],
        )
        .await?;
    Ok(u64::try_from(row.get::<i64>("times")?).unwrap_or_default())
}

/// Writes down what became of a row.
pub(crate) async fn add_outcome(tx: &mut Tx, id: ImportId, row: &OutcomeRow) -> Result<(), StoreError> {
    let number = i64::try_from(row.number).unwrap_or(i64::MAX);
    tx.execute(
        "INSERT INTO import_row (import, number, result, request, field, reason) VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            id,
            number,
            &row.result,
            row.request.map(|id| id.to_string()),
            row.field.clone(),
            row.reason.clone()
        ],
    )
    .await?;
    Ok(())
}

/// What became of the rows behind `after`, in their order; of those that were refused alone, where that is wanted.
pub(crate) async fn outcomes(
    tx: &mut Tx,
    id: ImportId,
    refused: bool,
    after: u64,
    limit: i64,
) -> Result<Vec<OutcomeRow>, StoreError> {
    let sql = if refused {
        "SELECT * FROM import_row WHERE import = $1 AND number > $2 AND result = 'refused' ORDER BY number LIMIT $3"
    } else {
        "SELECT * FROM import_row WHERE import = $1 AND number > $2 ORDER BY number LIMIT $3"
    };
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = tx.fetch_all(sql, args![id, after, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(OutcomeRow {
                number: u64::try_from(row.get::<i64>("number")?).unwrap_or_default(),
                result: row.get("result")?,
                request: row.parse_optional("request")?,
                field: row.get("field")?,
                reason: row.get("reason")?,
            })
        })
        .collect()
}
