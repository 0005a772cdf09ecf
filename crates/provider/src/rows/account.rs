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

/// The accounts of a user, the one they joined first in front.
pub(crate) async fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<Membership>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT account.id, account.name, membership.role FROM membership \
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
            })
        })
        .collect()
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
