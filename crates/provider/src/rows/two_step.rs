//! Authenticator apps and recovery codes.

use jiff::Timestamp;
use rightful_http::totp::Step;
use store::{StoreError, Tx, args};

use crate::UserId;

/// A user's authenticator app, confirmed or about to be.
#[derive(Debug, Clone)]
pub(crate) struct StoredTotp {
    pub(crate) sealed_secret: Vec<u8>,
    pub(crate) confirmed: bool,
    /// The code used last.
    pub(crate) last: Option<Step>,
    /// How many codes were wrong since `wrong_since`.
    pub(crate) wrong: i64,
    pub(crate) wrong_since: Option<Timestamp>,
}

pub(crate) async fn of_user(tx: &mut Tx, user: UserId) -> Result<Option<StoredTotp>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM user_totp WHERE user_id = $1", args![user])
        .await?;
    row.map(|row| {
        Ok(StoredTotp {
            sealed_secret: row.get("secret")?,
            confirmed: row.get::<Option<i64>>("confirmed_at")?.is_some(),
            last: row.get::<Option<i64>>("last_step")?.map(Step),
            wrong: row.get("wrong")?,
            wrong_since: row.get("wrong_since")?,
        })
    })
    .transpose()
}

/// Whether the user's log-in asks for a code.
pub(crate) async fn is_on(tx: &mut Tx, user: UserId) -> Result<bool, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT 1 AS found FROM user_totp WHERE user_id = $1 AND confirmed_at IS NOT NULL",
            args![user],
        )
        .await?;
    Ok(row.is_some())
}

/// A new secret that is not confirmed yet, in place of another that never was.
pub(crate) async fn begin(tx: &mut Tx, user: UserId, sealed_secret: Vec<u8>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO user_totp (user_id, secret, wrong) VALUES ($1, $2, 0) ON CONFLICT (user_id) \
         DO UPDATE SET secret = excluded.secret WHERE user_totp.confirmed_at IS NULL",
        args![user, sealed_secret],
    )
    .await?;
    Ok(())
}

pub(crate) async fn confirm(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE user_totp SET confirmed_at = $2 WHERE user_id = $1",
        args![user, now],
    )
    .await?;
    Ok(())
}

/// A code was right: no earlier one will be.
pub(crate) async fn used(tx: &mut Tx, user: UserId, step: Step) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE user_totp SET last_step = $2, wrong = 0, wrong_since = NULL WHERE user_id = $1",
        args![user, step.0],
    )
    .await?;
    Ok(())
}

/// A code was wrong; the count begins anew at `since`.
pub(crate) async fn was_wrong(tx: &mut Tx, user: UserId, wrong: i64, since: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE user_totp SET wrong = $2, wrong_since = $3 WHERE user_id = $1",
        args![user, wrong, since],
    )
    .await?;
    Ok(())
}

/// Forgets the app and the recovery codes.
pub(crate) async fn delete(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM user_totp WHERE user_id = $1",
        "DELETE FROM recovery_code WHERE user_id = $1",
    ] {
        tx.execute(sql, args![user]).await?;
    }
    Ok(())
}

/// New recovery codes in place of the older ones.
pub(crate) async fn replace_recovery(tx: &mut Tx, user: UserId, tags: &[[u8; 32]]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM recovery_code WHERE user_id = $1", args![user])
        .await?;
    for tag in tags {
        tx.execute(
            "INSERT INTO recovery_code (user_id, tag) VALUES ($1, $2)",
            args![user, tag],
        )
        .await?;
    }
    Ok(())
}

/// Uses a recovery code up; false if there is none such.
pub(crate) async fn take_recovery(tx: &mut Tx, user: UserId, tag: [u8; 32]) -> Result<bool, StoreError> {
    let taken = tx
        .execute(
            "DELETE FROM recovery_code WHERE user_id = $1 AND tag = $2",
            args![user, tag],
        )
        .await?;
    Ok(taken == 1)
}

/// How many recovery codes are left.
pub(crate) async fn recovery_left(tx: &mut Tx, user: UserId) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS remaining FROM recovery_code WHERE user_id = $1",
        args![user],
    )
    .await?
    .get("remaining")
}
