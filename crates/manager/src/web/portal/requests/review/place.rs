//! Where in an object of many records a page stands, and where one can go from there.

use rightful_http::pages::parts::FormErrors;

use super::super::words::grouped;
use crate::app::dossier::RECORDS_ON_A_PAGE;

/// The name of the question for a record.
const FIELD: &str = "cursor";
/// Records on one page.
const PAGE: u64 = RECORDS_ON_A_PAGE as u64;

/// A page among the pages of records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) href: String,
    /// "Records 101 to 150 of 1,000,000".
    pub(super) words: String,
    pub(super) total: u64,
    pub(super) previous: Option<u64>,
    pub(super) next: Option<u64>,
    pub(super) last: Option<u64>,
    /// There is more than one page.
    pub(super) has_pages: bool,
}

impl Place {
    /// The page that begins with record number `from` and shows `shown` of `total`.
    pub(super) fn new(href: &str, from: u64, shown: u64, total: u64) -> Self {
        let end = (from + shown).saturating_sub(1);
        let last = total.saturating_sub(1) / PAGE * PAGE + 1;
        let ahead = end < total;
        Self {
            href: href.to_owned(),
            words: match shown {
                0 => String::new(),
                1 => format!("Record {} of {}", grouped(from), grouped(total)),
                _ => format!("Records {} to {} of {}", grouped(from), grouped(end), grouped(total)),
            },
            total,
            previous: (from > 1).then(|| from.saturating_sub(PAGE).max(1)),
            next: ahead.then_some(end + 1),
            // From a page that reaches into the last one there is the rest of it.
            last: ahead.then_some(last.max(end + 1)),
            has_pages: total > shown,
        }
    }

    /// The address of the page that begins with this record.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    pub(super) fn at(&self, record: &u64) -> String {
        format!("{}?{FIELD}={record}", self.href)
    }
}

/// The record that somebody wants to see; the first where they do not say.
pub(super) fn asked(typed: Option<&str>, total: u64) -> Result<u64, FormErrors> {
    let Some(typed) = typed.map(str::trim).filter(|typed| !typed.is_empty()) else {
        return Ok(1);
    };
    // As it stands on the page, or as it was typed.
    let digits: String = typed.chars().filter(|c| *c != ',' && !c.is_whitespace()).collect();
    match digits.parse() {
        // An object without records has a first page all the same.
        Ok(1) => Ok(1),
        Ok(number) if (1..=total).contains(&number) => Ok(number),
        _ => {
            let most = grouped(total.max(1));
            Err(FormErrors::default().with(FIELD, format!("Enter a number from 1 to {most}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_where_it_stands_and_what_lies_around_it() {
        // From which record, how many are shown of how many; what is said, and the previous, the next and the last page.
        for (from, shown, total, words, previous, next, last) in [
            (
                1,
                50,
                1_000_000,
                "Records 1 to 50 of 1,000,000",
                None,
                Some(51),
                Some(999_951),
            ),
            (
                101,
                50,
                1_000_000,
                "Records 101 to 150 of 1,000,000",
                Some(51),
                Some(151),
                Some(999_951),
            ),
            (
                999_951,
                50,
                1_000_000,
                "Records 999,951 to 1,000,000 of 1,000,000",
                Some(999_901),
                None,
                None,
            ),
            (20, 50, 120, "Records 20 to 69 of 120", Some(1), Some(70), Some(101)),
            (70, 50, 120, "Records 70 to 119 of 120", Some(20), Some(120), Some(120)),
            (120, 1, 120, "Record 120 of 120", Some(70), None, None),
            (1, 3, 3, "Records 1 to 3 of 3", None, None, None),
            (1, 50, 100, "Records 1 to 50 of 100", None, Some(51), Some(51)),
            (1, 0, 0, "", None, None, None),
        ] {
            let place = Place::new("/o", from, shown, total);
            assert_eq!(
                (place.words.as_str(), place.previous, place.next, place.last),
                (words, previous, next, last)
            );
            assert_eq!(place.has_pages, total > shown);
        }
        assert_eq!(Place::new("/o", 1, 50, 99).at(&51), "/o?cursor=51");
    }

    #[test]
    fn a_record_is_asked_for_by_its_number() {
        for (typed, total, number) in [
            (None, 12, 1),
            (Some(""), 12, 1),
            (Some(" 12 "), 12, 12),
            (Some("1,000"), 1_000_000, 1000),
            (Some("1"), 0, 1),
        ] {
            assert_eq!(asked(typed, total), Ok(number), "{typed:?}");
        }
        for typed in ["0", "13", "-1", "1.5", "x", "99999999999999999999999"] {
            let refused = asked(Some(typed), 12).unwrap_err();
            assert_eq!(refused.of(FIELD), Some("Enter a number from 1 to 12"), "{typed}");
        }
    }
}
