//! Files that processors have added, sealed piece by piece.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{ContactId, RequestId, UploadId};

/// A file.
#[derive(Debug, Clone)]
pub(crate) struct UploadRow {
    pub(crate) id: UploadId,
    /// Its name, sealed.
    pub(crate) head: Vec<u8>,
    pub(crate) bytes: u64,
}

impl UploadRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            head: row.get("head")?,
            bytes: u64::try_from(row.get::<i64>("bytes")?).unwrap_or_default(),
        })
    }
}

/// Begins a file; nobody sees it before [`make_whole`].
pub(crate) async fn begin(
    tx: &mut Tx,
    id: UploadId,
    contact: ContactId,
    request: RequestId,
    head: Vec<u8>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO contact_upload (id, contact, request, position, head, bytes, begun_at) \
         SELECT $1, $2, $3, COALESCE(MAX(position), 0) + 1, $4, 0, $5 FROM contact_upload WHERE contact = $2",
        args![id, contact, request, head, now],
    )
    .await?;
    Ok(())
}

/// Adds a piece; false where the file is not there any more.
pub(crate) async fn add_piece(tx: &mut Tx, id: UploadId, number: u32, content: Vec<u8>) -> Result<bool, StoreError> {
    let added = tx
        .execute(
            "INSERT INTO contact_piece (upload, number, content) \
             SELECT id, $2, $3 FROM contact_upload WHERE id = $1 AND whole_at IS NULL",
            args![id, number, content],
        )
        .await?;
    Ok(added == 1)
}

/// The file is whole; false where it is not there any more.
pub(crate) async fn make_whole(tx: &mut Tx, id: UploadId, bytes: u64) -> Result<bool, StoreError> {
    let now = tx.now();
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let made = tx
        .execute(
            "UPDATE contact_upload SET bytes = $2, whole_at = $3 WHERE id = $1 AND whole_at IS NULL",
            args![id, bytes, now],
        )
        .await?;
    Ok(made == 1)
}

/// The whole files of an asking, in the order in which they were begun.
pub(crate) async fn whole(tx: &mut Tx, contact: ContactId) -> Result<Vec<UploadRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT id, head, bytes FROM contact_upload WHERE contact = $1 AND whole_at IS NOT NULL ORDER BY position, id",
            args![contact],
        )
        .await?;
    rows.iter().map(UploadRow::from_row).collect()
}

/// A piece, sealed.
pub(crate) async fn piece(tx: &mut Tx, id: UploadId, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT content FROM contact_piece WHERE upload = $1 AND number = $2",
            args![id, number],
        )
        .await?;
    row.map(|row| row.get("content")).transpose()
}

/// Takes a file of an asking away; false where there is none such.
pub(crate) async fn remove(tx: &mut Tx, contact: ContactId, id: UploadId) -> Result<bool, StoreError> {
    let removed = tx
        .execute(
            "DELETE FROM contact_upload WHERE id = $1 AND contact = $2",
            args![id, contact],
        )
        .await?;
    if removed > 0 {
        tx.execute("DELETE FROM contact_piece WHERE upload = $1", args![id])
            .await?;
    }
    Ok(removed > 0)
}

/// Forgets files that have not arrived to their end since `before`.
pub(crate) async fn forget_torn(tx: &mut Tx, contact: ContactId, before: Timestamp) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM contact_piece WHERE upload IN \
         (SELECT id FROM contact_upload WHERE contact = $1 AND whole_at IS NULL AND begun_at < $2)",
        "DELETE FROM contact_upload WHERE contact = $1 AND whole_at IS NULL AND begun_at < $2",
    ] {
        tx.execute(sql, args![contact, before]).await?;
    }
    Ok(())
}

/// Forgets every file of an asking.
pub(crate) async fn forget(tx: &mut Tx, contact: ContactId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM contact_piece WHERE upload IN (SELECT id FROM contact_upload WHERE contact = $1)",
        "DELETE FROM contact_upload WHERE contact = $1",
    ] {
        tx.execute(sql, args![contact]).await?;
    }
    Ok(())
}

/// Forgets every file of a request.
pub(crate) async fn shred(tx: &mut Tx, request: RequestId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM contact_piece WHERE upload IN (SELECT id FROM contact_upload WHERE request = $1)",
        "DELETE FROM contact_upload WHERE request = $1",
    ] {
        tx.execute(sql, args![request]).await?;
    }
    Ok(())
}
