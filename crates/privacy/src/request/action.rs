//! What can happen to a request.

use super::{DenialGround, PauseReason};
use crate::{actor::Actor, audit::Event};

/// Something that happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The subject followed the mailed link, or staff vouch for the subject.
    Verify {
        /// Who did it.
        by: Actor,
    },
    /// The verification link has expired.
    VerificationExpires,
    /// Triage is done: the connections may begin. Required identifiers are the caller's check.
    Start {
        /// Who did it.
        by: Actor,
    },
    /// The request rests. The caller holds its tasks.
    Pause {
        /// Why.
        reason: PauseReason,
    },
    /// The request goes on where it was. The caller releases its tasks.
    Resume,
    /// Every collecting task is settled.
    TasksSettled,
    /// What was found may be handed over, or what was chosen may be deleted.
    Approve {
        /// Who did it.
        by: Actor,
    },
    /// The grace period is over.
    GraceEnds,
    /// Every deletion task is settled.
    DeletionSettled,
    /// The verifying tasks are settled and found nothing.
    ErasureVerified,
    /// The verifying tasks are settled and something is left.
    RemainsFound,
    /// The verifying tasks are settled and some could not tell.
    ErasureUnproven,
    /// Delete once more what is left.
    RepeatDeletion,
    /// Finish although something is left.
    AcceptRemains,
    /// The download link was mailed, first or again.
    Delivered,
    /// The subject has the dossier.
    Downloaded,
    /// The download link has expired.
    DownloadExpires,
    /// The subject has been told that the deletion was carried out.
    Notified,
    /// Staff refuse the request.
    Deny {
        /// Why.
        ground: DenialGround,
    },
    /// It is not a request.
    MarkSpam,
    /// The subject does not answer.
    MarkNonresponsive,
    /// Another request asks the same.
    MarkDuplicate,
    /// Somebody withdraws the request.
    Cancel,
    /// The deadline is put off, which [`crate::framework::Deadline::extend`] does. The stage stays.
    Extend,
}

impl Action {
    /// The action in words, for messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "verify",
            Self::VerificationExpires => "expire the verification of",
            Self::Start { .. } => "start",
            Self::Pause { .. } => "pause",
            Self::Resume => "resume",
            Self::TasksSettled => "finish collecting for",
            Self::Approve { .. } => "approve",
            Self::GraceEnds => "end the grace period of",
            Self::DeletionSettled => "finish the deletion of",
            Self::ErasureVerified | Self::RemainsFound | Self::ErasureUnproven => "finish verifying the erasure of",
            Self::RepeatDeletion => "repeat the deletion of",
            Self::AcceptRemains => "accept what remains of",
            Self::Delivered => "deliver",
            Self::Downloaded => "download",
            Self::DownloadExpires => "expire the download of",
            Self::Notified => "finish notifying for",
            Self::Deny { .. } => "deny",
            Self::MarkSpam => "mark as spam",
            Self::MarkNonresponsive => "mark as nonresponsive",
            Self::MarkDuplicate => "mark as duplicate",
            Self::Cancel => "cancel",
            Self::Extend => "extend",
        }
    }

    /// The audit event that records it.
    pub const fn event(&self) -> Event {
        match self {
            Self::Verify { .. } => Event::RequestVerified,
            Self::VerificationExpires => Event::RequestUnverified,
            Self::Start { .. } => Event::RequestStarted,
            Self::Pause { .. } => Event::RequestPaused,
            Self::Resume => Event::RequestResumed,
            Self::TasksSettled => Event::RequestCollected,
            Self::Approve { .. } => Event::RequestApproved,
            Self::GraceEnds => Event::RequestGraceEnded,
            Self::DeletionSettled => Event::RequestDeleted,
            Self::ErasureVerified => Event::RequestErasureVerified,
            Self::RemainsFound => Event::RequestRemainsFound,
            Self::ErasureUnproven => Event::RequestErasureUnproven,
            Self::RepeatDeletion => Event::RequestDeletionRepeated,
            Self::AcceptRemains => Event::RequestRemainsAccepted,
            Self::Delivered => Event::RequestDelivered,
            Self::Downloaded => Event::RequestDownloaded,
            Self::DownloadExpires => Event::RequestDownloadExpired,
            Self::Notified => Event::RequestNotified,
            Self::Deny { .. } => Event::RequestDenied,
            Self::MarkSpam => Event::RequestMarkedSpam,
            Self::MarkNonresponsive => Event::RequestMarkedNonresponsive,
            Self::MarkDuplicate => Event::RequestMarkedDuplicate,
            Self::Cancel => Event::RequestCancelled,
            Self::Extend => Event::RequestExtended,
        }
    }
}
