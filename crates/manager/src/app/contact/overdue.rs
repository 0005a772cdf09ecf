//! What happens when a processor does not answer in time.

use connectors::direct_contact::OnDeadline;
use mail::{Language, Letter, MailAddress};
use oauth::Secret;
use privacy::{audit::Event, task::TaskAction};

use super::ContactMailError;
use crate::{
    By, Role,
    app::{mails::Posting, requests::case::Case},
    rows::{self, contact::ContactRow},
};

/// The task's warning while its processor is late.
pub(crate) const OVERDUE: &str = "contact_overdue";

impl Case {
    /// The deadline has passed: the request goes on without the task, or waits and administrators are told.
    pub(crate) async fn contact_overdue(&mut self, mut contact: ContactRow, by: &By) -> Result<(), ContactMailError> {
        let whom = self.addressee(contact.task).await;
        let skip = match &whom {
            Ok(whom) => whom.contact.on_deadline == OnDeadline::Skip,
            Err(ContactMailError::Nobody) => false,
            Err(_) => return whom.map(|_| ()),
        };
        if skip {
            rows::contact_upload::forget(&mut self.tx, contact.id).await?;
            self.move_task(contact.task, TaskAction::Expire, by)?;
            return Ok(());
        }
        contact.overdue_at = Some(self.tx.now());
        rows::contact::save(&mut self.tx, &contact).await?;
        if let Some(row) = self.task_mut(contact.task) {
            row.warning = Some(OVERDUE.to_owned());
            let row = row.clone();
            self.audit_task(Event::DirectContactOverdue, &row, [], by);
        }
        let connection = whom.map_or_else(|_| "a connection".to_owned(), |whom| whom.connection);
        self.tell_administrators(&contact, connection).await
    }

    async fn tell_administrators(&mut self, contact: &ContactRow, connection: String) -> Result<(), ContactMailError> {
        let manager = self.manager.clone();
        let link = manager.settings().page(&format!("/requests/{}", self.request.id));
        let letter = Letter::DirectContactOverdue {
            reference: self.request.reference.to_string(),
            connection,
            link: Secret::new(link),
            deadline: contact.until,
        };
        for operator in rows::operator::of_roles(&mut self.tx, &[Role::SuperAdmin]).await? {
            let address = manager.operator_email(&operator)?;
            // One that no mail can be sent to can still log in and see it.
            let Ok(to) = MailAddress::parse("to", &address) else {
                continue;
            };
            let until = contact.until.as_microsecond();
            let posting = Posting {
                letter: &letter,
                to,
                language: Language::English,
                about: self.request.id.object(),
                once: format!("contact:{}:overdue:{until}:{}", contact.id, operator.id),
            };
            manager.post(&mut self.tx, posting).await?;
        }
        Ok(())
    }
}
