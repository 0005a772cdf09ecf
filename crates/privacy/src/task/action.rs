//! What can happen to a task.

use jiff::Timestamp;

use super::{Cause, Found, WaitingFor};
use crate::audit::Event;

/// Something that happens to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskAction {
    /// Something stands in the way. A reason of lower rank does not replace one of higher rank.
    Hold {
        /// What.
        waiting_for: WaitingFor,
        /// Until when, if that is known.
        until: Option<Timestamp>,
    },
    /// What stood in the way is gone. A task held for another reason stays held.
    Release {
        /// What it was.
        waiting_for: WaitingFor,
    },
    /// The job is about to be sent. To be recorded before it is.
    BeginSubmit,
    /// The vendor clearly took nothing (a 4xx that says so), so that a repetition needs no search.
    NotTaken,
    /// The vendor has the job, sent or adopted.
    Submitted {
        /// The vendor's id of it.
        vendor_job_id: String,
        /// The vendor's own word for its state.
        vendor_status: Option<String>,
        /// When to ask for it.
        next_poll_at: Option<Timestamp>,
        /// When the vendor means to be done.
        expected_by: Option<Timestamp>,
    },
    /// A person has been asked by mail.
    Asked {
        /// When the question expires.
        until: Timestamp,
    },
    /// The person has answered with data, which is to be read.
    Answered,
    /// The vendor was asked and is at it.
    Polled {
        /// The vendor's own word for its state.
        vendor_status: Option<String>,
        /// When to ask again.
        next_poll_at: Option<Timestamp>,
        /// When the vendor means to be done.
        expected_by: Option<Timestamp>,
    },
    /// The vendor, or our way to it, failed in passing: it counts, and the work is tried again later.
    TriedInVain {
        /// When.
        next_try_at: Timestamp,
    },
    /// The vendor is done and there is an export to read.
    ReadyToFetch {
        /// The vendor's own word for its state.
        vendor_status: Option<String>,
    },
    /// The export, or what a person has answered, has been read and sealed. Finding nothing counts as such.
    Fetched {
        /// How much it was.
        found: Found,
    },
    /// The system says that it has deleted what it held.
    Deleted,
    /// The system holds nothing about the subject.
    NothingFound,
    /// It needs a person.
    Fail {
        /// Why.
        cause: Cause,
        /// Where a retry begins.
        retry_from: RetryFrom,
    },
    /// A person wants another try.
    Retry,
    /// Left out, by a rule or after a failure.
    Skip,
    /// Ended by a person.
    Stop,
    /// Ended by a deadline.
    Expire,
}

words! {
    /// Where a retry of a failed task begins.
    pub enum RetryFrom("retry") {
        /// From the beginning, with a new job: the vendor ended the old one.
        Start = "start",
        /// Where it failed: the job, or what was sent, may still be good.
        Here = "here",
    }
}

impl TaskAction {
    /// The action in words, for messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Hold { .. } => "hold",
            Self::Release { .. } => "release",
            Self::BeginSubmit => "submit",
            Self::NotTaken => "take back",
            Self::Submitted { .. } => "record as submitted",
            Self::Asked { .. } => "ask a processor about",
            Self::Answered => "read the answer to",
            Self::Polled { .. } => "poll",
            Self::TriedInVain { .. } => "put off",
            Self::ReadyToFetch { .. } => "fetch",
            Self::Fetched { .. } => "record as fetched",
            Self::Deleted => "record as deleted",
            Self::NothingFound => "record as empty",
            Self::Fail { .. } => "fail",
            Self::Retry => "retry",
            Self::Skip => "skip",
            Self::Stop => "stop",
            Self::Expire => "expire",
        }
    }

    /// The audit event that records it. Steps that repeat many times leave none.
    pub const fn event(&self) -> Option<Event> {
        match self {
            Self::Polled { .. } | Self::TriedInVain { .. } | Self::NotTaken => None,
            Self::Hold { .. } => Some(Event::TaskHeld),
            Self::Release { .. } => Some(Event::TaskReleased),
            Self::BeginSubmit => Some(Event::TaskSubmitting),
            Self::Submitted { .. } => Some(Event::TaskSubmitted),
            Self::Asked { .. } => Some(Event::DirectContactAsked),
            Self::ReadyToFetch { .. } | Self::Answered => Some(Event::TaskFetching),
            Self::Fetched { .. } | Self::Deleted | Self::NothingFound => Some(Event::TaskCompleted),
            Self::Fail { .. } => Some(Event::TaskFailed),
            Self::Retry => Some(Event::TaskRetried),
            Self::Skip => Some(Event::TaskSkipped),
            Self::Stop => Some(Event::TaskStopped),
            Self::Expire => Some(Event::TaskExpired),
        }
    }
}
