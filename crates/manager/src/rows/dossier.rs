//! What was found, sealed, and what was changed about it.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{RequestId, TaskId};

/// One attempt to read an export.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) request: RequestId,
    pub(crate) task: TaskId,
    pub(crate) id: String,
}

/// A kind of thing that was found.
#[derive(Debug, Clone)]
pub(crate) struct ObjectRow {
    pub(crate) id: String,
    /// The task that brought it; none for what staff added.
    pub(crate) task: Option<TaskId>,
    /// Its place among what the task brought.
    pub(crate) position: u64,
    /// Name, origin and fields, sealed.
    pub(crate) head: Vec<u8>,
    pub(crate) records: u64,
}

/// A block of records.
#[derive(Debug, Clone)]
pub(crate) struct BlockRow {
    /// The number of its first record, from 1.
    pub(crate) first: u64,
    pub(crate) records: u64,
    /// The records, sealed.
    pub(crate) content: Vec<u8>,
}

/// A file that was found.
#[derive(Debug, Clone)]
pub(crate) struct FileRow {
    pub(crate) id: String,
    pub(crate) object: String,
    /// Its name, sealed.
    pub(crate) head: Vec<u8>,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// A change as it was made.
#[derive(Debug, Clone)]
pub(crate) struct ChangeRow {
    pub(crate) number: i64,
    /// The change, sealed.
    pub(crate) content: Vec<u8>,
    pub(crate) undone_at: Option<Timestamp>,
}

/// What stands in the place of a task where there is none.
const BY_STAFF: &str = "";

fn count(row: &Row, column: &'static str) -> Result<u64, StoreError> {
    Ok(u64::try_from(row.get::<i64>(column)?).unwrap_or_default())
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Writes an object, whose end may follow with [`end_object`]; nobody sees it before [`make_whole`].
pub(crate) async fn insert_object(
    tx: &mut Tx,
    id: &str,
    of: &Attempt,
    position: u64,
    head: Vec<u8>,
    records: u64,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_object (id, request, task, attempt, position, head, records) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![id, of.request, of.task, &of.id, number(position), head, number(records)],
    )
    .await?;
    Ok(())
}

/// Adds an object that staff bring; it is whole at once.
pub(crate) async fn add_object(
    tx: &mut Tx,
    id: &str,
    request: RequestId,
    position: u64,
    head: Vec<u8>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO dossier_object (id, request, task, attempt, position, head, records, whole_at) \
         VALUES ($1, $2, $3, $3, $4, $5, 0, $6)",
        args![id, request, BY_STAFF, number(position), head, now],
    )
    .await?;
    Ok(())
}

/// Everything of the object is there.
pub(crate) async fn end_object(tx: &mut Tx, id: &str, head: Vec<u8>, records: u64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE dossier_object SET head = $2, records = $3 WHERE id = $1",
        args![id, head, number(records)],
    )
    .await?;
    Ok(())
}

/// Forgets an object and its content.
pub(crate) async fn drop_object(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM dossier_block WHERE object = $1",
        "DELETE FROM dossier_piece WHERE file IN (SELECT id FROM dossier_file WHERE object = $1)",
        "DELETE FROM dossier_file WHERE object = $1",
        "DELETE FROM dossier_object WHERE id = $1",
    ] {
        tx.execute_many(sql, args![id]).await?;
    }
    Ok(())
}

/// Adds a block of records.
pub(crate) async fn add_block(tx: &mut Tx, object: &str, block: BlockRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_block (object, first, records, content) VALUES ($1, $2, $3, $4)",
        args![object, number(block.first), number(block.records), block.content],
    )
    .await?;
    Ok(())
}

/// Begins a file of an object; its size and hash follow with [`end_file`].
pub(crate) async fn begin_file(tx: &mut Tx, file: &FileRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_file (id, object, head, media_type, bytes, sha256) VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            &file.id,
            &file.object,
            file.head.clone(),
            &file.media_type,
            number(file.bytes),
            &file.sha256
        ],
    )
    .await?;
    Ok(())
}

/// The file is whole.
pub(crate) async fn end_file(tx: &mut Tx, id: &str, bytes: u64, sha256: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE dossier_file SET bytes = $2, sha256 = $3 WHERE id = $1",
        args![id, number(bytes), sha256],
    )
    .await?;
    Ok(())
}

/// Adds a piece of a file's content.
pub(crate) async fn add_piece(tx: &mut Tx, file: &str, piece: u32, content: Vec<u8>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_piece (file, number, content) VALUES ($1, $2, $3)",
        args![file, piece, content],
    )
    .await?;
    Ok(())
}

