//! How fast one caller may come (generic cell rate algorithm).

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use oauth::ClientId;
use rightful_http::settings::Rate;

use super::{Throttled, network};

/// More callers than this and those who have rested are forgotten.
const MOST_CALLERS: usize = 50_000;

/// An application that has proven itself, or one that was only named from some address: a stranger who names it must
/// not use up its share.
type Caller = (ClientId, Option<IpAddr>);

/// The pace of each caller.
pub(crate) struct Pace {
    interval: i64,
    burst: i64,
    /// Up to when each has used its share, in microseconds.
    used_up_to: Mutex<HashMap<Caller, i64>>,
}

impl Pace {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            interval: i64::try_from(rate.interval().as_micros()).unwrap_or(i64::MAX).max(1),
            burst: i64::from(rate.count()),
            used_up_to: Mutex::default(),
        }
    }

    /// Takes one call of an application that has proven itself.
    pub(crate) fn take_proven(&self, client: ClientId, now: Timestamp) -> Result<(), Throttled> {
        self.take((client, None), now)
    }

    /// Takes one call that names the application, from an address.
    pub(crate) fn take_named(&self, client: ClientId, address: IpAddr, now: Timestamp) -> Result<(), Throttled> {
        self.take((client, Some(network(address))), now)
    }

    fn take(&self, caller: Caller, now: Timestamp) -> Result<(), Throttled> {
        let now = now.as_microsecond();
        let mut all = self.used_up_to.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_CALLERS {
            all.retain(|_, used_up_to| *used_up_to > now);
        }
        if all.len() >= 2 * MOST_CALLERS {
            all.clear();
        }
        let used_up_to = all.entry(caller).or_insert(now);
        let next = (*used_up_to).max(now).saturating_add(self.interval);
        let ahead = next.saturating_sub(now) - self.burst.saturating_mul(self.interval);
        if ahead > 0 {
            return Err(Throttled {
                after: Duration::from_micros(ahead.unsigned_abs()),
            });
        }
        *used_up_to = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_a_share_of_its_own() {
        let pace = Pace::new("2/s".parse().unwrap());
        let (one, other) = (ClientId::new(1).unwrap(), ClientId::new(2).unwrap());
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        assert!(pace.take_proven(one, at(0)).is_ok());
        assert!(pace.take_proven(one, at(0)).is_ok());
        assert_eq!(
            pace.take_proven(one, at(0)).unwrap_err().after,
            Duration::from_millis(500)
        );
        assert!(pace.take_proven(other, at(0)).is_ok());
        assert!(pace.take_named(one, "1.2.3.4".parse().unwrap(), at(0)).is_ok());
        assert!(pace.take_proven(one, at(500)).is_ok());
        assert!(pace.take_proven(one, at(600)).is_err());
    }
}
