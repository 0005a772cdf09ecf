//! Wrong attempts by address.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{Throttled, network};

const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// More addresses than this and those whose minute is over are forgotten.
const MOST_ADDRESSES: usize = 50_000;

/// Who was wrong how often within the last minute.
pub(crate) struct Attempts {
    most: usize,
    wrong: Mutex<HashMap<IpAddr, VecDeque<Timestamp>>>,
}

impl Attempts {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            wrong: Mutex::default(),
        }
    }

    /// Whether `address` may try once more.
    pub(crate) fn may_try(&self, address: IpAddr, now: Timestamp) -> Result<(), Throttled> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = wrong.get_mut(&network(address)) else {
            return Ok(());
        };
        while times.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            times.pop_front();
        }
        if times.len() < self.most {
            return Ok(());
        }
        let waited = times.front().map_or(WINDOW, |at| now.duration_since(*at));
        let after = Duration::try_from(WINDOW - waited).unwrap_or_default();
        Err(Throttled { after })
    }

    /// `address` was wrong.
    pub(crate) fn was_wrong(&self, address: IpAddr, now: Timestamp) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= MOST_ADDRESSES {
            wrong.retain(|_, times| times.back().is_some_and(|at| now.duration_since(*at) < WINDOW));
        }
        if wrong.len() >= 2 * MOST_ADDRESSES {
            wrong.clear();
        }
        wrong.entry(network(address)).or_default().push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn ten_wrong_attempts_in_a_minute_close_the_door_to_that_address_only() {
        // SEC-4, AS-43
        let attempts = Attempts::new(10);
        let (mine, other): (IpAddr, IpAddr) = ("1.2.3.4".parse().unwrap(), "1.2.3.5".parse().unwrap());
        for second in 0..10 {
            assert_eq!(attempts.may_try(mine, at(second)), Ok(()));
            attempts.was_wrong(mine, at(second));
        }
        let throttled = attempts.may_try(mine, at(10)).unwrap_err();
        assert_eq!(throttled.retry_after(), 50);
        assert_eq!(attempts.may_try(other, at(10)), Ok(()));
        assert_eq!(attempts.may_try(mine, at(60)), Ok(()));
    }

    #[test]
    fn one_network_of_ipv6_is_one_caller() {
        let attempts = Attempts::new(1);
        attempts.was_wrong("2001:db8:1:2::1".parse().unwrap(), at(0));
        let may_try = |address: &str| attempts.may_try(address.parse().unwrap(), at(0)).is_ok();
        assert!(!may_try("2001:db8:1:2:3::4"));
        assert!(may_try("2001:db8:1:3::1"));
    }
}
