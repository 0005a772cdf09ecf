//! Proving once more who one is, before something that a borrowed browser must not do (SEC-12).

use std::net::IpAddr;

use jiff::SignedDuration;
use oauth::Secret;
use serde_json::json;
use store::{StoreError, retried};

use super::{sessions::Session, throttles::Throttled};
use crate::{Provider, rows};

/// How long a proof counts.
const LASTS: SignedDuration = SignedDuration::from_mins(15);

/// Why somebody has not proved who they are.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The password is wrong.
    #[error("that is not your password")]
    Wrong,
    /// Too many wrong passwords came from there.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database failed.
    #[error("the password could not be checked")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Whether the user has given their password a short while ago.
    pub fn is_recently_proven(&self, session: &Session) -> bool {
        self.clock().now().duration_since(session.proven_at) < LASTS
    }

    /// Takes the user's password as a proof that it is still them.
    pub async fn prove(&self, session: &Session, password: &Secret, origin: IpAddr) -> Result<(), ProofError> {
        retried(|| self.prove_once(session, password, origin)).await
    }

    async fn prove_once(&self, session: &Session, password: &Secret, origin: IpAddr) -> Result<(), ProofError> {
        self.check_password(session, password, origin).await?;
        let mut tx = self.store().write().await?;
        rows::session::proven(&mut tx, session.token.hash()).await?;
        let object = format!("user:{}", session.user);
        tx.audit(session.actor(origin).did("session.proven", object, json!({})));
        Ok(tx.commit().await?)
    }

    /// Whether `password` is the one of the user who is logged in. Wrong ones count as at the log-in (SEC-4).
    pub(crate) async fn check_password(
        &self,
        session: &Session,
        password: &Secret,
        origin: IpAddr,
    ) -> Result<(), ProofError> {
        let attempts = &self.throttles().wrong_passwords;
        let may_try = || attempts.may_try::<ProofError>(origin);
        may_try().await?;
        let stored = rows::user::by_id(&mut self.store().read().await?, session.user).await?;
        let hash = stored.as_ref().map(|user| &user.password_hash);
        if self.passwords().verify(password, hash, may_try()).await? {
            Ok(())
        } else {
            attempts.note_wrong::<ProofError>(origin).await?;
            Err(ProofError::Wrong)
        }
    }
}
