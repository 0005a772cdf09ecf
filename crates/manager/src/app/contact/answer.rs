//! Taking the answer of a processor.

use mail::MailAddress;
use privacy::{
    audit::Event,
    task::{Cause, RetryFrom, TaskAction, TaskKind},
};
use serde::{Deserialize, Serialize};
use store::{StoreError, retried};

use super::{ContactToken, form::OpenForm};
use crate::{
    By, Manager,
    app::requests::{RequestKey, case::MoveError, store_error},
    rows::{self, contact::ContactRow},
};

words! {
    /// What a processor says.
    ContactOutcome, UnknownContactOutcome, "an outcome is found, nothing_found, deleted or cannot_delete":
    /// There is data, and it is attached.
    Found = "found",
    /// There is none.
    NothingFound = "nothing_found",
    /// What there was is deleted.
    Deleted = "deleted",
    /// It can't be deleted.
    CannotDelete = "cannot_delete",
}

impl ContactOutcome {
    /// Whether it answers a question of this kind.
    pub const fn answers(self, is_deletion: bool) -> bool {
        match self {
            Self::Found => !is_deletion,
            Self::Deleted | Self::CannotDelete => is_deletion,
            Self::NothingFound => true,
        }
    }
}

/// An answer, as it was filled in.
#[derive(Clone, Default)]
pub struct ContactAnswer {
    /// What is said.
    pub outcome: Option<ContactOutcome>,
    /// Why it can't be deleted.
    pub reason: String,
    /// Who answers.
    pub email: String,
    /// That they say so to the best of their knowledge.
    pub attested: bool,
    /// What else they want to say.
    pub note: String,
}

impl ContactAnswer {
    /// What is wrong with its fields, as the answer to a question of this kind to which so many files were added.
    pub fn faults(&self, is_deletion: bool, files: usize) -> Vec<(&'static str, AnswerFault)> {
        checked(self, is_deletion, files).err().unwrap_or_default()
    }
}

/// What is wrong with a field of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFault {
    /// Nothing is said.
    OutcomeMissing,
    /// There is data, and no file.
    FilesMissing,
    /// There is no data, and there are files.
    FilesUnexpected,
    /// It can't be deleted, and no reason is given.
    ReasonMissing,
    /// Nobody says who answers.
    EmailWrong,
    /// It is not attested.
    NotAttested,
    /// It is too long.
    TooLong,
}

/// Why an answer is not taken.
#[derive(Debug, thiserror::Error)]
pub enum AnswerContactError {
    /// The link leads to no form that waits.
    #[error("the form is closed")]
    Closed,
    /// Fields are wrong: their names, and how.
    #[error("the answer is not complete")]
    Fields(Vec<(&'static str, AnswerFault)>),
    /// The database failed.
    #[error("the answer could not be stored")]
    Store(#[from] StoreError),
}

/// What a person has written, as it is sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WrittenAnswer {
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) note: String,
    #[serde(default)]
    pub(crate) reason: String,
}

/// The longest text that is taken, in characters.
const LONGEST: usize = 4_000;

/// The cause of a task whose processor can't delete.
const CANNOT_DELETE: &str = "processor_cannot_delete";

impl Manager {
    /// Takes an answer: the task is done, fails with the reason, or its files are read next. The link is closed.
    pub async fn answer_contact(
        &self,
        token: &ContactToken,
        answer: ContactAnswer,
        by: &By,
    ) -> Result<(), AnswerContactError> {
        retried(|| self.answer_contact_once(token, &answer, by)).await
    }

