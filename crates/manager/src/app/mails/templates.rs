//! The words of mails: ours, or the company's own for an event and a language.

use jiff::Timestamp;
use mail::{Event as MailEvent, Language, Preview, TemplateError};
use privacy::audit::{Detail, Event, Fact};
use serde::{Serialize, Serializer};
use serde_json::json;
use store::{StoreError, retried};

use crate::{
    By, Manager,
    rows::mail_template::{self, TemplateRow},
};

/// The template of one event's mail in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTemplate {
    /// Of which event.
    pub event: MailEvent,
    /// In which language.
    pub language: Language,
    /// The words: a subject in the first line, then paragraphs.
    pub template: String,
    /// When the company changed it; none: these are the words that it came with.
    pub changed_at: Option<Timestamp>,
}

impl Serialize for MailTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({
            "event": self.event.name(),
            "language": self.language.name(),
            "template": self.template,
            "is_own": self.changed_at.is_some(),
            "changed_at": self.changed_at,
        })
        .serialize(serializer)
    }
}

/// Why a template is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ChangeTemplateError {
    /// It can't be used for every mail of its event.
    #[error("{0}")]
    Unusable(#[from] TemplateError),
    /// The database failed.
    #[error("the template could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Every mail's template in every language.
    pub async fn mail_templates(&self) -> Result<Vec<MailTemplate>, StoreError> {
        let own = mail_template::all(&mut self.store().read().await?).await?;
        let every = MailEvent::ALL
            .iter()
            .filter(|event| !event.is_vendors())
            .flat_map(|event| Language::ALL.iter().map(move |language| (*event, *language)));
        let is = |row: &&TemplateRow, event, language| row.event == event && row.language == language;
        Ok(every
            .map(|(event, language)| {
                let own = own.iter().find(|row| is(row, event, language)).cloned();
                view(event, language, own)
            })
            .collect())
    }

    /// One of them.
    pub async fn mail_template(&self, event: MailEvent, language: Language) -> Result<MailTemplate, StoreError> {
        let own = mail_template::find(&mut self.store().read().await?, event, language).await?;
        Ok(view(event, language, own))
    }

    /// From now on these are the words of that mail.
    pub async fn change_mail_template(
        &self,
        event: MailEvent,
        language: Language,
        template: &str,
        by: &By,
    ) -> Result<MailTemplate, ChangeTemplateError> {
        retried(|| self.change_mail_template_once(event, language, template, by)).await
    }

    async fn change_mail_template_once(
        &self,
        event: MailEvent,
        language: Language,
        template: &str,
        by: &By,
    ) -> Result<MailTemplate, ChangeTemplateError> {
        let template = template.replace("\r\n", "\n");
        mail::check_template(event, &template)?;
        let mut tx = self.store().write().await?;
        mail_template::put(&mut tx, event, language, &template).await?;
        tx.audit(changed(event, language, "changed", by));
        let own = mail_template::find(&mut tx, event, language).await?;
        tx.commit().await?;
        Ok(view(event, language, own))
    }

    /// From now on the words are those that it came with.
    pub async fn reset_mail_template(
        &self,
        event: MailEvent,
        language: Language,
        by: &By,
    ) -> Result<MailTemplate, StoreError> {
        retried(|| self.reset_mail_template_once(event, language, by)).await
    }

    async fn reset_mail_template_once(
        &self,
        event: MailEvent,
        language: Language,
        by: &By,
    ) -> Result<MailTemplate, StoreError> {
        let mut tx = self.store().write().await?;
        if mail_template::remove(&mut tx, event, language).await? {
            tx.audit(changed(event, language, "reset", by));
            tx.commit().await?;
        }
        Ok(view(event, language, None))
    }

    /// The mail that this template would make of an example.
    pub fn preview_mail(&self, event: MailEvent, language: Language, template: &str) -> Result<Preview, TemplateError> {
        let template = template.replace("\r\n", "\n");
        mail::check_template(event, &template)?;
        mail::preview(event, &template, language, &self.company_as_known().brand.name)
    }
}

fn view(event: MailEvent, language: Language, own: Option<TemplateRow>) -> MailTemplate {
    let changed_at = own.as_ref().map(|row| row.changed_at);
    let ours = || mail::template(event, language).to_owned();
    MailTemplate {
        event,
        language,
        template: own.map_or_else(ours, |row| row.template),
        changed_at,
    }
}

fn changed(event: MailEvent, language: Language, how: &'static str, by: &By) -> store::NewEvent {
    let target = Fact::code(&format!("{event}/{language}"));
    let facts = [(Detail::Target, target), (Detail::Reason, how.into())];
    by.event(Event::TemplateChanged, format!("template:{event}/{language}"), facts)
}
