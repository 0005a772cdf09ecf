//! A new password for somebody who knows the old one.

use std::net::IpAddr;

use oauth::Secret;
use serde_json::json;
use store::StoreError;

use super::{
    passwords::{self, PasswordRule},
    sessions::Session,
    throttles::Throttled,
};
use crate::{Provider, rows};

/// Why the password stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The old one is wrong.
    #[error("current_password: that is not your password")]
    Wrong,
    /// The new one would be guessed.
    #[error("new_password: {0}")]
    Rule(PasswordRule),
    /// Too many wrong passwords came from there.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The machine could not hash it.
    #[error("new_password: it could not be hashed")]
    Hash,
    /// The database failed.
    #[error("could not store the password")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Changes the password of the user who is logged in, and ends their other sessions (SEC-3, SEC-11). What they
    /// granted to applications stays: it never depended on the password.
    pub async fn change_password(
        &self,
        session: &Session,
        current: &Secret,
        new: &Secret,
        origin: IpAddr,
    ) -> Result<(), ChangePasswordError> {
        let attempts = &self.throttles().wrong_passwords;
        let may_try = || attempts.may_try(origin, self.clock().now());
        may_try()?;
        let stored = rows::user::by_id(&mut self.store().read().await?, session.user).await?;
        let hash = stored.as_ref().map(|user| &user.password_hash);
        if !self.passwords().verify(current, hash, may_try).await? {
            attempts.was_wrong(origin, self.clock().now());
            return Err(ChangePasswordError::Wrong);
        }
        passwords::check(new).map_err(ChangePasswordError::Rule)?;
        let hash = self.passwords().hash(new).await.ok_or(ChangePasswordError::Hash)?;
        let mut tx = self.store().write().await?;
        rows::user::set_password(&mut tx, session.user, &hash).await?;
        rows::session::delete_others(&mut tx, session.user, session.token.hash()).await?;
        let object = format!("user:{}", session.user);
        tx.audit(session.actor(origin).did("user.password_changed", object, json!({})));
        Ok(tx.commit().await?)
    }
}
