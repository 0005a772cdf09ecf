//! Calling a vendor on a connection's behalf.

use connectors::{Call, ConnectorError, StillRefused, Vendor, Verdict};
use jiff::Timestamp;
use oauth::Secret;
use store::{StoreError, retried};

use super::{
    ConnectionState,
    pace::{Pace, PacedTransport},
    refresh::Live,
};
use crate::{
    ConnectionId, Manager,
    rows::{self, connection::ConnectionRow},
};

/// A connection that is ready to be called, with an access token that is good as far as we know.
///
/// ```text
/// let mut access = manager.access(connection, &pace).await?;
/// let job = loop {
///     match access.vendor().poll(&access.call(manager), id, &job).await {
///         Ok(job) => break job,
///         Err(error) => access = manager.refused(access, error).await?,
///     }
/// };
/// ```
pub(crate) struct Access {
    connection: ConnectionRow,
    vendor: Box<dyn Vendor>,
    token: Secret,
    refreshed: bool,
    transport: PacedTransport,
}

/// Why a connection can't be called, or what came of the call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccessError {
    /// There is no such connection (any more).
    #[error("no such connection")]
    NotFound,
    /// A person has to do something first; a `connection.resumed` job follows when that is done.
    #[error("the connection is not ready: {state}")]
    NotReady {
        /// How it is.
        state: ConnectionState,
    },
    /// Another process refreshes the token just now.
    #[error("the connection's token is being refreshed by another process")]
    Busy {
        /// When to look again.
        retry_at: Timestamp,
    },
    /// The token could not be refreshed this time.
    #[error("the connection's token could not be refreshed: {reason}")]
    Passing {
        /// In plain words.
        reason: String,
    },
    /// The vendor's answer to the call itself; its verdict is never to refresh.
    #[error(transparent)]
    Vendor(ConnectorError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Access {
    /// The vendor, as this connection is set up.
    pub(crate) fn vendor(&self) -> &dyn Vendor {
        &*self.vendor
    }

    /// The connection.
    pub(crate) fn connection(&self) -> &ConnectionRow {
        &self.connection
    }

    /// What the vendor needs for one piece of work.
    pub(crate) fn call(&self, manager: &Manager) -> Call<'_> {
        Call {
            transport: &self.transport,
            access_token: &self.token,
            account_id: self.connection.account_id.as_deref(),
            now: manager.now(),
        }
    }
}

impl Manager {
    /// Makes a connection ready to be called; refreshes its token where that is due. All calls of one piece of work share
    /// its `pace`.
    pub(crate) async fn access(&self, id: ConnectionId, pace: &Pace) -> Result<Access, AccessError> {
        let live = self.live(id, None).await?;
        self.access_with(live, false, pace.clone())
    }

    /// Decides what a failed call means. Where the token may be at fault it is refreshed, once, and the call can be made
    /// again with what is returned; a second refusal ends the connection or is the answer (CL-16). Every other fault is
    /// the answer.
    pub(crate) async fn refused(&self, access: Access, error: ConnectorError) -> Result<Access, AccessError> {
        let Verdict::Refresh { then } = error.verdict(1) else {
            return Err(AccessError::Vendor(error));
        };
        if !access.refreshed {
            let live = self
                .live(access.connection.id, Some(access.connection.generation))
                .await?;
            return self.access_with(live, true, access.transport.pace());
        }
        match then {
            // CL-19: the grant is alive, for it gave a token; it is a permission.
            StillRefused::Forbidden => {
                let (system, said) = match error {
                    ConnectorError::Unauthorized { system, said, .. } => (system, said),
                    other => return Err(AccessError::Vendor(other)),
                };
                Err(AccessError::Vendor(ConnectorError::Forbidden { system, said }))
            }
            StillRefused::Reconnect => {
                match retried(|| self.refused_even_fresh_once(&access)).await? {
                    // Somebody connected anew meanwhile.
                    ConnectionState::Connected => Err(AccessError::Busy { retry_at: self.now() }),
                    state => Err(AccessError::NotReady { state }),
                }
            }
        }
    }

    /// How the connection is from now on.
    async fn refused_even_fresh_once(&self, access: &Access) -> Result<ConnectionState, AccessError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, access.connection.id).await?;
        let mut row = row.ok_or(AccessError::NotFound)?;
        if row.state == ConnectionState::Connected && row.generation == access.connection.generation {
            let message = "the vendor refuses even a fresh access token".to_owned();
            self.lose_grant(&mut tx, &mut row, "token_refused", message).await?;
            tx.commit().await?;
        }
        Ok(row.state)
    }

    fn access_with(&self, live: Live, refreshed: bool, pace: Pace) -> Result<Access, AccessError> {
        let vendor = self.keyring(&live.row)?.vendor(&live.row)?;
        let interval = vendor.settings().rate_limit.interval();
        Ok(Access {
            transport: PacedTransport::new(self, live.row.lane.clone(), interval, pace),
            connection: live.row,
            vendor,
            token: live.access_token,
            refreshed,
        })
    }
}
