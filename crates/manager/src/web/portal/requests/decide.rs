//! Decisions about a request and its tasks: one form each.

use std::str::FromStr;

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use privacy::{Personal, Right};
use rightful_http::{
    extract::{Path, Path2},
    pages::parts::Toast,
};

use super::{
    super::{Operator, PageError, Submitted},
    approvals, review,
};
use crate::{
    Manager, Permission, RequestId, TaskId,
    app::{
        Nudge,
        requests::{DecideError, Decision, RequestView, TaskDecision},
    },
};

/// A decision as the path names it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word {
    Verify,
    SendAgain,
    Start,
    Approve,
    Pause,
    Resume,
    Extend,
    Cancel,
    Deny,
    Spam,
    Nonresponsive,
    Duplicate,
    RepeatDeletion,
    AcceptRemains,
}

/// The path names no decision.
#[derive(Debug)]
pub(super) struct NoDecision;

impl FromStr for Word {
    type Err = NoDecision;

    fn from_str(word: &str) -> Result<Self, NoDecision> {
        Ok(match word {
            "verify" => Self::Verify,
            "send-again" => Self::SendAgain,
            "start" => Self::Start,
            "approve" => Self::Approve,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "extend" => Self::Extend,
            "cancel" => Self::Cancel,
            "deny" => Self::Deny,
            "spam" => Self::Spam,
            "nonresponsive" => Self::Nonresponsive,
            "duplicate" => Self::Duplicate,
            "repeat-deletion" => Self::RepeatDeletion,
            "accept-remains" => Self::AcceptRemains,
            _ => return Err(NoDecision),
        })
    }
}

impl Word {
    /// The last word about what is handed over or deleted is reserved.
    pub(super) const fn permission(self) -> Permission {
        match self {
            Self::Approve | Self::RepeatDeletion | Self::AcceptRemains => Permission::ApproveRequests,
            _ => Permission::WorkRequests,
        }
    }

    /// Whether it may let a deletion begin.
    pub(super) const fn deletes(self) -> bool {
        matches!(self, Self::Approve | Self::RepeatDeletion)
    }

    pub(super) fn decision(self, form: &Submitted) -> Result<Decision, PageError> {
        Ok(match self {
            Self::Verify => Decision::Verify,
            Self::SendAgain => Decision::SendAgain,
            Self::Start => Decision::Start,
            Self::Approve => Decision::Approve,
            Self::Pause => Decision::Pause(choice(form, "reason")?),
            Self::Resume => Decision::Resume,
            Self::Extend => Decision::Extend,
            Self::Cancel => Decision::Cancel,
            Self::Deny => Decision::Deny(choice(form, "ground")?),
            Self::Spam => Decision::MarkSpam,
            Self::Nonresponsive => Decision::MarkNonresponsive,
            Self::Duplicate => Decision::MarkDuplicate,
            Self::RepeatDeletion => Decision::RepeatDeletion,
            Self::AcceptRemains => Decision::AcceptRemains,
        })
    }
}

fn choice<T: FromStr>(form: &Submitted, field: &str) -> Result<T, PageError> {
    let chosen = form.field(field)?.parse();
    chosen.map_err(|_| PageError::Refused {
        status: http::StatusCode::BAD_REQUEST,
        reason: format!("choose a {field}"),
    })
}

/// A decision about the request.
pub(super) async fn decide(
    State(manager): State<Manager>,
    Path2(id, word): Path2<RequestId, Word>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(word.permission())?;
    // What can't be taken back is decided by who has proved lately who they are (SEC-12).
    if word.deletes()
        && manager
            .request(id)
            .await?
            .is_some_and(|request| request.right == Right::Deletion)
    {
        submitted.operator.require_recent(&format!("/requests/{id}"))?;
    }
    let decision = word.decision(&submitted)?;
    if decision == Decision::Approve && !review::is_as_seen(&manager, id, &submitted).await? {
        return Err(PageError::conflict(
            "somebody changed what is handed over while you were looking: open the review again",
        ));
    }
    let explanation = submitted
        .field("explanation")
        .ok()
        .map(str::trim)
        .filter(|words| !words.is_empty());
    let explanation = explanation.map(|words| Personal::new(words.to_owned()));
    let approves = decision == Decision::Approve;
    let view = manager
        .decide_with(id, decision, explanation, &submitted.operator.by)
        .await?;
    Ok(if approves {
        approved(&view)
    } else {
        Redirect::to(&format!("/requests/{id}")).into_response()
    })
}

/// On to the request; whoever has approved is told what is still missing, if anything is.
pub(super) fn approved(view: &RequestView) -> Response {
    let path = format!("/requests/{}", view.id);
    match approvals::still_missing(view) {
        Some(missing) => Operator::see(&path, &Toast::done(missing)),
        None => Redirect::to(&path).into_response(),
    }
}

/// Tries a failed task again.
pub(super) async fn retry_task(
    State(manager): State<Manager>,
    Path2(id, task): Path2<RequestId, TaskId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    decide_task(&manager, id, task, TaskDecision::Retry, &submitted).await
}

/// Leaves a task out.
pub(super) async fn skip_task(
    State(manager): State<Manager>,
    Path2(id, task): Path2<RequestId, TaskId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    decide_task(&manager, id, task, TaskDecision::Skip, &submitted).await
}

/// Ends a task.
pub(super) async fn stop_task(
    State(manager): State<Manager>,
    Path2(id, task): Path2<RequestId, TaskId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    decide_task(&manager, id, task, TaskDecision::Stop, &submitted).await
}

/// Reminds a processor now.
pub(super) async fn remind(
    State(manager): State<Manager>,
    Path2(id, task): Path2<RequestId, TaskId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    nudge(&manager, id, task, Nudge::Remind, &submitted).await
}

/// Asks a processor again, with a new link.
pub(super) async fn resend(
    State(manager): State<Manager>,
    Path2(id, task): Path2<RequestId, TaskId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    nudge(&manager, id, task, Nudge::Resend, &submitted).await
}

async fn nudge(
    manager: &Manager,
    id: RequestId,
    task: TaskId,
    nudge: Nudge,
    form: &Submitted,
) -> Result<Redirect, PageError> {
    form.operator.require(Permission::WorkRequests)?;
    manager.nudge(id, Some(task), nudge, &form.operator.by).await?;
    Ok(Redirect::to(&format!("/requests/{id}")))
}

async fn decide_task(
    manager: &Manager,
    id: RequestId,
    task: TaskId,
    decision: TaskDecision,
    form: &Submitted,
) -> Result<Redirect, PageError> {
    form.operator.require(Permission::WorkRequests)?;
    manager.decide_task(id, Some(task), decision, &form.operator.by).await?;
    Ok(Redirect::to(&format!("/requests/{id}")))
}

/// Another try for everything that failed.
pub(super) async fn retry_all(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    submitted.operator.require(Permission::WorkRequests)?;
    manager.retry(id, None, &submitted.operator.by).await?;
    Ok(Redirect::to(&format!("/requests/{id}")))
}

impl From<DecideError> for PageError {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NotFound | DecideError::NoSuchTask => Self::NotFound,
            DecideError::Store(error) => error.into(),
            DecideError::NothingFailed
            | DecideError::NobodyAsked
            | DecideError::NotMailed { .. }
            | DecideError::NobodyToWriteTo
            | DecideError::TooLong
            | DecideError::Illegal(_)
            | DecideError::IllegalTask(_)
            | DecideError::Extend(_) => Self::conflict(error),
        }
    }
}
