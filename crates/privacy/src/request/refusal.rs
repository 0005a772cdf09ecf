//! Why a request does not move.

use jiff::Timestamp;

use super::StageName;

/// A move that a request does not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("can not {action} a request in state {stage}: {refusal}")]
pub struct IllegalTransition {
    /// Where the request stands.
    pub stage: StageName,
    /// What was tried, as [`super::Action::name`] says it.
    pub action: &'static str,
    /// Why not.
    pub refusal: Refusal,
}

/// Why a request does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is over.
    #[error("the request is closed")]
    Closed,
    /// It rests; resume it first.
    #[error("the request is paused")]
    Paused,
    /// It does not rest.
    #[error("the request is not paused")]
    NotPaused,
    /// The subject is not verified.
    #[error("the subject is not verified")]
    NotVerified,
    /// The link had a term.
    #[error("the link has expired")]
    LinkExpired,
    /// The time has not come.
    #[error("not before {until}")]
    TooEarly {
        /// When it will.
        until: Timestamp,
    },
    /// No rule lets automation do it.
    #[error("a person has to do this")]
    NeedsPerson,
    /// This is for staff.
    #[error("only staff may do this")]
    NeedsStaff,
    /// Four eyes: whoever made the request may not approve it.
    #[error("whoever made the request may not approve it")]
    ApproverIsRequester,
    /// One person approves once.
    #[error("already approved by the same person")]
    AlreadyApproved,
    /// What is being deleted can't be taken back.
    #[error("the deletion has begun")]
    DeletionHasBegun,
    /// Nothing was found that could be deleted once more, or accepted.
    #[error("nothing is known to remain")]
    NothingRemains,
    /// It does not happen at this point of a request's life.
    #[error("it is not at that point")]
    WrongStage,
}
