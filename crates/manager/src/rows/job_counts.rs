//! Counting the jobs that the database holds.

use store::{StoreError, Tx, args};

/// How many jobs there are that are due, that wait for their time, and that are carried out.
pub(crate) async fn jobs(tx: &mut Tx) -> Result<Vec<(String, u64)>, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_one(
            "SELECT COUNT(CASE WHEN lease IS NULL AND run_at <= $1 THEN 1 END) AS due, \
             COUNT(CASE WHEN lease IS NULL AND run_at > $1 THEN 1 END) AS scheduled, \
             COUNT(CASE WHEN lease IS NOT NULL THEN 1 END) AS running FROM job",
            args![now],
        )
        .await?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(vec![
        ("due".to_owned(), count(row.get("due")?)),
        ("scheduled".to_owned(), count(row.get("scheduled")?)),
        ("running".to_owned(), count(row.get("running")?)),
    ])
}

/// How many lanes are closed just now.
pub(crate) async fn closed_lanes(tx: &mut Tx) -> Result<u64, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_one(
            "SELECT COUNT(*) AS closed FROM lane WHERE closed_until > $1",
            args![now],
        )
        .await?;
    Ok(u64::try_from(row.get::<i64>("closed")?).unwrap_or_default())
}
