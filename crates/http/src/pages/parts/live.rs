//! Parts of a page that bring themselves up to date.

use std::{borrow::Cow, fmt};

use askama::filters::HtmlSafe;

/// The header of a request that a page makes by itself: it is no sign that somebody is there.
pub const LIVE_HEADER: &str = "rightful-live";

/// Attributes of an element that is fetched again every few seconds: the page itself is asked for, and the element of
/// the same id is taken out of the answer. Without script the page stays as it was; so offer a link to reload.
///
/// ```text
/// <section id="tasks" {{ Live::every(5, "/requests/17", "tasks") }}>
/// ```
///
/// Where several parts of a page change together, an element that nobody sees asks for all of them:
///
/// ```text
/// <div id="live" hidden {{ Live::every(5, "/requests/17", "live").parts(&["state", "tasks"]) }}></div>
/// ```
///
/// Whoever is at such a part is not disturbed (`live.js`): what is being filled in stays, the focus stays where it is, and
/// what has not changed is not touched.
#[derive(Debug, Clone)]
pub struct Live<'a> {
    seconds: u32,
    path: Cow<'a, str>,
    id: &'a str,
    parts: &'a [&'a str],
}

impl HtmlSafe for Live<'_> {}

impl<'a> Live<'a> {
    /// Asks `path`, a path and query of ours, every `seconds` for the element `id`.
    pub fn every(seconds: u32, path: impl Into<Cow<'a, str>>, id: &'a str) -> Self {
        Self {
            seconds,
            path: path.into(),
            id,
            parts: &[],
        }
    }

    /// Brings the elements of these ids up to date instead. Each must be on the page and in every answer, if need be
    /// hidden. With `:innerHTML` behind its id an element stays and only what is in it is replaced: for those that are
    /// read out when they change (`role="status"`).
    #[must_use]
    pub fn parts(mut self, ids: &'a [&'a str]) -> Self {
        self.parts = ids;
        self
    }
}

impl fmt::Display for Live<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self
            .path
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;");
        let Self { seconds, id, .. } = self;
        write!(f, r#"hx-get="{path}" hx-trigger="every {seconds}s" hx-target="this""#)?;
        if self.parts.is_empty() {
            write!(f, r##" hx-select="#{id}" hx-swap="outerHTML""##)?;
        } else {
            let parts: Vec<String> = self.parts.iter().map(|part| format!("#{part}")).collect();
            write!(f, r#" hx-select-oob="{}" hx-swap="none""#, parts.join(","))?;
        }
        write!(f, r#" hx-headers='{{"{LIVE_HEADER}":"1"}}'"#)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_asks_for_itself_and_several_are_asked_for_together() {
        let one = Live::every(5, "/requests?a=1&b=\"", "tasks").to_string();
        assert!(one.contains(r#"hx-get="/requests?a=1&amp;b=&quot;""#), "{one}");
        assert!(one.contains(r##"hx-select="#tasks" hx-swap="outerHTML""##), "{one}");
        let several = Live::every(5, "/requests/17", "live")
            .parts(&["state", "tasks"])
            .to_string();
        assert!(
            several.contains(r##"hx-select-oob="#state,#tasks" hx-swap="none""##),
            "{several}"
        );
        assert!(one.contains(r#"{"rightful-live":"1"}"#) && several.contains(r#"{"rightful-live":"1"}"#));
    }
}
