//! The settings of a task that a person does through a mailed form. The mailing itself is the manager's; what stands
//! here is shared by the connector `direct_contact` and by the others' `direct_contact: {…}`.

use privacy::Right;
use serde_json::{Value, json};

use crate::fields::{Fields, SettingsError};

/// The connector's name, beside those of the catalog: it has no vendor and no HTTP.
pub const NAME: &str = "direct_contact";

/// Its name for people.
pub const TITLE: &str = "Direct Contact";

/// What it does, for whoever chooses among connectors.
pub const SUMMARY: &str = "Asks a person by mail: for a system without an interface, or one whose owner would rather \
                           look for themselves. They answer through a form that needs no log-in.";

/// What somebody needs before they can set it up.
pub const NEEDS: &[&str] = &[
    "The mail address of a person, a group or a privacy inbox",
    "A mailer: smtp_url and mail_from in the configuration",
];

/// The languages in which a processor can be asked.
pub const LANGUAGES: [&str; 4] = ["en", "de", "fr", "es"];

/// Whom to ask, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectContact {
    /// The mail address of the processor: a person, a group, the vendor's privacy inbox.
    pub processor_email: String,
    /// The account at the vendor, as the processor knows it.
    pub account_id: Option<String>,
    /// Its name.
    pub account_name: Option<String>,
    /// What else the processor should know.
    pub notes: Option<String>,
    /// Whether access is asked of this processor.
    pub access: bool,
    /// Whether deletion is asked of this processor.
    pub deletion: bool,
    /// What happens when the deadline passes without an answer.
    pub on_deadline: OnDeadline,
    /// The language of mails and form, by its two-letter code.
    pub language: &'static str,
}

/// What happens when a processor does not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDeadline {
    /// The request goes on without it.
    Skip,
    /// The request waits, and administrators get a mail.
    Block,
}

impl DirectContact {
    /// Reads the settings of a connection of the connector `direct_contact`; an error names the field.
    pub fn parse(settings: &Value) -> Result<Self, SettingsError> {
        Self::read(Fields::whole(settings)?)
    }

    /// Whether the processor is asked for `right`.
    pub const fn does(&self, right: Right) -> bool {
        match right {
            Right::Access => self.access,
            Right::Deletion => self.deletion,
        }
    }

    /// The account as the processor knows it, for people: name and id, or one of them.
    pub fn account(&self) -> Option<String> {
        match (&self.account_name, &self.account_id) {
            (Some(name), Some(id)) => Some(format!("{name} ({id})")),
            (Some(known), None) | (None, Some(known)) => Some(known.clone()),
            (None, None) => None,
        }
    }

    /// The settings as JSON with every default filled in.
    pub fn shown(&self) -> Value {
        let capabilities = [("access", self.access), ("deletion", self.deletion)];
        let capabilities: Vec<_> = capabilities
            .into_iter()
            .filter_map(|(name, on)| on.then_some(name))
            .collect();
        json!({
            "processor_email": self.processor_email,
            "account_id": self.account_id,
            "account_name": self.account_name,
            "notes": self.notes,
            "capabilities": capabilities,
            "on_deadline": match self.on_deadline { OnDeadline::Skip => "skip", OnDeadline::Block => "block" },
            "language": self.language,
        })
    }

    pub(crate) fn read(mut fields: Fields<'_>) -> Result<Self, SettingsError> {
        let Some(processor_email) = fields.text("processor_email")? else {
            return Err(fields.wrong("processor_email", "is needed"));
        };
        if !is_address(processor_email) {
            return Err(fields.wrong("processor_email", "must be one mail address"));
        }
        let capabilities = fields
            .list("capabilities", |text| match text {
                "access" | "deletion" => Ok(text.to_owned()),
                _ => Err("must be access or deletion".to_owned()),
            })?
            .unwrap_or_else(|| vec!["access".to_owned(), "deletion".to_owned()]);
        let on_deadline = match fields.text("on_deadline")? {
            None | Some("block") => OnDeadline::Block,
            Some("skip") => OnDeadline::Skip,
            Some(_) => return Err(fields.wrong("on_deadline", "must be skip or block")),
        };
        let language = match fields.text("language")? {
            None => "en",
            Some(wanted) => LANGUAGES
                .into_iter()
                .find(|known| *known == wanted)
                .ok_or_else(|| fields.wrong("language", "must be en, de, fr or es"))?,
        };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let read = Self {
            processor_email: processor_email.to_owned(),
            account_id: owned(one_line(&mut fields, "account_id")?),
            account_name: owned(one_line(&mut fields, "account_name")?),
            notes: owned(notes(&mut fields)?),
            access: capabilities.iter().any(|capability| capability == "access"),
            deletion: capabilities.iter().any(|capability| capability == "deletion"),
            on_deadline,
            language,
        };
        fields.finish()?;
        Ok(read)
    }
}

/// What stands in the middle of a sentence of the mail.
fn one_line<'a>(fields: &mut Fields<'a>, field: &'static str) -> Result<Option<&'a str>, SettingsError> {
    let text = fields.text(field)?;
    if text.is_some_and(|text| text.chars().count() > 200 || text.chars().any(char::is_control)) {
        return Err(fields.wrong(field, "must have at most 200 characters, all of them printable"));
    }
    Ok(text)
}

/// What stands in the mail in as many lines as somebody liked.
fn notes<'a>(fields: &mut Fields<'a>) -> Result<Option<&'a str>, SettingsError> {
    let text = fields.text("notes")?;
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.is_some_and(|text| text.chars().count() > 4_000 || text.chars().any(control)) {
        return Err(fields.wrong("notes", "must have at most 4000 characters, all of them printable"));
    }
    Ok(text)
}

/// Enough to catch a slip of the pen and header injection; the mailer has the last word.
fn is_address(text: &str) -> bool {
    let plain = text.len() <= 254
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c));
    plain
        && text
            .rsplit_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !name.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_all_that_is_needed() {
        let read = DirectContact::parse(&json!({"processor_email": "privacy@vendor.test"})).unwrap();
        assert!(read.access && read.deletion);
        assert_eq!(read.on_deadline, OnDeadline::Block);
        assert_eq!(DirectContact::parse(&read.shown()).unwrap(), read);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let table = [
            (json!({}), "processor_email"),
            (json!({"processor_email": "a@b, c@d"}), "processor_email"),
            (json!({"processor_email": "a\r\nBcc: x@y"}), "processor_email"),
            (
                json!({"processor_email": "a@b", "capabilities": ["portability"]}),
                "capabilities",
            ),
            (json!({"processor_email": "a@b", "on_deadline": "wait"}), "on_deadline"),
            (json!({"processor_email": "a@b", "language": "it"}), "language"),
            (
                json!({"processor_email": "a@b", "account_name": "A\nB"}),
                "account_name",
            ),
            (json!({"processor_email": "a@b", "mail": "x"}), "mail"),
            (json!([]), "settings"),
        ];
        for (settings, field) in table {
            assert_eq!(DirectContact::parse(&settings).unwrap_err().field, field);
        }
    }
}
