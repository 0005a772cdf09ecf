//! What the vendor says about a job, and what that means for its task.

use std::time::Duration;

use connectors::{VendorJob, VendorState};
use jiff::{SignedDuration, Timestamp};
use privacy::{
    audit::{Detail, Event, Fact},
    task::{Cause, RetryFrom, TaskAction, TaskKind},
};
use store::jobs::StepError;

use super::attempt::Outcome;
use crate::{By, rows::task::TaskRow};

/// An export that is not read yet is worth a warning this long before it goes (CL-25).
const EXPORT_ENDS_SOON: SignedDuration = SignedDuration::from_hours(48);

/// How often a connection's jobs are polled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    pub(super) initial: Duration,
    pub(super) longest: Duration,
}

impl Schedule {
    /// The wait before the next poll of a job that has been going on for `age`: at first `initial`, then a third of
    /// the age, so that it grows by a third each time, and `longest` at most. It needs no memory of earlier polls.
    pub(super) fn wait(self, age: SignedDuration) -> Duration {
        let age = Duration::try_from(age).unwrap_or_default();
        (age / 3).clamp(self.initial, self.longest.max(self.initial))
    }
}

/// Takes in what the vendor says about the task's job; when to ask again, if the vendor is still at it.
pub(super) fn take_in(
    outcome: &mut Outcome<'_>,
    job: VendorJob,
    schedule: Schedule,
) -> Result<Option<Timestamp>, StepError> {
    note(outcome, &job);
    let status = Some(job.raw_status.clone()).filter(|status| !status.is_empty());
    let is_deletion = outcome.case.task(outcome.task).map(TaskRow::kind) == Some(TaskKind::Deletion);
    match job.state {
        VendorState::Pending | VendorState::Processing | VendorState::Unknown => {
            let next = outcome.later(schedule.wait(age(outcome)));
            outcome.act(TaskAction::Polled {
                vendor_status: status,
                next_poll_at: Some(next),
                expected_by: job.expected_by,
            })?;
            return Ok(Some(next));
        }
        VendorState::Failed => {
            outcome.act(TaskAction::Fail {
                cause: Cause::new(
                    "vendor_failure",
                    "The vendor gave the job up. A retry submits a new one.",
                )
                .with_vendor_code(job.raw_status),
                retry_from: RetryFrom::Start,
            })?;
            remember(outcome, status);
        }
        VendorState::Completed if is_deletion => {
            outcome.act(TaskAction::Deleted)?;
            remember(outcome, status);
        }
        VendorState::Completed => completed(outcome, &job, status)?,
    }
    Ok(None)
}

/// An access job is done: its export is fetched now, for it does not stay.
fn completed(outcome: &mut Outcome<'_>, job: &VendorJob, status: Option<String>) -> Result<(), StepError> {
    let Some(location) = &job.export_location else {
        let gone = job.expires_at.is_some_and(|end| end <= outcome.now());
        let (code, message) = if gone {
            (
                "export_expired",
                "The vendor's export has expired. A retry submits a new job.",
            )
        } else {
            (
                "export_missing",
                "The vendor says that the job is done and names no export. A retry submits a new job.",
            )
        };
        outcome.act(TaskAction::Fail {
            cause: Cause::new(code, message),
            retry_from: RetryFrom::Start,
        })?;
        remember(outcome, status);
        return Ok(());
    };
    let key = outcome.case.manager.request_key(&outcome.case.request)?;
    let sealed = key.seal(
        "task",
        "export",
        &outcome.task.to_string(),
        location.reveal().as_bytes(),
    );
    outcome.act(TaskAction::ReadyToFetch { vendor_status: status })?;
    if let Some(row) = outcome.case.task_mut(outcome.task) {
        row.export = Some(sealed);
        row.export_expires_at = job.expires_at;
    }
    Ok(())
}

/// Keeps what was seen although the task's state will not carry it.
fn remember(outcome: &mut Outcome<'_>, status: Option<String>) {
    let now = outcome.now();
    if let Some(row) = outcome.case.task_mut(outcome.task) {
        row.vendor_status = status.or(row.vendor_status.take());
        row.last_poll_at = Some(now);
    }
}

/// What a person should look at, and the vendor's own word where it has changed.
fn note(outcome: &mut Outcome<'_>, job: &VendorJob) {
    let now = outcome.now();
    let patience = outcome.case.manager.settings().poll_soft_limit.signed();
    let begun = now.saturating_sub(age(outcome)).unwrap_or(now);
    let limit = job
        .expected_by
        .unwrap_or(begun)
        .saturating_add(patience)
        .unwrap_or(Timestamp::MAX);
    let warning = if job.state == VendorState::Unknown {
        Some("vendor_status_unknown")
    } else if !job.state.is_final() && now > limit {
        Some("vendor_overdue")
    } else {
        None
    };
    let Some(before) = outcome.case.task(outcome.task).cloned() else {
        return;
    };
    if before.warning.as_deref() != warning {
        if let Some(warning) = warning {
            tracing::warn!(task.id = %outcome.task, warning, "a vendor's job needs a look");
        }
        if let Some(row) = outcome.case.task_mut(outcome.task) {
            row.warning = warning.map(str::to_owned);
        }
    }
    if before.vendor_status.as_deref() != Some(job.raw_status.as_str()) {
        let mut facts = vec![(Detail::VendorCode, Fact::code(&job.raw_status))];
        facts.extend(warning.map(|warning| (Detail::Cause, warning.into())));
        outcome
            .case
            .audit_task(Event::TaskVendorStatus, &before, facts, &By::automation());
    }
}

/// A warning where an export goes soon and has not been read.
pub(super) fn note_expiry(outcome: &mut Outcome<'_>) {
    let now = outcome.now();
    if let Some(row) = outcome.case.task_mut(outcome.task)
        && row
            .export_expires_at
            .is_some_and(|end| end.duration_since(now) <= EXPORT_ENDS_SOON)
        && row.warning.is_none()
    {
        tracing::warn!(task.id = %row.id, "an export expires soon and has not been read");
        row.warning = Some("export_expires_soon".to_owned());
    }
}

/// For how long the vendor has had the job.
pub(super) fn age(outcome: &Outcome<'_>) -> SignedDuration {
    let row = outcome.case.task(outcome.task);
    row.map_or(SignedDuration::ZERO, |row| {
        outcome.now().duration_since(row.task.state.since())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_grow_apart_until_they_are_as_far_apart_as_allowed() {
        let schedule = Schedule {
            initial: Duration::from_mins(1),
            longest: Duration::from_hours(1),
        };
        let table = [(0, 1), (1, 1), (3, 1), (6, 2), (60, 20), (180, 60), (100_000, 60)];
        for (age, wait) in table {
            let expected = Duration::from_mins(wait);
            assert_eq!(schedule.wait(SignedDuration::from_mins(age)), expected, "{age}");
        }
    }
}
