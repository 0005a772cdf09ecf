//! `rightful manager request …`

use std::{collections::BTreeMap, fmt::Write as _};

use manager::{
    By, ConnectionId, Manager, RequestId, TaskId,
    app::{NewRequest, RequestFilter, RequestView, TaskDecision, TaskView},
};
use privacy::{Identities, Right};
use serde_json::{Value, json};

use super::{package, transfer};
use crate::{
    Failure,
    command_line::{CreateRequest, RequestCommand, RequestType},
    commands::Call,
    failure,
    output::{Output, Row},
};

pub(super) async fn run(call: &Call, manager: &Manager, command: RequestCommand) -> anyhow::Result<()> {
    let by = By::command_line();
    let output = call.output;
    match command {
        RequestCommand::Create(options) => create(call, manager, options).await,
        RequestCommand::List { state, limit } => list(output, manager, state.as_deref(), limit).await,
        RequestCommand::Show { id } => {
            let id = read_id(&id)?;
            let request = manager
                .request(id)
                .await?
                .ok_or_else(|| Failure::new(format!("there is no request {id}")))?;
            output.answer(&serde_json::to_value(&request)?, || describe(&request))?;
            Ok(())
        }
        RequestCommand::Start { ids } => each(output, &ids, async |id| Ok(manager.start_request(id, &by).await?)).await,
        RequestCommand::Approve { ids } => {
            each(output, &ids, async |id| Ok(manager.approve_request(id, &by).await?)).await
        }
        RequestCommand::Cancel { ids } => {
            each(output, &ids, async |id| Ok(manager.cancel_request(id, &by).await?)).await
        }
        RequestCommand::Retry { ids, task } => {
            let task = read_task(task.as_deref())?;
            each(output, &ids, async |id| Ok(manager.retry(id, task, &by).await?)).await
        }
        RequestCommand::Skip { ids, task } => {
            let task = read_task(task.as_deref())?;
            each(output, &ids, async |id| Ok(manager.skip(id, task, &by).await?)).await
        }
        RequestCommand::Stop { ids, task } => {
            let task = read_task(task.as_deref())?;
            each(output, &ids, async |id| {
                Ok(manager.decide_task(id, task, TaskDecision::Stop, &by).await?)
            })
            .await
        }
        RequestCommand::Export(options) => match &options.id {
            Some(id) => package::write(call, manager, read_id(id)?, &options.output).await,
            None => transfer::export(call, manager, &options).await,
        },
        RequestCommand::Import(options) => transfer::import(call, manager, &options).await,
    }
}

async fn create(call: &Call, manager: &Manager, options: CreateRequest) -> anyhow::Result<()> {
    let right = match options.request_type {
        RequestType::Access => Right::Access,
        RequestType::Deletion => Right::Deletion,
    };
    let connections: Vec<ConnectionId> = options
        .connection
        .iter()
        .map(|id| {
            id.parse()
                .map_err(|_| Failure::usage("--connection: expected a connection's id"))
        })
        .collect::<Result<_, _>>()?;
    let new = NewRequest {
        framework: options.framework.clone(),
        connections: (!connections.is_empty()).then_some(connections),
        start: options.start,
        auto_approve: options.auto_approve,
        ..NewRequest::new(right, identities(&options)?, "command_line")
    };
    let created = manager.create_request(new, &By::command_line(), None).await?;
    call.output.answer(&created.answer, || {
        let word = |name: &str| created.answer.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("request {} ({}): {}", created.id, word("reference"), word("state"))
    })?;
    Ok(())
}

fn identities(options: &CreateRequest) -> anyhow::Result<Identities> {
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    if options.identities_stdin {
        given = serde_json::from_reader(std::io::stdin())
            .map_err(|_| Failure::new("standard input is no JSON object such as {\"email\": \"ada@example.com\"}"))?;
    }
    given.extend(options.email.iter().map(|email| ("email".to_owned(), email.clone())));
    for identity in &options.identity {
        let (kind, value) = identity
            .split_once('=')
            .ok_or_else(|| Failure::usage("--identity: expected TYPE=VALUE"))?;
        given.insert(kind.to_owned(), value.to_owned());
    }
    if given.is_empty() {
        return Err(Failure::usage("whose request is it?")
            .hint("--email, --identity TYPE=VALUE, or --identities-stdin")
            .into());
    }
    Ok(Identities::parse(given)?)
}

async fn list(output: Output, manager: &Manager, state: Option<&str>, limit: u32) -> anyhow::Result<()> {
    let state = state
        .map(str::parse)
        .transpose()
        .map_err(|error| Failure::usage(format!("--state: {error}")))?;
    let filter = RequestFilter {
        states: state.into_iter().collect(),
        ..RequestFilter::default()
    };
    let page = manager.requests(&filter, limit).await?;
    let rows = page.requests.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
    let heads = ["id", "reference", "type", "state", "deadline", ""];
    output.list(&rows, &heads, "no requests")?;
    if page.next.is_some() {
        output.remark("There are more: see them with a larger --limit.");
    }
    Ok(())
}

fn row(request: &RequestView) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(request)?,
        cells: vec![
            request.id.to_string(),
            request.reference.clone(),
            request.right.to_string(),
            state(request),
            request.deadline.strftime("%Y-%m-%d").to_string(),
            request.deadline_state.to_string().replace('_', " "),
        ],
    })
}

fn state(request: &RequestView) -> String {
    match request.outcome {
        Some(outcome) => format!("{}: {outcome}", request.state),
        None => request.state.to_string(),
    }
}

fn describe(request: &RequestView) -> String {
    let mut lines = vec![
        format!("{} {} ({})", request.right, request.reference, request.id),
        format!("state      {}", state(request)),
        format!(
            "deadline   {} ({}, {})",
            request.deadline.strftime("%Y-%m-%d"),
            request.deadline_state.to_string().replace('_', " "),
            request.framework
        ),
    ];
    let identities = request
        .identities
        .iter()
        .map(|(kind, masked)| format!("{kind} {masked}"));
    lines.push(format!("identity   {}", identities.collect::<Vec<_>>().join(", ")));
    lines.extend(
        request
            .notices
            .iter()
            .map(|notice| format!("note       {}", notice.message)),
    );
    lines.extend(request.tasks.iter().flatten().map(task_line));
    lines.join("\n")
}

fn task_line(task: &TaskView) -> String {
    let mut line = format!(
        "task       {} {} {} by {}: {}",
        task.connection.as_deref().unwrap_or(&task.connector),
        task.kind,
        task.data_type,
        task.identifier_type,
        task.status
    );
    if let Some(job) = &task.vendor_job_id {
        write!(line, ", vendor job {job}").ok();
    }
    if let Some(found) = &task.found {
        write!(line, ", {} objects, {} records", found.objects, found.records).ok();
    }
    if let Some(waiting) = &task.waiting_for {
        write!(line, ", waits for {waiting}").ok();
    }
    if let Some(cause) = &task.cause {
        write!(line, ": {}", cause.message).ok();
    }
    line
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

fn read_id(text: &str) -> Result<RequestId, Failure> {
    text.parse()
        .map_err(|_| Failure::usage("expected a request's id, as `request list` shows it"))
}

fn read_task(text: Option<&str>) -> Result<Option<TaskId>, Failure> {
    text.map(str::parse)
        .transpose()
        .map_err(|_| Failure::usage("--task: expected a task's id, as `request show` shows it"))
}
