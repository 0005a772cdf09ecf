//! In which language somebody reads of whom we know nothing else.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, RawQuery},
    http::request::Parts,
};
use http::header;
use mail::Language;

use crate::Manager;

/// The language of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// The one to answer in.
    pub(super) language: Language,
}

impl Reader {
    /// The language that is wanted, if it is offered, else the one that was to be answered in anyway.
    pub(super) fn wanting(self, manager: &Manager, wanted: Option<&str>) -> Self {
        let offered = manager.settings().public_languages();
        let wanted = wanted.and_then(|word| word.parse().ok());
        let wanted = wanted.filter(|language| offered.contains(language));
        Self {
            language: wanted.unwrap_or(self.language),
        }
    }
}

impl FromRequestParts<Manager> for Reader {
    type Rejection = Infallible;

    /// `?lang=`, else what the browser wants, else what the settings say: the first that is offered.
    async fn from_request_parts(parts: &mut Parts, manager: &Manager) -> Result<Self, Infallible> {
        let offered = manager.settings().public_languages();
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let usual = manager.settings().language();
        let usual = offered.contains(&usual).then_some(usual).or(offered.first().copied());
        let accepted = best(accepted, &offered).or(usual).unwrap_or(Language::English);
        let RawQuery(query) = RawQuery::from_request_parts(parts, manager).await?;
        let query = query.unwrap_or_default();
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        Ok(Self { language: accepted }.wanting(manager, asked))
    }
}

/// The offered language that a browser wants most (RFC 9110 section 12.5.4).
fn best(accepted: &str, offered: &[Language]) -> Option<Language> {
    let wishes = accepted.split(',').filter_map(|wish| {
        let (tag, quality) = wish.split_once(';').unwrap_or((wish, ""));
        let primary = tag.trim().split('-').next()?.to_ascii_lowercase();
        let language: Language = primary.parse().ok()?;
        let quality = quality
            .trim()
            .strip_prefix("q=")
            .unwrap_or("1")
            .parse()
            .unwrap_or(0.0_f32);
        (quality > 0.0 && offered.contains(&language)).then_some((language, quality))
    });
    // Of equal wishes the first counts.
    wishes
        .reduce(|best, wish| if wish.1 > best.1 { wish } else { best })
        .map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offered_language_that_is_wanted_most_is_taken() {
        let all = [Language::English, Language::German, Language::French, Language::Spanish];
        for (accepted, expected) in [
            ("de-AT,en;q=0.5", Some(Language::German)),
            ("en;q=0.3, fr;q=0.9, it", Some(Language::French)),
            ("it, es-MX;q=0.1", Some(Language::Spanish)),
            ("de;q=0, en", Some(Language::English)),
            ("de;q=x", None),
            ("", None),
            ("*", None),
        ] {
            assert_eq!(best(accepted, &all), expected, "{accepted}");
        }
        assert_eq!(best("de, en;q=0.5", &all[..1]), Some(Language::English));
    }
}
