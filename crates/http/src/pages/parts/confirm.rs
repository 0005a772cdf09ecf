//! Asking before something that can't be taken back.

use std::borrow::Cow;

use askama::{Template, filters::HtmlSafe};

use super::{Csrf, Field, FormErrors};

/// A question with one button that does it and a link that leads back. The title says what will happen, the text what
/// that means; the button repeats the verb ("Deactivate"), never "OK".
#[derive(Debug, Clone, Template)]
#[template(path = "parts/confirm.html")]
pub struct Confirm<'a> {
    action: Cow<'a, str>,
    csrf: Csrf,
    title: Cow<'a, str>,
    text: Cow<'a, str>,
    button: &'a str,
    back: Cow<'a, str>,
    danger: bool,
    fields: Vec<Field<'a>>,
    errors: FormErrors,
}

impl HtmlSafe for Confirm<'_> {}

impl<'a> Confirm<'a> {
    /// Asks `title`; `button` posts to `action`, and who does not want it goes `back`.
    pub fn new(
        action: impl Into<Cow<'a, str>>,
        csrf: Csrf,
        title: impl Into<Cow<'a, str>>,
        button: &'a str,
        back: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            action: action.into(),
            csrf,
            title: title.into(),
            text: Cow::Borrowed(""),
            button,
            back: back.into(),
            danger: false,
            fields: Vec::new(),
            errors: FormErrors::default(),
        }
    }

    /// What it means.
    #[must_use]
    pub fn text(mut self, text: impl Into<Cow<'a, str>>) -> Self {
        self.text = text.into();
        self
    }

    /// It takes something away.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// Asks for something besides, such as the password.
    #[must_use]
    pub fn field(mut self, field: Field<'a>) -> Self {
        self.fields.push(field);
        self
    }

    /// What was wrong with what was sent.
    #[must_use]
    pub fn errors(mut self, errors: FormErrors) -> Self {
        self.errors = errors;
        self
    }
}
