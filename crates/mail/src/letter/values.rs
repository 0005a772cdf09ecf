//! What a template may name.

use jiff::Timestamp;
use minijinja::Value;
use oauth::Secret;

use super::{Letter, Right};
use crate::{Language, MailError, dates, error::one_line};

/// The values of one letter. A name that it has no value for is undefined, which a template may ask about and not show.
pub(super) struct Values {
    language: Language,
    named: Vec<(&'static str, Value)>,
    link: Option<String>,
}

impl Values {
    pub(super) fn context(&self) -> Value {
        Value::from_pairs(self.named.iter().cloned())
    }

    /// The link that stands alone on a line.
    pub(super) fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    fn line(mut self, name: &'static str, value: &str) -> Result<Self, MailError> {
        one_line(name, value)?;
        self.named.push((name, value.into()));
        Ok(self)
    }

    fn optional_line(self, name: &'static str, value: Option<&str>) -> Result<Self, MailError> {
        match value {
            Some(value) => self.line(name, value),
            None => Ok(self),
        }
    }

    /// What somebody has written, in as many lines as they liked.
    fn text(mut self, name: &'static str, value: Option<&Secret>) -> Self {
        if let Some(value) = value {
            // A vendor's error message may hold anything; no mail may hold control characters.
            let harmless = |character: char| matches!(character, '\n' | '\t') || !character.is_control();
            let text: String = value.reveal().trim().chars().filter(|c| harmless(*c)).collect();
            self.named.push((name, text.into()));
        }
        self
    }

    fn link_to(mut self, link: &Secret) -> Result<Self, MailError> {
        let link = link.reveal();
        let https = link.starts_with("https://") || link.starts_with("http://");
        if !https
            || link
                .chars()
                .any(|character| character.is_whitespace() || character.is_control())
        {
            return Err(MailError {
                field: "link",
                reason: "it is not a link",
            });
        }
        self.named.push(("link", link.as_str().into()));
        self.link = Some(link.clone());
        Ok(self)
    }

    fn until(mut self, at: Timestamp) -> Self {
        self.named.push(("until", dates::instant(at, self.language).into()));
        self
    }

    fn deadline(mut self, at: Timestamp) -> Self {
        self.named.push(("deadline", dates::day(at, self.language).into()));
        self
    }

    fn request(self, reference: &str, right: Right) -> Result<Self, MailError> {
        self.line("reference", reference)?.line("right", right.name())
    }
}

pub(super) fn of(letter: &Letter, language: Language, brand: &str) -> Result<Values, MailError> {
    let values = Values {
        language,
        named: Vec::new(),
        link: None,
    };
    let values = values.line("brand", brand)?;
    Ok(match letter {
        Letter::Verification {
            reference,
            right,
            link,
            until,
        }
        | Letter::VerificationReminder {
            reference,
            right,
            link,
            until,
        } => values.request(reference, *right)?.link_to(link)?.until(*until),
        Letter::RequestUnverified { reference, right, link } => values.request(reference, *right)?.link_to(link)?,
        Letter::Delivery { reference, link, until } | Letter::DeliveryReminder { reference, link, until } => {
            values.request(reference, Right::Access)?.link_to(link)?.until(*until)
        }
        Letter::RequestClosed {
            reference,
            right,
            outcome,
            explanation,
        } => values
            .request(reference, *right)?
            .line("outcome", outcome.name())?
            .text("explanation", explanation.as_ref()),
        Letter::Extension {
            reference,
            right,
            deadline,
            reason,
        } => values
            .request(reference, *right)?
            .deadline(*deadline)
            .text("reason", Some(reason)),
        Letter::DirectContact {
            reference,
            right,
            connection,
            account,
            notes,
            link,
            deadline,
        } => values
            .request(reference, *right)?
            .line("connection", connection)?
            .optional_line("account", account.as_deref())?
            .text("notes", notes.as_ref())
            .link_to(link)?
            .deadline(*deadline),
        Letter::DirectContactReminder {
            reference,
            right,
            connection,
            account,
            link,
            deadline,
        } => values
            .request(reference, *right)?
            .line("connection", connection)?
            .optional_line("account", account.as_deref())?
            .link_to(link)?
            .deadline(*deadline),
        Letter::DirectContactWithdrawn {
            reference,
            right,
            connection,
        } => values.request(reference, *right)?.line("connection", connection)?,
        Letter::DirectContactOverdue {
            reference,
            connection,
            link,
            deadline,
        } => values
            .line("reference", reference)?
            .line("connection", connection)?
            .link_to(link)?
            .deadline(*deadline),
        Letter::ConnectionAlert {
            connection,
            since,
            cause,
            link,
        } => {
            let mut values = values
                .line("connection", connection)?
                .text("cause", Some(cause))
                .link_to(link)?;
            values.named.push(("since", dates::instant(*since, language).into()));
            values
        }
        Letter::WebhookAlert {
            endpoint,
            since,
            cause,
            link,
        } => {
            let mut values = values
                .line("endpoint", endpoint)?
                .text("cause", Some(cause))
                .link_to(link)?;
            values.named.push(("since", dates::instant(*since, language).into()));
            values
        }
        Letter::Invitation { role, link, until } => values
            .optional_line("role", role.as_deref())?
            .link_to(link)?
            .until(*until),
        Letter::PasswordReset { link, until } => values.link_to(link)?.until(*until),
        Letter::ApprovalAwaited {
            reference,
            right,
            link,
            deadline,
        }
        | Letter::VendorRequestDeadline {
            reference,
            right,
            passed: _,
            deadline,
            link,
        } => values.request(reference, *right)?.link_to(link)?.deadline(*deadline),
    })
}
