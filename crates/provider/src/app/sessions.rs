//! Logging in and out, and who a browser belongs to.

use std::net::IpAddr;

use jiff::Timestamp;
use oauth::Secret;
use rightful_http::session::{SessionLifetime, SessionToken};
use serde_json::json;
use store::{StoreError, Tx, retried};

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
    /// When they last proved who they are, by their password.
    pub proven_at: Timestamp,
    /// Their log-in asks for a code too.
    pub two_step: bool,
}

/// How far a log-in has come.
#[derive(Debug, Clone)]
pub enum LoggedIn {
    /// All the way: the session's cookie.
    Session(SessionToken),
    /// The password was right, a code is missing. This cookie stands for it.
    Half(SessionToken),
}

/// Another browser in which the same user is logged in.
#[derive(Debug, Clone, Copy)]
pub struct OtherSession {
    /// Since when.
    pub began_at: Timestamp,
    /// When it last asked for a page.
    pub used_at: Timestamp,
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
        Actor::user(self.user, Some(origin)).within(self.current.account.id)
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
    /// Logs a user in, or half in where a code is asked for too. A session that the browser had before ends; the new
    /// one has a new token (SEC-9).
    pub async fn log_in(
        &self,
        email: &Secret,
        password: &Secret,
        before: Option<&SessionToken>,
        origin: IpAddr,
    ) -> Result<LoggedIn, LogInError> {
        let attempts = &self.throttles().wrong_passwords;
        attempts.may_try::<LogInError>(origin).await?;
        let index = email_index(self.vault(), email);
        let user = rows::user::by_email(&mut self.store().read().await?, index).await?;
        let hash = user.as_ref().map(|user| &user.password_hash);
        let fits = self
            .passwords()
            .verify(password, hash, attempts.may_try::<LogInError>(origin))
            .await?;
        let who = user
            .filter(|user| fits && user.deactivated_at.is_none())
            .map(|user| user.id);
        retried(|| self.after_password_once(who, before, origin)).await
    }

    /// What a password leads to that is this user's, or nobody's.
    async fn after_password_once(
        &self,
        who: Option<UserId>,
        before: Option<&SessionToken>,
        origin: IpAddr,
    ) -> Result<LoggedIn, LogInError> {
        let attempts = &self.throttles().wrong_passwords;
        let mut tx = self.store().write().await?;
        let home = match who {
            Some(user) => rows::account::of_user(&mut tx, user).await?.into_iter().next(),
            None => None,
        };
        let Some((user, home)) = who.zip(home) else {
            attempts.was_wrong::<LogInError>(&mut tx, origin).await?;
            // Written for known and unknown users alike, so that both take the same time.
            tx.audit(Actor::nobody(Some(origin)).did("session.refused", "log-in".to_owned(), json!({})));
            tx.commit().await?;
            return Err(LogInError::Wrong);
        };
        if let Some(before) = before {
            rows::session::delete(&mut tx, before.hash()).await?;
            rows::half_log_in::delete(&mut tx, before.hash()).await?;
        }
        let logged_in = if rows::two_step::is_on(&mut tx, user).await? {
            let token = SessionToken::generate(&**tx.entropy());
            rows::half_log_in::insert(&mut tx, token.hash(), user).await?;
            tidy::enqueue(&mut tx);
            LoggedIn::Half(token)
        } else {
            LoggedIn::Session(begin(&mut tx, user, home.account.id, origin).await?)
        };
        tx.commit().await?;
        Ok(logged_in)
    }

    /// The other browsers in which the user is logged in, the last used first.
    pub async fn other_sessions(&self, session: &Session) -> Result<Vec<OtherSession>, StoreError> {
        let mut read = self.store().read().await?;
        let others = rows::session::others(&mut read, session.user, session.token.hash()).await?;
        let (lifetime, now) = (self.session_lifetime(), self.clock().now());
        Ok(others
            .into_iter()
            .filter(|(began_at, used_at)| lifetime.lasts(*began_at, *used_at, now))
            .map(|(began_at, used_at)| OtherSession { began_at, used_at })
            .collect())
    }

    /// Ends the user's sessions in other browsers (SEC-11).
    pub async fn end_other_sessions(&self, session: &Session, origin: IpAddr) -> Result<(), StoreError> {
        retried(|| self.end_other_sessions_once(session, origin)).await
    }

    async fn end_other_sessions_once(&self, session: &Session, origin: IpAddr) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        rows::session::delete_others(&mut tx, session.user, session.token.hash()).await?;
        let object = format!("user:{}", session.user);
        tx.audit(session.actor(origin).did("session.others_ended", object, json!({})));
        tx.commit().await
    }

    /// Ends a session; one that has ended is fine.
    pub async fn log_out(&self, token: &SessionToken, origin: IpAddr) -> Result<(), StoreError> {
        retried(|| self.log_out_once(token, origin)).await
    }

    async fn log_out_once(&self, token: &SessionToken, origin: IpAddr) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        if let Some(session) = rows::session::by_hash(&mut tx, token.hash()).await? {
            rows::session::delete(&mut tx, token.hash()).await?;
            let actor = Actor::user(session.user, Some(origin)).within(session.account);
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
        let two_step = rows::two_step::is_on(&mut read, user.id).await?;
        drop(read);
        let current = memberships
            .iter()
            .find(|membership| membership.account.id == stored.account)
            .or(memberships.first())
            .cloned();
        let Some(current) = current else { return Ok(None) };
        if lifetime.worth_noting(stored.used_at, now) {
            let noted = retried(|| async {
                let mut tx = self.store().write().await?;
                rows::session::used(&mut tx, token.hash()).await?;
                tx.commit().await
            });
            noted.await?;
        }
        Ok(Some(Session {
            token: token.clone(),
            user: user.id,
            profile: Profile::open(self.vault(), user.id, &user.sealed_profile)?,
            memberships,
            current,
            proven_at: stored.proven_at,
            two_step,
        }))
    }

    /// Lets the session look at another of its user's accounts; false if they do not belong to it.
    pub async fn switch_account(&self, session: &Session, account: AccountId) -> Result<bool, StoreError> {
        retried(|| self.switch_account_once(session, account)).await
    }

    async fn switch_account_once(&self, session: &Session, account: AccountId) -> Result<bool, StoreError> {
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

/// A new session, in this commit.
pub(crate) async fn begin(
    tx: &mut Tx,
    user: UserId,
    account: AccountId,
    origin: IpAddr,
) -> Result<SessionToken, StoreError> {
    let token = SessionToken::generate(&**tx.entropy());
    rows::session::insert(tx, token.hash(), user, account).await?;
    tidy::enqueue(tx);
    let actor = Actor::user(user, Some(origin)).within(account);
    tx.audit(actor.did("session.began", format!("user:{user}"), json!({})));
    Ok(token)
}
