//! What people and programs decide about a request.

use jiff::tz::TimeZone;
use oauth::Secret;
use privacy::{
    Personal,
    framework::ExtendError,
    request::{Action, DenialGround, IllegalTransition, PauseReason, Refusal, Stage},
    task::IllegalTaskTransition,
};
use store::{StoreError, retried};

use super::{
    RequestView,
    case::{Case, MoveError},
};
use crate::{By, Manager, RequestId};

/// The longest that can be written to a subject about a decision.
const LONGEST_EXPLANATION: usize = 4000;

/// A decision about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Staff vouch for the subject.
    Verify,
    /// The link is mailed again: the one that confirms the request, or the one to the copy.
    SendAgain,
    /// The connections may begin.
    Start,
    /// What was found may be handed over, or what was chosen may be deleted.
    Approve,
    /// It rests.
    Pause(PauseReason),
    /// It goes on where it was.
    Resume,
    /// The deadline is put off, once.
    Extend,
    /// It is withdrawn.
    Cancel,
    /// It is refused.
    Deny(DenialGround),
    /// It is no request.
    MarkSpam,
    /// The subject does not answer.
    MarkNonresponsive,
    /// Another request asks the same.
    MarkDuplicate,
    /// Delete once more what is left.
    RepeatDeletion,
    /// Finish although something is left.
    AcceptRemains,
}

/// Why a decision was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// There is no such task in this request.
    #[error("no such task in this request")]
    NoSuchTask,
    /// There is nobody to write to.
    #[error("the subject can't be written to: there is no mailer, no e-mail address, or it was asked not to")]
    NobodyToWriteTo,
    /// The words for the subject do not fit into a mail.
    #[error("words for the subject have at most {LONGEST_EXPLANATION} characters")]
    TooLong,
    /// No task of the request is in need of it.
    #[error("no task of this request has failed")]
    NothingFailed,
    /// No task of the request waits for a processor.
    #[error("no task of this request waits for a processor")]
    NobodyAsked,
    /// The processor can't be written to.
    #[error("the processor can't be written to: {reason}")]
    NotMailed {
        /// Why.
        reason: String,
    },
    /// The request does not move that way.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// A task does not move that way.
    #[error(transparent)]
    IllegalTask(#[from] IllegalTaskTransition),
    /// The deadline is not put off.
    #[error(transparent)]
    Extend(#[from] ExtendError),
    /// The database failed.
    #[error("the decision could not be stored")]
    Store(#[from] StoreError),
}

impl From<MoveError> for DecideError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Request(error) => Self::Illegal(error),
            MoveError::Task(error) => Self::IllegalTask(error),
            MoveError::Store(error) => Self::Store(error),
        }
    }
}

impl Manager {
    /// The connections of a request may begin.
    pub async fn start_request(&self, id: RequestId, by: &By) -> Result<RequestView, DecideError> {
        self.decide(id, Decision::Start, by).await
    }

    /// What was found may be handed over, or deleted.
    pub async fn approve_request(&self, id: RequestId, by: &By) -> Result<RequestView, DecideError> {
        self.decide(id, Decision::Approve, by).await
    }

    /// A request is withdrawn, while nothing is deleted yet.
    pub async fn cancel_request(&self, id: RequestId, by: &By) -> Result<RequestView, DecideError> {
        self.decide(id, Decision::Cancel, by).await
    }

    /// The deadline of a request is put off, once.
    pub async fn extend_request(&self, id: RequestId, by: &By) -> Result<RequestView, DecideError> {
        self.decide(id, Decision::Extend, by).await
    }

    /// Carries out a decision about a request, with everything that follows from it.
    pub async fn decide(&self, id: RequestId, decision: Decision, by: &By) -> Result<RequestView, DecideError> {
        self.decide_with(id, decision, None, by).await
    }

    /// The same, with words for the subject, which go into the mail about it.
    pub async fn decide_with(
        &self,
        id: RequestId,
        decision: Decision,
        explanation: Option<Personal>,
        by: &By,
    ) -> Result<RequestView, DecideError> {
        retried(|| self.decide_once(id, decision.clone(), explanation.clone(), by)).await
    }

    async fn decide_once(
        &self,
        id: RequestId,
        decision: Decision,
        explanation: Option<Personal>,
        by: &By,
    ) -> Result<RequestView, DecideError> {
        let mut case = Case::open(self, id).await?.ok_or(DecideError::NotFound)?;
        if let Some(words) = &explanation
            && words.reveal().chars().count() > LONGEST_EXPLANATION
        {
            return Err(DecideError::TooLong);
        }
        case.explanation = explanation.map(|words| Secret::new(words.reveal().clone()));
        let actor = by.actor.clone();
        let action = match decision {
            Decision::Verify => Action::Verify { by: actor },
            Decision::SendAgain => return send_again(case, by).await,
            Decision::Start => Action::Start { by: actor },
            Decision::Approve => Action::Approve { by: actor },
            Decision::Pause(reason) => Action::Pause { reason },
            Decision::Resume => Action::Resume,
            Decision::Extend => return extend(case, by).await,
            Decision::Cancel => Action::Cancel,
            Decision::Deny(ground) => Action::Deny { ground },
            Decision::MarkSpam => Action::MarkSpam,
            Decision::MarkNonresponsive => Action::MarkNonresponsive,
            Decision::MarkDuplicate => Action::MarkDuplicate,
            Decision::RepeatDeletion => Action::RepeatDeletion,
            Decision::AcceptRemains => Action::AcceptRemains,
        };
        if matches!(action, Action::Start { .. }) && matches!(case.request.stage, Stage::Triage { .. }) {
            case.plan_newcomers(by).await?;
        }
        if matches!(action, Action::Approve { .. }) {
            case.hear_approvers().await?;
        }
        case.act(&action, by).await?;
        case.go_on(by).await?;
        let view = case.view().await?;
        case.commit().await?;
        Ok(view)
    }
}

impl Case {
    /// Opens a request for an action that only an open one takes.
    pub(crate) async fn open_for(manager: &Manager, id: RequestId, action: &'static str) -> Result<Self, DecideError> {
        let case = Self::open(manager, id).await?.ok_or(DecideError::NotFound)?;
        case.refuse_closed(action)?;
        Ok(case)
    }

    fn refuse_closed(&self, action: &'static str) -> Result<(), IllegalTransition> {
        if self.request.stage.is_open() {
            return Ok(());
        }
        Err(IllegalTransition {
            stage: self.request.stage.kind(),
            action,
            refusal: Refusal::Closed,
        })
    }
}

/// A link is mailed again. A new download link ends the old ones, and lasts its whole time.
async fn send_again(mut case: Case, by: &By) -> Result<RequestView, DecideError> {
    if case.subject_address()?.is_none() {
        return Err(DecideError::NobodyToWriteTo);
    }
    match case.request.stage {
        Stage::PendingVerification { until, .. } => case.mail_verification(until, by).await?,
        _ => case.act(&Action::Delivered, by).await?,
    }
    let view = case.view().await?;
    case.commit().await?;
    Ok(view)
}

async fn extend(mut case: Case, by: &By) -> Result<RequestView, DecideError> {
    case.refuse_closed(Action::Extend.name())?;
    let now = case.tx.now();
    case.request.deadline = case.request.deadline.clone().extend(&TimeZone::UTC, now)?;
    case.act(&Action::Extend, by).await?;
    let view = case.view().await?;
    case.commit().await?;
    Ok(view)
}
