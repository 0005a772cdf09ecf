//! Users. What a person is called is sealed; e-mail addresses are found by a keyed hash.

use jiff::Timestamp;
use oauth::Secret;
use store::{Row, StoreError, Tx, args};

use crate::UserId;

/// A user as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredUser {
    pub(crate) id: UserId,
    pub(crate) sealed_profile: Vec<u8>,
    pub(crate) password_hash: Secret,
    pub(crate) deactivated_at: Option<Timestamp>,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: UserId,
    email_index: [u8; 32],
    sealed_profile: Vec<u8>,
    password_hash: &Secret,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO app_user (id, email_index, profile, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        args![id, email_index, sealed_profile, password_hash.reveal(), now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_email(tx: &mut Tx, email_index: [u8; 32]) -> Result<Option<StoredUser>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM app_user WHERE email_index = $1", args![email_index])
        .await?;
    row.as_ref().map(user).transpose()
}

pub(crate) async fn by_id(tx: &mut Tx, id: UserId) -> Result<Option<StoredUser>, StoreError> {
    let row = tx
        .fetch_optional("SELECT * FROM app_user WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(user).transpose()
}

pub(crate) async fn set_password(tx: &mut Tx, id: UserId, password_hash: &Secret) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE app_user SET password_hash = $2 WHERE id = $1",
        args![id, password_hash.reveal()],
    )
    .await?;
    Ok(())
}

pub(crate) async fn deactivate(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE app_user SET deactivated_at = $2 WHERE id = $1 AND deactivated_at IS NULL",
        args![id, now],
    )
    .await?;
    Ok(())
}

fn user(row: &Row) -> Result<StoredUser, StoreError> {
    Ok(StoredUser {
        id: row.parse("id")?,
        sealed_profile: row.get("profile")?,
        password_hash: Secret::new(row.get("password_hash")?),
        deactivated_at: row.get("deactivated_at")?,
    })
}
