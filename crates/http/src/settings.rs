//! How people write lengths of time (`"90s"`) and rates (`"10/s"`) in settings.

mod duration;
mod rate;

pub use duration::{DurationError, HumanDuration, parse_duration, print_duration};
pub use rate::{Rate, RateError};
