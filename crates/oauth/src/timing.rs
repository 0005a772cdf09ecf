//! When to refresh.

use jiff::{SignedDuration, Timestamp};

/// The life of an access token whose server does not say (RFC 6749 section 5.1 leaves it open): ten minutes.
pub const ASSUMED_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// When an access token received at `received_at` should be refreshed: at 80 % of its life or 60 seconds before the
/// end, whichever is earlier, but never before half of it.
pub fn refresh_at(received_at: Timestamp, life: SignedDuration) -> Timestamp {
    let margin = life / 5 * 4;
    let last_minute = life.saturating_sub(SignedDuration::from_secs(60));
    let after = margin.min(last_minute).max(life / 2).max(SignedDuration::ZERO);
    received_at.checked_add(after).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_refreshed_ahead_of_its_end() {
        // CL-15
        let received_at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (life, after) in [
            (7200, 5760), // 80 % of life
            (300, 240),   // both at once
            (200, 140),   // a minute before the end
            (120, 60),
            (100, 50), // never before half
            (2, 1),
            (0, 0),
            (-5, 0),
        ] {
            let due = refresh_at(received_at, SignedDuration::from_secs(life));
            assert_eq!(due.duration_since(received_at).as_secs(), after, "{life}");
        }
        assert_eq!(refresh_at(received_at, SignedDuration::MAX), Timestamp::MAX);
    }
}
