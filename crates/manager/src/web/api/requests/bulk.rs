//! One decision about many requests: `POST /requests/bulk`.

use axum::{extract::State, response::IntoResponse as _};
use http::StatusCode;
use privacy::request::StageName;
use rightful_http::{extract::Json, problem::Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::StoreError;

use super::{
    super::{ApiCaller, ApiResult, internal},
    bodies::invalid,
    decide,
};
use crate::{
    Manager, OperatorId, Permission, RequestId,
    app::requests::{AnnotateError, DecideError, RequestView},
};

/// How many requests can be decided about at once.
const MOST: usize = 1000;

/// What the other members of the body mean is for the action to say: `reason`, `ground`, `operator`.
#[derive(Deserialize)]
pub(super) struct BulkBody {
    ids: Vec<RequestId>,
    action: String,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Serialize)]
struct BulkResult {
    id: RequestId,
    /// `done` or `refused`.
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StageName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whom {
    operator: Option<OperatorId>,
}

/// Decides about each request by itself: one that refuses holds up no other.
pub(super) async fn bulk(State(manager): State<Manager>, caller: ApiCaller, Json(body): Json<BulkBody>) -> ApiResult {
    if body.ids.is_empty() || body.ids.len() > MOST {
        return Err(invalid("ids", "must name 1 to 1000 requests"));
    }
    let more = Value::Object(body.more);
    let mut results = Vec::with_capacity(body.ids.len());
    if body.action == "assign" {
        caller.require(Permission::WorkRequests)?;
        let whom: Whom = serde_json::from_value(more).map_err(|_| invalid("operator", "must be an operator's id"))?;
        for id in body.ids {
            let outcome = manager.assign(id, whom.operator, &caller.by).await;
            results.push(BulkResult::of(
                id,
                outcome.map_err(|error| match error {
                    AnnotateError::Store(error) => Refused::Ours(error),
                    error => Refused::Theirs(error.to_string()),
                }),
            )?);
        }
    } else {
        let asked = decide::read(&body.action, more.to_string().as_bytes()).map_err(known)?;
        caller.require(asked.permission())?;
        for id in body.ids {
            let outcome = decide::carry_out(&manager, &caller, id, asked.clone()).await;
            results.push(BulkResult::of(
                id,
                outcome.map_err(|error| match error {
                    DecideError::Store(error) => Refused::Ours(error),
                    error => Refused::Theirs(error.to_string()),
                }),
            )?);
        }
    }
    Ok(Json(json!({"results": results})).into_response())
}

/// Why one request was not decided about: how it stands, or our database.
enum Refused {
    Theirs(String),
    Ours(StoreError),
}

impl BulkResult {
    /// A database that is gone ends it all; what was decided so far stays decided.
    fn of(id: RequestId, outcome: Result<RequestView, Refused>) -> Result<Self, Problem> {
        let (result, state, reason) = match outcome {
            Ok(view) => ("done", Some(view.state), None),
            Err(Refused::Theirs(reason)) => ("refused", None, Some(reason)),
            Err(Refused::Ours(error)) if error.is_stale() => ("refused", None, Some(error.to_string())),
            Err(Refused::Ours(error)) => return Err(internal(&error)),
        };
        Ok(Self {
            id,
            result,
            state,
            reason,
        })
    }
}

/// There is no address here that could be wrong: it is the word.
fn known(problem: Problem) -> Problem {
    if problem.status() == StatusCode::NOT_FOUND {
        return invalid("action", "is not something that can be decided");
    }
    problem
}
