//! Decisions: `POST /requests/{id}/{decision}`.

use axum::{body::Bytes, extract::State, response::IntoResponse as _};
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
    bodies::{invalid, optional},
};
use crate::{
    Manager, Permission, RequestId, TaskId,
    app::{
        Nudge,
        requests::{Decision, TaskDecision},
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

pub(super) async fn decide(
    State(manager): State<Manager>,
    caller: ApiCaller,
    Path2(id, word): Path2<RequestId, String>,
    body: Bytes,
) -> ApiResult {
    let mut explanation = None;
    let decision = match word.as_str() {
        "retry" => return decide_task(&manager, &caller, id, TaskDecision::Retry, &body).await,
        "skip" => return decide_task(&manager, &caller, id, TaskDecision::Skip, &body).await,
        "stop" => return decide_task(&manager, &caller, id, TaskDecision::Stop, &body).await,
        "remind" => return nudge(&manager, &caller, id, Nudge::Remind, &body).await,
        "resend" => return nudge(&manager, &caller, id, Nudge::Resend, &body).await,
        "pause" => Decision::Pause(optional::<WhyPause>(&body)?.reason.unwrap_or(PauseReason::Other)),
        "deny" => {
            let why = optional::<WhyDeny>(&body)?;
            explanation = why.explanation;
            Decision::Deny(why.ground.ok_or_else(|| invalid("ground", "is missing"))?)
        }
        "extend" => {
            explanation = optional::<WhyExtend>(&body)?.reason;
            Decision::Extend
        }
        word => {
            let decision = plain(word).ok_or_else(|| not_found("there is nothing at this address"))?;
            optional::<Nothing>(&body)?;
            decision
        }
    };
    caller.require(permission(&decision))?;
    let request = manager.decide_with(id, decision, explanation, &caller.by).await?;
    Ok(Json(request).into_response())
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

/// What is handed over or deleted takes the last decision.
const fn permission(decision: &Decision) -> Permission {
    match decision {
        Decision::Approve | Decision::RepeatDeletion | Decision::AcceptRemains => Permission::ApproveRequests,
        _ => Permission::WorkRequests,
    }
}

async fn decide_task(
    manager: &Manager,
    caller: &ApiCaller,
    id: RequestId,
    decision: TaskDecision,
    body: &[u8],
) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    let which: Result<WhichTask, Problem> = optional(body);
    let request = manager.decide_task(id, which?.task, decision, &caller.by).await?;
    Ok(Json(request).into_response())
}

/// Writes to whoever has not answered a form.
async fn nudge(manager: &Manager, caller: &ApiCaller, id: RequestId, nudge: Nudge, body: &[u8]) -> ApiResult {
    caller.require(Permission::WorkRequests)?;
    let which: Result<WhichTask, Problem> = optional(body);
    let request = manager.nudge(id, which?.task, nudge, &caller.by).await?;
    Ok(Json(request).into_response())
}
