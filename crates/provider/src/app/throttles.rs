//! Guarding the doors: wrong secrets by address, calls of `/oauth2/*` by application, calls of the API by account.
//!
//! Where several servers share a database, they are counted there; an embedded database has one server, which counts in
//! memory.

mod attempts;
mod pace;

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use oauth::ClientId;
use store::{Store, StoreError};

pub(crate) use attempts::{Attempts, WINDOW};
pub(crate) use pace::{Allowance, Pace};

use super::present::Present;
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
    pub(crate) api_calls: Pace,
    oauth_calls: Pace,
}

impl Throttles {
    pub(crate) fn new(settings: &Settings, store: &Store, present: &Present) -> Self {
        let oauth = settings.oauth_rate_limit;
        let burst = NonZeroU32::new(oauth.count()).unwrap_or(NonZeroU32::MIN);
        let attempts = |what| Attempts::new(what, MOST_WRONG, store.clone(), present.clone());
        Self {
            wrong_passwords: attempts("password"),
            wrong_secrets: attempts("secret"),
            asked_mails: attempts("mail"),
            api_calls: Pace::new(settings.rate_limit, settings.rate_burst, store.clone()),
            oauth_calls: Pace::new(oauth, burst, store.clone()),
        }
    }

    /// Takes one call of `/oauth2/*` by an application that has proven itself.
    pub(crate) async fn take_proven<E: From<Throttled> + From<StoreError>>(&self, client: ClientId) -> Result<(), E> {
        self.oauth_calls.take(&format!("oauth:{client}")).await??;
        Ok(())
    }

    /// Takes one call that only names the application, from an address: a stranger who names it must not use up its
    /// share.
    pub(crate) async fn take_named<E: From<Throttled> + From<StoreError>>(
        &self,
        client: ClientId,
        address: IpAddr,
    ) -> Result<(), E> {
        let key = format!("oauth:{client}@{}", network(address));
        self.oauth_calls.take(&key).await??;
        Ok(())
    }
}

/// Somebody with an IPv6 address has a whole network of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}
