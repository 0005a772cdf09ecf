//! Wrong passwords in this minute, so that guessing is slow whatever process is asked.

use store::{StoreError, Tx, args};

/// How many wrong passwords `subject` (a keyed hash of a caller's address) has had in this minute.
pub(crate) async fn recent(tx: &mut Tx, subject: &[u8; 32]) -> Result<i64, StoreError> {
    let minute = this_minute(tx);
    let row = tx
        .fetch_optional(
            "SELECT failures FROM failed_log_in WHERE subject = $1 AND minute = $2",
            args![subject, minute],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("failures"))
}

/// Counts one more, and forgets older minutes.
pub(crate) async fn count(tx: &mut Tx, subject: &[u8; 32]) -> Result<(), StoreError> {
    let minute = this_minute(tx);
    tx.execute("DELETE FROM failed_log_in WHERE minute < $1", args![minute])
        .await?;
    tx.execute(
        "INSERT INTO failed_log_in (subject, minute, failures) VALUES ($1, $2, 1) \
         ON CONFLICT (subject, minute) DO UPDATE SET failures = failed_log_in.failures + 1",
        args![subject, minute],
    )
    .await?;
    Ok(())
}

fn this_minute(tx: &Tx) -> i64 {
    tx.now().as_second() / 60
}
