//! Accounts, and who belongs to them.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use super::counter;
use crate::{AccountId, Role, UserId};

/// One organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its name, as people read it.
    pub name: String,
}

/// An account that a user belongs to, and their role there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The account.
    pub account: Account,
    /// What the user may do there.
    pub role: Role,
    /// The account asks its administrators for two-step log-in.
    pub two_step_required: bool,
}

pub(crate) async fn insert(tx: &mut Tx, name: &str) -> Result<AccountId, StoreError> {
    let id = AccountId(counter::next(tx, "account").await?);
    let now = tx.now();
    tx.execute(
        "INSERT INTO account (id, name, created_at) VALUES ($1, $2, $3)",
        args![id, name, now],
    )
    .await?;
    Ok(id)
}

pub(crate) async fn by_id(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StoreError> {
    let row = tx
        .fetch_optional("SELECT id, name FROM account WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(account).transpose()
}

/// All accounts, oldest first.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<Account>, StoreError> {
    let rows = tx
        .fetch_all("SELECT id, name FROM account ORDER BY id", args![])
        .await?;
    rows.iter().map(account).collect()
}

pub(crate) async fn set_two_step_required(tx: &mut Tx, id: AccountId, required: bool) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET two_step_required = $2 WHERE id = $1",
        args![id, required],
    )
    .await?;
    Ok(())
}

/// The accounts of a user, the one they joined first in front.
pub(crate) async fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<Membership>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT account.id, account.name, account.two_step_required, membership.role FROM membership \
             JOIN account ON account.id = membership.account_id \
             WHERE membership.user_id = $1 ORDER BY membership.created_at, account.id",
            args![user],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Membership {
                account: account(row)?,
                role: row.parse("role")?,
                two_step_required: row.get("two_step_required")?,
            })
        })
        .collect()
}

/// Somebody who belongs to an account, as its administrators see them.
#[derive(Debug, Clone)]
pub(crate) struct StoredMember {
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) joined_at: Timestamp,
    pub(crate) sealed_profile: Vec<u8>,
    pub(crate) deactivated: bool,
    pub(crate) two_step: bool,
}

/// Who belongs to an account, the first to join in front.
pub(crate) async fn members(tx: &mut Tx, account: AccountId) -> Result<Vec<StoredMember>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT app_user.id, app_user.profile, app_user.deactivated_at, membership.role, \
             membership.created_at AS joined_at, user_totp.confirmed_at FROM membership \
             JOIN app_user ON app_user.id = membership.user_id \
             LEFT JOIN user_totp ON user_totp.user_id = membership.user_id \
             WHERE membership.account_id = $1 ORDER BY membership.created_at, app_user.id",
            args![account],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(StoredMember {
                user: row.parse("id")?,
                role: row.parse("role")?,
                joined_at: row.get("joined_at")?,
                sealed_profile: row.get("profile")?,
                deactivated: row.get::<Option<i64>>("deactivated_at")?.is_some(),
                two_step: row.get::<Option<i64>>("confirmed_at")?.is_some(),
            })
        })
        .collect()
}

/// How many active administrators an account has beside one.
pub(crate) async fn other_administrators(tx: &mut Tx, account: AccountId, but: UserId) -> Result<i64, StoreError> {
    tx.fetch_one(
        "SELECT COUNT(*) AS others FROM membership JOIN app_user ON app_user.id = membership.user_id \
         WHERE membership.account_id = $1 AND membership.role = $2 AND membership.user_id <> $3 \
         AND app_user.deactivated_at IS NULL",
        args![account, Role::Administrator.as_str(), but],
    )
    .await?
    .get("others")
}

/// Ends a membership.
pub(crate) async fn remove(tx: &mut Tx, user: UserId, account: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM membership WHERE user_id = $1 AND account_id = $2",
        args![user, account],
    )
    .await?;
    Ok(())
}

pub(crate) async fn role(tx: &mut Tx, user: UserId, account: AccountId) -> Result<Option<Role>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT role FROM membership WHERE user_id = $1 AND account_id = $2",
            args![user, account],
        )
        .await?;
    row.map(|row| row.parse("role")).transpose()
}

/// Adds the user to the account, or gives them another role there.
pub(crate) async fn set_role(tx: &mut Tx, user: UserId, account: AccountId, role: Role) -> Result<(), StoreError> {
    let now: Timestamp = tx.now();
    tx.execute(
        "INSERT INTO membership (user_id, account_id, role, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, account_id) DO UPDATE SET role = excluded.role",
        args![user, account, role.as_str(), now],
    )
    .await?;
    Ok(())
}

fn account(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId(row.get("id")?),
        name: row.get("name")?,
    })
}
