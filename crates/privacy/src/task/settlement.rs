//! When the tasks of a request are settled.

use super::{TaskKind, TaskResult, TaskState};

/// How far the tasks of a request are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// Work is left, or people have to decide about failures.
    Open {
        /// Tasks at work or waiting.
        working: usize,
        /// Failed tasks: retry, skip or stop them.
        failed: usize,
    },
    /// Every task is complete, skipped, stopped or expired.
    Settled,
    /// There never was a task: no connection can act. The request goes on and says so.
    NoConnection,
}

impl Settlement {
    /// Does the request go on?
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Settled | Self::NoConnection)
    }
}

/// Decides whether collecting, deleting or verifying has ended, given the tasks of that part of the request.
pub fn request_settled<'a>(tasks: impl IntoIterator<Item = &'a TaskState>) -> Settlement {
    let (mut working, mut failed, mut settled) = (0, 0, 0);
    for task in tasks {
        match task {
            TaskState::Failed { .. } => failed += 1,
            task if task.is_settled() => settled += 1,
            _ => working += 1,
        }
    }
    match (working + failed, settled) {
        (0, 0) => Settlement::NoConnection,
        (0, _) => Settlement::Settled,
        _ => Settlement::Open { working, failed },
    }
}

/// What the verifying tasks say together, once they are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// Every one of them found nothing.
    Verified,
    /// At least one found something.
    Remains,
    /// None found anything, and at least one could not tell (or there was none).
    Unproven,
}

/// What the verifying tasks of the last round say together. Tasks of other kinds are left out.
pub fn erasure_found<'a>(tasks: impl IntoIterator<Item = (TaskKind, &'a TaskState)>) -> Erasure {
    let mut erasure = None;
    for (kind, task) in tasks {
        if kind != TaskKind::Verification {
            continue;
        }
        let says = match task.result() {
            Some(TaskResult::Found { .. }) => return Erasure::Remains,
            Some(TaskResult::NothingFound) => Erasure::Verified,
            Some(TaskResult::Deleted) | None => Erasure::Unproven,
        };
        erasure = Some(if erasure == Some(Erasure::Unproven) {
            Erasure::Unproven
        } else {
            says
        });
    }
    erasure.unwrap_or(Erasure::Unproven)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::task::{Cause, Found, Phase, RetryFrom};

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn complete(result: TaskResult) -> TaskState {
        TaskState::Complete { since: AT, result }
    }

    fn failed() -> TaskState {
        TaskState::Failed {
            since: AT,
            cause: Cause::new("x", "y"),
            retry_from: RetryFrom::Here,
            phase: Phase::Queued,
        }
    }

    #[test]
    fn a_request_goes_on_when_no_task_is_left() {
        let queued = TaskState::queued(AT);
        let done = complete(TaskResult::NothingFound);
        let skipped = TaskState::Skipped { since: AT };
        let stopped = TaskState::Stopped { since: AT };
        let expired = TaskState::Expired { since: AT };
        assert_eq!(request_settled([]), Settlement::NoConnection);
        assert_eq!(
            request_settled([&done, &skipped, &stopped, &expired]),
            Settlement::Settled
        );
        assert_eq!(
            request_settled([&done, &failed(), &queued]),
            Settlement::Open { working: 1, failed: 1 }
        );
        assert_eq!(
            request_settled([&done, &failed()]),
            Settlement::Open { working: 0, failed: 1 }
        );
    }

    #[test]
    fn an_erasure_is_verified_only_if_every_task_found_nothing() {
        let nothing = complete(TaskResult::NothingFound);
        let something = complete(TaskResult::Found {
            found: Found {
                objects: 1,
                ..Found::default()
            },
        });
        let skipped = TaskState::Skipped { since: AT };
        let of = |tasks: &[&TaskState]| erasure_found(tasks.iter().map(|task| (TaskKind::Verification, *task)));
        assert_eq!(of(&[&nothing, &nothing]), Erasure::Verified);
        assert_eq!(of(&[&nothing, &skipped, &something]), Erasure::Remains);
        assert_eq!(of(&[&nothing, &skipped]), Erasure::Unproven);
        assert_eq!(of(&[&skipped, &nothing]), Erasure::Unproven);
        assert_eq!(of(&[]), Erasure::Unproven);
        assert_eq!(
            erasure_found([(TaskKind::Access, &something), (TaskKind::Verification, &nothing)]),
            Erasure::Verified
        );
    }
}
