//! Logging in and out, and who a browser belongs to.

use std::net::IpAddr;

use oauth::Secret;
use rightful_http::session::{SessionLifetime, SessionToken};
use serde_json::json;
use store::StoreError;

use super::{
    profile::{Profile, email_index},
    throttles::Throttled,
};
use crate::{AccountId, Actor, Membership, Provider, Role, UserId, rows, steps::tidy};

/// A browser in which somebody has logged in.
#[derive(Debug, Clone)]
pub struct Session {
    /// What its cookie holds.
    pub token: SessionToken,
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub profile: Profile,
    /// Their accounts, the one they joined first in front; never empty.
    pub memberships: Vec<Membership>,
    /// The one whose pages they look at.
    pub current: Membership,
}

impl Session {
    /// Whether the user is an administrator of the account they look at.
    pub fn is_administrator(&self) -> bool {
        self.current.role == Role::Administrator
    }

    /// The user's membership of an account, if they belong to it.
    pub fn membership(&self, account: AccountId) -> Option<&Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.account.id == account)
    }

    /// Who acts, for the audit log.
    pub fn actor(&self, origin: IpAddr) -> Actor {
        Actor::user(self.user, Some(origin))
    }
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// The address or the password is wrong, or the user deactivated: nobody learns which (SEC-7).
    #[error("the e-mail address or the password is wrong")]
    Wrong,
    /// Too many wrong passwords came from there.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database failed.
    #[error("could not log in")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Logs a user in. A session that the browser had before ends; the new one has a new token (SEC-9).
    pub async fn log_in(
        &self,
        email: &Secret,
        password: &Secret,
        before: Option<&SessionToken>,
        origin: IpAddr,
    ) -> Result<SessionToken, LogInError> {
        let attempts = &self.throttles().wrong_passwords;
        attempts.may_try(origin, self.clock().now())?;
        let index = email_index(self.vault(), email);
        let user = rows::user::by_email(&mut self.store().read().await?, index).await?;
        let hash = user.as_ref().map(|user| &user.password_hash);
        let fits = self
            .passwords()
            .verify(password, hash, || attempts.may_try(origin, self.clock().now()))
            .await?;

        let mut tx = self.store().write().await?;
        let active = user.filter(|user| fits && user.deactivated_at.is_none());
        let home = match &active {
            Some(user) => rows::account::of_user(&mut tx, user.id).await?.into_iter().next(),
            None => None,
        };
        let Some((user, home)) = active.zip(home) else {
            attempts.was_wrong(origin, self.clock().now());
            // Written for known and unknown users alike, so that both take the same time.
            tx.audit(Actor::nobody(Some(origin)).did("session.refused", "log-in".to_owned(), json!({})));
            tx.commit().await?;
            return Err(LogInError::Wrong);
        };
        let token = SessionToken::generate(&**tx.entropy());
        if let Some(before) = before {
            rows::session::delete(&mut tx, before.hash()).await?;
        }
        rows::session::insert(&mut tx, token.hash(), user.id, home.account.id).await?;
        tidy::enqueue(&mut tx);
        let actor = Actor::user(user.id, Some(origin));
        tx.audit(actor.did("session.began", format!("user:{}", user.id), json!({})));
        tx.commit().await?;
        Ok(token)
    }

    /// Ends a session; one that has ended is fine.
    pub async fn log_out(&self, token: &SessionToken, origin: IpAddr) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        if let Some(session) = rows::session::by_hash(&mut tx, token.hash()).await? {
            rows::session::delete(&mut tx, token.hash()).await?;
            let actor = Actor::user(session.user, Some(origin));
            tx.audit(actor.did("session.ended", format!("user:{}", session.user), json!({})));
            tx.commit().await?;
        }
        Ok(())
    }

    /// The session of a cookie, if it lasts and its user is active and belongs to an account.
    pub async fn session(&self, token: &SessionToken) -> Result<Option<Session>, StoreError> {
        let mut read = self.store().read().await?;
        let Some(stored) = rows::session::by_hash(&mut read, token.hash()).await? else {
            return Ok(None);
        };
        let (lifetime, now) = (self.session_lifetime(), self.clock().now());
        if !lifetime.lasts(stored.began_at, stored.used_at, now) {
            return Ok(None);
        }
        let user = rows::user::by_id(&mut read, stored.user).await?;
        let Some(user) = user.filter(|user| user.deactivated_at.is_none()) else {
            return Ok(None);
        };
        let memberships = rows::account::of_user(&mut read, user.id).await?;
        drop(read);
        let current = memberships
            .iter()
            .find(|membership| membership.account.id == stored.account)
            .or(memberships.first())
            .cloned();
        let Some(current) = current else { return Ok(None) };
        if lifetime.worth_noting(stored.used_at, now) {
            let mut tx = self.store().write().await?;
            rows::session::used(&mut tx, token.hash()).await?;
            tx.commit().await?;
        }
        Ok(Some(Session {
            token: token.clone(),
            user: user.id,
            profile: Profile::open(self.vault(), user.id, &user.sealed_profile)?,
            memberships,
            current,
        }))
    }

    /// Lets the session look at another of its user's accounts; false if they do not belong to it.
    pub async fn switch_account(&self, session: &Session, account: AccountId) -> Result<bool, StoreError> {
        if session.membership(account).is_none() {
            return Ok(false);
        }
        let mut tx = self.store().write().await?;
        rows::session::set_account(&mut tx, session.token.hash(), account).await?;
        tx.commit().await?;
        Ok(true)
    }

    pub(crate) fn session_lifetime(&self) -> SessionLifetime {
        SessionLifetime {
            idle: self.settings().session_idle.signed(),
            absolute: self.settings().session_ttl.signed(),
        }
    }
}
