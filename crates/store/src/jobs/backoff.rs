//! How long to wait after a failure.

use std::time::Duration;

use vault::Entropy;

/// Exponential backoff with full jitter: a random time between nothing and `first` doubled once for every failure
/// before this one (`attempt` 0 is the first), at most `most`. A tenth of the ceiling is always waited, so that a
/// lucky draw does not hammer.
pub fn backoff(attempt: u32, first: Duration, most: Duration, entropy: &dyn Entropy) -> Duration {
    let ceiling = first.saturating_mul(2_u32.saturating_pow(attempt.min(31))).min(most);
    let draw = u32::from_le_bytes(vault::random_bytes(entropy));
    let floor = ceiling / 10;
    floor
        + ceiling
            .saturating_sub(floor)
            .mul_f64(f64::from(draw) / f64::from(u32::MAX))
}
