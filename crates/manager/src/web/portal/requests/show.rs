//! One request: where it stands, what it waits for, what was done, and what can be done.

mod actions;
mod beside;
mod history;
mod tasks;

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use privacy::{
    Identities, IdentityType,
    request::{ErasureProof, StageName},
};
use rightful_http::{
    extract::{Path, Query},
    pages::parts::{Badge, Empty, Live, Notice, PostButton, Tone, When},
};
use serde::Deserialize;

use self::{
    actions::{MainAction, OtherAction},
    beside::Beside,
    history::Repeated,
    tasks::TaskLine,
};
use super::{
    super::{Operator, PageError, Section, Submitted},
    approvals::Approvals,
    view::{Due, day, progress, waits_for},
    words,
};
use crate::{
    Manager, Permission, RequestId,
    app::requests::{Decision, LeftOut, Possible, PossibleDuplicate, RequestView, TaskDecision},
};

#[derive(Template)]
#[template(path = "portal/requests/show.html")]
struct ShowPage {
    href: String,
    reference: String,
    right: &'static str,
    state: Badge<'static>,
    received_at: Timestamp,
    framework: String,
    source: &'static str,
    /// What keeps the page up to date.
    live: Option<Live<'static>>,
    main: MainAction,
    notices: Vec<Notice<'static>>,
    waits: Option<Waits>,
    progress: String,
    retry_all: Option<PostButton<'static>>,
    tasks: Vec<TaskLine>,
    no_tasks: Empty<'static>,
    left_out: Vec<String>,
    events: Vec<Repeated>,
    more_events: Option<String>,
    subject: Vec<Named>,
    due: Due,
    approvals: Option<Approvals>,
    facts: Vec<Named>,
    revealed: bool,
    show_subject: Option<PostButton<'static>>,
    other: Vec<OtherAction>,
    beside: Beside,
    duplicates: Vec<Twin>,
    /// What the subject wrote to go with it; only whoever works on requests reads it.
    message: Option<String>,
}

/// A request that may ask the same.
struct Twin {
    href: String,
    reference: String,
    state: &'static str,
    received: String,
}

/// What a request waits for, and when it goes on by itself.
struct Waits {
    text: String,
    /// The next moment at which something happens without anybody.
    next: Option<Next>,
}

/// Something that happens by itself.
struct Next {
    label: &'static str,
    at: Timestamp,
}

struct Named {
    label: &'static str,
    value: String,
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// How many events the history shows.
    #[serde(default)]
    events: Option<i64>,
}

/// The page.
pub(super) async fn show(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<RequestId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    operator.require(Permission::ReadRequests)?;
    page(&manager, &operator, id, asked.events, None).await
}

/// The page with the identifiers in full: seeing them is an act that is written down, hence a POST.
pub(super) async fn reveal(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::WorkRequests)?;
    let identities = manager
        .reveal_identities(id, &operator.by)
        .await?
        .ok_or(PageError::NotFound)?;
    page(&manager, operator, id, None, Some(&identities)).await
}

async fn page(
    manager: &Manager,
    operator: &Operator,
    id: RequestId,
    events: Option<i64>,
    revealed: Option<&Identities>,
) -> Result<Response, PageError> {
    let view = manager.request(id).await?.ok_or(PageError::NotFound)?;
    let possible = manager.possible_decisions(id, &operator.by).await?;
    let history = history::read(manager, &view, events).await?;
    let may_work = operator.may(Permission::WorkRequests);
    let (tone, state) = words::stage(view.state, view.outcome);
    let (right, href) = (words::right(view.right), format!("/requests/{id}"));
    let lines = view.tasks.as_deref().unwrap_or_default();
    let message = if may_work {
        manager.request_message(id).await?
    } else {
        None
    };
    let body = ShowPage {
        message: message.map(|message| message.reveal().clone()),
        reference: view.reference.clone(),
        right,
        state: Badge::new(tone, state),
        received_at: view.created_at,
        framework: manager.company().await?.frameworks.name(&view.framework),
        source: source(&view.source),
        live: (view.state != StageName::Closed && revealed.is_none()).then(|| live(&href, events)),
        main: actions::main(&view, &possible, operator),
        notices: notices(&view),
        waits: waits(&view),
        progress: progress_words(&view),
        retry_all: retry_all(&view, &possible, operator),
        tasks: lines
            .iter()
            .map(|task| TaskLine::of(task, &view, &possible, operator))
            .collect(),
        no_tasks: no_tasks(&view),
        left_out: left_out(manager, &view).await?,
        events: history.lines,
        more_events: history.more.map(|events| format!("{href}?events={events}#history")),
        subject: subject(&view, revealed),
        due: Due::of(&view, manager.now()),
        approvals: Approvals::of(&view, operator),
        facts: facts(&view),
        revealed: revealed.is_some(),
        show_subject: (may_work && !view.identities.is_empty()).then(|| {
            let action = format!("{href}/subject");
            let csrf = operator.csrf(&action);
            PostButton::new(action, "Show in full", csrf).small()
        }),
        other: actions::other(&view, &possible, operator),
        beside: beside::read(manager, &view, operator).await?,
        duplicates: twins(&view),
        href,
    };
    let title = format!("{right} request {}", view.reference);
    Ok(operator.live_page(Section::Requests, &title, &body))
}

/// The parts that change without anybody on this page: what somebody may be filling in is left alone while they are.
const PARTS: &[&str] = &[
    "state:innerHTML",
    "actions",
    "notices",
    "waits",
    "due",
    "approval",
    "task-list",
    "other",
    "happened",
];

