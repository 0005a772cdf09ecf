//! First answers to requests that may come twice.

use jiff::Timestamp;
use store::{StoreError, Tx, args};

use crate::{RequestId, hex::hex};

/// A first answer.
#[derive(Debug, Clone)]
pub(crate) struct FirstAnswer {
    /// The keyed hash of what was asked.
    pub(crate) asked: [u8; 32],
    /// What it made.
    pub(crate) request: RequestId,
    /// The answer, sealed.
    pub(crate) answer: Vec<u8>,
}

/// Holds a key until the end of the transaction; false where somebody else holds it and is not waited for.
pub(crate) async fn take(tx: &mut Tx, key: &[u8; 32], wait: bool) -> Result<bool, StoreError> {
    if wait {
        tx.lock("idempotency", &hex(key)).await?;
        return Ok(true);
    }
    tx.try_lock("idempotency", &hex(key)).await
}

/// The first answer of this key that still counts.
pub(crate) async fn first(tx: &mut Tx, key: &[u8; 32]) -> Result<Option<FirstAnswer>, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_optional(
            "SELECT asked, request, answer FROM idempotency WHERE key = $1 AND expires_at > $2",
            args![key, now],
        )
        .await?;
    row.map(|row| {
        Ok(FirstAnswer {
            asked: row.get("asked")?,
            request: row.parse("request")?,
            answer: row.get("answer")?,
        })
    })
    .transpose()
}

/// Keeps a first answer, and lets go of those that count no more.
pub(crate) async fn keep(
    tx: &mut Tx,
    key: &[u8; 32],
    first: &FirstAnswer,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM idempotency WHERE expires_at <= $1", args![now])
        .await?;
    tx.execute(
        "INSERT INTO idempotency (key, asked, request, answer, expires_at) VALUES ($1, $2, $3, $4, $5)",
        args![key, first.asked, first.request, first.answer.clone(), expires_at],
    )
    .await?;
    Ok(())
}
