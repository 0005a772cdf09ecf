//! How long a law gives.

use std::{fmt, str::FromStr};

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A term in calendar units, written `1 month` or `45 days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// Calendar months: the same day of a later month, or its last day where it is shorter (Regulation (EEC)
    /// 1182/71, article 3).
    Months(u8),
    /// Calendar days, not 24-hour spans: a change of the clocks does not move the hour.
    Days(u16),
}

impl Term {
    /// The end of the term that begins at `start`: the same time on the clocks of `zone`, on the day the calendar
    /// gives. Where clocks skip that time it is the time after the gap, where they repeat it the first of both.
    pub fn end(self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        let span = match self {
            Self::Months(months) => Span::new().months(months),
            Self::Days(days) => Span::new().days(days),
        };
        // Only past the year 9999.
        start
            .to_zoned(zone.clone())
            .checked_add(span)
            .map_or(Timestamp::MAX, |end| end.timestamp())
    }

    /// Is it no time at all?
    pub const fn is_zero(self) -> bool {
        matches!(self, Self::Months(0) | Self::Days(0))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Self::Months(months) => (u16::from(*months), "month"),
            Self::Days(days) => (*days, "day"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// Not a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a term, which looks like `1 month` or `45 days`")]
pub struct TermError;

impl FromStr for Term {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (count, unit) = text.trim().split_once(' ').ok_or(TermError)?;
        match unit.trim() {
            "month" | "months" => count.parse().map(Self::Months).map_err(|_| TermError),
            "day" | "days" => count.parse().map(Self::Days).map_err(|_| TermError),
            _ => Err(TermError),
        }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Term {
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
    fn terms_are_read_back_as_written() {
        for text in ["1 month", "2 months", "1 day", "45 days", "0 days"] {
            assert_eq!(text.parse::<Term>().unwrap().to_string(), text);
        }
        for text in ["", "month", "-1 days", "1 year", "1.5 months", "999999 days", "1month"] {
            assert_eq!(text.parse::<Term>(), Err(TermError), "{text}");
        }
    }

    /// CL-35: month ends and both changes of the clocks.
    #[test]
    fn terms_follow_the_calendar_of_the_place() {
        // Rules in POSIX form, so that no time zone database is read: Berlin and New York.
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let new_york = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        let utc = TimeZone::UTC;
        for (term, zone, start, end) in [
            // Plain.
            ("1 month", &utc, "2026-11-22T10:00:00Z", "2026-12-22T10:00:00Z"),
            ("45 days", &utc, "2026-11-22T10:00:00Z", "2027-01-06T10:00:00Z"),
            // Month ends clamp, also in a leap year.
            ("1 month", &utc, "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"),
            ("1 month", &utc, "2026-01-29T10:00:00Z", "2026-02-28T10:00:00Z"),
            ("1 month", &utc, "2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z"),
            ("1 month", &utc, "2026-03-31T23:59:59Z", "2026-04-30T23:59:59Z"),
            ("1 month", &utc, "2026-02-28T10:00:00Z", "2026-03-28T10:00:00Z"),
            ("2 months", &utc, "2026-12-31T10:00:00Z", "2027-02-28T10:00:00Z"),
            ("1 month", &utc, "2026-12-31T10:00:00Z", "2027-01-31T10:00:00Z"),
            // Received in the evening in New York: the day there counts, not the one in UTC.
            ("1 month", &utc, "2026-02-01T02:00:00Z", "2026-03-01T02:00:00Z"),
            ("1 month", &new_york, "2026-02-01T02:00:00Z", "2026-03-01T02:00:00Z"),
            ("1 month", &new_york, "2026-03-01T02:00:00Z", "2026-03-29T01:00:00Z"),
            // The hour on the clock stays: one hour less in UTC in spring, one more in autumn.
            ("45 days", &new_york, "2026-02-01T15:00:00Z", "2026-03-18T14:00:00Z"),
            ("1 month", &berlin, "2026-03-15T09:00:00Z", "2026-04-15T08:00:00Z"),
            ("1 month", &berlin, "2026-10-10T08:00:00Z", "2026-11-10T09:00:00Z"),
            // 02:30 does not exist on 29 March 2026 in Berlin: 03:30 summer time.
            ("1 month", &berlin, "2026-02-28T01:30:00Z", "2026-03-28T01:30:00Z"),
            ("29 days", &berlin, "2026-02-28T01:30:00Z", "2026-03-29T01:30:00Z"),
            // 02:30 exists twice on 25 October 2026: the first, in summer time.
            ("30 days", &berlin, "2026-09-25T00:30:00Z", "2026-10-25T00:30:00Z"),
            // The end of time.
            (
                "1 month",
                &utc,
                "9999-12-30T00:00:00Z",
                "9999-12-30T22:00:00.999999999Z",
            ),
        ] {
            let reached = term.parse::<Term>().unwrap().end(start.parse().unwrap(), zone);
            assert_eq!(reached, end.parse().unwrap(), "{term} from {start}");
        }
    }
}
