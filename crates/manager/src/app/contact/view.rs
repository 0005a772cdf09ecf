//! What staff see of an asking.

use jiff::Timestamp;
use serde::Serialize;
use store::StoreError;

use super::WrittenAnswer;
use crate::{TaskId, app::requests::RequestKey, rows::contact::ContactRow};

/// What was asked of a processor, and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct ContactView {
    /// When the question was mailed.
    pub asked_at: Timestamp,
    /// Until when an answer is wanted.
    pub until: Timestamp,
    /// When the form was opened first.
    pub opened_at: Option<Timestamp>,
    /// How often the processor was reminded.
    pub reminders: u32,
    /// When a mail last asked or reminded.
    pub last_mail_at: Timestamp,
    /// Since when the answer is overdue, where the request waits for it all the same.
    pub overdue_at: Option<Timestamp>,
    /// When the answer came.
    pub answered_at: Option<Timestamp>,
    /// What it says: `found`, `nothing_found`, `deleted`, `cannot_delete`.
    pub outcome: Option<String>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// Why it can't be deleted.
    pub reason: Option<String>,
    /// What else they wrote.
    pub note: Option<String>,
}

impl ContactView {
    /// The last asking about a task; what a person wrote only while there is the key.
    pub(crate) fn of(
        task: TaskId,
        contacts: &[ContactRow],
        key: Option<&RequestKey>,
    ) -> Result<Option<Self>, StoreError> {
        let mine = contacts.iter().filter(|contact| contact.task == task);
        let Some(contact) = mine.max_by_key(|contact| contact.round) else {
            return Ok(None);
        };
        let written = match key {
            Some(key) => WrittenAnswer::open(key, contact)?,
            None => None,
        };
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(Some(Self {
            asked_at: contact.asked_at,
            until: contact.until,
            opened_at: contact.opened_at,
            reminders: contact.reminders,
            last_mail_at: contact.mailed_at,
            overdue_at: contact.overdue_at,
            answered_at: contact.answered_at,
            outcome: contact.outcome.clone(),
            answered_by: written.as_ref().and_then(|written| text(&written.email)),
            reason: written.as_ref().and_then(|written| text(&written.reason)),
            note: written.as_ref().and_then(|written| text(&written.note)),
        }))
    }
}
