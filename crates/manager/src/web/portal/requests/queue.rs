//! The queue of requests.

mod choice;

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use privacy::{IdentityType, Personal, Right, framework::DeadlineState, request::StageName};
use rightful_http::{
    extract::Query,
    pages::parts::{Badge, Csrf, Empty, Field, Notice, Tone},
};

use self::choice::{Choice, Shown, Urgent};
pub(super) use choice::Asked;

use super::{
    super::{Operator, PageError, Section, Submitted},
    view::{Due, day, subject, waits_for},
    words::{self, count},
};
use crate::{
    Manager, Permission, RequestId,
    app::requests::{Count, Progress, RequestFilter, RequestView},
};

/// Requests on one page.
const PAGE: u32 = 50;
/// Where a search is sent: by POST, so that no address gets into a URL.
const SEARCH: &str = "/requests/search";

#[derive(Template)]
#[template(path = "portal/requests/queue.html")]
struct QueuePage {
    summary: String,
    may_work: bool,
    tabs: Vec<Tab>,
    filters: Vec<Vec<FilterLink>>,
    search_csrf: Csrf,
    /// What was searched for.
    found: Option<String>,
    rows: Vec<QueueRow>,
    empty: Empty<'static>,
    next: Option<String>,
}

struct Tab {
    label: &'static str,
    href: String,
    count: Count,
    current: bool,
}

struct FilterLink {
    label: &'static str,
    href: String,
    current: bool,
}

struct QueueRow {
    href: String,
    reference: String,
    right: &'static str,
    state: Badge<'static>,
    subject: String,
    due: Due,
    waits_for: String,
    received: String,
}

/// The queue, newest first.
pub(super) async fn queue(
    State(manager): State<Manager>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    operator.require(Permission::ReadRequests)?;
    let choice = Choice::read(&asked).map_err(unreadable)?;
    let page = manager.requests(&choice.filter(), PAGE).await?;
    let next = page.next.map(|cursor| {
        Choice {
            before: Some(cursor),
            ..choice
        }
        .href()
    });
    let empty = empty(operator.may(Permission::WorkRequests), choice.narrows());
    let body = list(&manager, &operator, Some(choice), &page.requests, next, empty).await?;
    Ok(operator.page(Section::Requests, "Requests", &body))
}

/// The requests of one subject, or the one of a reference.
pub(super) async fn search(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ReadRequests)?;
    let sought = submitted.field("q")?;
    if sought.is_empty() {
        return Ok(Redirect::to("/requests").into_response());
    }
    if let Ok(reference) = sought.parse()
        && let Some(id) = manager.request_by_reference(reference).await?
    {
        return Ok(Redirect::to(&format!("/requests/{id}")).into_response());
    }
    // One who is known by an address may be known by the same text otherwise: every kind is looked up.
    let mut requests: BTreeMap<RequestId, RequestView> = BTreeMap::new();
    for kind in IdentityType::ALL {
        let filter = RequestFilter {
            subject: Some((*kind, Personal::new(sought.to_owned()))),
            ..RequestFilter::default()
        };
        let page = manager.requests(&filter, PAGE).await?;
        requests.extend(page.requests.into_iter().map(|view| (view.id, view)));
    }
    let requests: Vec<RequestView> = requests.into_values().rev().collect();
    let empty = Empty::new(
        "Nothing was found",
        "The whole address, identifier or reference has to be given; parts of it are not found.",
    )
    .action("/requests", "All requests");
    let mut body = list(&manager, operator, None, &requests, None, empty).await?;
    let kind = if sought.contains('@') {
        IdentityType::Email
    } else {
        IdentityType::Other
    };
    let masked = kind.mask(&Personal::new(sought.to_owned()));
    body.found = Some(format!(
        "{} for {masked}.",
        count(requests.len() as u64, "request", "requests")
    ));
    Ok(operator.page(Section::Requests, "Requests", &body))
}

