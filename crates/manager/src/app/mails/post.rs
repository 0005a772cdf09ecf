//! Posting a letter.

use mail::{Language, Letter, MailAddress, MailId, PostError, TemplateError};
use store::{StoreError, Tx};

use tracing::warn;

use crate::{Manager, rows::mail_template};

/// A letter on its way into the outbox.
pub(crate) struct Posting<'a> {
    /// What is said.
    pub(crate) letter: &'a Letter,
    /// To whom.
    pub(crate) to: MailAddress,
    /// In which language.
    pub(crate) language: Language,
    /// What it is about, as the audit log names it: `request:…`, `connection:…`.
    pub(crate) about: String,
    /// There is one mail with this key, for ever: made of ids and of what happened, nothing personal.
    pub(crate) once: String,
}

impl Manager {
    /// Posts a letter in the commit of `tx`; none where no mailer is configured. What can't do without mails asks
    /// [`Manager::mailer`] before it begins.
    pub(crate) async fn post(&self, tx: &mut Tx, posting: Posting<'_>) -> Result<Option<MailId>, StoreError> {
        if !self.mailer().is_configured() {
            return Ok(None);
        }
        let company = self.company_in(tx).await?;
        let brand = &company.brand.name;
        let Posting { letter, language, .. } = posting;
        let own = mail_template::find(tx, letter.event(), language).await?;
        let own = own.and_then(|own| {
            let composed = letter.compose_from(&own.template, language, brand, posting.to.clone());
            // It was checked when it was stored; should it fail all the same, the mail goes out in our words.
            composed
                .inspect_err(|error| warn!(%error, mail.event = %letter.event(), %language, "a template can't be used"))
                .ok()
        });
        let mail = match own {
            Some(mail) => mail,
            None => letter
                .compose(language, brand, posting.to)
                .map_err(|error| no_letter(&error))?,
        };
        let mail = mail.about(posting.about).once(posting.once);
        match mail::post(tx, self.vault(), self.mailer(), mail).await {
            Ok(id) => Ok(Some(id)),
            Err(PostError::NoMailer) => Ok(None),
            Err(PostError::Store(error)) => Err(error),
        }
    }
}

/// What goes into a letter is checked when it comes in: one that can't be written is a fault of ours.
fn no_letter(error: &TemplateError) -> StoreError {
    StoreError::Corrupt {
        what: "letter",
        reason: error.to_string(),
    }
}
