//! Telling, on the next page, what a form has just done.

use std::borrow::Cow;

use askama::{Template, filters::HtmlSafe};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use cookie::Cookie;
use http::{HeaderMap, HeaderValue, header};

use super::Tone;
use crate::session::header_of;

/// The longest message: it travels in a cookie.
const LONGEST: usize = 600;

/// What has just been done, in one sentence. It travels in a cookie of its own from the form's answer to the next page,
/// which shows it once. Say nothing secret in it, and nothing that must be read.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<div class="toast {{ tone.class() }}" role="status"><p>{{ text }}</p></div>"#
)]
pub struct Toast {
    tone: Tone,
    text: Cow<'static, str>,
}

impl HtmlSafe for Toast {}

impl Toast {
    /// It worked.
    pub fn done(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            tone: Tone::Ok,
            text: text.into(),
        }
    }

    /// It worked, but somebody should look.
    pub fn warning(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            tone: Tone::Warn,
            text: text.into(),
        }
    }

    /// The one that the request carries in the cookie `name`.
    pub fn read(name: &str, headers: &HeaderMap) -> Option<Self> {
        let mut sent = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
        let value = sent.next().filter(|value| value.len() <= 2 * LONGEST)?;
        let (word, text) = value.split_once('.')?;
        let text = String::from_utf8(BASE64.decode(text).ok()?).ok()?;
        match word {
            "ok" => Some(Self::done(text)),
            "warn" => Some(Self::warning(text)),
            _ => None,
        }
    }

    /// The `Set-Cookie` value that hands it to the next page. Name the cookie `__Host-…`.
    pub fn set(&self, name: &'static str) -> HeaderValue {
        let short: String = self.text.chars().take(LONGEST / 4).collect();
        let value = format!("{}.{}", self.tone.class(), BASE64.encode(short));
        header_of(Cookie::build((name, value)).max_age(cookie::time::Duration::minutes(2)))
    }

    /// The `Set-Cookie` value that takes it away, for the page that shows it.
    pub fn clear(name: &'static str) -> HeaderValue {
        header_of(Cookie::build((name, "")).removal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "__Host-rightful-toast";

    fn sent(cookie: &str) -> HeaderMap {
        [(header::COOKIE, cookie.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_toast_comes_back_as_it_was_and_only_well_formed() {
        let toast = Toast::done("Grüße: “saved”; really");
        let set = toast.set(NAME);
        let (pair, attributes) = set.to_str().unwrap().split_once(';').unwrap();
        assert_eq!(attributes, " HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=120");
        assert_eq!(Toast::read(NAME, &sent(&format!("a=b; {pair}"))), Some(toast));
        for broken in ["", "bad.AAAA", "ok", "ok.%%%", "<script>"] {
            assert_eq!(Toast::read(NAME, &sent(&format!("{NAME}={broken}"))), None, "{broken}");
        }
        let long = Toast::warning("ü".repeat(5000)).set(NAME);
        let pair = long.to_str().unwrap().split(';').next().unwrap().to_owned();
        assert!(pair.len() < 1000 && Toast::read(NAME, &sent(&pair)).is_some());
    }
}
