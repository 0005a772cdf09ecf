//! Handing a job to the vendor, once.

use connectors::{VendorJob, verdict::backoff};
use jiff::{SignedDuration, Timestamp};
use privacy::{
    audit::{Detail, Event, Fact},
    task::{Cause, Phase, TaskAction, TaskState},
};
use store::{
    StoreError,
    jobs::{Lease, StepError},
};

use super::{
    attempt::{Attempt, Outcome, attempt, open},
    fault::{Doing, WorkError, no_identifier, record, try_again},
};
use crate::{
    By, Manager,
    app::{
        access::Access,
        requests::{case::Case, store_error},
    },
    rows,
};

/// How far the vendor's clock may lag behind ours: a job that was requested this long before our sending may be ours.
const CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

/// Sends the task's job. The vendor knows no idempotency key, so what is about to be sent is committed first; found
/// again without a clear answer, the vendor's list is searched before anything is sent once more (CL-21).
pub(crate) async fn submit(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let Some((mut case, task)) = open(manager, lease).await? else {
        return Ok(());
    };
    let sent_before = match case.task(task).and_then(|row| row.task.state.phase()) {
        Some(Phase::Submitting { sent_at, again_at }) => Some((*sent_at, again_at.unwrap_or(*sent_at))),
        Some(Phase::Queued) => None,
        // It has been submitted already: this is an echo.
        _ => {
            case.tx.finish(lease).await?;
            return Ok(case.commit().await?);
        }
    };
    if let Some(clear_at) = sent_before.map(|(_, last)| clear_at(manager, last))
        && case.tx.now() < clear_at
    {
        case.tx.postpone(lease, clear_at).await?;
        return Ok(case.commit().await?);
    }
    let mut outcome = Outcome { case, task, lease };
    let Some(attempt) = attempt(manager, &mut outcome.case, task).await? else {
        return no_identifier(outcome).await;
    };
    if sent_before.is_none() {
        outcome.act(TaskAction::BeginSubmit)?;
    }
    outcome.case.commit().await?;

    let answer = match sent_before {
        Some((sent_at, _)) => search_and_send(manager, &attempt, sent_at).await,
        None => send(manager, &attempt)
            .await
            .map(|job| Some(Given { job, adopted: false })),
    };
    let Some(outcome) = Outcome::open(manager, &attempt, lease).await? else {
        return Ok(());
    };
    match answer {
        Ok(Some(given)) => submitted(outcome, given).await,
        Ok(None) => outcome.done().await,
        Err((error, doing)) => record(outcome, error, doing).await,
    }
}

/// What the vendor has.
struct Given {
    job: VendorJob,
    adopted: bool,
}

type Failed = (WorkError, Doing);

async fn send(manager: &Manager, attempt: &Attempt) -> Result<VendorJob, Failed> {
    let refused = |error: crate::app::access::AccessError| (error.into(), Doing::Sending);
    let mut access = manager
        .access(attempt.task.connection, &attempt.pace)
        .await
        .map_err(refused)?;
    loop {
        // A refusal of the token is a clear one: nothing was taken, and sending again doubles nothing.
        match access.vendor().submit(&access.call(manager), &attempt.job).await {
            Ok(job) => return Ok(job),
            Err(error) => access = manager.refused(access, error).await.map_err(refused)?,
        }
    }
}

/// When what was sent at `last` and got no answer is certain to have had its effect, if it has any: the vendor may be at
/// work on it for as long as we would have waited, and half as long again. A search before could miss it.
fn clear_at(manager: &Manager, last: Timestamp) -> Timestamp {
    let patience = manager.settings().http_timeout.signed();
    last.saturating_add(patience + patience / 2).unwrap_or(Timestamp::MAX)
}

