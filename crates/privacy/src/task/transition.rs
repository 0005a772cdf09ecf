//! The moves of a task.

use std::mem::discriminant;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Found, Phase, RetryFrom, TaskAction, TaskKind, TaskResult, TaskState, TaskStatus, VendorJob, WaitingFor};

/// One connection's share of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What it does.
    pub kind: TaskKind,
    /// Tries in vain since the last progress.
    pub attempts: u32,
    /// The vendor's jobs that were given up, by their ids: never to be adopted as this task's job again.
    #[serde(default)]
    pub spent_jobs: Vec<String>,
    /// Where it stands.
    pub state: TaskState,
}

/// A move that a task does not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("can not {action} a task that is {status}: {refusal}")]
pub struct IllegalTaskTransition {
    /// Where the task stands.
    pub status: TaskStatus,
    /// What was tried, as [`TaskAction::name`] says it.
    pub action: &'static str,
    /// Why not.
    pub refusal: TaskRefusal,
}

/// Why a task does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaskRefusal {
    /// It has ended.
    #[error("the task has ended")]
    Settled,
    /// It has failed: retry, skip or stop it.
    #[error("the task has failed")]
    Failed,
    /// Only failed tasks are retried.
    #[error("the task has not failed")]
    NotFailed,
    /// It is held.
    #[error("the task is held")]
    Held,
    /// It is not held, or for another reason.
    #[error("the task is not held for this reason")]
    NotHeldForThis,
    /// A deletion brings no data, an access deletes none.
    #[error("a task of this kind does not do that")]
    WrongKind,
    /// It does not happen at this piece of work.
    #[error("it is not at that point")]
    WrongPhase,
}

impl Task {
    /// A new task.
    pub const fn new(kind: TaskKind, now: Timestamp) -> Self {
        Self {
            kind,
            attempts: 0,
            spent_jobs: Vec::new(),
            state: TaskState::queued(now),
        }
    }

    /// The word on the wire.
    pub const fn status(&self) -> TaskStatus {
        self.state.status()
    }

    /// Where `action` takes the task, or why it does not move. Time stamps never decrease, even if `now` lags.
    pub fn apply(mut self, action: TaskAction, now: Timestamp) -> Result<Self, IllegalTaskTransition> {
        let (status, name) = (self.status(), action.name());
        let now = now.max(self.state.since());
        let state = self.state.clone();
        match self.next(state, action, now) {
            Ok(state) => {
                self.state = state;
                Ok(self)
            }
            Err(refusal) => Err(IllegalTaskTransition {
                status,
                action: name,
                refusal,
            }),
        }
    }

    fn next(&mut self, state: TaskState, action: TaskAction, now: Timestamp) -> Result<TaskState, TaskRefusal> {
        match (state, action) {
            (
                TaskState::Complete { .. }
                | TaskState::Skipped { .. }
                | TaskState::Stopped { .. }
                | TaskState::Expired { .. },
                _,
            ) => Err(TaskRefusal::Settled),

            (_, TaskAction::Skip) => Ok(TaskState::Skipped { since: now }),
            (_, TaskAction::Stop) => Ok(TaskState::Stopped { since: now }),
            (_, TaskAction::Expire) => Ok(TaskState::Expired { since: now }),

            (TaskState::Failed { retry_from, phase, .. }, TaskAction::Retry) => {
                self.attempts = 0;
                Ok(TaskState::Active {
                    since: now,
                    phase: self.retried(retry_from, phase),
                })
            }
            (TaskState::Failed { .. }, _) => Err(TaskRefusal::Failed),
            (_, TaskAction::Retry) => Err(TaskRefusal::NotFailed),

            (state, TaskAction::Hold { waiting_for, until }) => hold(state, waiting_for, until, now),
            (TaskState::Waiting { waiting_for, phase, .. }, TaskAction::Release { waiting_for: gone })
                if waiting_for == gone =>
            {
                Ok(TaskState::Active { since: now, phase })
            }
            (_, TaskAction::Release { .. }) => Err(TaskRefusal::NotHeldForThis),

            // What was under way when a task was held still comes back; it is recorded, and the task stays held.
            (
                TaskState::Active { phase, .. } | TaskState::Waiting { phase, .. },
                TaskAction::Fail { cause, retry_from },
            ) => {
                self.attempts = self.attempts.saturating_add(1);
                Ok(TaskState::Failed {
                    since: now,
                    cause,
                    retry_from,
                    phase,
                })
            }
            (TaskState::Active { since, phase }, TaskAction::TriedInVain { next_try_at }) => {
                self.attempts = self.attempts.saturating_add(1);
                Ok(put_off(since, phase, next_try_at, now))
            }
            (state @ TaskState::Waiting { .. }, TaskAction::TriedInVain { .. }) => {
                self.attempts = self.attempts.saturating_add(1);
                Ok(state)
            }
            (TaskState::Waiting { .. }, TaskAction::BeginSubmit) => Err(TaskRefusal::Held),
            (
                TaskState::Waiting {
                    since,
                    waiting_for,
                    until,
                    phase,
                },
                action,
            ) => Ok(match self.work(phase, action, now)? {
                Next::Phase(phase) => TaskState::Waiting {
                    since,
                    waiting_for,
                    until,
                    phase,
                },
                Next::Done(result) => TaskState::Complete { since: now, result },
            }),
            (TaskState::Active { since, phase }, action) => {
                let before = phase.clone();
                Ok(match self.work(phase, action, now)? {
                    Next::Phase(phase) => TaskState::Active {
                        since: if discriminant(&phase) == discriminant(&before) {
                            since
                        } else {
                            now
                        },
                        phase,
                    },
                    Next::Done(result) => TaskState::Complete { since: now, result },
                })
            }
        }
    }

