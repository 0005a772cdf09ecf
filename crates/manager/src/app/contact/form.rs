//! What a link leads to.

use jiff::Timestamp;
use mail::Language;
use privacy::{
    Identities, IdentityType, Personal,
    audit::Event,
    task::{Phase, TaskKind, TaskState},
};
use store::{StoreError, Tx};

use super::ContactToken;
use crate::{
    By, Manager, UploadId,
    app::requests::{RequestKey, case::Case},
    rows::{self, contact::ContactRow, contact_upload::UploadRow, task::TaskRow},
};

/// What a link leads to.
#[derive(Debug)]
pub enum ContactLink {
    /// A form that waits for its answer.
    Open(Box<ContactForm>),
    /// The answer was sent.
    Answered(Language),
    /// No answer is wanted any more, or another link was sent.
    Closed(Language),
    /// There never was such a link.
    Unknown,
}

/// A form that waits for its answer.
#[derive(Debug)]
pub struct ContactForm {
    /// Deleting is asked for, not looking.
    pub is_deletion: bool,
    /// What people quote.
    pub reference: String,
    /// The system that is asked about.
    pub connection: String,
    /// The account there.
    pub account: Option<String>,
    /// What else the company wants to say.
    pub notes: Option<String>,
    /// Whose data it is.
    pub subject: Vec<(IdentityType, Personal)>,
    /// Until when an answer is wanted.
    pub until: Timestamp,
    /// What was added so far.
    pub uploads: Vec<Upload>,
    /// In which language.
    pub language: Language,
}

/// A file that was added.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Its name, harmless.
    pub name: Personal,
    /// Its length.
    pub bytes: u64,
}

/// A form with its case, held for a decision.
pub(super) struct OpenForm {
    pub(super) case: Case,
    pub(super) contact: ContactRow,
    pub(super) key: RequestKey,
}

/// Whether an answer is awaited from this asking.
fn is_open(contact: &ContactRow, revoked: bool, task: &TaskRow) -> bool {
    let awaited = matches!(
        &task.task.state,
        TaskState::Active {
            phase: Phase::Answer { .. },
            ..
        } | TaskState::Waiting {
            phase: Phase::Answer { .. },
            ..
        }
    );
    awaited && !revoked && contact.answered_at.is_none()
}

impl Manager {
    /// What a link leads to. That it was opened is written down the first time.
    pub async fn open_contact(&self, token: &ContactToken, by: &By) -> Result<ContactLink, StoreError> {
        let mut read = self.store().read().await?;
        // The page is in the company's name as it is now.
        self.company_in(&mut read).await?;
        let Some((contact, revoked)) = rows::contact::by_token(&mut read, &token.hash()).await? else {
            return Ok(ContactLink::Unknown);
        };
        let tasks = rows::task::of_request(&mut read, contact.request).await?;
        let task = tasks.iter().find(|task| task.id == contact.task);
        let language = self.contact_language(&mut read, task).await?;
        let (Some(task), Some(request)) = (task, rows::request::by_id(&mut read, contact.request).await?) else {
            return Ok(ContactLink::Closed(language));
        };
        if contact.answered_at.is_some() {
            return Ok(ContactLink::Answered(language));
        }
        if !is_open(&contact, revoked, task) || request.key.is_none() {
            return Ok(ContactLink::Closed(language));
        }
        let Some(connection) = rows::connection::by_id(&mut read, task.connection).await? else {
            return Ok(ContactLink::Closed(language));
        };
        let key = self.request_key(&request)?;
        let set_up = self.keyring(&connection)?.set_up(&connection)?;
        let settings = set_up.contact();
        let uploads = rows::contact_upload::whole(&mut read, contact.id).await?;
        drop(read);
        if contact.opened_at.is_none() {
            self.note_opened(token, by).await?;
        }
        let identities: Identities = key.identities(&request)?;
        Ok(ContactLink::Open(Box::new(ContactForm {
            is_deletion: task.kind() == TaskKind::Deletion,
            reference: request.reference.to_string(),
            connection: connection.name,
            account: settings.and_then(connectors::direct_contact::DirectContact::account),
            notes: settings.and_then(|settings| settings.notes.clone()),
            subject: identities.iter().map(|(kind, value)| (kind, value.clone())).collect(),
            until: contact.until,
            uploads: uploads.iter().map(|row| upload(&key, row)).collect::<Result<_, _>>()?,
            language,
        })))
    }

    async fn contact_language(&self, read: &mut Tx, task: Option<&TaskRow>) -> Result<Language, StoreError> {
        let Some(task) = task else { return Ok(Language::English) };
        let Some(connection) = rows::connection::by_id(read, task.connection).await? else {
            return Ok(Language::English);
        };
        let set_up = self.keyring(&connection)?.set_up(&connection)?;
        let wanted = set_up.contact().and_then(|contact| contact.language.parse().ok());
        Ok(wanted.unwrap_or(Language::English))
    }

    async fn note_opened(&self, token: &ContactToken, by: &By) -> Result<(), StoreError> {
        let Some(mut form) = self.open_form(token).await? else {
            return Ok(());
        };
        if form.contact.opened_at.is_none() {
            form.contact.opened_at = Some(form.case.tx.now());
            rows::contact::save(&mut form.case.tx, &form.contact).await?;
            if let Some(task) = form.case.task(form.contact.task).cloned() {
                form.case.audit_task(Event::DirectContactOpened, &task, [], by);
            }
            form.case.commit().await?;
        }
        Ok(())
    }

    /// The open form of a link under its request's lock; none where no answer is awaited.
    pub(super) async fn open_form(&self, token: &ContactToken) -> Result<Option<OpenForm>, StoreError> {
        let found = rows::contact::by_token(&mut self.store().read().await?, &token.hash()).await?;
        let Some((contact, _)) = found else { return Ok(None) };
        let Some(mut case) = Case::open(self, contact.request).await? else {
            return Ok(None);
        };
        let found = rows::contact::by_token(&mut case.tx, &token.hash()).await?;
        let Some((contact, revoked)) = found else {
            return Ok(None);
        };
        let open = case
            .task(contact.task)
            .is_some_and(|task| is_open(&contact, revoked, task));
        if !open || case.request.key.is_none() {
            return Ok(None);
        }
        let key = self.request_key(&case.request)?;
        Ok(Some(OpenForm { case, contact, key }))
    }
}

/// A file as the form shows it.
pub(super) fn upload(key: &RequestKey, row: &UploadRow) -> Result<Upload, StoreError> {
    Ok(Upload {
        id: row.id,
        name: upload_name(key, row)?,
        bytes: row.bytes,
    })
}

/// The name of a file.
pub(crate) fn upload_name(key: &RequestKey, row: &UploadRow) -> Result<Personal, StoreError> {
    let plain = key.open("contact_upload", "head", &row.id.to_string(), &row.head)?;
    String::from_utf8(plain.into_revealed())
        .map(Personal::new)
        .map_err(|_| StoreError::Corrupt {
            what: "contact_upload",
            reason: "its name is no text".to_owned(),
        })
}
