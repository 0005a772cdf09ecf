//! How long an old client secret counts beside the new one.

use std::str::FromStr;

use jiff::SignedDuration;

/// How long an application may go on with its old secret after it was given a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlap {
    /// Not at all: the old one may be known to somebody.
    #[default]
    None,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
}

/// The text names no such time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("overlap: the old secret can count for 1h, 1d, 7d, or none")]
pub struct UnknownOverlap;

impl Overlap {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Hour, Self::Day, Self::Week];

    /// As it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "7d",
        }
    }

    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "Ends at once",
            Self::Hour => "Works for another hour",
            Self::Day => "Works for another day",
            Self::Week => "Works for another week",
        }
    }

    /// None where the old secret ends at once.
    pub(crate) const fn duration(self) -> Option<SignedDuration> {
        match self {
            Self::None => None,
            Self::Hour => Some(SignedDuration::from_hours(1)),
            Self::Day => Some(SignedDuration::from_hours(24)),
            Self::Week => Some(SignedDuration::from_hours(7 * 24)),
        }
    }
}

impl FromStr for Overlap {
    type Err = UnknownOverlap;

    /// An empty text is no overlap.
    fn from_str(text: &str) -> Result<Self, UnknownOverlap> {
        if text.is_empty() {
            return Ok(Self::None);
        }
        Self::ALL
            .into_iter()
            .find(|overlap| overlap.as_str() == text)
            .ok_or(UnknownOverlap)
    }
}
