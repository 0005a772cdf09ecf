//! Mails: posting them, and looking at what became of them.

mod connection_alert;
mod notices;
mod post;
mod send;
mod sign_in;
mod templates;
pub(crate) mod words;

use mail::{Filter, Listed, MailId, ReadError, ReadMail};
use privacy::audit::{Detail, Event, Fact};
use store::{StoreError, retried};

pub(crate) use post::Posting;
pub use templates::{ChangeTemplateError, MailTemplate};

use crate::{By, Manager, RequestId, rows};

/// More mails than any request has.
const MOST_OF_ONE_REQUEST: u32 = 500;

impl Manager {
    /// Mails in the outbox, the newest first, without what they say.
    pub async fn mails(&self, filter: &Filter) -> Result<Vec<Listed>, StoreError> {
        mail::list(&mut self.store().read().await?, filter).await
    }

    /// One mail with what it says: links that work are in it.
    pub async fn read_mail(&self, id: MailId) -> Result<ReadMail, ReadError> {
        mail::read(&mut self.store().read().await?, self.vault(), id).await
    }

    /// The same for a person; that they read it is written down.
    pub async fn open_mail(&self, id: MailId, by: &By) -> Result<ReadMail, ReadError> {
        retried(|| self.open_mail_once(id, by)).await
    }

    async fn open_mail_once(&self, id: MailId, by: &By) -> Result<ReadMail, ReadError> {
        let mut tx = self.store().write().await?;
        let mail = mail::read(&mut tx, self.vault(), id).await?;
        let facts = [(Detail::Target, Fact::code(&id.to_string()))];
        tx.audit(by.event(Event::MailRead, format!("mail:{id}"), facts));
        tx.commit().await?;
        Ok(mail)
    }

    /// What was mailed about a request, the newest first; none where there is no such request.
    pub async fn mails_of_request(&self, id: RequestId) -> Result<Option<Vec<Listed>>, StoreError> {
        let mut tx = self.store().read().await?;
        if rows::request::version(&mut tx, id).await?.is_none() {
            return Ok(None);
        }
        let about = Filter {
            object: Some(id.object()),
            limit: MOST_OF_ONE_REQUEST,
            ..Filter::default()
        };
        mail::list(&mut tx, &about).await.map(Some)
    }

    /// Tries a mail again that could not be sent, under the same `Message-ID`. False where there is none such.
    pub async fn send_mail_again(&self, id: MailId, by: &By) -> Result<bool, StoreError> {
        retried(|| self.send_mail_again_once(id, by)).await
    }

    async fn send_mail_again_once(&self, id: MailId, by: &By) -> Result<bool, StoreError> {
        let mut tx = self.store().write().await?;
        let again = mail::send_again(&mut tx, id).await?;
        if again {
            let facts = [(Detail::Target, Fact::code(&id.to_string()))];
            tx.audit(by.event(Event::MailSentAgain, format!("mail:{id}"), facts));
            tx.commit().await?;
        }
        Ok(again)
    }
}
