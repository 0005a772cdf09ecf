//! What could be decided about a request right now.

use std::{collections::BTreeMap, mem::discriminant};

use jiff::{Timestamp, tz::TimeZone};
use privacy::{
    Actor,
    request::{self, Action, DenialGround, PauseReason, Stage},
};
use store::StoreError;

use super::{Decision, TaskDecision, approvers::groups};
use crate::{
    By, Manager, RequestId, TaskId,
    app::subject::WrittenTo,
    rows::{self, request::RequestRow, task::TaskRow},
};

/// What one actor could decide about a request at one moment: the moves that would be made if they were asked for.
#[derive(Debug, Clone, Default)]
pub struct Possible {
    decisions: Vec<Decision>,
    tasks: BTreeMap<TaskId, Vec<TaskDecision>>,
}

impl Possible {
    /// Whether a decision of this kind would be carried out; its reason does not matter.
    pub fn allows(&self, decision: &Decision) -> bool {
        self.decisions
            .iter()
            .any(|possible| discriminant(possible) == discriminant(decision))
    }

    /// Whether the decision about this task would be carried out.
    pub fn allows_for(&self, task: TaskId, decision: TaskDecision) -> bool {
        self.tasks
            .get(&task)
            .is_some_and(|decisions| decisions.contains(&decision))
    }
}

impl Manager {
    /// What `by` could decide about a request and its tasks; nothing where there is no such request.
    pub async fn possible_decisions(&self, id: RequestId, by: &By) -> Result<Possible, StoreError> {
        let mut tx = self.store().read().await?;
        let Some(mut request) = rows::request::by_id(&mut tx, id).await? else {
            return Ok(Possible::default());
        };
        let tasks = rows::task::of_request(&mut tx, id).await?;
        let company = self.company_in(&mut tx).await?;
        request.options.approver_groups = groups(&company, &tasks);
        let now = tx.now();
        let decisions = every_decision(&by.actor).into_iter();
        let tasks = tasks.iter().map(|task| (task.id, of_task(&request, task, now)));
        let mut decisions: Vec<_> = decisions
            .filter(|(_, action)| would_move(&request, action, now))
            .map(|(decision, _)| decision)
            .collect();
        let waits_for_subject = matches!(
            request.stage,
            Stage::PendingVerification { .. } | Stage::Delivering { .. }
        );
        if waits_for_subject && matches!(self.written_to(&request)?, WrittenTo::Subject(_)) {
            decisions.push(Decision::SendAgain);
        }
        Ok(Possible {
            decisions,
            tasks: tasks.collect(),
        })
    }
}

fn every_decision(actor: &Actor) -> [(Decision, Action); 13] {
    let by = || actor.clone();
    let (reason, ground) = (PauseReason::Other, DenialGround::Other);
    [
        (Decision::Verify, Action::Verify { by: by() }),
        (Decision::Start, Action::Start { by: by() }),
        (Decision::Approve, Action::Approve { by: by() }),
        (Decision::Pause(reason), Action::Pause { reason }),
        (Decision::Resume, Action::Resume),
        (Decision::Extend, Action::Extend),
        (Decision::Cancel, Action::Cancel),
        (Decision::Deny(ground), Action::Deny { ground }),
        (Decision::MarkSpam, Action::MarkSpam),
        (Decision::MarkNonresponsive, Action::MarkNonresponsive),
        (Decision::MarkDuplicate, Action::MarkDuplicate),
        (Decision::RepeatDeletion, Action::RepeatDeletion),
        (Decision::AcceptRemains, Action::AcceptRemains),
    ]
}

fn would_move(row: &RequestRow, action: &Action, now: Timestamp) -> bool {
    let moves = request::apply(row.stage.clone(), row.right, &row.options, action, now).is_ok();
    let extends = || row.deadline.clone().extend(&TimeZone::UTC, now).is_ok();
    moves && (*action != Action::Extend || extends())
}

fn of_task(request: &RequestRow, row: &TaskRow, now: Timestamp) -> Vec<TaskDecision> {
    if !request.stage.is_open() {
        return Vec::new();
    }
    let every = [TaskDecision::Retry, TaskDecision::Skip, TaskDecision::Stop];
    let possible = |decision: &TaskDecision| row.task.clone().apply(decision.action(), now).is_ok();
    every.into_iter().filter(possible).collect()
}