    async fn answer_contact_once(
        &self,
        token: &ContactToken,
        answer: &ContactAnswer,
        by: &By,
    ) -> Result<(), AnswerContactError> {
        let Some(OpenForm {
            mut case,
            mut contact,
            key,
        }) = self.open_form(token).await?
        else {
            return Err(AnswerContactError::Closed);
        };
        let Some(task) = case.task(contact.task).cloned() else {
            return Err(AnswerContactError::Closed);
        };
        let is_deletion = task.kind() == TaskKind::Deletion;
        let files = rows::contact_upload::whole(&mut case.tx, contact.id).await?.len();
        let (outcome, written) = checked(answer, is_deletion, files).map_err(AnswerContactError::Fields)?;

        contact.answered_at = Some(case.tx.now());
        contact.outcome = Some(outcome.name().to_owned());
        contact.answer = Some(written.seal(&key, &contact));
        rows::contact::save(&mut case.tx, &contact).await?;
        case.audit_task(Event::DirectContactAnswered, &task, [], by);
        if outcome != ContactOutcome::Found {
            rows::contact_upload::forget(&mut case.tx, contact.id).await?;
        }
        let action = match outcome {
            ContactOutcome::Found => TaskAction::Answered,
            ContactOutcome::NothingFound => TaskAction::NothingFound,
            ContactOutcome::Deleted => TaskAction::Deleted,
            ContactOutcome::CannotDelete => TaskAction::Fail {
                cause: Cause::new(CANNOT_DELETE, "The processor can't delete the data."),
                retry_from: RetryFrom::Start,
            },
        };
        case.tx.cancel_job(&task.job_key()).await?;
        let moved: Result<(), MoveError> = async {
            case.move_task(task.id, action, by)?;
            if case.is_at_work(task.id) {
                case.put_to_work(task.id, by).await?;
            }
            case.advance().await
        }
        .await;
        moved.map_err(store_error)?;
        Ok(case.commit().await?)
    }
}

impl WrittenAnswer {
    fn seal(&self, key: &RequestKey, contact: &ContactRow) -> Vec<u8> {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        key.seal("contact", "answer", &contact.id.to_string(), &plain)
    }

    /// What was written in an answer; none where there is none.
    pub(crate) fn open(key: &RequestKey, contact: &ContactRow) -> Result<Option<Self>, StoreError> {
        let Some(sealed) = &contact.answer else { return Ok(None) };
        let plain = key.open("contact", "answer", &contact.id.to_string(), sealed)?;
        // The parser's own words could quote what is personal.
        serde_json::from_slice(plain.reveal())
            .map(Some)
            .map_err(|_| StoreError::Corrupt {
                what: "contact",
                reason: "what was sealed can't be read".to_owned(),
            })
    }
}

/// The cause in full: with the reason that a person gave, which is kept sealed beside it.
pub(crate) fn cannot_delete(code: &str, reason: &str) -> Option<String> {
    (code == CANNOT_DELETE && !reason.is_empty()).then(|| format!("The processor can't delete the data: {reason}"))
}

type Faults = Vec<(&'static str, AnswerFault)>;

fn checked(answer: &ContactAnswer, is_deletion: bool, files: usize) -> Result<(ContactOutcome, WrittenAnswer), Faults> {
    let mut faults = Faults::new();
    let outcome = answer.outcome.filter(|outcome| outcome.answers(is_deletion));
    match outcome {
        None => faults.push(("outcome", AnswerFault::OutcomeMissing)),
        Some(ContactOutcome::Found) if files == 0 => faults.push(("files", AnswerFault::FilesMissing)),
        Some(ContactOutcome::NothingFound) if files > 0 => faults.push(("files", AnswerFault::FilesUnexpected)),
        Some(ContactOutcome::CannotDelete) if answer.reason.trim().is_empty() => {
            faults.push(("reason", AnswerFault::ReasonMissing));
        }
        Some(_) => {}
    }
    let email = answer.email.trim().to_owned();
    if MailAddress::parse("email", &email).is_err() {
        faults.push(("email", AnswerFault::EmailWrong));
    }
    if !answer.attested {
        faults.push(("attest", AnswerFault::NotAttested));
    }
    for (field, text) in [("reason", &answer.reason), ("note", &answer.note)] {
        if text.chars().count() > LONGEST {
            faults.push((field, AnswerFault::TooLong));
        }
    }
    match outcome {
        Some(outcome) if faults.is_empty() => Ok((
            outcome,
            WrittenAnswer {
                email,
                note: plain(&answer.note),
                reason: if outcome == ContactOutcome::CannotDelete {
                    plain(&answer.reason)
                } else {
                    String::new()
                },
            },
        )),
        _ => Err(faults),
    }
}

/// A text in lines, without other control characters.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let kept = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    kept.collect::<String>().trim().to_owned()
}
