//! Guarding the doors of this process: wrong secrets by address, and calls of `/oauth2/*` by application.
//!
//! These are kept in memory, one set a replica. They hold back guessing and floods; rights and lifetimes, which must
//! hold everywhere, are in the database.

mod attempts;
mod pace;

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

pub(crate) use attempts::Attempts;
pub(crate) use pace::Pace;

use crate::Settings;

/// Wrong secrets or passwords from one address in a minute; one more is not looked at.
const MOST_WRONG: usize = 10;

/// Too much came from there; it may come again after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts, wait {} s", seconds(.after))]
pub struct Throttled {
    /// Until then.
    pub after: Duration,
}

impl Throttled {
    /// For `Retry-After`: whole seconds, at least one.
    pub fn retry_after(&self) -> u64 {
        seconds(&self.after)
    }
}

fn seconds(after: &Duration) -> u64 {
    after.as_millis().div_ceil(1000).try_into().unwrap_or(60).max(1)
}

/// All of them.
pub(crate) struct Throttles {
    pub(crate) wrong_passwords: Attempts,
    pub(crate) wrong_secrets: Attempts,
    /// Mails that somebody asks to have sent: each one counts.
    pub(crate) asked_mails: Attempts,
    pub(crate) oauth_calls: Pace,
}

impl Throttles {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            wrong_passwords: Attempts::new(MOST_WRONG),
            wrong_secrets: Attempts::new(MOST_WRONG),
            asked_mails: Attempts::new(MOST_WRONG),
            oauth_calls: Pace::new(settings.oauth_rate_limit),
        }
    }
}

/// Somebody with an IPv6 address has a whole network of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}
