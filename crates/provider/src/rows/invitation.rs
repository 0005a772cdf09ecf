//! Invitations that wait for an answer. The address is sealed, and found by a keyed hash.

use jiff::Timestamp;
use store::{Row, StoreError, Tx, args};

use crate::{AccountId, InvitationId, Role};

/// An invitation as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredInvitation {
    pub(crate) id: InvitationId,
    pub(crate) account: AccountId,
    pub(crate) email_index: [u8; 32],
    pub(crate) sealed_email: Vec<u8>,
    pub(crate) role: Role,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Keeps an invitation, in place of an earlier one to the same address.
pub(crate) async fn replace(
    tx: &mut Tx,
    token_hash: [u8; 32],
    invitation: &StoredInvitation,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM invitation WHERE account_id = $1 AND email_index = $2",
        args![invitation.account, invitation.email_index],
    )
    .await?;
    tx.execute(
        "INSERT INTO invitation (id, token_hash, account_id, email_index, email, role, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            invitation.id,
            token_hash,
            invitation.account,
            invitation.email_index,
            &invitation.sealed_email,
            invitation.role.as_str(),
            invitation.created_at,
            invitation.expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// The invitation of a link, as long as it lasts.
pub(crate) async fn by_hash(tx: &mut Tx, token_hash: [u8; 32]) -> Result<Option<StoredInvitation>, StoreError> {
    let now = tx.now();
    let row = tx
        .fetch_optional(
            "SELECT * FROM invitation WHERE token_hash = $1 AND expires_at > $2",
            args![token_hash, now],
        )
        .await?;
    row.as_ref().map(invitation).transpose()
}

/// An account's invitations, newest first, those that have run out too.
pub(crate) async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<StoredInvitation>, StoreError> {
    let rows = tx
        .fetch_all(
            "SELECT * FROM invitation WHERE account_id = $1 ORDER BY created_at DESC, id LIMIT 500",
            args![account],
        )
        .await?;
    rows.iter().map(invitation).collect()
}

/// Forgets an invitation of an account; false if there is none such.
pub(crate) async fn delete(tx: &mut Tx, id: InvitationId, account: AccountId) -> Result<bool, StoreError> {
    let gone = tx
        .execute(
            "DELETE FROM invitation WHERE id = $1 AND account_id = $2",
            args![id, account],
        )
        .await?;
    Ok(gone == 1)
}

/// Forgets those that ran out long ago.
pub(crate) async fn delete_before(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM invitation WHERE expires_at < $1", args![before])
        .await?;
    Ok(())
}

fn invitation(row: &Row) -> Result<StoredInvitation, StoreError> {
    Ok(StoredInvitation {
        id: row.parse("id")?,
        account: AccountId(row.get("account_id")?),
        email_index: row.get("email_index")?,
        sealed_email: row.get("email")?,
        role: row.parse("role")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}
