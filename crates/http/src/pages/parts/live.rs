//! Parts of a page that bring themselves up to date.

use std::fmt;

use askama::filters::HtmlSafe;

/// The header of a request that a page makes by itself: it is no sign that somebody is there.
pub const LIVE_HEADER: &str = "rightful-live";

/// Attributes of an element that is fetched again every few seconds: the page itself is asked for, and the element of
/// the same id is taken out of the answer. Without script the page stays as it was; so offer a link to reload.
///
/// ```text
/// <section id="tasks" {{ Live::every(5, "/requests/17", "tasks") }}>
/// ```
#[derive(Debug, Clone)]
pub struct Live<'a> {
    seconds: u32,
    path: &'a str,
    id: &'a str,
}

impl HtmlSafe for Live<'_> {}

impl<'a> Live<'a> {
    /// Asks `path`, a path and query of ours, every `seconds` for the element `id`.
    pub const fn every(seconds: u32, path: &'a str, id: &'a str) -> Self {
        Self { seconds, path, id }
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
        write!(
            f,
            r##"hx-get="{path}" hx-trigger="every {seconds}s" hx-select="#{id}" hx-target="this" hx-swap="outerHTML" hx-headers='{{"{LIVE_HEADER}":"1"}}'"##
        )
    }
}
