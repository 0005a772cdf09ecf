//! `rightful manager request …`

mod annotate;
mod create;
mod describe;
mod list;

use std::path::Path;

use manager::{
    By, Manager, RequestId, TaskId,
    app::{Decision, Nudge, RequestView, TaskDecision},
};
use privacy::Personal;
use serde_json::json;

use self::describe::{describe, state};
use super::{package, transfer};
use crate::{
    Failure,
    command_line::{ClosedWithout, RequestCommand, Requests, Tasks},
    commands::Call,
    failure, file_input,
    output::Output,
};

pub(super) async fn run(call: &Call, manager: &Manager, command: RequestCommand) -> anyhow::Result<()> {
    let output = call.output;
    let decide = |requests: Requests, decision| decide_each(output, manager, requests, decision, None);
    match command {
        RequestCommand::Create(options) => create::create(call, manager, options).await,
        RequestCommand::List {
            state,
            assignee,
            unassigned,
            limit,
        } => {
            let filter = list::filter(manager, state, assignee.as_deref(), unassigned).await?;
            list::list(output, manager, &filter, limit).await
        }
        RequestCommand::Search(identity) => {
            list::list(output, manager, &list::of_subject(&identity)?, MOST_OF_ONE).await
        }
        RequestCommand::Show { id } => {
            let id = read_id(&id)?;
            let request = manager
                .request(id)
                .await?
                .ok_or_else(|| Failure::new(format!("there is no request {id}")))?;
            output.answer(&serde_json::to_value(&request)?, || describe(&request))?;
            Ok(())
        }
        RequestCommand::Events { id } => annotate::events(call, manager, read_id(&id)?).await,
        RequestCommand::Change(options) => {
            let request = create::change(manager, options).await?;
            output.answer(&serde_json::to_value(&request)?, || describe(&request))?;
            Ok(())
        }
        RequestCommand::Assign { ids, to, nobody: _ } => {
            let operator = annotate::whom(manager, to.as_deref()).await?;
            each(output, &ids, async |id| annotate::assign(manager, id, operator).await).await
        }
        RequestCommand::Note { id, file } => annotate::add_note(call, manager, read_id(&id)?, &file).await,
        RequestCommand::Notes { id } => annotate::notes(call, manager, read_id(&id)?).await,
        RequestCommand::Verify(requests) => decide(requests, Decision::Verify).await,
        RequestCommand::Start(requests) => decide(requests, Decision::Start).await,
        RequestCommand::Approve(requests) => decide(requests, Decision::Approve).await,
        RequestCommand::Pause { requests, reason } => decide(requests, Decision::Pause(reason)).await,
        RequestCommand::Resume(requests) => decide(requests, Decision::Resume).await,
        RequestCommand::Extend { requests, reason_file } => {
            let words = read_words(reason_file.as_deref())?;
            decide_each(output, manager, requests, Decision::Extend, words).await
        }
        RequestCommand::Deny {
            requests,
            ground,
            explanation_file,
        } => {
            let words = read_words(explanation_file.as_deref())?;
            decide_each(output, manager, requests, Decision::Deny(ground), words).await
        }
        RequestCommand::Close { requests, outcome } => decide(requests, outcome.into()).await,
        RequestCommand::Cancel(requests) => decide(requests, Decision::Cancel).await,
        RequestCommand::RepeatDeletion(requests) => decide(requests, Decision::RepeatDeletion).await,
        RequestCommand::AcceptRemains(requests) => decide(requests, Decision::AcceptRemains).await,
        RequestCommand::SendLinkAgain(requests) => decide(requests, Decision::SendAgain).await,
        RequestCommand::Retry(tasks) => decide_tasks(output, manager, tasks, TaskDecision::Retry).await,
        RequestCommand::Skip(tasks) => decide_tasks(output, manager, tasks, TaskDecision::Skip).await,
        RequestCommand::Stop(tasks) => decide_tasks(output, manager, tasks, TaskDecision::Stop).await,
        RequestCommand::Remind(tasks) => nudge(output, manager, tasks, Nudge::Remind).await,
        RequestCommand::AskAgain(tasks) => nudge(output, manager, tasks, Nudge::Resend).await,
        RequestCommand::Export(options) => match &options.id {
            Some(id) => package::write(call, manager, read_id(id)?, &options.output).await,
            None => transfer::export(call, manager, &options).await,
        },
        RequestCommand::Import(options) => transfer::import(call, manager, &options).await,
    }
}

/// More requests than one person makes.
const MOST_OF_ONE: u32 = 1000;

async fn decide_each(
    output: Output,
    manager: &Manager,
    requests: Requests,
    decision: Decision,
    words: Option<Personal>,
) -> anyhow::Result<()> {
    let by = By::command_line();
    each(output, &requests.ids, async |id| {
        Ok(manager.decide_with(id, decision.clone(), words.clone(), &by).await?)
    })
    .await
}

async fn decide_tasks(output: Output, manager: &Manager, tasks: Tasks, decision: TaskDecision) -> anyhow::Result<()> {
    let (task, by) = (read_task(tasks.task.as_deref())?, By::command_line());
    each(output, &tasks.ids, async |id| {
        Ok(manager.decide_task(id, task, decision, &by).await?)
    })
    .await
}

async fn nudge(output: Output, manager: &Manager, tasks: Tasks, nudge: Nudge) -> anyhow::Result<()> {
    let (task, by) = (read_task(tasks.task.as_deref())?, By::command_line());
    each(output, &tasks.ids, async |id| {
        Ok(manager.nudge(id, task, nudge, &by).await?)
    })
    .await
}

/// Words for the subject, which go into the mail about a decision.
fn read_words(file: Option<&Path>) -> anyhow::Result<Option<Personal>> {
    let words = file.map(file_input::text).transpose()?;
    Ok(words.map(|words| Personal::new(words.trim().to_owned())))
}

impl From<ClosedWithout> for Decision {
    fn from(outcome: ClosedWithout) -> Self {
        match outcome {
            ClosedWithout::Spam => Self::MarkSpam,
            ClosedWithout::Nonresponsive => Self::MarkNonresponsive,
            ClosedWithout::Duplicate => Self::MarkDuplicate,
        }
    }
}

/// The same with each of many requests: one line each, and at the end how many could not be changed.
async fn each(
    output: Output,
    ids: &[String],
    change: impl AsyncFn(RequestId) -> anyhow::Result<RequestView>,
) -> anyhow::Result<()> {
    let mut refused = 0;
    for text in ids {
        let id = read_id(text)?;
        match change(id).await {
            Ok(request) => output.answer(&serde_json::to_value(&request)?, || {
                format!("request {} ({}): {}", request.id, request.reference, state(&request))
            })?,
            Err(error) if ids.len() == 1 => return Err(error.context(format!("request {id}"))),
            Err(error) => {
                refused += 1;
                let reason = failure::one_line(&error);
                output.answer(&json!({"id": id, "error": reason}), || {
                    format!("request {id}: {reason}")
                })?;
            }
        }
    }
    if refused > 0 {
        return Err(Failure::new(format!("{refused} of {} requests could not be changed", ids.len())).into());
    }
    Ok(())
}

pub(super) fn read_id(text: &str) -> Result<RequestId, Failure> {
    text.parse()
        .map_err(|_| Failure::usage("expected a request's id, as `request list` shows it"))
}

fn read_task(text: Option<&str>) -> Result<Option<TaskId>, Failure> {
    text.map(str::parse)
        .transpose()
        .map_err(|_| Failure::usage("--task: expected a task's id, as `request show` shows it"))
}