/// Looks for the job of an earlier sending, and sends only if there is none; nothing is given where the task has gone
/// another way meanwhile.
async fn search_and_send(manager: &Manager, attempt: &Attempt, sent_at: Timestamp) -> Result<Option<Given>, Failed> {
    let reading = |error: crate::app::access::AccessError| (error.into(), Doing::Reading);
    let since = sent_at.saturating_sub(CLOCK_DIFFERENCE).unwrap_or(sent_at);
    let mut access = manager
        .access(attempt.task.connection, &attempt.pace)
        .await
        .map_err(reading)?;
    let found = loop {
        match access.vendor().find(&access.call(manager), &attempt.job, since).await {
            Ok(found) => break found,
            Err(error) => access = manager.refused(access, error).await.map_err(reading)?,
        }
    };
    if let Some(job) = first_free(manager, attempt, &access, found)
        .await
        .map_err(|error| reading(error.into()))?
    {
        return Ok(Some(Given { job, adopted: true }));
    }
    if !begin_again(manager, attempt)
        .await
        .map_err(|error| reading(error.into()))?
    {
        return Ok(None);
    }
    let job = send(manager, attempt).await?;
    Ok(Some(Given { job, adopted: false }))
}

/// Records that the job is sent once more, unless the task is no longer at that.
async fn begin_again(manager: &Manager, attempt: &Attempt) -> Result<bool, StoreError> {
    let Some(mut case) = Case::open(manager, attempt.request).await? else {
        return Ok(false);
    };
    let id = attempt.task.id;
    let state = case.task(id).map(|row| &row.task.state);
    let submitting = matches!(
        state,
        Some(TaskState::Active {
            phase: Phase::Submitting { .. },
            ..
        })
    );
    if !submitting || !case.is_at_work(id) {
        return Ok(false);
    }
    let moved = case.move_task(id, TaskAction::BeginSubmit, &By::automation());
    moved.map_err(|error| store_error(error.into()))?;
    case.commit().await?;
    Ok(true)
}

/// The oldest of these jobs that no other task has or had. Whoever records one first has it; the loser searches again.
async fn first_free(
    manager: &Manager,
    attempt: &Attempt,
    access: &Access,
    found: Vec<VendorJob>,
) -> Result<Option<VendorJob>, StoreError> {
    let mut read = manager.store().read().await?;
    for job in found {
        let spent = attempt.task.task.spent_jobs.contains(&job.id);
        let owner = rows::vendor_job::owner(&mut read, &access.connection().lane, &job.id).await?;
        if !spent && owner.is_none_or(|owner| owner == attempt.task.id) {
            return Ok(Some(job));
        }
    }
    Ok(None)
}

async fn submitted(mut outcome: Outcome<'_>, given: Given) -> Result<(), StepError> {
    let Given { job, adopted } = given;
    outcome.vendor_answered().await?;
    let row = outcome.case.task(outcome.task).cloned();
    let Some(row) = row else { return outcome.done().await };
    let connection = outcome.case.connection(row.connection).await?;
    let organisation = connection
        .as_ref()
        .map_or(outcome.lease.lane.as_str(), |connection| &connection.lane);
    let claimed = rows::vendor_job::claim(&mut outcome.case.tx, organisation, &job.id, row.id).await?;
    if !claimed || !matches!(row.task.state.phase(), Some(Phase::Submitting { .. })) {
        // Another task has adopted this very job meanwhile: ours is another one, or was never taken. Search again.
        let message = "The vendor gave one job to two tasks.";
        return try_again(
            outcome,
            Cause::new("vendor_job_taken", message),
            backoff(row.task.attempts + 1),
        )
        .await;
    }
    let settings = match &connection {
        Some(connection) => Some(outcome.case.manager.keyring(connection)?.vendor(connection)?),
        None => None,
    };
    let wait = settings.map_or(std::time::Duration::from_mins(1), |vendor| {
        vendor.settings().poll_initial
    });
    let next_poll_at = Some(outcome.later(wait));
    outcome.act(TaskAction::Submitted {
        vendor_job_id: job.id,
        vendor_status: Some(job.raw_status).filter(|status| !status.is_empty()),
        next_poll_at,
        expected_by: job.expected_by,
    })?;
    if adopted && let Some(row) = outcome.case.task(outcome.task).cloned() {
        let facts: [(Detail, Fact); 0] = [];
        outcome
            .case
            .audit_task(Event::TaskAdopted, &row, facts, &By::automation());
    }
    outcome.done().await
}
