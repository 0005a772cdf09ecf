//! Deciding about a grant for another account or user.

use privacy::audit::{Detail, Event, Fact};
use store::{StoreError, retried};

use super::{ConnectionState, credentials::Endpoints};
use crate::{By, ConnectionId, Manager, rows};

/// Why there is nothing to decide.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmConnectionError {
    /// There is no such connection.
    #[error("no such connection")]
    NotFound,
    /// It is not waiting for a confirmation.
    #[error("the connection is not waiting for a confirmation")]
    NotWaiting,
    /// The database failed.
    #[error("the decision could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Takes the new grant into use (`accept`), or drops it and goes on as before.
    pub async fn confirm_connection(
        &self,
        id: ConnectionId,
        accept: bool,
        by: &By,
    ) -> Result<(), ConfirmConnectionError> {
        retried(|| self.confirm_connection_once(id, accept, by)).await
    }

    async fn confirm_connection_once(
        &self,
        id: ConnectionId,
        accept: bool,
        by: &By,
    ) -> Result<(), ConfirmConnectionError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let mut row = row.ok_or(ConfirmConnectionError::NotFound)?;
        let keyring = self.keyring(&row)?;
        let pending = keyring.pending(&row)?;
        let pending = pending.filter(|_| row.state == ConnectionState::NeedsConfirmation);
        let pending = pending.ok_or(ConfirmConnectionError::NotWaiting)?;
        let decision = if accept { "accepted" } else { "refused" };
        tx.audit(by.event(
            Event::ConnectionConfirmed,
            id.object(),
            [(Detail::To, Fact::Word(decision))],
        ));
        let secret = keyring.client_secret(&row)?;
        // Whichever grant is not used any more is given back.
        let dropped = if accept {
            let endpoints = row.endpoints.as_deref().map(Endpoints::parse).transpose()?;
            keyring.tokens(&row)?.map(|tokens| (tokens, endpoints))
        } else {
            Some((pending.grant.tokens.clone(), Some(pending.grant.endpoints.clone())))
        };
        if accept {
            self.adopt_grant(&mut tx, &mut row, &keyring, &pending.grant, by)
                .await?;
        } else {
            row.pending = None;
            row.state = pending.previous;
            row.forget_trouble();
            if row.state == ConnectionState::Connected {
                self.resume(&mut tx, &row);
            }
        }
        rows::connection::save(&mut tx, &row).await?;
        tx.commit().await?;
        if let Some((tokens, endpoints)) = dropped {
            self.revoke(&row, &tokens, endpoints.as_ref(), &secret).await;
        }
        Ok(())
    }
}