/// A page that shows identifiers in full was asked for once, and is not asked for again; a closed request rests.
fn live(href: &str, events: Option<i64>) -> Live<'static> {
    let asked = events.map_or_else(String::new, |events| format!("?events={events}"));
    Live::every(5, format!("{href}{asked}"), "live").parts(PARTS)
}

fn twins(view: &RequestView) -> Vec<Twin> {
    let twins = view.possible_duplicates.iter().flatten();
    let twin = |other: &PossibleDuplicate| Twin {
        href: format!("/requests/{}", other.id),
        reference: other.reference.clone(),
        state: other.state.parse().map_or("", words::stage_name),
        received: day(other.created_at),
    };
    twins.map(twin).collect()
}

fn subject(view: &RequestView, revealed: Option<&Identities>) -> Vec<Named> {
    let named = |kind: IdentityType, value: String| Named {
        label: words::identifier(kind),
        value,
    };
    match revealed {
        Some(identities) => identities
            .iter()
            .map(|(kind, value)| named(kind, value.reveal().clone()))
            .collect(),
        None => view
            .identities
            .iter()
            .map(|(kind, masked)| named(*kind, masked.clone()))
            .collect(),
    }
}

fn facts(view: &RequestView) -> Vec<Named> {
    let mut facts = Vec::new();
    let mut add = |label, value: String| facts.push(Named { label, value });
    if view.extended_at.is_some() {
        add("Extension", "used".to_owned());
    }
    if view.options.auto_approve {
        add("Automation", "approves by itself".to_owned());
    }
    if let Some(ground) = view.denial_ground {
        add("Ground", words::denial_ground(ground).to_owned());
    }
    if let Some(proof) = view.erasure {
        add("Erasure", erasure(proof).to_owned());
    }
    facts
}

const fn erasure(proof: ErasureProof) -> &'static str {
    match proof {
        ErasureProof::Erased => "verified: nothing is left",
        ErasureProof::RemainsAccepted => "something is left, which was accepted",
        ErasureProof::Unproven => "could not be verified",
        ErasureProof::NotAsked => "not verified",
    }
}

fn source(word: &str) -> &'static str {
    match word {
        "api" => "by the API",
        "portal" => "entered here",
        "command_line" => "by the command line",
        "import" => "by an import",
        _ => "by the public form",
    }
}

fn notices(view: &RequestView) -> Vec<Notice<'static>> {
    let notices = view
        .notices
        .iter()
        .map(|notice| Notice::new(Tone::Warn, notice.message));
    let unmailed = view.state == StageName::Delivering && view.until.is_none();
    let download = unmailed.then(|| {
        Notice::new(
            Tone::Info,
            "No download link was mailed to the subject. Download the package and hand it over: the request is then closed.",
        )
    });
    notices.chain(download).collect()
}

fn waits(view: &RequestView) -> Option<Waits> {
    if view.state == StageName::Closed {
        return None;
    }
    let text = waits_for(view, progress(view));
    let tasks = view.tasks.iter().flatten();
    let next_task = tasks.filter_map(|task| task.until.or(task.next_poll_at)).min();
    let next = |label, at| Some(Next { label, at });
    let next = match (view.state, view.until) {
        (StageName::Grace, Some(until)) => next("The deletion begins", until),
        (StageName::PendingVerification | StageName::Delivering, Some(until)) => next("The link works until", until),
        (StageName::Collecting | StageName::Deleting | StageName::VerifyingErasure, _) => {
            next_task.and_then(|at| next("The next step is due", at))
        }
        _ => None,
    };
    Some(Waits { text, next })
}

fn progress_words(view: &RequestView) -> String {
    let progress = progress(view);
    let failed = match progress.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    format!("{} of {} done{failed}", progress.settled, progress.tasks)
}

fn retry_all(view: &RequestView, possible: &Possible, operator: &Operator) -> Option<PostButton<'static>> {
    let tasks = view.tasks.as_deref().unwrap_or_default();
    let failed = tasks
        .iter()
        .filter(|task| possible.allows_for(task.id, TaskDecision::Retry));
    if failed.count() < 2 || !operator.may(Permission::WorkRequests) {
        return None;
    }
    let action = format!("/requests/{}/tasks/retry", view.id);
    let csrf = operator.csrf(&action);
    Some(PostButton::new(action, "Retry all that failed", csrf).small())
}

fn no_tasks(view: &RequestView) -> Empty<'static> {
    let empty = Empty::new(
        "Nobody is asked",
        "No connection can act on this request with the identifiers that are known.",
    );
    if view.state == StageName::Closed {
        empty
    } else {
        empty.action("/connections", "Connections")
    }
}

async fn left_out(manager: &Manager, view: &RequestView) -> Result<Vec<String>, PageError> {
    let connections = manager.connections().await?;
    let line = |left: &LeftOut| {
        let name = connections.iter().find(|known| known.id == left.connection_id);
        let name = name.map_or("A removed connection", |known| known.name.as_str());
        let what = match (&left.data_type, left.identifier_type) {
            (Some(data), Some(kind)) => format!(", {} by {}", words::data_type(data), words::identifier_in_text(kind)),
            (Some(data), None) => format!(", {}", words::data_type(data)),
            (None, Some(kind)) => format!(", by {}", words::identifier_in_text(kind)),
            (None, None) => String::new(),
        };
        format!("{name}{what}: {}", left.reason)
    };
    Ok(view.left_out.iter().map(line).collect())
}
