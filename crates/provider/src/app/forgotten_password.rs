//! A new password for somebody who forgot the old one: by a link that is mailed.

use std::net::IpAddr;

use jiff::SignedDuration;
use oauth::Secret;
use rightful_http::passwords::{self, PasswordRule};
use serde_json::json;
use store::{StoreError, jobs::NewJob, retried};

use super::{
    profile::email_index,
    throttles::Throttled,
    tokens::{self, hex},
};
use crate::{Actor, Provider, rows, steps};

/// How long the link lasts (SEC-8).
pub(crate) const LASTS: SignedDuration = SignedDuration::from_hours(1);
/// How many links one user is mailed within that time.
pub(crate) const MOST: i64 = 3;

/// Why the password stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The link was used, has run out, or never was one.
    #[error("this link was used already, or has run out")]
    Gone,
    /// The new password would be guessed.
    #[error("new_password: {0}")]
    Rule(PasswordRule),
    /// The machine could not hash it.
    #[error("new_password: it could not be hashed")]
    Hash,
    /// Too much was asked for from there.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database failed.
    #[error("could not store the password")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Somebody asks for a link. Whether anybody has that address is found out later, by a job: the answer is the same
    /// and takes as long in any case (SEC-7).
    pub async fn ask_for_new_password(&self, email: &Secret, origin: IpAddr) -> Result<(), ResetPasswordError> {
        let asked = &self.throttles().asked_mails;
        asked.may_try::<ResetPasswordError>(origin).await?;
        asked.note_wrong::<ResetPasswordError>(origin).await?;
        let address = email_index(self.vault(), email);
        let mut tx = self.store().write().await?;
        tx.audit(Actor::nobody(Some(origin)).did("password_reset.asked", "log-in".to_owned(), json!({})));
        let now = tx.now();
        tx.enqueue(NewJob {
            kind: steps::RESET_PASSWORD,
            lane: "password_reset".to_owned(),
            run_at: now,
            key: Some(format!("password_reset:{}", hex(&address))),
            payload: json!({ "address": address }),
        });
        Ok(tx.commit().await?)
    }

    /// Whether a mailed link still works.
    pub async fn can_reset_password(&self, token: &Secret) -> Result<bool, StoreError> {
        let mut read = self.store().read().await?;
        let user = rows::password_reset::by_hash(&mut read, tokens::hash(token)).await?;
        Ok(user.is_some())
    }

    /// Takes the new password of whoever holds the mailed link, once. All sessions end; logging in asks for a code as
    /// before where two-step log-in is on (SEC-8).
    pub async fn reset_password(&self, token: &Secret, new: &Secret, origin: IpAddr) -> Result<(), ResetPasswordError> {
        retried(|| self.reset_password_once(token, new, origin)).await
    }

    async fn reset_password_once(
        &self,
        token: &Secret,
        new: &Secret,
        origin: IpAddr,
    ) -> Result<(), ResetPasswordError> {
        if !self.can_reset_password(token).await? {
            return Err(ResetPasswordError::Gone);
        }
        passwords::check(new).map_err(ResetPasswordError::Rule)?;
        let hash = self.passwords().hash(new).await.ok_or(ResetPasswordError::Hash)?;
        let token = tokens::hash(token);
        let mut tx = self.store().write().await?;
        tx.lock("password_reset", &hex(&token)).await?;
        let user = rows::password_reset::by_hash(&mut tx, token).await?;
        let user = user.ok_or(ResetPasswordError::Gone)?;
        rows::user::by_id(&mut tx, user)
            .await?
            .filter(|user| user.deactivated_at.is_none())
            .ok_or(ResetPasswordError::Gone)?;
        rows::user::set_password(&mut tx, user, &hash).await?;
        rows::password_reset::delete_of_user(&mut tx, user).await?;
        rows::half_log_in::delete_of_user(&mut tx, user).await?;
        rows::session::delete_of_user(&mut tx, user).await?;
        let actor = Actor::user(user, Some(origin));
        tx.audit(actor.did("user.password_reset", format!("user:{user}"), json!({})));
        Ok(tx.commit().await?)
    }
}
