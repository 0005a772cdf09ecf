//! A new password for somebody who knows the old one.

use std::net::IpAddr;

use oauth::Secret;
use rightful_http::passwords::{self, PasswordRule};
use serde_json::json;
use store::{StoreError, retried};

use super::{proof::ProofError, sessions::Session, throttles::Throttled};
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

impl From<ProofError> for ChangePasswordError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Wrong => Self::Wrong,
            ProofError::Throttled(throttled) => Self::Throttled(throttled),
            ProofError::Store(error) => Self::Store(error),
        }
    }
}

impl Provider {
    /// Changes the password of the user who is logged in, and ends their other sessions where they want that (SEC-3,
    /// SEC-11). Mailed links to choose another one end in any case. What they granted to applications stays: it never
    /// depended on the password.
    pub async fn change_password(
        &self,
        session: &Session,
        current: &Secret,
        new: &Secret,
        end_others: bool,
        origin: IpAddr,
    ) -> Result<(), ChangePasswordError> {
        retried(|| self.change_password_once(session, current, new, end_others, origin)).await
    }

    async fn change_password_once(
        &self,
        session: &Session,
        current: &Secret,
        new: &Secret,
        end_others: bool,
        origin: IpAddr,
    ) -> Result<(), ChangePasswordError> {
        self.check_password(session, current, origin).await?;
        passwords::check(new).map_err(ChangePasswordError::Rule)?;
        let hash = self.passwords().hash(new).await.ok_or(ChangePasswordError::Hash)?;
        let mut tx = self.store().write().await?;
        rows::user::set_password(&mut tx, session.user, &hash).await?;
        rows::password_reset::delete_of_user(&mut tx, session.user).await?;
        rows::half_log_in::delete_of_user(&mut tx, session.user).await?;
        if end_others {
            rows::session::delete_others(&mut tx, session.user, session.token.hash()).await?;
        }
        let object = format!("user:{}", session.user);
        let detail = json!({ "others_ended": end_others });
        tx.audit(session.actor(origin).did("user.password_changed", object, detail));
        Ok(tx.commit().await?)
    }
}
