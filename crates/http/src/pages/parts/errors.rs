//! What is wrong with a form that was sent.

use askama::{Template, filters::HtmlSafe};

use crate::problem::FieldError;

/// The faults of a form, each with the sentence that tells how to mend it ("Enter an e-mail address"). Prints itself as
/// the summary that stands above the form, with links to the fields; prints nothing while there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Template)]
#[template(path = "parts/error_summary.html")]
pub struct FormErrors {
    errors: Vec<FieldError>,
}

impl HtmlSafe for FormErrors {}

impl FormErrors {
    /// Adds a fault of `field`.
    pub fn add(&mut self, field: impl Into<String>, sentence: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.into(),
            reason: sentence.into(),
        });
    }

    /// Adds a fault of the whole form.
    pub fn add_general(&mut self, sentence: impl Into<String>) {
        self.add("", sentence);
    }

    /// The same with one fault more.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, sentence: impl Into<String>) -> Self {
        self.add(field, sentence);
        self
    }

    /// The fault of `field`, the first if there are several.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.reason.as_str())
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
}
