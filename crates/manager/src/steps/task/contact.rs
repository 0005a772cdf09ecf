//! What a person does: asking, reminding, looking at the deadline, reading the answer.

use jiff::{SignedDuration, Timestamp};
use privacy::task::{Cause, Phase, RetryFrom, TaskAction};
use store::{
    StoreError,
    jobs::{Lease, StepError},
};

use super::{attempt::Outcome, attempt::open, contact_read::read};
use crate::{
    By, Manager, TaskId,
    app::{
        contact::ContactMailError,
        requests::{case::Case, store_error},
    },
    rows::{self, contact::ContactRow},
};

/// Does what is next about a task that a person does. Mails go into the outbox with the commit that records them, so
/// there is no outside effect here at all.
pub(crate) async fn contact(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let Some((case, task)) = open(manager, lease).await? else {
        return Ok(());
    };
    match case.task(task).and_then(|row| row.task.state.phase()) {
        Some(Phase::Queued | Phase::Submitting { .. }) => ask(Outcome { case, task, lease }).await,
        Some(Phase::Answer { .. }) => wait(Outcome { case, task, lease }).await,
        Some(Phase::Reading) => read(manager, case, task, lease).await,
        _ => Outcome { case, task, lease }.done().await,
    }
}

async fn ask(mut outcome: Outcome<'_>) -> Result<(), StepError> {
    let asked = outcome.case.ask_processor(outcome.task, &By::automation()).await;
    match asked {
        Ok(contact) => {
            let at = next_look(&outcome.case, &contact);
            outcome.again(at).await
        }
        Err(error) => not_written(outcome, error).await,
    }
}

/// Nobody could be asked: that needs a person. Whatever was written so far of this asking is in no commit.
async fn not_written(outcome: Outcome<'_>, error: ContactMailError) -> Result<(), StepError> {
    let (code, message) = match error {
        ContactMailError::Store(error) => return Err(error.into()),
        ContactMailError::Illegal(error) => return Err(store_error(error.into()).into()),
        ContactMailError::Nobody => (
            "contact_missing",
            "The connection's settings no longer say whom to ask: name somebody and retry, or skip this task.",
        ),
        ContactMailError::NoMailer => (
            "no_mailer",
            "Nobody can be asked by mail, because no mailer is configured: set one up and retry, or skip this task.",
        ),
        ContactMailError::Address(_) => (
            "contact_address",
            "Mails can't be sent to the address in the connection's settings: correct it and retry, or skip this task.",
        ),
    };
    let (manager, request) = (outcome.case.manager.clone(), outcome.case.request.id);
    let (task, lease) = (outcome.task, outcome.lease);
    drop(outcome);
    let Some(case) = Case::open(&manager, request).await? else {
        return super::super::requests::finish(&manager, lease).await;
    };
    let mut outcome = Outcome { case, task, lease };
    tracing::warn!(task.id = %task, cause = code, "a processor could not be asked");
    outcome.act(TaskAction::Fail {
        cause: Cause::new(code, message),
        retry_from: RetryFrom::Start,
    })?;
    outcome.done().await
}

/// Reminds where that is due, and looks at the deadline.
async fn wait(mut outcome: Outcome<'_>) -> Result<(), StepError> {
    let contact = rows::contact::of_task(&mut outcome.case.tx, outcome.task).await?;
    let Some(mut contact) = contact else {
        return Err(missing(outcome.task).into());
    };
    if contact.overdue_at.is_some() {
        // Staff decide: ask again, skip, or stop.
        return outcome.done_for_now().await;
    }
    let by = By::automation();
    let now = outcome.now();
    if now >= contact.until {
        return match outcome.case.contact_overdue(contact, &by).await {
            Ok(()) => outcome.done_for_now().await,
            Err(ContactMailError::Store(error)) => Err(error.into()),
            Err(ContactMailError::Illegal(error)) => Err(store_error(error.into()).into()),
            // It stays as it is, and is looked at again.
            Err(error) => {
                tracing::warn!(task.id = %outcome.task, error = &error as &dyn std::error::Error, "a deadline could not be acted on");
                let at = outcome.later(std::time::Duration::from_hours(1));
                outcome.again(at).await
            }
        };
    }
    if now >= reminder_at(&outcome.case, &contact) {
        match outcome.case.remind_processor(&mut contact, &by).await {
            Ok(()) => {}
            Err(ContactMailError::Store(error)) => return Err(error.into()),
            Err(ContactMailError::Illegal(error)) => return Err(store_error(error.into()).into()),
            Err(error) => {
                // The deadline still runs; the next reminder is tried when it would be due.
                tracing::warn!(task.id = %outcome.task, error = &error as &dyn std::error::Error, "a processor could not be reminded");
                contact.mailed_at = now;
                rows::contact::save(&mut outcome.case.tx, &contact).await?;
            }
        }
    }
    let at = next_look(&outcome.case, &contact);
    outcome.again(at).await
}

fn reminder_at(case: &Case, contact: &ContactRow) -> Timestamp {
    let every = case.manager.settings().direct_contact_reminder.signed();
    // A reminder every moment would be a flood.
    let every = every.max(SignedDuration::from_mins(1));
    contact.mailed_at.saturating_add(every).unwrap_or(Timestamp::MAX)
}

fn next_look(case: &Case, contact: &ContactRow) -> Timestamp {
    reminder_at(case, contact).min(contact.until)
}

fn missing(task: TaskId) -> StoreError {
    StoreError::Corrupt {
        what: "task",
        reason: format!("{task} waits for an answer that nobody was asked for"),
    }
}
