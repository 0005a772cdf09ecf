//! Askings of processors, and the links to their forms.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{ContactId, RequestId, TaskId};

/// One asking of one processor about one task; what is sealed is sealed.
#[derive(Debug, Clone)]
pub(crate) struct ContactRow {
    pub(crate) id: ContactId,
    pub(crate) task: TaskId,
    pub(crate) request: RequestId,
    /// Which asking of the task it is, from 1.
    pub(crate) round: u32,
    pub(crate) asked_at: Timestamp,
    pub(crate) until: Timestamp,
    /// When a mail last asked or reminded.
    pub(crate) mailed_at: Timestamp,
    pub(crate) reminders: u32,
    pub(crate) opened_at: Option<Timestamp>,
    pub(crate) overdue_at: Option<Timestamp>,
    pub(crate) answered_at: Option<Timestamp>,
    /// `found`, `nothing_found`, `deleted` or `cannot_delete`.
    pub(crate) outcome: Option<String>,
    pub(crate) answer: Option<Vec<u8>>,
}

impl ContactRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            task: row.parse("task")?,
            request: row.parse("request")?,
            round: u32::try_from(row.get::<i64>("round")?).unwrap_or(u32::MAX),
            asked_at: row.get("asked_at")?,
            until: row.get("until")?,
            mailed_at: row.get("mailed_at")?,
            reminders: u32::try_from(row.get::<i64>("reminders")?).unwrap_or(u32::MAX),
            opened_at: row.get("opened_at")?,
            overdue_at: row.get("overdue_at")?,
            answered_at: row.get("answered_at")?,
            outcome: row.get("outcome")?,
            answer: row.get("answer")?,
        })
    }
}

/// Writes a new asking.
pub(crate) async fn insert(tx: &mut Tx, row: &ContactRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO contact (id, task, request, round, asked_at, until, mailed_at, reminders) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            row.id,
            row.task,
            row.request,
            row.round,
            row.asked_at,
            row.until,
            row.mailed_at,
            row.reminders
        ],
    )
    .await?;
    Ok(())
}

/// Writes back what was read and changed; the request's lock is held.
pub(crate) async fn save(tx: &mut Tx, row: &ContactRow) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE contact SET until = $2, mailed_at = $3, reminders = $4, opened_at = $5, overdue_at = $6, \
         answered_at = $7, outcome = $8, answer = $9 WHERE id = $1",
        args![
            row.id,
            row.until,
            row.mailed_at,
            row.reminders,
            row.opened_at,
            row.overdue_at,
            row.answered_at,
            row.outcome.clone(),
            row.answer.clone()
        ],
    )
    .await?;
    Ok(())
}

/// The last asking about a task.
pub(crate) async fn of_task(tx: &mut Tx, task: TaskId) -> Result<Option<ContactRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT * FROM contact WHERE task = $1 ORDER BY round DESC LIMIT 1",
            args![task],
        )
        .await?;
    row.as_ref().map(ContactRow::from_row).transpose()
}

/// All askings of a request, oldest first.
pub(crate) async fn of_request(tx: &mut Tx, request: RequestId) -> Result<Vec<ContactRow>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM contact WHERE request = $1 ORDER BY task, round",
            args![request],
        )
        .await?;
    rows.iter().map(ContactRow::from_row).collect()
}

/// Adds a link.
pub(crate) async fn add_link(tx: &mut Tx, contact: ContactId, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO contact_link (token_hash, contact, made_at) VALUES ($1, $2, $3)",
        args![token_hash, contact, now],
    )
    .await?;
    Ok(())
}

/// The links that were mailed so far lead to the form no more.
pub(crate) async fn revoke_links(tx: &mut Tx, contact: ContactId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE contact_link SET revoked_at = $2 WHERE contact = $1 AND revoked_at IS NULL",
        args![contact, now],
    )
    .await?;
    Ok(())
}

/// What a link leads to, and whether it was revoked.
pub(crate) async fn by_token(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<(ContactRow, bool)>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT c.*, l.revoked_at FROM contact_link l JOIN contact c ON c.id = l.contact WHERE l.token_hash = $1",
            args![token_hash],
        )
        .await?;
    row.map(|row| {
        let revoked: Option<Timestamp> = row.get("revoked_at")?;
        Ok((ContactRow::from_row(&row)?, revoked.is_some()))
    })
    .transpose()
}

/// How many links there ever were.
pub(crate) async fn count_links(tx: &mut Tx, contact: ContactId) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS links FROM contact_link WHERE contact = $1",
        args![contact],
    )
    .await?
    .get("links")
}
