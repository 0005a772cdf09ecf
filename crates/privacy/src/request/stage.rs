//! Where a request stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DenialGround, ErasureProof, Options, Outcome, PauseReason};
use crate::actor::Actor;

/// Where a request stands, with what is known at that point. This is what the database keeps, as JSON.
/// `since` is when the request got there; it never decreases along a request's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// The subject has been mailed a link and has not followed it.
    PendingVerification {
        /// When the request got here.
        since: Timestamp,
        /// When the link stops working.
        until: Timestamp,
    },
    /// Verified; framework, identifiers and connections are being settled.
    Triage {
        /// When the request got here.
        since: Timestamp,
    },
    /// Resting for a reason.
    Paused {
        /// When the request got here.
        since: Timestamp,
        /// Why.
        reason: PauseReason,
        /// Where it goes on; never itself `Paused`.
        resumes: Box<Stage>,
    },
    /// The connections look for data.
    Collecting {
        /// When the request got here.
        since: Timestamp,
    },
    /// People decide what is handed over or deleted.
    PendingReview {
        /// When the request got here.
        since: Timestamp,
        /// Who has approved so far, while more are needed.
        approvals: Vec<Actor>,
    },
    /// An approved deletion waits, in case the subject thinks better of it.
    Grace {
        /// When the request got here.
        since: Timestamp,
        /// When the deletion starts.
        until: Timestamp,
        /// Who let it pass.
        approval: Approval,
    },
    /// The connections delete.
    Deleting {
        /// When the request got here.
        since: Timestamp,
        /// Who let it pass.
        approval: Approval,
        /// 1 for the first deletion, 2 for its first repetition.
        round: u32,
    },
    /// The connections look whether anything is left.
    VerifyingErasure {
        /// When the request got here.
        since: Timestamp,
        /// Who let the deletion pass.
        approval: Approval,
        /// Which deletion is being checked.
        round: u32,
        /// Something was found: a person decides whether to repeat the deletion or accept it.
        remains: bool,
    },
    /// The dossier is being handed to the subject.
    Delivering {
        /// When the request got here.
        since: Timestamp,
        /// Who let it pass.
        approval: Approval,
        /// When the download link stops working; none was mailed yet while this is empty.
        until: Option<Timestamp>,
    },
    /// The subject is being told that the deletion was carried out.
    Notifying {
        /// When the request got here.
        since: Timestamp,
        /// Who let the deletion pass.
        approval: Approval,
        /// What is known about the erasure.
        proof: ErasureProof,
    },
    /// Over. Nothing leaves this stage.
    Closed {
        /// When the request got here.
        since: Timestamp,
        /// How it ended.
        outcome: Outcome,
        /// Why it was denied, if it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ground: Option<DenialGround>,
        /// What is known about the erasure, if anything was deleted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<ErasureProof>,
    },
}

/// The decision without which nothing is delivered or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// When the last needed approval was given.
    pub at: Timestamp,
    /// Who gave it: people, or [`Actor::Automation`] alone where a rule says so.
    pub by: Vec<Actor>,
}

words! {
    /// The words for [`Stage`] on the wire: a request's `state`.
    pub enum StageName("state") {
        /// See [`Stage::PendingVerification`].
        PendingVerification = "pending_verification",
        /// See [`Stage::Triage`].
        Triage = "triage",
        /// See [`Stage::Paused`].
        Paused = "paused",
        /// See [`Stage::Collecting`].
        Collecting = "collecting",
        /// See [`Stage::PendingReview`].
        PendingReview = "pending_review",
        /// See [`Stage::Grace`].
        Grace = "grace",
        /// See [`Stage::Deleting`].
        Deleting = "deleting",
        /// See [`Stage::VerifyingErasure`].
        VerifyingErasure = "verifying_erasure",
        /// See [`Stage::Delivering`].
        Delivering = "delivering",
        /// See [`Stage::Notifying`].
        Notifying = "notifying",
        /// See [`Stage::Closed`].
        Closed = "closed",
    }
}

impl Stage {
    /// The first stage of a request from the public form: the subject must be verified.
    pub fn unverified(options: &Options, now: Timestamp) -> Self {
        Self::PendingVerification {
            since: now,
            until: later(now, options.verification_ttl),
        }
    }

    /// The first stage of a request from staff, API, command line or import.
    pub const fn received(now: Timestamp) -> Self {
        Self::Triage { since: now }
    }

    /// The word on the wire.
    pub const fn name(&self) -> &'static str {
        self.kind().name()
    }

    /// Which stage it is, without what it carries.
    pub const fn kind(&self) -> StageName {
        match self {
            Self::PendingVerification { .. } => StageName::PendingVerification,
            Self::Triage { .. } => StageName::Triage,
            Self::Paused { .. } => StageName::Paused,
            Self::Collecting { .. } => StageName::Collecting,
            Self::PendingReview { .. } => StageName::PendingReview,
            Self::Grace { .. } => StageName::Grace,
            Self::Deleting { .. } => StageName::Deleting,
            Self::VerifyingErasure { .. } => StageName::VerifyingErasure,
            Self::Delivering { .. } => StageName::Delivering,
            Self::Notifying { .. } => StageName::Notifying,
            Self::Closed { .. } => StageName::Closed,
        }
    }

    /// When the request got here.
    pub const fn since(&self) -> Timestamp {
        match self {
            Self::PendingVerification { since, .. }
            | Self::Triage { since }
            | Self::Paused { since, .. }
            | Self::Collecting { since }
            | Self::PendingReview { since, .. }
            | Self::Grace { since, .. }
            | Self::Deleting { since, .. }
            | Self::VerifyingErasure { since, .. }
            | Self::Delivering { since, .. }
            | Self::Notifying { since, .. }
            | Self::Closed { since, .. } => *since,
        }
    }

    /// When time alone moves the request on, if it does: a link expires, a grace period ends.
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::PendingVerification { until, .. } | Self::Grace { until, .. } => Some(*until),
            Self::Delivering { until, .. } => *until,
            _ => None,
        }
    }

    /// How a closed request ended.
    pub const fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Closed { outcome, .. } => Some(*outcome),
            _ => None,
        }
    }

    /// The decision that let the request pass, while it is being carried out.
    pub fn approval(&self) -> Option<&Approval> {
        match self {
            Self::Grace { approval, .. }
            | Self::Deleting { approval, .. }
            | Self::VerifyingErasure { approval, .. }
            | Self::Delivering { approval, .. }
            | Self::Notifying { approval, .. } => Some(approval),
            Self::Paused { resumes, .. } => resumes.approval(),
            _ => None,
        }
    }

    /// Is the request not over?
    pub const fn is_open(&self) -> bool {
        !matches!(self, Self::Closed { .. })
    }

    /// Is something being deleted, or has been? From then on a request can only be finished, not withdrawn.
    pub fn deletion_has_begun(&self) -> bool {
        match self {
            Self::Deleting { .. } | Self::VerifyingErasure { .. } | Self::Notifying { .. } => true,
            Self::Paused { resumes, .. } => resumes.deletion_has_begun(),
            Self::Closed { proof, .. } => proof.is_some(),
            _ => false,
        }
    }
}

/// `from` and `wait` later, or the end of time.
pub(super) fn later(from: Timestamp, wait: jiff::SignedDuration) -> Timestamp {
    from.checked_add(wait).unwrap_or(Timestamp::MAX)
}
