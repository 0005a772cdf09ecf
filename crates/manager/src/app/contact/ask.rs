//! Asking a processor, and reminding: mails with a link each.

use connectors::direct_contact::DirectContact;
use jiff::Timestamp;
use mail::{Language, Letter, MailAddress, MailError};
use oauth::Secret;
use privacy::{
    audit::Event,
    task::{IllegalTaskTransition, TaskAction, TaskKind},
};
use store::StoreError;

use super::ContactToken;
use crate::{
    By, ContactId, TaskId,
    app::{mails::Posting, requests::case::Case},
    rows::{self, contact::ContactRow},
};

/// Why a processor was not written to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContactMailError {
    /// The connection's settings name nobody any more.
    #[error("the connection's settings no longer say whom to ask")]
    Nobody,
    /// Mails can't be sent.
    #[error("no mailer is configured")]
    NoMailer,
    /// The address can't be written to.
    #[error(transparent)]
    Address(#[from] MailError),
    /// The task does not move that way.
    #[error(transparent)]
    Illegal(#[from] IllegalTaskTransition),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who is written to about a task.
pub(super) struct Addressee {
    pub(super) contact: DirectContact,
    pub(super) connection: String,
    pub(super) language: Language,
    pub(super) right: mail::Right,
    to: MailAddress,
}

impl Case {
    /// Who is asked about a task, as the connection's settings say now.
    pub(super) async fn addressee(&mut self, task: TaskId) -> Result<Addressee, ContactMailError> {
        let row = self.task(task).cloned().ok_or(ContactMailError::Nobody)?;
        let connection = self.connection(row.connection).await?.ok_or(ContactMailError::Nobody)?;
        let set_up = self.manager.keyring(&connection)?.set_up(&connection)?;
        let contact = set_up.contact().cloned().ok_or(ContactMailError::Nobody)?;
        Ok(Addressee {
            to: MailAddress::parse("processor_email", &contact.processor_email)?,
            connection: connection.name,
            language: contact.language.parse().unwrap_or(Language::English),
            right: match row.kind() {
                TaskKind::Deletion => mail::Right::Deletion,
                TaskKind::Access | TaskKind::Verification => mail::Right::Access,
            },
            contact,
        })
    }

    /// Asks about a task, for the first time or, after a retry, anew. The mail goes into the outbox with this commit.
    pub(crate) async fn ask_processor(&mut self, task: TaskId, by: &By) -> Result<ContactRow, ContactMailError> {
        let whom = self.addressee(task).await?;
        let before = rows::contact::of_task(&mut self.tx, task).await?;
        if let Some(before) = &before {
            rows::contact::revoke_links(&mut self.tx, before.id).await?;
            rows::contact_upload::forget(&mut self.tx, before.id).await?;
        }
        let now = self.tx.now();
        let contact = ContactRow {
            id: self.tx.new_id().into(),
            task,
            request: self.request.id,
            round: before.map_or(1, |before| before.round + 1),
            asked_at: now,
            until: self.deadline_from(now),
            mailed_at: now,
            reminders: 0,
            opened_at: None,
            overdue_at: None,
            answered_at: None,
            outcome: None,
            answer: None,
        };
        rows::contact::insert(&mut self.tx, &contact).await?;
        let key = format!("contact:{}:asked", contact.id);
        self.post_question(&whom, &contact, key).await?;
        self.move_task(task, TaskAction::Asked { until: contact.until }, by)?;
        Ok(contact)
    }

    /// Asks once more: a new link, and the whole time to answer. The links that were mailed before lead nowhere.
    pub(super) async fn ask_again(&mut self, mut contact: ContactRow, by: &By) -> Result<(), ContactMailError> {
        let whom = self.addressee(contact.task).await?;
        rows::contact::revoke_links(&mut self.tx, contact.id).await?;
        let now = self.tx.now();
        contact.until = self.deadline_from(now);
        contact.mailed_at = now;
        contact.overdue_at = None;
        rows::contact::save(&mut self.tx, &contact).await?;
        let again = rows::contact::count_links(&mut self.tx, contact.id).await?;
        let key = format!("contact:{}:asked:{again}", contact.id);
        self.post_question(&whom, &contact, key).await?;
        if let Some(row) = self.task_mut(contact.task) {
            row.warning = None;
        }
        self.move_task(contact.task, TaskAction::Asked { until: contact.until }, by)?;
        Ok(())
    }

    /// Reminds, with a link of its own. Earlier links go on working.
    pub(crate) async fn remind_processor(&mut self, contact: &mut ContactRow, by: &By) -> Result<(), ContactMailError> {
        let whom = self.addressee(contact.task).await?;
        let number = contact.reminders + 1;
        let letter = Letter::DirectContactReminder {
            reference: self.request.reference.to_string(),
            right: whom.right,
            connection: whom.connection.clone(),
            account: whom.contact.account(),
            link: self.new_link(contact.id).await?,
            deadline: contact.until,
        };
        let key = format!("contact:{}:reminded:{number}", contact.id);
        self.post_to(&whom, &letter, key).await?;
        contact.reminders = number;
        contact.mailed_at = self.tx.now();
        rows::contact::save(&mut self.tx, contact).await?;
        if let Some(row) = self.task(contact.task).cloned() {
            let facts = [(privacy::audit::Detail::Count, number.into())];
            self.audit_task(Event::DirectContactReminded, &row, facts, by);
        }
        Ok(())
    }

    async fn post_question(
        &mut self,
        whom: &Addressee,
        contact: &ContactRow,
        key: String,
    ) -> Result<(), ContactMailError> {
        let letter = Letter::DirectContact {
            reference: self.request.reference.to_string(),
            right: whom.right,
            connection: whom.connection.clone(),
            account: whom.contact.account(),
            notes: whom.contact.notes.clone().map(Secret::new),
            link: self.new_link(contact.id).await?,
            deadline: contact.until,
        };
        self.post_to(whom, &letter, key).await
    }

    /// Puts a letter to the processor into the outbox, once for its key.
    pub(super) async fn post_to(
        &mut self,
        whom: &Addressee,
        letter: &Letter,
        key: String,
    ) -> Result<(), ContactMailError> {
        let posting = Posting {
            letter,
            to: whom.to.clone(),
            language: whom.language,
            about: self.request.id.object(),
            once: key,
        };
        match self.manager.clone().post(&mut self.tx, posting).await? {
            Some(_) => Ok(()),
            None => Err(ContactMailError::NoMailer),
        }
    }

    async fn new_link(&mut self, contact: ContactId) -> Result<Secret, StoreError> {
        let token = ContactToken::generate(&**self.tx.entropy());
        rows::contact::add_link(&mut self.tx, contact, &token.hash()).await?;
        Ok(Secret::new(self.manager.settings().page(&token.path())))
    }

    fn deadline_from(&self, now: Timestamp) -> Timestamp {
        let wait = self.manager.settings().direct_contact_deadline.signed();
        now.saturating_add(wait).unwrap_or(Timestamp::MAX)
    }
}
