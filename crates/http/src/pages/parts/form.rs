//! Sending something by a button.

use std::{borrow::Cow, fmt};

use askama::{Template, filters::HtmlSafe};

use crate::csrf;

/// The hidden field that proves where a form came from. Put one into every form that changes something.
#[derive(Clone)]
pub struct Csrf(String);

impl Csrf {
    /// Carries a token of [`csrf::token`].
    pub fn new(token: String) -> Self {
        Self(token)
    }
}

impl fmt::Display for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // base64url: nothing to escape.
        write!(f, r#"<input type="hidden" name="{}" value="{}">"#, csrf::FIELD, self.0)
    }
}

impl fmt::Debug for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Csrf(..)")
    }
}

impl HtmlSafe for Csrf {}

/// A button that posts: a whole form with nothing to fill in.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/post_button.html")]
pub struct PostButton<'a> {
    action: Cow<'a, str>,
    label: &'a str,
    csrf: Csrf,
    class: &'static str,
    about: Option<Cow<'a, str>>,
    values: Vec<(&'a str, Cow<'a, str>)>,
}

impl HtmlSafe for PostButton<'_> {}

impl<'a> PostButton<'a> {
    /// The main action of its place.
    pub fn new(action: impl Into<Cow<'a, str>>, label: &'a str, csrf: Csrf) -> Self {
        Self {
            action: action.into(),
            label,
            csrf,
            class: "",
            about: None,
            values: Vec::new(),
        }
    }

    /// One action among others.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.class = "quiet";
        self
    }

    /// One that takes something away.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.class = "danger";
        self
    }

    /// Smaller, for rows of a table.
    #[must_use]
    pub fn small(mut self) -> Self {
        self.class = match self.class {
            "danger" => "danger small",
            _ => "quiet small",
        };
        self
    }

    /// Says what the button acts on, to those who hear the page: "Revoke" of *what*.
    #[must_use]
    pub fn about(mut self, what: impl Into<Cow<'a, str>>) -> Self {
        self.about = Some(what.into());
        self
    }

    /// Sends `name` = `value` along.
    #[must_use]
    pub fn value(mut self, name: &'a str, value: impl Into<Cow<'a, str>>) -> Self {
        self.values.push((name, value.into()));
        self
    }
}
