//! In which language somebody reads of whom we know nothing else.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderValue, header, request::Parts};
use mail::Language;

use crate::{Manager, app::company::Company};

/// The language of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// The one to answer in, of those that the privacy centre offers.
    pub(super) language: Language,
    /// What was chosen on the page (`?lang=`), whether it is offered or not.
    chosen: Option<Language>,
}

impl Reader {
    /// Who asks with this query and these wishes (`Accept-Language`): what was chosen counts, else what the browser
    /// wants, else what the settings say; the first that is offered.
    pub(super) fn of(manager: &Manager, query: Option<&str>, wishes: Option<&HeaderValue>) -> Self {
        let company = manager.company_as_known();
        let offered = &company.privacy_centre.languages;
        let wishes = wishes.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let usual = manager.settings().language();
        let usual = offered.contains(&usual).then_some(usual).or(offered.first().copied());
        let language = best(wishes, offered).or(usual).unwrap_or(Language::English);
        let mut pairs = query.unwrap_or_default().split('&');
        let chosen = pairs.find_map(|pair| pair.strip_prefix("lang="));
        Self { language, chosen: None }.wanting(&company, chosen.unwrap_or_default())
    }

    /// The same, with this language chosen, if it is one.
    pub(super) fn wanting(self, company: &Company, word: &str) -> Self {
        let Ok(chosen) = word.parse() else { return self };
        let is_offered = company.privacy_centre.languages.contains(&chosen);
        Self {
            language: if is_offered { chosen } else { self.language },
            chosen: Some(chosen),
        }
    }

    /// The language of a page about something that has a language of its own: what was chosen, else that.
    pub(super) fn or(self, own: Language) -> Language {
        self.chosen.unwrap_or(own)
    }

    /// What leads on in the language that was chosen: a query, or nothing.
    pub(super) fn query(self) -> String {
        self.chosen.map_or_else(String::new, in_language)
    }
}

/// The query that chooses a language.
pub(super) fn in_language(language: Language) -> String {
    format!("?lang={language}")
}

impl FromRequestParts<Manager> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, manager: &Manager) -> Result<Self, Infallible> {
        // What is offered may have changed in another process. Without a database, what is known must do.
        if let Err(error) = manager.company().await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "the settings could not be read"
            );
        }
        let wishes = parts.headers.get(header::ACCEPT_LANGUAGE);
        Ok(Self::of(manager, parts.uri.query(), wishes))
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
