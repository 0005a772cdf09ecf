//! Taking a connection away, with its credentials.

use jiff::SignedDuration;
use oauth::Secret;
use privacy::audit::Event;
use serde::Serialize;
use store::{StoreError, retried};

use super::{
    ConnectionState,
    connection_jobs::{job, park},
    credentials::{Endpoints, Tokens},
};
use crate::{
    By, ConnectionId, Manager,
    rows::{self, connection::ConnectionRow},
    steps,
};

/// When a removal is finished by a job, if the process dies in the middle of it.
const BACKSTOP: SignedDuration = SignedDuration::from_mins(5);

/// What became of the grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemovedConnection {
    /// Whether the vendor was told and took the grant back.
    pub revoked_at_vendor: bool,
    /// What a person still has to do at the vendor, if something.
    pub advice: Option<String>,
}

/// Why a connection stays.
#[derive(Debug, thiserror::Error)]
pub enum RemoveConnectionError {
    /// There is no such connection.
    #[error("no such connection")]
    NotFound,
    /// Tasks still need it.
    #[error("{open} open tasks use the connection")]
    InUse {
        /// How many.
        open: i64,
    },
    /// The database failed.
    #[error("the connection could not be removed")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Revokes the grant at the vendor where the vendor lets us, erases every credential, and hides the connection.
    /// Open tasks keep it there unless `force`.
    pub async fn remove_connection(
        &self,
        id: ConnectionId,
        force: bool,
        by: &By,
    ) -> Result<RemovedConnection, RemoveConnectionError> {
        let before = retried(|| self.begin_removal_once(id, force, by)).await?;
        Ok(self.erase_connection(&before, by).await?)
    }

    /// Nothing uses the connection from now on, and its erasure is certain: how it was before.
    async fn begin_removal_once(
        &self,
        id: ConnectionId,
        force: bool,
        by: &By,
    ) -> Result<ConnectionRow, RemoveConnectionError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let mut row = row.ok_or(RemoveConnectionError::NotFound)?;
        let open = rows::task::count_open(&mut tx, id).await?;
        if open > 0 && !force {
            return Err(RemoveConnectionError::InUse { open });
        }
        let before = row.clone();
        row.state = ConnectionState::Disabled;
        rows::connection::save(&mut tx, &row).await?;
        let until = tx.now().saturating_add(BACKSTOP).unwrap_or(tx.now());
        tx.enqueue(job(steps::connection::ERASE, steps::INTERNAL.to_owned(), id, until));
        tx.audit(by.event(Event::ConnectionDisabled, id.object(), []));
        park(&mut tx, id);
        tx.commit().await?;
        Ok(before)
    }

    /// Revokes and erases; may be done again.
    pub(crate) async fn erase_connection(&self, row: &ConnectionRow, by: &By) -> Result<RemovedConnection, StoreError> {
        let keyring = self.keyring(row)?;
        let tokens = keyring.tokens(row)?;
        let pending = keyring.pending(row)?;
        let secret = match row.client_secret {
            Some(_) => keyring.client_secret(row)?,
            None => Secret::new(String::new()),
        };
        let mut grants: Vec<(Tokens, Option<Endpoints>)> = Vec::new();
        if let Some(tokens) = tokens {
            let endpoints = row.endpoints.as_deref().map(Endpoints::parse).transpose()?;
            grants.push((tokens, endpoints));
        }
        grants.extend(pending.map(|pending| (pending.grant.tokens, Some(pending.grant.endpoints))));
        let mut revoked = !grants.is_empty();
        for (tokens, endpoints) in &grants {
            revoked &= self.revoke(row, tokens, endpoints.as_ref(), &secret).await;
        }
        let set_up = keyring.set_up(row)?;
        let advice = set_up.vendor().map(|vendor| vendor.authorization().revoke_advice);

        if retried(|| self.erase_credentials_once(row.id, by)).await? {
            self.store().forget_deleted().await?;
        }
        Ok(RemovedConnection {
            revoked_at_vendor: revoked,
            advice: advice.filter(|_| !revoked && !grants.is_empty()).map(str::to_owned),
        })
    }

    /// False where there is nothing any more.
    async fn erase_credentials_once(&self, id: ConnectionId, by: &By) -> Result<bool, StoreError> {
        let mut tx = self.store().write().await?;
        let Some(mut row) = rows::connection::locked(&mut tx, id).await? else {
            return Ok(false);
        };
        row.state = ConnectionState::Disabled;
        // Without its key nothing sealed for it can be opened, in backups of the row neither.
        (row.key, row.client_secret, row.secret_settings) = (None, None, None);
        (row.tokens, row.pending, row.user_email, row.endpoints) = (None, None, None, None);
        row.removed_at = Some(tx.now());
        self.leave_lane(&mut tx, &row.lane, row.id).await?;
        rows::connection::save(&mut tx, &row).await?;
        rows::authorization::forget(&mut tx, row.id).await?;
        rows::field_policy::forget(&mut tx, row.id).await?;
        for kind in [
            steps::connection::REFRESH,
            steps::connection::CHECK,
            steps::connection::ERASE,
        ] {
            tx.cancel_job(&format!("{kind}:{}", row.id)).await?;
        }
        tx.audit(by.event(Event::ConnectionRemoved, row.id.object(), []));
        tx.commit().await?;
        Ok(true)
    }
}