/// What an export that was not read to its end has left behind: ids of objects.
pub(crate) async fn torn_objects(tx: &mut Tx, task: TaskId) -> Result<Vec<String>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT id FROM dossier_object WHERE task = $1 AND whole_at IS NULL ORDER BY id",
            args![task],
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// The export was read to its end: what it brought is part of the dossier.
pub(crate) async fn make_whole(tx: &mut Tx, of: &Attempt) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE dossier_object SET whole_at = $3 WHERE task = $1 AND attempt = $2 AND whole_at IS NULL",
        args![of.task, &of.id, now],
    )
    .await?;
    Ok(())
}

/// The objects of a dossier, each task's in the order in which they were found.
pub(crate) async fn objects(tx: &mut Tx, request: RequestId) -> Result<Vec<ObjectRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT id, task, position, head, records FROM dossier_object \
             WHERE request = $1 AND whole_at IS NOT NULL ORDER BY task, position",
            args![request],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ObjectRow {
                id: row.get("id")?,
                task: match row.get::<String>("task")?.as_str() {
                    BY_STAFF => None,
                    _ => Some(row.parse("task")?),
                },
                position: count(row, "position")?,
                head: row.get("head")?,
                records: count(row, "records")?,
            })
        })
        .collect()
}

/// The block that holds record number `from`, or the one after it: found along the key, wherever in the object it lies.
pub(crate) async fn block_from(tx: &mut Tx, object: &str, from: u64) -> Result<Option<BlockRow>, StoreError> {
    let holding = "SELECT first, records, content FROM dossier_block WHERE object = $1 AND first <= $2 \
                   ORDER BY first DESC LIMIT 1";
    let after = "SELECT first, records, content FROM dossier_block WHERE object = $1 AND first > $2 \
                 ORDER BY first LIMIT 1";
    for sql in [holding, after] {
        let row = tx.fetch_optional(sql, args![object, number(from)]).await?;
        let block = row.as_ref().map(block).transpose()?;
        if let Some(block) = block.filter(|block| block.first + block.records > from) {
            return Ok(Some(block));
        }
    }
    Ok(None)
}

fn block(row: &Row) -> Result<BlockRow, StoreError> {
    Ok(BlockRow {
        first: count(row, "first")?,
        records: count(row, "records")?,
        content: row.get("content")?,
    })
}

/// The files of a dossier.
pub(crate) async fn files(tx: &mut Tx, request: RequestId) -> Result<Vec<FileRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT f.id, f.object, f.head, f.media_type, f.bytes, f.sha256 FROM dossier_file f \
             JOIN dossier_object o ON o.id = f.object WHERE o.request = $1 AND o.whole_at IS NOT NULL ORDER BY f.id",
            args![request],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(FileRow {
                id: row.get("id")?,
                object: row.get("object")?,
                head: row.get("head")?,
                media_type: row.get("media_type")?,
                bytes: count(row, "bytes")?,
                sha256: row.get("sha256")?,
            })
        })
        .collect()
}

/// A piece of a file, sealed.
pub(crate) async fn piece(tx: &mut Tx, file: &str, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT content FROM dossier_piece WHERE file = $1 AND number = $2",
            args![file, number],
        )
        .await?;
    row.map(|row| row.get("content")).transpose()
}

/// The changes of a request, in the order in which they were made.
pub(crate) async fn changes(tx: &mut Tx, request: RequestId) -> Result<Vec<ChangeRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT number, content, undone_at FROM dossier_change WHERE request = $1 ORDER BY number",
            args![request],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ChangeRow {
                number: row.get("number")?,
                content: row.get("content")?,
                undone_at: row.get("undone_at")?,
            })
        })
        .collect()
}

/// Writes down a change.
pub(crate) async fn add_change(
    tx: &mut Tx,
    request: RequestId,
    number: i64,
    content: Vec<u8>,
    made_by: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO dossier_change (request, number, content, made_by, made_at) VALUES ($1, $2, $3, $4, $5)",
        args![request, number, content, made_by, now],
    )
    .await?;
    Ok(())
}

/// Takes a change back.
pub(crate) async fn undo_change(tx: &mut Tx, request: RequestId, number: i64) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE dossier_change SET undone_at = $3 WHERE request = $1 AND number = $2 AND undone_at IS NULL",
        args![request, number, now],
    )
    .await?;
    Ok(())
}

/// Destroys everything that was found for a request, and what was changed about it.
pub(crate) async fn shred(tx: &mut Tx, request: RequestId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM dossier_block WHERE object IN (SELECT id FROM dossier_object WHERE request = $1)",
        "DELETE FROM dossier_piece WHERE file IN (SELECT f.id FROM dossier_file f \
         JOIN dossier_object o ON o.id = f.object WHERE o.request = $1)",
        "DELETE FROM dossier_file WHERE object IN (SELECT id FROM dossier_object WHERE request = $1)",
        "DELETE FROM dossier_object WHERE request = $1",
        "DELETE FROM dossier_change WHERE request = $1",
        "DELETE FROM task_policy WHERE request = $1",
    ] {
        tx.execute_many(sql, args![request]).await?;
    }
    Ok(())
}
