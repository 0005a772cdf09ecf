//! Who belongs to an account, and what its administrators change about it.

use jiff::Timestamp;
use serde_json::json;
use store::{StoreError, Tx, retried};

use super::{authority, profile::Profile, sessions::Session};
use crate::{AccountId, Actor, Provider, Role, UserId, rows};

/// Somebody who belongs to the account.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub profile: Profile,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// They cannot log in anywhere any more.
    pub deactivated: bool,
    /// Their log-in asks for a code too.
    pub two_step: bool,
}

/// Why a member stays as they are.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// The account has no such member.
    #[error("there is no such user in this account")]
    NotFound,
    /// Nobody would be left to look after the account.
    #[error("the account needs an administrator: make somebody else one first")]
    LastAdministrator,
    /// The database failed.
    #[error("could not store the change")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Everybody who belongs to the account, the first to join in front.
    pub async fn members(&self, session: &Session) -> Result<Vec<Member>, StoreError> {
        let stored = rows::account::members(&mut self.store().read().await?, session.current.account.id).await?;
        stored
            .into_iter()
            .map(|stored| {
                Ok(Member {
                    profile: Profile::open(self.vault(), stored.user, &stored.sealed_profile)?,
                    user: stored.user,
                    role: stored.role,
                    joined_at: stored.joined_at,
                    deactivated: stored.deactivated,
                    two_step: stored.two_step,
                })
            })
            .collect()
    }

    /// Gives a member another role in the account. It holds at the next call (SEC-17).
    pub async fn set_member_role(
        &self,
        session: &Session,
        user: UserId,
        role: Role,
        by: Actor,
    ) -> Result<(), MemberError> {
        retried(|| self.set_member_role_once(session, user, role, by)).await
    }

    async fn set_member_role_once(
        &self,
        session: &Session,
        user: UserId,
        role: Role,
        by: Actor,
    ) -> Result<(), MemberError> {
        let account = session.current.account.id;
        let mut tx = self.store().write().await?;
        let before = decide(&mut tx, account, user, role == Role::Administrator).await?;
        rows::account::set_role(&mut tx, user, account, role).await?;
        authority::changed(&mut tx).await?;
        let detail = json!({"account": account, "from": before, "to": role});
        tx.audit(by.did("user.role_changed", format!("user:{user}"), detail));
        Ok(tx.commit().await?)
    }

    /// Takes a member's access to this account away: their grants and tokens for it end at once, and their sessions
    /// where they belong to no other account (SEC-11). What they have in other accounts is not this one's to end.
    pub async fn remove_member(&self, session: &Session, user: UserId, by: Actor) -> Result<(), MemberError> {
        retried(|| self.remove_member_once(session, user, by)).await
    }

    async fn remove_member_once(&self, session: &Session, user: UserId, by: Actor) -> Result<(), MemberError> {
        let account = session.current.account.id;
        let mut tx = self.store().write().await?;
        decide(&mut tx, account, user, false).await?;
        rows::account::remove(&mut tx, user, account).await?;
        rows::code::delete_open_of_member(&mut tx, user, account).await?;
        rows::grant::revoke_of_member(&mut tx, user, account).await?;
        rows::token::revoke_personal_of_member(&mut tx, user, account).await?;
        if rows::account::of_user(&mut tx, user).await?.is_empty() {
            rows::session::delete_of_user(&mut tx, user).await?;
        }
        authority::changed(&mut tx).await?;
        tx.audit(by.did("user.removed", format!("user:{user}"), json!({ "account": account })));
        Ok(tx.commit().await?)
    }
}

/// The member's present role, where it may be changed: unless they `stay` one, another administrator must be left.
async fn decide(tx: &mut Tx, account: AccountId, user: UserId, stays: bool) -> Result<Role, MemberError> {
    tx.lock("members", &account.to_string()).await?;
    let role = rows::account::role(tx, user, account).await?;
    let role = role.ok_or(MemberError::NotFound)?;
    let last =
        role == Role::Administrator && !stays && rows::account::other_administrators(tx, account, user).await? == 0;
    if last {
        Err(MemberError::LastAdministrator)
    } else {
        Ok(role)
    }
}
