//! From a template to a subject and paragraphs.
//!
//! A template is a text: the subject in the first line, then paragraphs with empty lines between them, then, after a
//! line `--`, who writes and why. `{{ name }}` and `{% if name %}` are all it can do: no loops over what is not there,
//! no includes, no functions, so that a customer's own template can do no harm.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig};

use super::values::Values;
use crate::MailError;

/// A mail's words, before they have a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    pub(super) subject: String,
    pub(super) paragraphs: Vec<String>,
    /// Who writes and why.
    pub(super) note: Vec<String>,
}

/// Why a template made no mail.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not written as templates are, or shows what this mail does not have.
    #[error("the template can't be used: {reason} (line {line})")]
    Template {
        /// In the template language's words; without values.
        reason: String,
        /// From 1; 0 where it is not known.
        line: usize,
    },
    /// It has the values, but not in a form that people can use.
    #[error("the template can't be used: {reason}")]
    Form {
        /// In plain words.
        reason: &'static str,
    },
    /// A value, or what the template made of it, can't stand in a mail.
    #[error(transparent)]
    Mail(#[from] MailError),
}

impl Rendered {
    /// The mail as plain text. The line before the note is the one that mail programs know (RFC 3676 section 4.3).
    pub(super) fn text(&self) -> String {
        let mut text = self.paragraphs.join("\n\n");
        if !self.note.is_empty() {
            text.push_str("\n\n-- \n");
            text.push_str(&self.note.join("\n\n"));
        }
        text.push('\n');
        text
    }
}

pub(super) fn render(template: &str, values: &Values) -> Result<Rendered, TemplateError> {
    let unusable = |error: minijinja::Error| TemplateError::Template {
        reason: error.kind().to_string(),
        line: error.line().unwrap_or_default(),
    };
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    // A line that holds nothing but a condition leaves no line behind.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(unusable)?);
    let text = environment.render_str(template, values.context()).map_err(unusable)?;
    let (subject, body) = text.trim().split_once('\n').ok_or(TemplateError::Form {
        reason: "the first line is the subject, the text comes after it",
    })?;
    let (body, note) = body.split_once("\n--\n").unwrap_or((body, ""));
    Ok(Rendered {
        subject: subject.trim().to_owned(),
        paragraphs: paragraphs(body),
        note: paragraphs(note),
    })
}

/// Pieces with empty lines between them; lines within one are kept.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim_end) {
        match paragraphs.last_mut() {
            _ if line.is_empty() => open = false,
            Some(paragraph) if open => {
                paragraph.push('\n');
                paragraph.push_str(line);
            }
            _ => {
                paragraphs.push(line.to_owned());
                open = true;
            }
        }
    }
    paragraphs
}
