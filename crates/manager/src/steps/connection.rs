//! The durable work of connections: tokens kept fresh, a daily check, removals that were cut off.

use std::time::Duration;

use connectors::ConnectorError;
use jiff::SignedDuration;
use serde::Deserialize;
use store::jobs::{Lease, Pause, StepError};

use crate::{
    By, ConnectionId, Manager,
    app::{access::AccessError, adopt_grant::refresh_due, pace::Pace},
    rows,
};

/// Refresh the access token when it is due, and come again.
pub(crate) const REFRESH: &str = "connection.refresh";
/// Ask the vendor whether the connection works, and come again.
pub(crate) const CHECK: &str = "connection.check";
/// Finish a removal.
pub(crate) const ERASE: &str = "connection.erase";
/// Tell administrators of trouble that lasts.
pub(crate) const ALERT: &str = "connection.alert";
/// The connection stopped working: its tasks say that they wait for it.
pub(crate) const PARKED: &str = "connection.parked";
/// The connection works again: let the tasks that waited for it go on.
pub(crate) const RESUMED: &str = "connection.resumed";
/// The connection names somebody who must approve: they are asked about what waits already.
pub(crate) const APPROVERS_NAMED: &str = "connection.approvers_named";

/// What all of these jobs carry.
#[derive(Debug, Deserialize)]
pub(crate) struct About {
    pub(crate) connection: ConnectionId,
}

pub(crate) async fn refresh(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let About { connection } = lease.payload()?;
    let refreshed = manager.live(connection, None).await;
    let mut tx = manager.store().write().await?;
    match refreshed {
        Ok(live) => {
            // A token without a life would have us come again at once, for ever.
            let soonest = tx
                .now()
                .saturating_add(SignedDuration::from_secs(1))
                .unwrap_or(tx.now());
            tx.reschedule(lease, refresh_due(&live.row).max(soonest)).await?;
        }
        Err(AccessError::NotFound | AccessError::NotReady { .. }) => tx.finish(lease).await?,
        Err(AccessError::Busy { retry_at }) => tx.postpone(lease, retry_at).await?,
        Err(AccessError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(StepError::Failed(error.to_string())),
    }
    Ok(tx.commit().await?)
}

pub(crate) async fn check(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let About { connection } = lease.payload()?;
    let pace = Pace::claimed_at(manager.now());
    let checked = manager.check(connection, &By::automation(), &pace).await;
    let mut tx = manager.store().write().await?;
    match checked {
        Ok(()) => {
            let wait = manager.settings().connection_check_every.signed();
            let next = tx.now().saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
            tx.lane_recovered(&lease.lane).await?;
            tx.reschedule(lease, next).await?;
        }
        Err(AccessError::NotFound | AccessError::NotReady { .. }) => tx.finish(lease).await?,
        Err(AccessError::Busy { retry_at }) => tx.postpone(lease, retry_at).await?,
        Err(AccessError::Vendor(ConnectorError::Throttled { retry_after, .. })) => {
            let pause = retry_after.map_or(
                Pause::Backoff {
                    first: Duration::from_secs(1),
                    most: Duration::from_mins(15),
                },
                Pause::For,
            );
            let until = tx.pause_lane(&lease.lane, pause).await?;
            tx.postpone(lease, until).await?;
        }
        Err(AccessError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(StepError::Failed(error.to_string())),
    }
    Ok(tx.commit().await?)
}

/// Trouble that lasts is told to administrators once.
pub(crate) async fn alert(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let About { connection } = lease.payload()?;
    Ok(manager.alert_about(connection, lease).await?)
}

pub(crate) async fn erase(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let About { connection } = lease.payload()?;
    let row = rows::connection::by_id(&mut manager.store().read().await?, connection).await?;
    if let Some(row) = row {
        // The removal cancels this very job: nothing is left to finish.
        manager.erase_connection(&row, &By::automation()).await?;
        return Ok(());
    }
    let mut tx = manager.store().write().await?;
    tx.finish(lease).await?;
    Ok(tx.commit().await?)
}
