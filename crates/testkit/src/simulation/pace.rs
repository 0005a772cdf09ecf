//! How fast one organisation is called, seen from the wire.

use jiff::{SignedDuration, Timestamp};

/// Counts the calls to one organisation against the rate that its connection was set to.
#[derive(Debug)]
pub(super) struct Meter {
    interval: i64,
    burst: i64,
    /// Until when the rate is used up.
    used_until: i64,
    fault: Option<String>,
}

impl Meter {
    pub(super) fn new(interval: SignedDuration, burst: i64) -> Self {
        Self {
            interval: i64::try_from(interval.as_micros()).unwrap_or(i64::MAX),
            burst,
            used_until: i64::MIN,
            fault: None,
        }
    }

    pub(super) fn count(&mut self, now: Timestamp) {
        let now = now.as_microsecond();
        let used = self.used_until.max(now);
        let room = now + self.burst * self.interval - used;
        // A microsecond is what rounding may cost.
        if room + 1 < self.interval && self.fault.is_none() {
            let early = self.interval - room;
            self.fault = Some(format!("a call came {early} µs before the rate allows it"));
        }
        self.used_until = used + self.interval;
    }

    pub(super) fn forget(&mut self) {
        self.used_until = i64::MIN;
    }

    pub(super) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}