async fn list(
    manager: &Manager,
    operator: &Operator,
    choice: Option<Choice>,
    requests: &[RequestView],
    next: Option<String>,
    empty: Empty<'static>,
) -> Result<QueuePage, PageError> {
    let ids: Vec<RequestId> = requests.iter().map(|view| view.id).collect();
    let progress = manager.progress(&ids).await?;
    let now = manager.now();
    let row = |view: &RequestView| row(view, progress.get(&view.id).copied().unwrap_or_default(), now);
    let counts = manager.request_counts().await?;
    let all: Count = counts.iter().map(|(_, requests)| *requests).sum();
    let is_open = |(state, _): &&(StageName, Count)| *state != StageName::Closed;
    let open: Count = counts.iter().filter(is_open).map(|(_, requests)| *requests).sum();
    Ok(QueuePage {
        summary: format!("{open} open, {} closed", counted(&counts, StageName::Closed)),
        may_work: operator.may(Permission::WorkRequests),
        tabs: tabs(choice, &counts, all, open),
        filters: filters(choice),
        search_csrf: operator.csrf(SEARCH),
        found: None,
        rows: requests.iter().map(row).collect(),
        empty,
        next,
    })
}

fn row(view: &RequestView, progress: Progress, now: Timestamp) -> QueueRow {
    let (tone, state) = words::stage(view.state, view.outcome);
    let tone = if progress.failed > 0 && view.state != StageName::Closed {
        Tone::Bad
    } else {
        tone
    };
    QueueRow {
        href: format!("/requests/{}", view.id),
        reference: view.reference.clone(),
        right: words::right(view.right),
        state: Badge::new(tone, state),
        subject: subject(view),
        due: Due::of(view, now),
        waits_for: waits_for(view, progress),
        received: day(view.created_at),
    }
}

/// A tab for all, for the open ones and for each state that has any.
fn tabs(chosen: Option<Choice>, counts: &[(StageName, Count)], all: Count, open: Count) -> Vec<Tab> {
    let base = chosen.unwrap_or_default().first_page();
    let tab = |shown: Shown, label, count| Tab {
        label,
        href: Choice { shown, ..base }.href(),
        count,
        current: chosen.is_some_and(|chosen| chosen.shown == shown),
    };
    let mut tabs = vec![tab(Shown::All, "All", all), tab(Shown::Open, "Open", open)];
    let states = StageName::ALL.iter().map(|state| (*state, counted(counts, *state)));
    let states = states.filter(|(state, count)| count.is_some() || base.shown == Shown::In(*state));
    tabs.extend(states.map(|(state, count)| tab(Shown::In(state), words::stage_name(state), count)));
    tabs
}

fn counted(counts: &[(StageName, Count)], state: StageName) -> Count {
    counts
        .iter()
        .find(|(known, _)| *known == state)
        .map_or(Count::default(), |(_, count)| *count)
}

/// Groups of links, one of each group being in force.
fn filters(chosen: Option<Choice>) -> Vec<Vec<FilterLink>> {
    let base = chosen.unwrap_or_default().first_page();
    let link = |choice: Choice, label| FilterLink {
        label,
        href: choice.href(),
        current: chosen.is_some() && choice == base,
    };
    let right = |right, label| link(Choice { right, ..base }, label);
    let urgent = |urgent, label| link(Choice { urgent, ..base }, label);
    vec![
        vec![
            right(None, "All types"),
            right(Some(Right::Access), "Access"),
            right(Some(Right::Deletion), "Deletion"),
        ],
        vec![
            urgent(None, "Urgent or not"),
            urgent(Some(Urgent::Due(DeadlineState::PastDue)), "Past due"),
            urgent(Some(Urgent::Due(DeadlineState::DueSoon)), "Due soon"),
            urgent(Some(Urgent::Failed), "With failed tasks"),
        ],
    ]
}

fn empty(may_work: bool, filtered: bool) -> Empty<'static> {
    if filtered {
        let title = "No such requests";
        return Empty::new(title, "None stands there at the moment.").action("/requests", "All requests");
    }
    let empty = Empty::new(
        "No requests yet",
        "They appear here when they come in over the API, or when you enter one.",
    );
    if may_work {
        empty.action("/requests/new", "New request")
    } else {
        empty
    }
}

fn unreadable(parameter: &str) -> PageError {
    PageError::Refused {
        status: StatusCode::BAD_REQUEST,
        reason: format!("this address can't be read: its {parameter} is not one that we know"),
    }
}
