//! Decisions: `POST /requests/{id}/{decision}`.

use axum::{body::Bytes, extract::State, response::IntoResponse as _};
use http::HeaderMap;
use privacy::{
    Personal,
    request::{DenialGround, PauseReason},
};
use rightful_http::{
    extract::{Json, Path2},
    problem::Problem,
};
use serde::Deserialize;

use super::{
    super::{ApiCaller, ApiResult, not_found},
    bodies::{invalid, must_be_json, optional},
};
use crate::{
    Manager, Permission, RequestId, TaskId,
    app::{
        Nudge,
        requests::{DecideError, Decision, RequestView, TaskDecision},
    },
};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Nothing {}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WhichTask {
    task: Option<TaskId>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WhyPause {
    reason: Option<PauseReason>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WhyDeny {
    ground: Option<DenialGround>,
    explanation: Option<Personal>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WhyExtend {
    reason: Option<Personal>,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    Request(Decision, Option<Personal>),
    Task(TaskDecision, Option<TaskId>),
}

pub(super) async fn decide(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(id, word): Path2<RequestId, String>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult {
    if !body.is_empty() {
        must_be_json(&headers)?;
    }
    match word.as_str() {
        "remind" => return nudge(&manager, &caller, id, Nudge::Remind, &body).await,
        "resend" => return nudge(&manager, &caller, id, Nudge::Resend, &body).await,
        _ => {}
    }
    let asked = read(&word, &body)?;
    caller.require(asked.permission())?;
    Ok(Json(carry_out(&manager, &caller, id, asked).await?).into_response())
}

/// What a word and its body ask for.
pub(super) fn read(word: &str, body: &[u8]) -> Result<Asked, Problem> {
    let task = |decision| Ok(Asked::Task(decision, optional::<WhichTask>(body)?.task));
    let mut explanation = None;
    let decision = match word {
        "retry" => return task(TaskDecision::Retry),
        "skip" => return task(TaskDecision::Skip),
        "stop" => return task(TaskDecision::Stop),
        "pause" => Decision::Pause(optional::<WhyPause>(body)?.reason.unwrap_or(PauseReason::Other)),
        "deny" => {
            let why = optional::<WhyDeny>(body)?;
            explanation = why.explanation;
            Decision::Deny(why.ground.ok_or_else(|| invalid("ground", "is missing"))?)
        }
        "extend" => {
            explanation = optional::<WhyExtend>(body)?.reason;
            Decision::Extend
        }
        word => {
            let decision = plain(word).ok_or_else(|| not_found("there is nothing at this address"))?;
            optional::<Nothing>(body)?;
            decision
        }
    };
    Ok(Asked::Request(decision, explanation))
}

/// Decides, as somebody who may.
pub(super) async fn carry_out(
    manager: &Manager,
    caller: &ApiCaller,
    id: RequestId,
    asked: Asked,
) -> Result<RequestView, DecideError> {
    match asked {
        Asked::Request(decision, explanation) => manager.decide_with(id, decision, explanation, &caller.by).await,
        Asked::Task(decision, task) => manager.decide_task(id, task, decision, &caller.by).await,
    }
}

fn plain(word: &str) -> Option<Decision> {
    Some(match word {
        "start" => Decision::Start,
        "approve" => Decision::Approve,
        "resume" => Decision::Resume,
        "verify" => Decision::Verify,
        "send-again" => Decision::SendAgain,
        "cancel" => Decision::Cancel,
        "spam" => Decision::MarkSpam,
        "nonresponsive" => Decision::MarkNonresponsive,
        "duplicate" => Decision::MarkDuplicate,
        "repeat-deletion" => Decision::RepeatDeletion,
        "accept-remains" => Decision::AcceptRemains,
        _ => return None,
    })
}

impl Asked {
    /// What is handed over or deleted takes the last decision.
    pub(super) const fn permission(&self) -> Permission {
        match self {
            Self::Request(Decision::Approve | Decision::RepeatDeletion | Decision::AcceptRemains, _) => {
                Permission::ApproveRequests
            }
            _ => Permission::WorkRequests,
        }
    }
}

/// Writes to whoever has not answered a form.
async fn nudge(manager: &Manager, caller: &ApiCaller, id: RequestId, nudge: Nudge, body: &[u8]) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    let which: Result<WhichTask, Problem> = optional(body);
    let request = manager.nudge(id, which?.task, nudge, &caller.by).await?;
    Ok(Json(request).into_response())
}
