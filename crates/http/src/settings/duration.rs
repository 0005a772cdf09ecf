//! Lengths of time as people write them: `"100ms"`, `"90s"`, `"15m"`, `"12h"`, `"7d"`.

use std::{fmt, str::FromStr, time::Duration};

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The units, largest first, each with its length in milliseconds. A day is 24 hours.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// A length of time in a setting. It is written and read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HumanDuration(Duration);

/// A text that is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not a whole number followed by a unit.
    #[error("write a whole number and a unit: ms, s, m, h or d, such as 90s")]
    Shape,
    /// More than can be counted.
    #[error("that is longer than can be counted")]
    TooLong,
}

impl HumanDuration {
    /// The length.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// The length, for calculating with timestamps.
    pub fn signed(self) -> SignedDuration {
        SignedDuration::try_from(self.0).unwrap_or(SignedDuration::MAX)
    }
}

impl From<Duration> for HumanDuration {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for HumanDuration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        parse_duration(text).map(Self)
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_duration(self.0))
    }
}

impl Serialize for HumanDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HumanDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Reads a whole number followed by one of the units `ms`, `s`, `m`, `h`, `d`.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or(DurationError::Shape)?;
    let (_, length) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or(DurationError::Shape)?;
    if number.is_empty() {
        return Err(DurationError::Shape);
    }
    let number: u64 = number.parse().map_err(|_| DurationError::TooLong)?;
    number
        .checked_mul(*length)
        .map(Duration::from_millis)
        .ok_or(DurationError::TooLong)
}

/// Writes `duration` in the largest unit that holds it without a rest, to the millisecond; [`parse_duration`] reads it
/// back.
pub fn print_duration(duration: Duration) -> String {
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (unit, length) = UNITS
        .into_iter()
        .find(|(_, length)| milliseconds.is_multiple_of(*length) && milliseconds >= *length)
        .unwrap_or(("s", 1_000));
    format!("{}{unit}", milliseconds / length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_unit_is_read_and_written_back() {
        for text in ["100ms", "90s", "15m", "12h", "7d", "0s", "1ms"] {
            assert_eq!(text.parse::<HumanDuration>().unwrap().to_string(), text);
        }
        assert_eq!(print_duration(Duration::from_hours(48)), "2d");
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in ["", "5", "s", "1.5h", "-1s", "1 s", "1w", "1S", "1h30m", "١s"] {
            assert_eq!(parse_duration(text), Err(DurationError::Shape), "{text}");
        }
        assert_eq!(parse_duration("99999999999999999999s"), Err(DurationError::TooLong));
        assert_eq!(parse_duration("999999999999999d"), Err(DurationError::TooLong));
    }

    proptest! {
        #[test]
        fn printing_and_reading_agree(milliseconds in any::<u64>()) {
            let duration = Duration::from_millis(milliseconds);
            prop_assert_eq!(parse_duration(&print_duration(duration)), Ok(duration));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = parse_duration(&text);
        }
    }
}
