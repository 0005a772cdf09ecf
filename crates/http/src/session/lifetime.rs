//! When a session ends.

use jiff::{SignedDuration, Timestamp};

/// How long a session lasts (SEC-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetime {
    /// Without a request.
    pub idle: SignedDuration,
    /// In any case, from log-in.
    pub absolute: SignedDuration,
}

impl Default for SessionLifetime {
    fn default() -> Self {
        Self {
            idle: SignedDuration::from_mins(60),
            absolute: SignedDuration::from_hours(12),
        }
    }
}

impl SessionLifetime {
    /// When a session that began at `began` and was last used at `used` ends, if nothing more happens.
    pub fn ends(&self, began: Timestamp, used: Timestamp) -> Timestamp {
        let after = |start: Timestamp, length| start.saturating_add(length).unwrap_or(Timestamp::MAX);
        after(used, self.idle).min(after(began, self.absolute))
    }

    /// Whether it still lasts at `now`.
    pub fn lasts(&self, began: Timestamp, used: Timestamp, now: Timestamp) -> bool {
        now < self.ends(began, used)
    }

    /// Whether `now` is so much later than `used` that it is worth a write: a twentieth of the idle term.
    pub fn worth_noting(&self, used: Timestamp, now: Timestamp) -> bool {
        now.duration_since(used) >= self.idle / 20
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_idleness_or_age() {
        // SEC-10
        let lifetime = SessionLifetime::default();
        let at = |minutes: i64| Timestamp::from_second(minutes * 60).unwrap();
        for (began, used, now, lasts) in [
            (0, 0, 59, true),
            (0, 0, 60, false),
            (0, 30, 89, true),
            (0, 700, 719, true),
            (0, 719, 720, false),
            (0, 719, 721, false),
        ] {
            assert_eq!(
                lifetime.lasts(at(began), at(used), at(now)),
                lasts,
                "{began} {used} {now}"
            );
        }
        assert!(!lifetime.worth_noting(at(0), at(2)));
        assert!(lifetime.worth_noting(at(0), at(3)));
    }
}
