//! Uses of the public form, so that limits hold whatever process is asked.

use jiff::{SignedDuration, Timestamp};
use store::{StoreError, Tx, args};

use crate::hex::hex;

/// How long a use is remembered: the longest window that is counted.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The uses by or about `subject` (a keyed hash) after `since`, the oldest first; `sent` itself does not count. The
/// subject is held until the end of the transaction.
pub(crate) async fn locked(
    tx: &mut Tx,
    subject: &[u8; 32],
    sent: &[u8; 32],
    since: Timestamp,
) -> Result<Vec<Timestamp>, StoreError> {
    tx.lock("form_use", &hex(subject)).await?;
    let rows = tx
        .fetch_all(
            "SELECT used_at FROM form_use WHERE subject = $1 AND used_at > $2 AND sent <> $3 ORDER BY used_at",
            args![subject, since, sent],
        )
        .await?;
    rows.iter().map(|row| row.get("used_at")).collect()
}

/// Whether this use is remembered.
pub(crate) async fn is_kept(tx: &mut Tx, subject: &[u8; 32], sent: &[u8; 32]) -> Result<bool, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT used_at FROM form_use WHERE subject = $1 AND sent = $2",
            args![subject, sent],
        )
        .await?;
    Ok(row.is_some())
}

/// Remembers a use, once, and forgets old ones.
pub(crate) async fn keep(tx: &mut Tx, subject: &[u8; 32], sent: &[u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    let old = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    tx.execute("DELETE FROM form_use WHERE used_at <= $1", args![old])
        .await?;
    tx.execute(
        "INSERT INTO form_use (subject, sent, used_at) VALUES ($1, $2, $3) ON CONFLICT (subject, sent) DO NOTHING",
        args![subject, sent, now],
    )
    .await?;
    Ok(())
}
