//! The applications that a user has authorized.

use jiff::Timestamp;
use serde_json::json;
use store::{StoreError, Tx, retried};

use super::{authority, sessions::Session};
use crate::{Actor, GrantId, Provider, rows};

/// An application's access, as its user sees it: all their consents for one account together.
#[derive(Debug, Clone)]
pub struct AuthorizedApplication {
    /// One of the grants; it stands for all.
    pub id: GrantId,
    /// The application.
    pub name: String,
    /// The account that registered it.
    pub registered_by: String,
    /// The account it acts for.
    pub account: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last called the API.
    pub last_used_at: Option<Timestamp>,
}

/// Why a grant is not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeGrantError {
    /// The user has no such grant.
    #[error("there is no such authorization")]
    NotFound,
    /// The database failed.
    #[error("could not revoke the authorization")]
    Store(#[from] StoreError),
}

impl Provider {
    /// The applications that the user has authorized, newest first.
    pub async fn list_grants(&self, session: &Session) -> Result<Vec<AuthorizedApplication>, StoreError> {
        let grants = rows::grant::of_user(&mut self.store().read().await?, session.user).await?;
        Ok(grants
            .into_iter()
            .map(|grant| AuthorizedApplication {
                id: grant.id,
                name: grant.application_name,
                registered_by: grant.registered_by,
                account: grant.account_name,
                created_at: grant.created_at,
                last_used_at: grant.last_used_at,
            })
            .collect())
    }

    /// Takes an application's access to an account away: every grant of the user to it, and codes not yet exchanged.
    /// It holds at the next call (AS-51).
    pub async fn revoke_grant(&self, session: &Session, id: GrantId, by: Actor) -> Result<(), RevokeGrantError> {
        retried(|| self.revoke_grant_once(session, id, by)).await
    }

    async fn revoke_grant_once(&self, session: &Session, id: GrantId, by: Actor) -> Result<(), RevokeGrantError> {
        let mut tx = self.store().write().await?;
        let (user, client, account) = rows::grant::owner(&mut tx, id)
            .await?
            .filter(|(user, ..)| *user == session.user)
            .ok_or(RevokeGrantError::NotFound)?;
        rows::grant::revoke_alike(&mut tx, user, client, account).await?;
        rows::code::delete_open(&mut tx, user, Some((client, account))).await?;
        authority::changed(&mut tx).await?;
        let detail = json!({"client": client.number(), "account": account});
        tx.audit(by.did("grant.revoked", object(id), detail));
        Ok(tx.commit().await?)
    }
}

/// Ends one grant for a reason; one that has ended stays as it is.
pub(crate) async fn end(tx: &mut Tx, id: GrantId, reason: &'static str, by: Actor) -> Result<(), StoreError> {
    if rows::grant::revoke(tx, id).await?
        && let Some((user, client, account)) = rows::grant::owner(tx, id).await?
    {
        authority::changed(tx).await?;
        let detail = json!({"reason": reason, "user": user, "client": client.number(), "account": account});
        tx.audit(by.did("grant.revoked", object(id), detail));
    }
    Ok(())
}

pub(crate) fn object(id: GrantId) -> String {
    format!("grant:{id}")
}
