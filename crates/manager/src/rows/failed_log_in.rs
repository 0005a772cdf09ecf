//! Wrong passwords and codes, counted by the minute, so that guessing is slow whatever process is asked.

use store::{StoreError, Tx, args};

/// For how many minutes failures are remembered.
const REMEMBERED: i64 = 60;

/// How many failures `subject` (a keyed hash of an address, an account …) has had in this minute and the `minutes - 1`
/// before it.
pub(crate) async fn recent(tx: &mut Tx, subject: &[u8; 32], minutes: i64) -> Result<i64, StoreError> {
    let since = this_minute(tx) - minutes;
    let rows = tx
        .fetch_all(
            "SELECT failures FROM failed_log_in WHERE subject = $1 AND minute > $2",
            args![subject, since],
        )
        .await?;
    rows.iter().map(|row| row.get::<i64>("failures")).sum()
}

/// Counts one more, and forgets what is long ago.
pub(crate) async fn count(tx: &mut Tx, subject: &[u8; 32]) -> Result<(), StoreError> {
    let minute = this_minute(tx);
    tx.execute(
        "DELETE FROM failed_log_in WHERE minute < $1",
        args![minute - REMEMBERED],
    )
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