    /// A vendor's job that is given up is remembered, so that it is never adopted as the new one.
    fn retried(&mut self, retry_from: RetryFrom, phase: Phase) -> Phase {
        match retry_from {
            RetryFrom::Here => phase,
            RetryFrom::Start => {
                self.spent_jobs.extend(phase.job().map(|job| job.id.clone()));
                Phase::Queued
            }
        }
    }

    /// One piece of work is answered.
    fn work(&mut self, phase: Phase, action: TaskAction, now: Timestamp) -> Result<Next, TaskRefusal> {
        let brings_data = self.kind != TaskKind::Deletion;
        let next = match (phase, action) {
            (Phase::Queued, TaskAction::BeginSubmit) => {
                let (sent_at, again_at) = (now, None);
                return Ok(Next::Phase(Phase::Submitting { sent_at, again_at }));
            }
            (Phase::Submitting { sent_at, .. }, TaskAction::BeginSubmit) => {
                let again_at = Some(now);
                return Ok(Next::Phase(Phase::Submitting { sent_at, again_at }));
            }
            (Phase::Submitting { .. }, TaskAction::NotTaken) => return Ok(Next::Phase(Phase::Queued)),

            (
                Phase::Submitting { .. },
                TaskAction::Submitted {
                    vendor_job_id,
                    vendor_status,
                    next_poll_at,
                    expected_by,
                },
            ) => Next::Phase(Phase::Processing {
                job: VendorJob {
                    id: vendor_job_id,
                    status: vendor_status,
                    last_poll_at: None,
                    next_poll_at,
                    expected_by,
                },
            }),
            // A mail is posted in the commit that records it: there is no moment at which it may or may not be sent.
            (Phase::Queued | Phase::Submitting { .. } | Phase::Answer { .. }, TaskAction::Asked { until }) => {
                Next::Phase(Phase::Answer { until })
            }
            (
                Phase::Processing { job },
                TaskAction::Polled {
                    vendor_status,
                    next_poll_at,
                    expected_by,
                },
            ) => Next::Phase(Phase::Processing {
                job: VendorJob {
                    status: vendor_status.or(job.status),
                    last_poll_at: Some(now),
                    next_poll_at,
                    expected_by: expected_by.or(job.expected_by),
                    id: job.id,
                },
            }),
            (Phase::Processing { .. }, TaskAction::ReadyToFetch { .. })
            | (_, TaskAction::Fetched { .. } | TaskAction::Answered)
                if !brings_data =>
            {
                return Err(TaskRefusal::WrongKind);
            }
            (Phase::Processing { job }, TaskAction::ReadyToFetch { vendor_status }) => Next::Phase(Phase::Fetching {
                job: VendorJob {
                    status: vendor_status.or(job.status),
                    last_poll_at: Some(now),
                    next_poll_at: None,
                    ..job
                },
            }),

            (Phase::Answer { .. }, TaskAction::Answered) => Next::Phase(Phase::Reading),
            (_, TaskAction::Deleted) if brings_data => return Err(TaskRefusal::WrongKind),
            // A connector without jobs answers while submitting; a person answers when asked.
            (
                Phase::Submitting { .. } | Phase::Fetching { .. } | Phase::Answer { .. } | Phase::Reading,
                TaskAction::Fetched { found },
            ) => Next::Done(result_of(found)),
            (Phase::Submitting { .. } | Phase::Processing { .. } | Phase::Answer { .. }, TaskAction::Deleted) => {
                Next::Done(TaskResult::Deleted)
            }
            (
                Phase::Submitting { .. }
                | Phase::Processing { .. }
                | Phase::Fetching { .. }
                | Phase::Answer { .. }
                | Phase::Reading,
                TaskAction::NothingFound,
            ) => Next::Done(TaskResult::NothingFound),
            (_, _) => return Err(TaskRefusal::WrongPhase),
        };
        self.attempts = 0;
        Ok(next)
    }
}

enum Next {
    Phase(Phase),
    Done(TaskResult),
}

fn result_of(found: Found) -> TaskResult {
    if found.is_nothing() {
        TaskResult::NothingFound
    } else {
        TaskResult::Found { found }
    }
}

fn hold(
    state: TaskState,
    reason: WaitingFor,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<TaskState, TaskRefusal> {
    match state {
        _ if reason == WaitingFor::Processor => Err(TaskRefusal::WrongPhase),
        TaskState::Active { phase, .. } => Ok(TaskState::Waiting {
            since: now,
            waiting_for: reason,
            until,
            phase,
        }),
        TaskState::Waiting {
            since,
            waiting_for,
            phase,
            ..
        } if waiting_for == reason => Ok(TaskState::Waiting {
            since,
            waiting_for,
            until,
            phase,
        }),
        TaskState::Waiting { waiting_for, phase, .. } if !waiting_for.outranks(reason) => Ok(TaskState::Waiting {
            since: now,
            waiting_for: reason,
            until,
            phase,
        }),
        held => Ok(held),
    }
}

/// A poll that failed is one among many; other work shows that it waits for another try.
fn put_off(since: Timestamp, phase: Phase, next_try_at: Timestamp, now: Timestamp) -> TaskState {
    match phase {
        Phase::Processing { job } => TaskState::Active {
            since,
            phase: Phase::Processing {
                job: VendorJob {
                    next_poll_at: Some(next_try_at),
                    ..job
                },
            },
        },
        phase => TaskState::Waiting {
            since: now,
            waiting_for: WaitingFor::Retry,
            until: Some(next_try_at),
            phase,
        },
    }
}

#[cfg(test)]
mod tests;
