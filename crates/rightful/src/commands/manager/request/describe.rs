//! A request in words.

use std::fmt::Write as _;

use manager::app::{RequestView, TaskView};

pub(super) fn describe(request: &RequestView) -> String {
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
            .assignee
            .iter()
            .map(|assignee| format!("assignee   {}", assignee.name)),
    );
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

/// Where it stands, and how it ended.
pub(super) fn state(request: &RequestView) -> String {
    match request.outcome {
        Some(outcome) => format!("{}: {outcome}", request.state),
        None => request.state.to_string(),
    }
}
