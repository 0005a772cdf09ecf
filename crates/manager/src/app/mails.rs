//! Mails: posting them, and looking at what became of them.

mod connection_alert;
mod post;

use mail::{Filter, Listed, MailId, ReadError, ReadMail};
use store::StoreError;

pub(crate) use post::Posting;

use crate::Manager;

impl Manager {
    /// Mails in the outbox, the newest first, without what they say.
    pub async fn mails(&self, filter: &Filter) -> Result<Vec<Listed>, StoreError> {
        mail::list(&mut self.store().read().await?, filter).await
    }

    /// One mail with what it says: links that work are in it.
    pub async fn read_mail(&self, id: MailId) -> Result<ReadMail, ReadError> {
        mail::read(&mut self.store().read().await?, self.vault(), id).await
    }
}
