//! The queue of requests.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use privacy::{IdentityType, Personal, Right, request::StageName};
use rightful_http::{
    extract::Query,
    pages::parts::{Badge, Csrf, Empty, Field, Notice, Tone},
};
use serde::Deserialize;

use super::{
    super::{Operator, PageError, Section, Submitted},
    view::{Due, day, subject, waits_for},
    words::{self, count},
};
use crate::{
    Manager, Permission, RequestId,
    app::requests::{Progress, RequestFilter, RequestView},
};

/// Requests on one page.
const PAGE: u32 = 50;
/// Where a search is sent: by POST, so that no address gets into a URL.
const SEARCH: &str = "/requests/search";

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: Option<String>,
    #[serde(default, rename = "type")]
    right: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Which requests are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    All,
    Open,
    In(StageName),
}

#[derive(Template)]
#[template(path = "portal/requests/queue.html")]
struct QueuePage {
    summary: String,
    may_work: bool,
    tabs: Vec<Tab>,
    types: Vec<TypeLink>,
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
    count: u64,
    current: bool,
}

struct TypeLink {
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
    let shown = Shown::read(asked.state.as_deref()).ok_or_else(|| unreadable("state"))?;
    let right = known(asked.right.as_deref()).ok_or_else(|| unreadable("type"))?;
    let before: Option<RequestId> = known(asked.cursor.as_deref()).ok_or_else(|| unreadable("cursor"))?;
    let filter = RequestFilter {
        states: shown.states(),
        right,
        before,
        ..RequestFilter::default()
    };
    let page = manager.requests(&filter, PAGE).await?;
    let next = page.next.map(|cursor| href(shown, right, Some(cursor)));
    let empty = empty(
        operator.may(Permission::WorkRequests),
        shown != Shown::All || right.is_some(),
    );
    let body = list(&manager, &operator, Some((shown, right)), &page.requests, next, empty).await?;
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
    choice: Option<(Shown, Option<Right>)>,
    requests: &[RequestView],
    next: Option<String>,
    empty: Empty<'static>,
) -> Result<QueuePage, PageError> {
    let ids: Vec<RequestId> = requests.iter().map(|view| view.id).collect();
    let progress = manager.progress(&ids).await?;
    let now = manager.now();
    let row = |view: &RequestView| row(view, progress.get(&view.id).copied().unwrap_or_default(), now);
    let counts = manager.request_counts().await?;
    let all: u64 = counts.iter().map(|(_, requests)| requests).sum();
    let open: u64 = all - counted(&counts, StageName::Closed);
    let (shown, right) = choice.unzip();
    Ok(QueuePage {
        summary: format!("{open} open, {} closed", all - open),
        may_work: operator.may(Permission::WorkRequests),
        tabs: tabs(shown, right.flatten(), &counts, all, open),
        types: types(shown.unwrap_or(Shown::All), right),
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
fn tabs(shown: Option<Shown>, right: Option<Right>, counts: &[(StageName, u64)], all: u64, open: u64) -> Vec<Tab> {
    let tab = |which: Shown, label, count| Tab {
        label,
        href: href(which, right, None),
        count,
        current: shown == Some(which),
    };
    let mut tabs = vec![tab(Shown::All, "All", all), tab(Shown::Open, "Open", open)];
    let states = StageName::ALL.iter().map(|state| (*state, counted(counts, *state)));
    let states = states.filter(|(state, count)| *count > 0 || shown == Some(Shown::In(*state)));
    tabs.extend(states.map(|(state, count)| tab(Shown::In(state), words::stage_name(state), count)));
    tabs
}

fn counted(counts: &[(StageName, u64)], state: StageName) -> u64 {
    counts
        .iter()
        .find(|(known, _)| *known == state)
        .map_or(0, |(_, count)| *count)
}

fn types(shown: Shown, right: Option<Option<Right>>) -> Vec<TypeLink> {
    [
        (None, "All types"),
        (Some(Right::Access), "Access"),
        (Some(Right::Deletion), "Deletion"),
    ]
    .map(|(which, label)| TypeLink {
        label,
        href: href(shown, which, None),
        current: right == Some(which),
    })
    .into()
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

fn href(shown: Shown, right: Option<Right>, cursor: Option<RequestId>) -> String {
    let state = match shown {
        Shown::All => None,
        Shown::Open => Some("open"),
        Shown::In(state) => Some(state.name()),
    };
    let cursor = cursor.map(|cursor| cursor.to_string());
    let parameters = [
        ("state", state),
        ("type", right.map(Right::name)),
        ("cursor", cursor.as_deref()),
    ];
    let given: Vec<String> = parameters
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
        .collect();
    if given.is_empty() {
        "/requests".to_owned()
    } else {
        format!("/requests?{}", given.join("&"))
    }
}

impl Shown {
    fn read(word: Option<&str>) -> Option<Self> {
        match word {
            None | Some("" | "all") => Some(Self::All),
            Some("open") => Some(Self::Open),
            Some(word) => word.parse().ok().map(Self::In),
        }
    }

    fn states(self) -> Vec<StageName> {
        match self {
            Self::All => Vec::new(),
            Self::Open => StageName::ALL
                .iter()
                .copied()
                .filter(|state| *state != StageName::Closed)
                .collect(),
            Self::In(state) => vec![state],
        }
    }
}

/// Nothing given is nothing; what can't be read is `None`.
fn known<T: std::str::FromStr>(word: Option<&str>) -> Option<Option<T>> {
    match word {
        None | Some("") => Some(None),
        Some(word) => word.parse().ok().map(Some),
    }
}

fn unreadable(parameter: &str) -> PageError {
    PageError::Refused {
        status: StatusCode::BAD_REQUEST,
        reason: format!("this address can't be read: its {parameter} is not one that we know"),
    }
}
