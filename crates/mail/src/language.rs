//! The languages that mails are written in.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dates;

words! {
    /// A language, by its two-letter code (ISO 639-1).
    Language, UnknownLanguage, "expected en, de, fr or es":
    /// English, which every mail is written in.
    English = "en",
    /// German.
    German = "de",
    /// French.
    French = "fr",
    /// Spanish.
    Spanish = "es",
}

impl Language {
    /// The first of the wanted languages that we have, in a list as browsers send it (`de-AT,de;q=0.9,en;q=0.5`, which
    /// stands in the order of wishes); English where there is none.
    pub fn best(wanted: &str) -> Self {
        wanted
            .split(',')
            .find_map(|tag| {
                let primary = tag.trim().split(['-', '_', ';']).next()?;
                primary.to_ascii_lowercase().parse().ok()
            })
            .unwrap_or(Self::English)
    }

    /// Its name in English.
    pub const fn title(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "German",
            Self::French => "French",
            Self::Spanish => "Spanish",
        }
    }

    /// A time to the minute, in UTC, as it is written in this language.
    pub fn instant(self, at: Timestamp) -> String {
        dates::instant(at, self)
    }

    /// A day, in UTC, as it is written in this language.
    pub fn day(self, at: Timestamp) -> String {
        dates::day(at, self)
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Language {
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
    fn the_first_wanted_language_that_we_have_is_taken() {
        for (wanted, language) in [
            ("de", Language::German),
            ("de-AT,en;q=0.5", Language::German),
            ("it-IT,it;q=0.9,fr;q=0.8,en;q=0.5", Language::French),
            ("ES", Language::Spanish),
            ("es_MX", Language::Spanish),
            ("", Language::English),
            ("*", Language::English),
            ("ja", Language::English),
        ] {
            assert_eq!(Language::best(wanted), language, "{wanted}");
        }
    }
}
