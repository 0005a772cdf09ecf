//! What to do about a fault: the decision lives beside the error, not in the runner.

use std::time::Duration;

/// The longest pause between two attempts.
pub const LONGEST_PAUSE: Duration = Duration::from_mins(15);

/// What the runner does after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The whole organisation's lane pauses (HTTP 429): not this task alone.
    PauseLane(Delay),
    /// This task is tried again later; others of the lane go on.
    RetryTask(Delay),
    /// The request may have taken effect: look for the job with `find` before sending it again.
    FindBeforeRetry(Delay),
    /// Get a fresh access token once and repeat the call. What a second refusal means, the field says.
    Refresh {
        /// What to conclude when the call is refused again with a fresh token.
        then: StillRefused,
    },
    /// Waiting will not help: a person must change something at the vendor or in the settings.
    GiveUp,
}

/// What it means when a call is refused with a token that was refreshed a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StillRefused {
    /// The vendor said that the token is no longer good: the connection needs to be authorized again.
    Reconnect,
    /// The vendor gave no reason, and the grant is alive (it gave a token): it is a permission, the task fails.
    Forbidden,
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// As long as the vendor said.
    Exactly(Duration),
    /// Anything up to this: full jitter, so that many that failed together do not come back together.
    UpTo(Duration),
}

impl Delay {
    /// The delay itself; `draw` is a uniformly random number, used for jitter alone.
    pub fn with_draw(self, draw: u64) -> Duration {
        match self {
            Self::Exactly(wait) => wait,
            Self::UpTo(ceiling) => {
                let nanoseconds = ceiling.as_nanos().saturating_mul(u128::from(draw)) / u128::from(u64::MAX);
                Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
            }
        }
    }
}

/// The pause after attempt number `attempt` (the first is 1): 1 s, doubling, to [`LONGEST_PAUSE`], with full jitter.
pub fn backoff(attempt: u32) -> Delay {
    let doublings = attempt.saturating_sub(1).min(31);
    Delay::UpTo(Duration::from_secs(1 << doublings).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    // CL-20
    #[test]
    fn pauses_double_from_a_second_to_a_quarter_of_an_hour() {
        let seconds = [
            (0, 1),
            (1, 1),
            (2, 2),
            (3, 4),
            (10, 512),
            (11, 900),
            (12, 900),
            (u32::MAX, 900),
        ];
        for (attempt, expected) in seconds {
            assert_eq!(
                backoff(attempt),
                Delay::UpTo(Duration::from_secs(expected)),
                "attempt {attempt}"
            );
        }
    }

    #[test]
    fn jitter_spreads_over_the_whole_pause_and_leaves_the_vendors_word_alone() {
        let ceiling = Duration::from_secs(8);
        assert_eq!(Delay::UpTo(ceiling).with_draw(0), Duration::ZERO);
        assert_eq!(Delay::UpTo(ceiling).with_draw(u64::MAX), ceiling);
        assert_eq!(Delay::UpTo(ceiling).with_draw(u64::MAX / 2).as_secs(), 3);
        assert_eq!(Delay::Exactly(ceiling).with_draw(0), ceiling);
    }
}
