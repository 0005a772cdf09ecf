//! How many, as far as that is worth counting.

use std::fmt;

/// How many there are, exactly up to a thousand. To people more is "many", and counting on would take the longer, the
/// more there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(u64);

/// Counted exactly.
const MOST: u64 = 1000;

impl Count {
    /// How far is counted to know whether there are more.
    pub(crate) const FAR: i64 = 1001;

    /// From a count that went as far as [`Count::FAR`].
    pub(crate) fn of(counted: i64) -> Self {
        Self(u64::try_from(counted).unwrap_or_default())
    }

    /// Whether there is any.
    pub const fn is_some(self) -> bool {
        self.0 > 0
    }

    /// Whether there is exactly one.
    pub const fn is_one(self) -> bool {
        self.0 == 1
    }
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        Self(counts.map(|count| count.0).sum())
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..=MOST => self.0.fmt(f),
            _ => write!(f, "{MOST}+"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_a_thousand_there_are_many() {
        for (counted, shown) in [(0, "0"), (1, "1"), (1000, "1000"), (Count::FAR, "1000+")] {
            assert_eq!(Count::of(counted).to_string(), shown);
        }
        let sum: Count = [600, 600].map(Count::of).into_iter().sum();
        assert_eq!(sum.to_string(), "1000+");
    }
}
