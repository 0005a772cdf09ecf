//! Letting a connection rest, and taking it into use again.

use privacy::audit::Event;
use store::{StoreError, retried};

use super::{
    ConnectionState,
    connection_jobs::{job, park, resumed},
    set_up::SetUp,
};
use crate::{
    By, ConnectionId, Manager,
    rows::{self, connection::ConnectionRow},
    steps,
};

/// Why a connection stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum DisableConnectionError {
    /// There is no such connection.
    #[error("no such connection")]
    NotFound,
    /// It rests already.
    #[error("the connection is disabled already")]
    Disabled,
    /// It does not rest.
    #[error("the connection is not disabled")]
    NotDisabled,
    /// Somebody is about to remove it.
    #[error("the connection is being removed")]
    BeingRemoved,
    /// The database failed.
    #[error("the connection could not be changed")]
    Store(#[from] StoreError),
}

impl Manager {
    /// The connection takes no part any more: nothing is called, its tasks wait, new requests leave it out. What it may
    /// do at the vendor stays.
    pub async fn disable_connection(&self, id: ConnectionId, by: &By) -> Result<(), DisableConnectionError> {
        retried(|| self.disable_connection_once(id, by)).await
    }

    async fn disable_connection_once(&self, id: ConnectionId, by: &By) -> Result<(), DisableConnectionError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let mut row = row.ok_or(DisableConnectionError::NotFound)?;
        if row.state == ConnectionState::Disabled {
            return Err(DisableConnectionError::Disabled);
        }
        row.state = ConnectionState::Disabled;
        row.refresh_lease = None;
        for kind in [steps::connection::REFRESH, steps::connection::CHECK] {
            tx.cancel_job(&format!("{kind}:{id}")).await?;
        }
        self.leave_lane(&mut tx, &row.lane, id).await?;
        rows::connection::save(&mut tx, &row).await?;
        tx.audit(by.event(Event::ConnectionDisabled, id.object(), []));
        park(&mut tx, id);
        Ok(tx.commit().await?)
    }

    /// The connection takes part again, as far as it can: one whose grant was lost still needs a person. A grant that is
    /// there is tried at once.
    pub async fn enable_connection(&self, id: ConnectionId, by: &By) -> Result<(), DisableConnectionError> {
        retried(|| self.enable_connection_once(id, by)).await
    }

    async fn enable_connection_once(&self, id: ConnectionId, by: &By) -> Result<(), DisableConnectionError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let mut row = row.ok_or(DisableConnectionError::NotFound)?;
        if row.state != ConnectionState::Disabled {
            return Err(DisableConnectionError::NotDisabled);
        }
        let erasing = format!("{}:{id}", steps::connection::ERASE);
        if rows::connection::is_being_removed(&mut tx, &erasing).await? {
            return Err(DisableConnectionError::BeingRemoved);
        }
        let set_up = self.keyring(&row)?.set_up(&row)?;
        row.state = match &set_up {
            SetUp::Vendor(_) => state_when_enabled(&row),
            SetUp::Processor(_) => ConnectionState::Connected,
        };
        if let Some(vendor) = set_up.vendor() {
            self.set_lanes(&mut tx, &row, vendor).await?;
        }
        rows::connection::save(&mut tx, &row).await?;
        tx.audit(by.event(Event::ConnectionEnabled, id.object(), []));
        if set_up.vendor().is_none() {
            resumed(&mut tx, id);
        } else if row.state == ConnectionState::Connected {
            self.resume(&mut tx, &row);
            let now = tx.now();
            tx.enqueue(job(steps::connection::CHECK, row.lane.clone(), id, now));
        } else {
            // What its tasks wait for is another thing now.
            park(&mut tx, id);
        }
        Ok(tx.commit().await?)
    }
}

/// What a connection was before it was disabled, told from what it has: a grant for another account must not come into
/// use this way.
fn state_when_enabled(row: &ConnectionRow) -> ConnectionState {
    if row.pending.is_some() {
        return ConnectionState::NeedsConfirmation;
    }
    match row.error_code.as_deref() {
        Some("client_refused") => ConnectionState::Misconfigured,
        Some("grant_revoked" | "grant_gone" | "no_refresh_token" | "token_refused" | "account_changed") => {
            ConnectionState::NeedsReconnect
        }
        _ if row.tokens.is_some() => ConnectionState::Connected,
        _ => ConnectionState::PendingAuthorization,
    }
}
