//! Grants: one for each consent that was made use of.

use jiff::Timestamp;
use oauth::ClientId;
use store::{Row, StoreError, Tx, args};

use crate::{AccountId, GrantId, Role, UserId};

/// A new grant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewGrant {
    pub(crate) id: GrantId,
    pub(crate) client: ClientId,
    pub(crate) user: UserId,
    pub(crate) account: AccountId,
    /// The end of an implicit grant, which cannot be refreshed.
    pub(crate) expires_at: Option<Timestamp>,
}

/// A grant with everything that decides whether its tokens count.
#[derive(Debug, Clone)]
pub(crate) struct GrantStanding {
    pub(crate) client: ClientId,
    pub(crate) user: UserId,
    pub(crate) account: AccountId,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
    /// Not revoked, its user active, its application registered.
    pub(crate) alive: bool,
    /// The user's role in the account; none where they do not belong to it any more.
    pub(crate) role: Option<Role>,
}

/// The grants of one user to one application for one account, as people see them.
#[derive(Debug, Clone)]
pub(crate) struct GrantSummary {
    /// One of them: it stands for all.
    pub(crate) id: GrantId,
    pub(crate) application_name: String,
    /// Who registered the application.
    pub(crate) registered_by: String,
    pub(crate) account_name: String,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

pub(crate) async fn insert(tx: &mut Tx, grant: NewGrant) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO access_grant (id, client_id, user_id, account_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            grant.id,
            grant.client.number(),
            grant.user,
            grant.account,
            now,
            grant.expires_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn standing(tx: &mut Tx, id: GrantId) -> Result<Option<GrantStanding>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT access_grant.*, app_user.deactivated_at, application.deleted_at, membership.role \
             FROM access_grant JOIN app_user ON app_user.id = access_grant.user_id \
             JOIN application ON application.client_id = access_grant.client_id \
             LEFT JOIN membership ON membership.user_id = access_grant.user_id \
             AND membership.account_id = access_grant.account_id WHERE access_grant.id = $1",
            args![id],
        )
        .await?;
    row.map(|row| {
        let gone = |column| Ok::<_, StoreError>(row.get::<Option<i64>>(column)?.is_some());
        Ok(GrantStanding {
            client: client(&row)?,
            user: row.parse("user_id")?,
            account: AccountId(row.get("account_id")?),
            created_at: row.get("created_at")?,
            last_used_at: row.get("last_used_at")?,
            alive: !(gone("revoked_at")? || gone("deactivated_at")? || gone("deleted_at")?),
            role: row.parse_optional("role")?,
        })
    })
    .transpose()
}

/// Whose grant it is, for which application and account.
pub(crate) async fn owner(tx: &mut Tx, id: GrantId) -> Result<Option<(UserId, ClientId, AccountId)>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT user_id, client_id, account_id FROM access_grant WHERE id = $1",
            args![id],
        )
        .await?;
    row.map(|row| Ok((row.parse("user_id")?, client(&row)?, AccountId(row.get("account_id")?))))
        .transpose()
}

/// What a user sees of the applications that they authorized, newest first.
pub(crate) async fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<GrantSummary>, StoreError> {
    let now = tx.now();
    let rows = tx
        .fetch_all(
            "SELECT MAX(access_grant.id) AS id, MIN(access_grant.created_at) AS created_at, \
             MAX(access_grant.last_used_at) AS last_used_at, application.name AS application_name, \
             registrant.name AS registered_by, account.name AS account_name \
             FROM access_grant JOIN application ON application.client_id = access_grant.client_id \
             JOIN account AS registrant ON registrant.id = application.account_id \
             JOIN account ON account.id = access_grant.account_id \
             WHERE access_grant.user_id = $1 AND access_grant.revoked_at IS NULL AND application.deleted_at IS NULL \
             AND (access_grant.expires_at IS NULL OR access_grant.expires_at > $2) \
             GROUP BY access_grant.client_id, access_grant.account_id, application.name, registrant.name, account.name \
             ORDER BY MAX(access_grant.id) DESC",
            args![user, now],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(GrantSummary {
                id: row.parse("id")?,
                application_name: row.get("application_name")?,
                registered_by: row.get("registered_by")?,
                account_name: row.get("account_name")?,
                created_at: row.get("created_at")?,
                last_used_at: row.get("last_used_at")?,
            })
        })
        .collect()
}

/// Ends one grant; false if it had ended, or never was.
pub(crate) async fn revoke(tx: &mut Tx, id: GrantId) -> Result<bool, StoreError> {
    let now = tx.now();
    let ended = tx
        .execute(
            "UPDATE access_grant SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            args![id, now],
        )
        .await?;
    Ok(ended == 1)
}

/// Ends all grants of a user to an application for an account.
pub(crate) async fn revoke_alike(
    tx: &mut Tx,
    user: UserId,
    client: ClientId,
    account: AccountId,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE access_grant SET revoked_at = $4 \
         WHERE user_id = $1 AND client_id = $2 AND account_id = $3 AND revoked_at IS NULL",
        args![user, client.number(), account, now],
    )
    .await?;
    Ok(())
}

/// Ends all grants of a user.
pub(crate) async fn revoke_of_user(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE access_grant SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
        args![user, now],
    )
    .await?;
    Ok(())
}

/// Ends all grants of a user for an account.
pub(crate) async fn revoke_of_member(tx: &mut Tx, user: UserId, account: AccountId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE access_grant SET revoked_at = $3 WHERE user_id = $1 AND account_id = $2 AND revoked_at IS NULL",
        args![user, account, now],
    )
    .await?;
    Ok(())
}

/// Ends all grants to an application.
pub(crate) async fn revoke_of_client(tx: &mut Tx, client: ClientId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE access_grant SET revoked_at = $2 WHERE client_id = $1 AND revoked_at IS NULL",
        args![client.number(), now],
    )
    .await?;
    Ok(())
}

/// Notes the last use, unless a later one is noted already.
pub(crate) async fn used(tx: &mut Tx, id: GrantId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE access_grant SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
        args![id, at],
    )
    .await?;
    Ok(())
}

/// Forgets implicit grants that ended long ago.
pub(crate) async fn delete_expired(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM access_grant WHERE expires_at < $1", args![before])
        .await?;
    Ok(())
}

fn client(row: &Row) -> Result<ClientId, StoreError> {
    ClientId::new(row.get("client_id")?).map_err(|_| StoreError::Corrupt {
        what: "access_grant",
        reason: "its client id is not positive".to_owned(),
    })
}
