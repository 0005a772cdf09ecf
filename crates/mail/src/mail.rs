//! A mail before it is posted.

use std::fmt;

use crate::{Language, MailAddress, MailError, error::one_line};

/// A mail, checked: nothing in it can forge a header.
pub struct Mail {
    pub(crate) event: String,
    pub(crate) key: Option<String>,
    pub(crate) object: Option<String>,
    pub(crate) language: Language,
    pub(crate) to: MailAddress,
    pub(crate) reply_to: Option<MailAddress>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: Option<String>,
}

const LONGEST_SUBJECT: usize = 250;
const LONGEST_BODY: usize = 256 * 1024;

impl Mail {
    /// A mail to one person. `event` is a word for what it is about and stands in the outbox unsealed, so it must be
    /// nothing personal.
    pub fn new(event: &str, to: MailAddress, language: Language, subject: &str, text: &str) -> Result<Self, MailError> {
        one_line("event", event)?;
        one_line("subject", subject)?;
        let subject = subject.trim();
        if subject.is_empty() || subject.chars().count() > LONGEST_SUBJECT {
            return Err(MailError {
                field: "subject",
                reason: "a subject has between 1 and 250 characters",
            });
        }
        Ok(Self {
            event: event.to_owned(),
            key: None,
            object: None,
            language,
            to,
            reply_to: None,
            subject: subject.to_owned(),
            text: body("text", text)?,
            html: None,
        })
    }

    /// The same mail for readers who prefer HTML.
    pub fn html(self, html: &str) -> Result<Self, MailError> {
        let html = Some(body("html", html)?);
        Ok(Self { html, ..self })
    }

    /// Where an answer goes, if not to the sender.
    #[must_use]
    pub fn reply_to(self, address: MailAddress) -> Self {
        let reply_to = Some(address);
        Self { reply_to, ..self }
    }

    /// What it is about, as the audit log names it (`request:…`): what [`crate::list`] and [`crate::forget`] find it by.
    #[must_use]
    pub fn about(self, object: impl Into<String>) -> Self {
        let object = Some(object.into());
        Self { object, ..self }
    }

    /// There is one mail with this key, for ever, however often it is posted. Made of ids, nothing personal.
    #[must_use]
    pub fn once(self, key: impl Into<String>) -> Self {
        let key = Some(key.into());
        Self { key, ..self }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({}, ..)", self.event)
    }
}

fn body(field: &'static str, body: &str) -> Result<String, MailError> {
    if body.len() > LONGEST_BODY {
        return Err(MailError {
            field,
            reason: "a mail has at most 256 KiB of text",
        });
    }
    let body = body.replace("\r\n", "\n");
    if body
        .chars()
        .any(|character| character.is_control() && !matches!(character, '\n' | '\t'))
    {
        return Err(MailError {
            field,
            reason: "it holds control characters",
        });
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, text: &str) -> Result<Mail, MailError> {
        let to = MailAddress::parse("to", "ada@example.com").unwrap();
        Mail::new("test", to, Language::English, subject, text)
    }

    #[test]
    fn a_subject_that_would_forge_a_header_is_refused() {
        // SEC-34
        for subject in [
            "Hello\r\nBcc: eve@example.com",
            "Hello\nX: y",
            "Hello\r",
            "Hello\0",
            " ",
            "",
        ] {
            assert_eq!(mail(subject, "text").unwrap_err().field, "subject", "{subject:?}");
        }
        assert_eq!(mail(&"x".repeat(251), "text").unwrap_err().field, "subject");
    }

    #[test]
    fn a_body_has_lines_but_no_control_characters() {
        assert_eq!(mail("s", "one\r\ntwo\n\tthree").unwrap().text, "one\ntwo\n\tthree");
        for text in ["one\rtwo", "\0", "\u{1b}[31m"] {
            assert_eq!(mail("s", text).unwrap_err().field, "text", "{text:?}");
        }
        assert_eq!(mail("s", "t").unwrap().html("\0").unwrap_err().field, "html");
    }

    #[test]
    fn a_mail_is_not_printed() {
        assert_eq!(format!("{:?}", mail("secret", "secret").unwrap()), "Mail(test, ..)");
    }
}
