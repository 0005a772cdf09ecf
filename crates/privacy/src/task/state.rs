//! Where a task stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Cause, RetryFrom, TaskResult, WaitingFor};

words! {
    /// What a task does.
    pub enum TaskKind("kind of task") {
        /// Look for data and bring it.
        Access = "access",
        /// Delete it.
        Deletion = "deletion",
        /// Look whether anything is left after a deletion.
        Verification = "verification",
    }
}

words! {
    /// The words for [`TaskState`] on the wire.
    pub enum TaskStatus("task status") {
        /// Queued.
        NotStarted = "not_started",
        /// Held, see [`WaitingFor`].
        Waiting = "waiting",
        /// The job is being handed to the vendor.
        Submitting = "submitting",
        /// The vendor has it.
        Processing = "processing",
        /// The export is being read.
        Fetching = "fetching",
        /// Done.
        Complete = "complete",
        /// Left out by a rule.
        Skipped = "skipped",
        /// Ended by a person.
        Stopped = "stopped",
        /// Ended by a deadline.
        Expired = "expired",
        /// Needs a person: retry, skip or stop.
        Failed = "failed",
    }
}

/// Where a task stands. This is what the database keeps, as JSON. `since` is when it got there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TaskState {
    /// At work.
    Active {
        /// When the task got here.
        since: Timestamp,
        /// At which piece of work.
        phase: Phase,
    },
    /// Held.
    Waiting {
        /// When the task got here.
        since: Timestamp,
        /// What for.
        waiting_for: WaitingFor,
        /// Until when, if that is known.
        until: Option<Timestamp>,
        /// Where it goes on.
        phase: Phase,
    },
    /// Done.
    Complete {
        /// When the task got here.
        since: Timestamp,
        /// What it brought.
        #[serde(flatten)]
        result: TaskResult,
    },
    /// Left out by a rule, or because a failure was waved through.
    Skipped {
        /// When the task got here.
        since: Timestamp,
    },
    /// Ended by a person.
    Stopped {
        /// When the task got here.
        since: Timestamp,
    },
    /// Ended by a deadline.
    Expired {
        /// When the task got here.
        since: Timestamp,
    },
    /// Needs a person.
    Failed {
        /// When the task got here.
        since: Timestamp,
        /// Why.
        cause: Cause,
        /// Where a retry begins.
        retry_from: RetryFrom,
        /// Where it failed.
        phase: Phase,
    },
}

/// The piece of work an open task is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Nothing was sent.
    Queued,
    /// A job was or is being sent, and it is not known whether the vendor has it.
    Submitting {
        /// When it was first sent: a vendor job requested well before then is not ours.
        sent_at: Timestamp,
        /// When it was last sent, where that was not the first time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again_at: Option<Timestamp>,
    },
    /// The vendor has the job.
    Processing {
        /// Which.
        job: VendorJob,
    },
    /// The vendor's export is being read.
    Fetching {
        /// Of which job.
        job: VendorJob,
    },
    /// A person was asked and has not answered.
    Answer {
        /// When the question expires.
        until: Timestamp,
    },
    /// A person has answered with data, and it is being read.
    Reading,
}

/// A job at the vendor, as last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorJob {
    /// The vendor's id.
    pub id: String,
    /// The vendor's own word for its state.
    #[serde(default)]
    pub status: Option<String>,
    /// When the vendor was last asked.
    #[serde(default)]
    pub last_poll_at: Option<Timestamp>,
    /// When it will be asked next.
    #[serde(default)]
    pub next_poll_at: Option<Timestamp>,
    /// When the vendor means to be done.
    #[serde(default)]
    pub expected_by: Option<Timestamp>,
}

impl VendorJob {
    /// A job that has just been taken.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            status: None,
            last_poll_at: None,
            next_poll_at: None,
            expected_by: None,
        }
    }
}

impl Phase {
    /// The job at the vendor, if there is one.
    pub const fn job(&self) -> Option<&VendorJob> {
        match self {
            Self::Processing { job } | Self::Fetching { job } => Some(job),
            _ => None,
        }
    }
}

impl TaskState {
    /// The state of a new task.
    pub const fn queued(now: Timestamp) -> Self {
        Self::Active {
            since: now,
            phase: Phase::Queued,
        }
    }

    /// The word on the wire.
    pub const fn status(&self) -> TaskStatus {
        match self {
            Self::Active { phase, .. } => match phase {
                Phase::Queued => TaskStatus::NotStarted,
                Phase::Submitting { .. } => TaskStatus::Submitting,
                Phase::Processing { .. } => TaskStatus::Processing,
                Phase::Fetching { .. } | Phase::Reading => TaskStatus::Fetching,
                Phase::Answer { .. } => TaskStatus::Waiting,
            },
            Self::Waiting { .. } => TaskStatus::Waiting,
            Self::Complete { .. } => TaskStatus::Complete,
            Self::Skipped { .. } => TaskStatus::Skipped,
            Self::Stopped { .. } => TaskStatus::Stopped,
            Self::Expired { .. } => TaskStatus::Expired,
            Self::Failed { .. } => TaskStatus::Failed,
        }
    }

    /// What the task waits for.
    pub const fn waiting_for(&self) -> Option<WaitingFor> {
        match self {
            Self::Active {
                phase: Phase::Answer { .. },
                ..
            } => Some(WaitingFor::Processor),
            Self::Waiting { waiting_for, .. } => Some(*waiting_for),
            _ => None,
        }
    }

    /// Until when it waits, if that is known.
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Active {
                phase: Phase::Answer { until },
                ..
            } => Some(*until),
            Self::Waiting { until, .. } => *until,
            _ => None,
        }
    }

    /// When the task got here.
    pub const fn since(&self) -> Timestamp {
        match self {
            Self::Active { since, .. }
            | Self::Waiting { since, .. }
            | Self::Complete { since, .. }
            | Self::Skipped { since }
            | Self::Stopped { since }
            | Self::Expired { since }
            | Self::Failed { since, .. } => *since,
        }
    }

    /// The piece of work the task is at, also while it waits or has failed.
    pub const fn phase(&self) -> Option<&Phase> {
        match self {
            Self::Active { phase, .. } | Self::Waiting { phase, .. } | Self::Failed { phase, .. } => Some(phase),
            _ => None,
        }
    }

    /// Why it failed.
    pub const fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Failed { cause, .. } => Some(cause),
            _ => None,
        }
    }

    /// What it brought.
    pub const fn result(&self) -> Option<&TaskResult> {
        match self {
            Self::Complete { result, .. } => Some(result),
            _ => None,
        }
    }

    /// Is there nothing more to come, and nothing for a person to decide?
    pub const fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::Complete { .. } | Self::Skipped { .. } | Self::Stopped { .. } | Self::Expired { .. }
        )
    }
}
