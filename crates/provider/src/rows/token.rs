//! Personal and service tokens, by their hash.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{AccountId, DataSource, Role, TokenId, UserId};

/// A personal token with everything that decides whether it counts.
#[derive(Debug, Clone)]
pub(crate) struct PersonalStanding {
    pub(crate) id: TokenId,
    pub(crate) user: UserId,
    pub(crate) account: AccountId,
    /// The user's role in the account; none where they do not belong to it any more.
    pub(crate) role: Option<Role>,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// A service token that counts.
#[derive(Debug, Clone)]
pub(crate) struct ServiceStanding {
    pub(crate) id: TokenId,
    pub(crate) name: String,
    pub(crate) sources: Vec<DataSource>,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// A personal token as people see it.
#[derive(Debug, Clone)]
pub(crate) struct PersonalToken {
    pub(crate) id: TokenId,
    pub(crate) user: UserId,
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

pub(crate) async fn insert_personal(
    tx: &mut Tx,
    id: TokenId,
    hash: [u8; 32],
    user: UserId,
    account: AccountId,
    name: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO personal_token (id, token_hash, user_id, account_id, name, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![id, hash, user, account, name, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn personal_standing(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<PersonalStanding>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT personal_token.*, membership.role FROM personal_token \
             JOIN app_user ON app_user.id = personal_token.user_id \
             LEFT JOIN membership ON membership.user_id = personal_token.user_id \
             AND membership.account_id = personal_token.account_id \
             WHERE token_hash = $1 AND revoked_at IS NULL AND app_user.deactivated_at IS NULL",
            args![hash],
        )
        .await?;
    row.map(|row| {
        Ok(PersonalStanding {
            id: row.parse("id")?,
            user: row.parse("user_id")?,
            account: AccountId(row.get("account_id")?),
            role: row.parse_optional("role")?,
            last_used_at: row.get("last_used_at")?,
        })
    })
    .transpose()
}

pub(crate) async fn personal_of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<PersonalToken>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM personal_token WHERE account_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id",
            args![account],
        )
        .await?;
    rows.iter().map(personal).collect()
}

pub(crate) async fn personal_by_id(tx: &mut Tx, id: TokenId) -> Result<Option<PersonalToken>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT * FROM personal_token WHERE id = $1 AND revoked_at IS NULL",
            args![id],
        )
        .await?;
    row.as_ref().map(personal).transpose()
}

pub(crate) async fn revoke_personal(tx: &mut Tx, id: TokenId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE personal_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        args![id, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn revoke_personal_of_user(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE personal_token SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
        args![user, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn revoke_personal_of_member(tx: &mut Tx, user: UserId, account: AccountId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE personal_token SET revoked_at = $3 WHERE user_id = $1 AND account_id = $2 AND revoked_at IS NULL",
        args![user, account, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_service(
    tx: &mut Tx,
    id: TokenId,
    hash: [u8; 32],
    name: &str,
    sources: &[DataSource],
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO service_token (id, token_hash, name, sources, created_at) VALUES ($1, $2, $3, $4, $5)",
        args![id, hash, name, serde_json::json!(sources).to_string(), now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn service_standing(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<ServiceStanding>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT * FROM service_token WHERE token_hash = $1 AND revoked_at IS NULL",
            args![hash],
        )
        .await?;
    row.as_ref().map(service).transpose()
}

/// The service tokens that count, for who serves which data source.
pub(crate) async fn services(tx: &mut Tx) -> Result<Vec<ServiceStanding>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM service_token WHERE revoked_at IS NULL ORDER BY created_at, id",
            args![],
        )
        .await?;
    rows.iter().map(service).collect()
}

/// Ends a service token; false if it had ended, or never was.
pub(crate) async fn revoke_service(tx: &mut Tx, id: TokenId) -> Result<bool, StoreError> {
    let now = tx.now();
    let ended = tx
        .execute(
            "UPDATE service_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            args![id, now],
        )
        .await?;
    Ok(ended == 1)
}

/// Notes the last use of a token of either kind.
pub(crate) async fn used(tx: &mut Tx, id: TokenId, at: Timestamp) -> Result<(), StoreError> {
    for sql in [
        "UPDATE personal_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
        "UPDATE service_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
    ] {
        tx.execute(sql, args![id, at]).await?;
    }
    Ok(())
}

fn personal(row: &Row) -> Result<PersonalToken, StoreError> {
    Ok(PersonalToken {
        id: row.parse("id")?,
        user: row.parse("user_id")?,
        account: AccountId(row.get("account_id")?),
        name: row.get("name")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

fn service(row: &Row) -> Result<ServiceStanding, StoreError> {
    Ok(ServiceStanding {
        id: row.parse("id")?,
        name: row.get("name")?,
        sources: row.json("sources")?,
        last_used_at: row.get("last_used_at")?,
    })
}
