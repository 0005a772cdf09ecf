//! What staff write about requests.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::RequestId;

/// A note as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct NoteRow {
    pub(crate) id: String,
    /// The note, sealed.
    pub(crate) content: Vec<u8>,
    pub(crate) made_by: String,
    pub(crate) made_at: Timestamp,
}

/// Writes a note.
pub(crate) async fn insert(tx: &mut Tx, request: RequestId, row: &NoteRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO request_note (id, request, content, made_by, made_at) VALUES ($1, $2, $3, $4, $5)",
        args![&row.id, request, row.content.clone(), &row.made_by, row.made_at],
    )
    .await?;
    Ok(())
}

/// How many notes a request has.
pub(crate) async fn count(tx: &mut Tx, request: RequestId) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS n FROM request_note WHERE request = $1",
        args![request],
    )
    .await?
    .get("n")
}

/// The notes of a request, oldest first.
pub(crate) async fn of_request(tx: &mut Tx, request: RequestId) -> Result<Vec<NoteRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT id, content, made_by, made_at FROM request_note WHERE request = $1 ORDER BY id LIMIT 1000",
            args![request],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(NoteRow {
                id: row.get("id")?,
                content: row.get("content")?,
                made_by: row.get("made_by")?,
                made_at: row.get("made_at")?,
            })
        })
        .collect()
}

/// Destroys the notes of a request.
pub(crate) async fn shred(tx: &mut Tx, request: RequestId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM request_note WHERE request = $1", args![request])
        .await?;
    Ok(())
}
