//! One task in a line of the table.

use jiff::Timestamp;
use privacy::task::{TaskKind, TaskStatus};
use rightful_http::pages::parts::{Badge, PostButton};

use super::{
    super::words::{self, count},
    Operator, Possible, RequestView, TaskDecision,
};
use crate::{
    Permission,
    app::{
        ContactView,
        requests::{FoundView, TaskView},
    },
};

/// A task.
pub(super) struct TaskLine {
    pub(super) connection: String,
    pub(super) what: String,
    pub(super) status: Badge<'static>,
    pub(super) waits: Option<String>,
    pub(super) until: Option<Timestamp>,
    pub(super) cause: Option<String>,
    pub(super) cause_detail: Option<String>,
    pub(super) warning: Option<&'static str>,
    pub(super) buttons: Vec<PostButton<'static>>,
    pub(super) vendor_job_id: Option<String>,
    pub(super) vendor_status: Option<String>,
    pub(super) expected_by: Option<Timestamp>,
    pub(super) last_poll_at: Option<Timestamp>,
    pub(super) next_poll_at: Option<Timestamp>,
    pub(super) found: String,
    /// What a person was asked, in lines.
    pub(super) contact: Vec<String>,
}

impl TaskLine {
    pub(super) fn of(task: &TaskView, request: &RequestView, possible: &Possible, operator: &Operator) -> Self {
        let (tone, status) = words::status(task.status);
        let settled = !matches!(
            task.status,
            TaskStatus::NotStarted
                | TaskStatus::Waiting
                | TaskStatus::Submitting
                | TaskStatus::Processing
                | TaskStatus::Fetching
        );
        Self {
            connection: task.connection.clone().unwrap_or_else(|| task.connector.clone()),
            what: what(task),
            status: Badge::new(tone, status),
            waits: task
                .waiting_for
                .map(|reason| format!("Waits {}", words::waiting_for(reason))),
            until: task.until,
            cause: task.cause.as_ref().map(|cause| cause.message.clone()),
            cause_detail: cause_detail(task),
            warning: task.warning.as_deref().map(warning),
            buttons: buttons(task, request, possible, operator),
            vendor_job_id: task.vendor_job_id.clone(),
            vendor_status: task.vendor_status.clone(),
            expected_by: task.expected_by.filter(|_| !settled),
            last_poll_at: task
                .last_poll_at
                .or(task.contact.as_ref().map(|contact| contact.last_mail_at)),
            next_poll_at: task.next_poll_at,
            found: found(task),
            contact: task.contact.as_ref().map(contact).unwrap_or_default(),
        }
    }
}

fn what(task: &TaskView) -> String {
    let kind = match (task.kind, task.round) {
        (TaskKind::Deletion | TaskKind::Verification, round @ 2..) => format!("{} {round}", words::kind(task.kind)),
        (kind, _) => words::kind(kind).to_owned(),
    };
    if task.done_by == "direct_contact" {
        return format!("{kind}, asked by mail");
    }
    let data = words::data_type(&task.data_type);
    let identifier = words::identifier_in_text(task.identifier_type);
    format!("{kind}, {data} by {identifier}")
}

fn cause_detail(task: &TaskView) -> Option<String> {
    let cause = task.cause.as_ref()?;
    let vendor = cause
        .vendor_code
        .as_ref()
        .map(|code| format!("the vendor's code is {code}"));
    let attempts = (task.attempts > 1).then(|| format!("tried {}", count(task.attempts.into(), "time", "times")));
    let code = format!("Code {}", cause.code);
    let parts: Vec<String> = [Some(code), vendor, attempts].into_iter().flatten().collect();
    Some(parts.join(", "))
}

fn warning(word: &str) -> &'static str {
    match word {
        "vendor_overdue" => "Longer than the vendor promised: ask the vendor.",
        "vendor_status_unknown" => "The vendor uses a word that we do not know; we keep asking.",
        "contact_overdue" => "Nobody answered in time: ask again, skip the task, or stop it.",
        "export_expires_soon" => "The vendor's export will soon be gone.",
        _ => "Something is unusual here: see the history.",
    }
}

fn found(task: &TaskView) -> String {
    match (task.result, &task.found) {
        (Some("deleted"), _) => "deleted".to_owned(),
        (Some("nothing_found"), _) => "nothing".to_owned(),
        (_, Some(found)) => amount(found),
        (_, None) => String::new(),
    }
}

fn amount(found: &FoundView) -> String {
    format!(
        "{}, {}, {}",
        count(found.objects, "object", "objects"),
        count(found.records, "record", "records"),
        count(found.fields, "field", "fields")
    )
}

fn buttons(
    task: &TaskView,
    request: &RequestView,
    possible: &Possible,
    operator: &Operator,
) -> Vec<PostButton<'static>> {
    // What is under way is left alone, unless it has failed or waits.
    let stuck = matches!(task.status, TaskStatus::Failed | TaskStatus::Waiting);
    if !stuck || !operator.may(Permission::WorkRequests) {
        return Vec::new();
    }
    let name = task.connection.clone().unwrap_or_default();
    let button = |word: &str, label: &'static str| {
        let action = format!("/requests/{}/tasks/{}/{word}", request.id, task.id);
        let csrf = operator.csrf(&action);
        PostButton::new(action, label, csrf).small().about(name.clone())
    };
    let mut buttons = Vec::new();
    let awaits_answer = task
        .contact
        .as_ref()
        .is_some_and(|contact| contact.answered_at.is_none());
    if awaits_answer && task.status == TaskStatus::Waiting {
        buttons.push(button("remind", "Remind now"));
        buttons.push(button("resend", "Send a new link"));
    }
    let by_person = task.done_by == "direct_contact";
    let decisions = [
        (TaskDecision::Retry, "retry", "Retry", true),
        (TaskDecision::Skip, "skip", "Skip", true),
        (TaskDecision::Stop, "stop", "Stop", by_person),
    ];
    for (decision, word, label, offered) in decisions {
        if offered && possible.allows_for(task.id, decision) {
            buttons.push(button(word, label));
        }
    }
    buttons
}

/// What became of the question, a line each.
fn contact(contact: &ContactView) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(by) = &contact.answered_by {
        lines.push(format!("Answered by {by}"));
    } else if contact.answered_at.is_some() {
        lines.push("Answered".to_owned());
    } else if contact.opened_at.is_some() {
        lines.push("The form was opened".to_owned());
    } else {
        lines.push("The form was not opened yet".to_owned());
    }
    if contact.answered_at.is_none() && contact.reminders > 0 {
        let times = count(contact.reminders.into(), "time", "times");
        lines.push(format!("Reminded {times}"));
    }
    lines.extend(contact.note.as_ref().map(|note| format!("“{note}”")));
    lines
}
