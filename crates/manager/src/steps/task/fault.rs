//! What a failed call means for its task and its lane.

use std::time::Duration;

use connectors::{ConnectorError, Delay, Verdict, export::ExportError, verdict::LONGEST_PAUSE};
use privacy::task::{Cause, Phase, RetryFrom, TaskAction, WaitingFor};
use store::jobs::{Pause, StepError};

use super::attempt::Outcome;
use crate::app::{access::AccessError, requests::obstacle};

/// Whether a call that changes something at the vendor was being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// A job was being sent.
    Sending,
    /// Something was being read.
    Reading,
}

/// The fault of work on a task.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkError {
    /// A call to the vendor.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// An export.
    #[error(transparent)]
    Export(#[from] ExportError),
}

/// Records a fault: the lane pauses, the task is tried again later, waits for a person or fails.
pub(super) async fn record(mut outcome: Outcome<'_>, error: WorkError, doing: Doing) -> Result<(), StepError> {
    match error {
        WorkError::Access(AccessError::Store(error)) => Err(error.into()),
        WorkError::Access(AccessError::Busy { retry_at }) => {
            not_sent(&mut outcome, doing)?;
            outcome.postponed(retry_at).await
        }
        WorkError::Access(AccessError::NotFound | AccessError::NotReady { .. }) => {
            not_sent(&mut outcome, doing)?;
            not_ready(outcome).await
        }
        WorkError::Access(AccessError::Passing { reason }) => {
            not_sent(&mut outcome, doing)?;
            let message = format!("The connection's token could not be refreshed: {reason}.");
            let wait = connectors::verdict::backoff(attempts(&outcome) + 1);
            try_again(outcome, Cause::new("token_unavailable", message), wait).await
        }
        WorkError::Access(AccessError::Vendor(error)) => vendor_fault(outcome, error, doing).await,
        WorkError::Export(error) => export_fault(outcome, error).await,
    }
}

/// The request certainly had no effect, so that a repetition needs no search.
fn not_sent(outcome: &mut Outcome<'_>, doing: Doing) -> Result<(), StepError> {
    let sending = doing == Doing::Sending && matches!(phase(outcome), Some(Phase::Submitting { .. }));
    if sending {
        outcome.act(TaskAction::NotTaken)
    } else {
        Ok(())
    }
}

async fn vendor_fault(mut outcome: Outcome<'_>, error: ConnectorError, doing: Doing) -> Result<(), StepError> {
    let verdict = error.verdict(attempts(&outcome) + 1);
    let unclear = matches!(verdict, Verdict::FindBeforeRetry(_)) || matches!(error, ConnectorError::Mismatch { .. });
    if !unclear {
        not_sent(&mut outcome, doing)?;
    }
    let cause = cause_of(&error);
    match verdict {
        Verdict::PauseLane(_) => throttled(outcome, &error).await,
        Verdict::RetryTask(wait) | Verdict::FindBeforeRetry(wait) => try_again(outcome, cause, wait).await,
        // Access answers what a refresh can mend; what is left is the answer.
        Verdict::Refresh { .. } | Verdict::GiveUp => {
            let retry_from = match error {
                ConnectorError::LostJob { .. } => RetryFrom::Start,
                _ => RetryFrom::Here,
            };
            tracing::warn!(task.id = %outcome.task, cause = cause.code, "a task has failed and waits for a person");
            outcome.act(TaskAction::Fail { cause, retry_from })?;
            outcome.done().await
        }
    }
}

/// HTTP 429: the organisation's lane pauses for everybody (CL-20).
async fn throttled(mut outcome: Outcome<'_>, error: &ConnectorError) -> Result<(), StepError> {
    let pause = match error {
        ConnectorError::Throttled {
            retry_after: Some(wait),
            ..
        } => Pause::For(*wait),
        _ => Pause::Backoff {
            first: Duration::from_secs(1),
            most: LONGEST_PAUSE,
        },
    };
    let until = outcome.case.tx.pause_lane(&outcome.lease.lane, pause).await?;
    outcome.act(TaskAction::Hold {
        waiting_for: WaitingFor::RateLimit,
        until: Some(until),
    })?;
    outcome.postponed(until).await
}

/// It counts, and is tried again later, unless it was tried often enough.
pub(super) async fn try_again(mut outcome: Outcome<'_>, cause: Cause, wait: Delay) -> Result<(), StepError> {
    let most = outcome.case.manager.settings().task_max_attempts;
    if attempts(&outcome) + 1 >= most {
        tracing::warn!(task.id = %outcome.task, cause = cause.code, "a task has failed too often and waits for a person");
        outcome.act(TaskAction::Fail {
            cause,
            retry_from: RetryFrom::Here,
        })?;
        return outcome.done().await;
    }
    let draw = u64::from_le_bytes(vault::random_bytes(&**outcome.case.tx.entropy()));
    // A lucky draw must not hammer: a tenth of the pause is always waited.
    let floor = match wait {
        Delay::Exactly(_) => Duration::ZERO,
        Delay::UpTo(ceiling) => ceiling / 10,
    };
    let at = outcome.later(wait.with_draw(draw).max(floor));
    outcome.act(TaskAction::TriedInVain { next_try_at: at })?;
    outcome.postponed(at).await
}

/// The request no longer has what the task asks by.
pub(super) async fn no_identifier(mut outcome: Outcome<'_>) -> Result<(), StepError> {
    let message = "The request no longer has the identifier that this task asks by: skip or stop it.";
    outcome.act(TaskAction::Fail {
        cause: Cause::new("identifier_missing", message),
        retry_from: RetryFrom::Here,
    })?;
    outcome.done().await
}

/// A person has to do something about the connection; unless that has just been done.
async fn not_ready(mut outcome: Outcome<'_>) -> Result<(), StepError> {
    let row = outcome.case.task(outcome.task).cloned();
    let connection = match &row {
        Some(row) => outcome.case.connection(row.connection).await?,
        None => None,
    };
    let waiting_for = match row.zip(connection) {
        Some((row, connection)) => obstacle(&row, connection.state),
        // `done` finds out that it is gone.
        None => return outcome.done().await,
    };
    let Some(waiting_for) = waiting_for else {
        let now = outcome.now();
        return outcome.postponed(now).await;
    };
    outcome.act(TaskAction::Hold {
        waiting_for,
        until: None,
    })?;
    outcome.done().await
}

async fn export_fault(mut outcome: Outcome<'_>, error: ExportError) -> Result<(), StepError> {
    let mut message = error.to_string();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let cause = Cause::new(error.code(), format!("{message}."));
    if let Verdict::RetryTask(wait) = error.verdict(attempts(&outcome) + 1) {
        return try_again(outcome, cause, wait).await;
    }
    tracing::warn!(task.id = %outcome.task, cause = cause.code, "an export was refused");
    outcome.act(TaskAction::Fail {
        cause,
        retry_from: RetryFrom::Here,
    })?;
    outcome.done().await
}

pub(super) fn cause_of(error: &ConnectorError) -> Cause {
    let message = error.to_string();
    let message = if message.ends_with('.') {
        message
    } else {
        format!("{message}.")
    };
    let cause = Cause::new(error.code(), message);
    match error.vendor_code() {
        Some(code) => cause.with_vendor_code(code),
        None => cause,
    }
}

fn attempts(outcome: &Outcome<'_>) -> u32 {
    outcome.case.task(outcome.task).map_or(0, |task| task.task.attempts)
}

fn phase<'a>(outcome: &'a Outcome<'_>) -> Option<&'a Phase> {
    outcome.case.task(outcome.task)?.task.state.phase()
}
