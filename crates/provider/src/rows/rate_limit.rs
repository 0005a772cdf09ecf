//! Rate limits that several servers share: until when each caller has spent its allowance (generic cell rate
//! algorithm, in microseconds).

use store::{StoreError, Tx, args};

/// Spends up to `wanted` calls of `key`, as many as `burst` at `interval` still allow at `now`. Returns how many, and
/// until when the allowance is spent then.
pub(crate) async fn spend(
    tx: &mut Tx,
    key: &str,
    wanted: i64,
    interval: i64,
    burst: i64,
) -> Result<(i64, i64), StoreError> {
    let now = tx.now().as_microsecond();
    tx.execute(
        "INSERT INTO rate_limit (key, spent_until) VALUES ($1, 0) ON CONFLICT (key) DO NOTHING",
        args![key],
    )
    .await?;
    // The update takes the row's lock before anything is decided.
    let row = tx
        .fetch_one(
            "UPDATE rate_limit SET spent_until = CASE WHEN spent_until > $2 THEN spent_until ELSE $2 END \
             WHERE key = $1 RETURNING spent_until",
            args![key, now],
        )
        .await?;
    let spent: i64 = row.get("spent_until")?;
    let room = now.saturating_add(burst.saturating_mul(interval)).saturating_sub(spent);
    let granted = (room / interval.max(1)).clamp(0, wanted);
    let spent = spent.saturating_add(granted.saturating_mul(interval));
    if granted > 0 {
        tx.execute(
            "UPDATE rate_limit SET spent_until = $2 WHERE key = $1",
            args![key, spent],
        )
        .await?;
    }
    Ok((granted, spent))
}

/// Forgets callers whose allowance is whole again.
pub(crate) async fn sweep(tx: &mut Tx) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM rate_limit WHERE spent_until < $1", args![now])
        .await?;
    Ok(())
}
