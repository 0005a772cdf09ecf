//! Telling how things stand.

use std::{
    borrow::{Borrow, Cow},
    fmt,
};

use askama::{Template, filters::HtmlSafe};
use jiff::{Timestamp, tz::TimeZone};

/// How good the news is. The words say it too: colour alone says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// No news.
    Neutral,
    /// Under way.
    Info,
    /// Done, well.
    Ok,
    /// Somebody should look.
    Warn,
    /// Failed, or gone.
    Bad,
}

impl Tone {
    /// The class of the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "",
            Self::Info => "info",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A state in a word or two.
#[derive(Debug, Clone, Template)]
#[template(ext = "html", source = r#"<span class="badge {{ tone.class() }}">{{ text }}</span>"#)]
pub struct Badge<'a> {
    tone: Tone,
    text: Cow<'a, str>,
}

impl HtmlSafe for Badge<'_> {}

impl<'a> Badge<'a> {
    /// The state `text`.
    pub fn new(tone: Tone, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            tone,
            text: text.into(),
        }
    }
}

/// A message that stands above or inside a page.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/notice.html")]
pub struct Notice<'a> {
    tone: Tone,
    title: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
    way: Option<Way<'a>>,
}

/// Where a message leads to.
#[derive(Debug, Clone)]
struct Way<'a> {
    href: Cow<'a, str>,
    label: &'a str,
    /// For whoever hears the link alone.
    about: Cow<'a, str>,
}

impl HtmlSafe for Notice<'_> {}

impl<'a> Notice<'a> {
    /// The message `text`.
    pub fn new(tone: Tone, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            tone,
            title: None,
            text: text.into(),
            way: None,
        }
    }

    /// In bold above it.
    #[must_use]
    pub fn title(mut self, title: impl Into<Cow<'a, str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// A link below it; `about` is said after its label to whoever hears the link alone.
    #[must_use]
    pub fn way(mut self, href: impl Into<Cow<'a, str>>, label: &'a str, about: impl Into<Cow<'a, str>>) -> Self {
        self.way = Some(Way {
            href: href.into(),
            label,
            about: about.into(),
        });
        self
    }
}

/// What stands where a list would, and how the first entry comes about.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<div class="empty"><h2>{{ title }}</h2><p>{{ text }}</p>{% if let Some((href, label)) = action %}<a class="button" href="{{ href }}">{{ label }}</a>{% endif %}</div>"#
)]
pub struct Empty<'a> {
    title: &'a str,
    text: &'a str,
    action: Option<(Cow<'a, str>, &'a str)>,
}

impl HtmlSafe for Empty<'_> {}

impl<'a> Empty<'a> {
    /// `title` says what there is none of; `text` how that changes.
    pub fn new(title: &'a str, text: &'a str) -> Self {
        Self {
            title,
            text,
            action: None,
        }
    }

    /// A button that leads there.
    #[must_use]
    pub fn action(mut self, href: impl Into<Cow<'a, str>>, label: &'a str) -> Self {
        self.action = Some((href.into(), label));
        self
    }
}

/// An instant, readable by people and programs. In UTC and saying so, since pages know no one's time zone.
#[derive(Debug, Clone, Copy)]
pub struct When(Timestamp);

impl When {
    /// The instant `at`, by value or reference (templates hand out references).
    pub fn at(at: impl Borrow<Timestamp>) -> Self {
        Self(*at.borrow())
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.to_zoned(TimeZone::UTC);
        let exact = at.strftime("%Y-%m-%dT%H:%M:%SZ");
        write!(
            f,
            r#"<time datetime="{exact}">{}</time>"#,
            at.strftime("%-d %b %Y, %H:%M UTC")
        )
    }
}

impl HtmlSafe for When {}
