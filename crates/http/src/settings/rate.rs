//! How often something may happen, as people write it: `"10/s"`, `"600/m"`.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// So many times in a unit of time. It is written and read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    per: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
}

/// A text that is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a whole number above 0 and a unit: /s, /m, /h or /d, such as 10/s")]
pub struct RateError;

impl Rate {
    /// `count` times a second.
    pub const fn per_second(count: NonZeroU32) -> Self {
        Self {
            count,
            per: Unit::Second,
        }
    }

    /// How many, in [`Self::per`].
    pub const fn count(self) -> u32 {
        self.count.get()
    }

    /// The unit's length.
    pub const fn per(self) -> Duration {
        Duration::from_secs(match self.per {
            Unit::Second => 1,
            Unit::Minute => 60,
            Unit::Hour => 3_600,
            Unit::Day => 86_400,
        })
    }

    /// The time between two, spread evenly: what a GCRA row counts in. Never zero.
    pub fn interval(self) -> Duration {
        (self.per() / self.count()).max(Duration::from_nanos(1))
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (count, unit) = text.split_once('/').ok_or(RateError)?;
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RateError);
        }
        let per = match unit {
            "s" => Unit::Second,
            "m" => Unit::Minute,
            "h" => Unit::Hour,
            "d" => Unit::Day,
            _ => return Err(RateError),
        };
        Ok(Self {
            count: count.parse().map_err(|_| RateError)?,
            per,
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per {
            Unit::Second => "s",
            Unit::Minute => "m",
            Unit::Hour => "h",
            Unit::Day => "d",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_written_back() {
        for (text, interval) in [
            ("10/s", Duration::from_millis(100)),
            ("600/m", Duration::from_millis(100)),
            ("1/d", Duration::from_hours(24)),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.to_string(), text);
            assert_eq!(rate.interval(), interval);
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "",
            "10",
            "0/s",
            "/s",
            "10/",
            "10/w",
            "-1/s",
            "+1/s",
            "1.5/s",
            "4294967296/s",
            "10/s/s",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(RateError), "{text}");
        }
    }
}
