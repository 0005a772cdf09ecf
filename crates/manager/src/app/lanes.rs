//! How fast a connection may call: its own lane until its organisation is known, then one lane with every other
//! connection to the same organisation, as fast as the most careful of them allows.

use std::time::Duration;

use connectors::Vendor;
use store::{StoreError, Tx, jobs::LaneLimits};

use super::ConnectionState;
use crate::{
    ConnectionId, Manager,
    rows::{self, connection::ConnectionRow},
};

/// The lane of a connection before its organisation is known.
pub(crate) fn own_lane(id: ConnectionId) -> String {
    id.object()
}

/// What both allow.
fn strictest(one: LaneLimits, other: LaneLimits) -> LaneLimits {
    LaneLimits {
        interval: one.interval.max(other.interval),
        burst: one.burst.min(other.burst),
        most_in_flight: one.most_in_flight.min(other.most_in_flight),
    }
}

impl Manager {
    /// Gives the lanes of a connection their limits; `row` and `vendor` are as they are about to be saved.
    pub(crate) async fn set_lanes(
        &self,
        tx: &mut Tx,
        row: &ConnectionRow,
        vendor: &dyn Vendor,
    ) -> Result<(), StoreError> {
        let own = self.limits_of(vendor);
        tx.set_lane(&own_lane(row.id), own).await?;
        if row.lane == own_lane(row.id) {
            return Ok(());
        }
        let limits = match self.limits_of_others(tx, &row.lane, row.id).await? {
            Some(others) => strictest(own, others),
            None => own,
        };
        tx.set_lane(&row.lane, limits).await
    }

    /// The same for a lane that a connection is about to leave: it is as fast as the others allow.
    pub(crate) async fn leave_lane(&self, tx: &mut Tx, lane: &str, leaving: ConnectionId) -> Result<(), StoreError> {
        match self.limits_of_others(tx, lane, leaving).await? {
            Some(others) => tx.set_lane(lane, others).await,
            None => Ok(()),
        }
    }

    async fn limits_of_others(
        &self,
        tx: &mut Tx,
        lane: &str,
        except: ConnectionId,
    ) -> Result<Option<LaneLimits>, StoreError> {
        // Two that join at once must see each other.
        tx.lock("lane", lane).await?;
        let mut limits: Option<LaneLimits> = None;
        for other in rows::connection::of_lane(tx, lane).await? {
            if other.id == except || other.state == ConnectionState::Disabled {
                continue;
            }
            let set_up = self.keyring(&other)?.set_up(&other)?;
            let Some(vendor) = set_up.vendor() else { continue };
            let allows = self.limits_of(vendor);
            limits = Some(limits.map_or(allows, |limits| strictest(limits, allows)));
        }
        Ok(limits)
    }

    fn limits_of(&self, vendor: &dyn Vendor) -> LaneLimits {
        let settings = vendor.settings();
        LaneLimits {
            interval: settings.rate_limit.interval().max(Duration::from_micros(1)),
            burst: settings.rate_burst,
            most_in_flight: self.settings().connection_concurrency,
        }
    }
}
