//! Times as people of each language write them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::Language;

/// `29 November 2026, 08:05 UTC`.
pub(crate) fn instant(at: Timestamp, language: Language) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    let day = date(at.date(), language);
    format!("{day}, {:02}:{:02} UTC", at.hour(), at.minute())
}

/// `29 November 2026`: the day that it is in UTC.
pub(crate) fn day(at: Timestamp, language: Language) -> String {
    date(at.to_zoned(TimeZone::UTC).date(), language)
}

fn date(date: Date, language: Language) -> String {
    let (day, year) = (date.day(), date.year());
    let index = usize::try_from(date.month() - 1).unwrap_or_default();
    let month = months(language).get(index).copied().unwrap_or_default();
    match language {
        Language::German => format!("{day}. {month} {year}"),
        Language::French if day == 1 => format!("1er {month} {year}"),
        Language::English | Language::French => format!("{day} {month} {year}"),
        Language::Spanish => format!("{day} de {month} de {year}"),
    }
}

const fn months(language: Language) -> [&'static str; 12] {
    match language {
        Language::English => [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        Language::German => [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        Language::French => [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        Language::Spanish => [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        let at: Timestamp = "2026-03-01T08:05:59Z".parse().unwrap();
        for (language, written) in [
            (Language::English, "1 March 2026, 08:05 UTC"),
            (Language::German, "1. März 2026, 08:05 UTC"),
            (Language::French, "1er mars 2026, 08:05 UTC"),
            (Language::Spanish, "1 de marzo de 2026, 08:05 UTC"),
        ] {
            assert_eq!(instant(at, language), written);
        }
        let at: Timestamp = "2026-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(day(at, Language::French), "31 décembre 2026");
    }
}
