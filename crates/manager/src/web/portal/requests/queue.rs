//! The queue of requests.

mod choice;
mod menus;
mod rows;

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use privacy::{IdentityType, Personal, request::StageName};
use rightful_http::{
    extract::Query,
    pages::parts::{Csrf, Empty, Field, Notice, Tone},
};

use self::{
    menus::{Menu, Tab, counted, menus, tabs},
    rows::QueueRow,
};
pub(super) use choice::{Asked, Choice};

use super::{
    super::{Operator, PageError, Section, Submitted},
    bulk, export,
    words::count,
};
use crate::{
    Manager, Permission, RequestId,
    app::requests::{Count, Order, RequestFilter, RequestView},
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
    menus: Vec<Menu>,
    /// Every request, as it was before it was narrowed.
    reset: Option<&'static str>,
    search_csrf: Csrf,
    /// What was searched for.
    found: Option<String>,
    rows: Vec<QueueRow>,
    bulk: Option<Bulk>,
    export: Option<String>,
    empty: Empty<'static>,
    order: &'static str,
    first: Option<String>,
    next: Option<String>,
}

/// What can be done with several requests at once.
struct Bulk {
    csrf: Csrf,
    back: String,
    action: Field<'static>,
    tick: String,
    tick_label: String,
}

/// The queue.
pub(super) async fn queue(
    State(manager): State<Manager>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    operator.require(Permission::ReadRequests)?;
    let choice = Choice::read(&asked).map_err(unreadable)?;
    let page = manager.requests(&choice.filter(operator.id), PAGE).await?;
    let empty = empty(operator.may(Permission::WorkRequests), choice.narrows());
    let mut body = list(&manager, &operator, Some(choice), &page.requests, empty).await?;
    body.next = page.next.map(|cursor| {
        let next = Choice {
            before: Some(cursor),
            ..choice.first_page()
        };
        next.href()
    });
    body.first = choice.before.map(|_| choice.first_page().href());
    body.export = Some(choice.first_page().address(export::PATH));
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
    let mut body = list(&manager, operator, None, &requests, empty).await?;
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
    chosen: Option<Choice>,
    requests: &[RequestView],
    empty: Empty<'static>,
) -> Result<QueuePage, PageError> {
    let ids: Vec<RequestId> = requests.iter().map(|view| view.id).collect();
    let progress = manager.progress(&ids).await?;
    let trouble = manager.trouble(&ids).await?;
    let counts = manager.request_counts().await?;
    let connections = manager.connections().await?;
    let staff = manager.assignable().await?;
    let choice = chosen.unwrap_or_default();
    let now = manager.now();
    let row = |view: &RequestView| QueueRow {
        ticked: choice.ticked,
        ..QueueRow::of(
            view,
            progress.get(&view.id).copied().unwrap_or_default(),
            trouble.get(&view.id),
            now,
        )
    };
    let is_open = |(state, _): &&(StageName, Count)| *state != StageName::Closed;
    let open: Count = counts.iter().filter(is_open).map(|(_, requests)| *requests).sum();
    let may_work = operator.may(Permission::WorkRequests);
    Ok(QueuePage {
        summary: format!("{open} open, {} closed", counted(&counts, StageName::Closed)),
        may_work,
        tabs: tabs(chosen, &counts),
        menus: menus(choice, operator.id, &connections, &staff),
        reset: choice.narrows().then_some("/requests"),
        search_csrf: operator.csrf(SEARCH),
        found: None,
        bulk: (may_work && !requests.is_empty()).then(|| bulk(operator, choice, requests.len())),
        rows: requests.iter().map(row).collect(),
        export: None,
        empty,
        order: match choice.order {
            Order::Newest => "Newest first",
            Order::Oldest => "Oldest first",
            Order::Deadline => "Deadline first",
        },
        first: None,
        next: None,
    })
}

fn bulk(operator: &Operator, choice: Choice, requests: usize) -> Bulk {
    let ticked = Choice {
        ticked: !choice.ticked,
        ..choice
    };
    Bulk {
        csrf: operator.csrf(bulk::CHOOSE),
        back: choice.href(),
        action: bulk::question(operator),
        tick: ticked.href(),
        tick_label: if choice.ticked {
            "Untick all".to_owned()
        } else {
            format!("Tick all {requests}")
        },
    }
}

fn empty(may_work: bool, filtered: bool) -> Empty<'static> {
    if filtered {
        let title = "No such requests";
        return Empty::new(title, "No request is there at the moment.").action("/requests", "All requests");
    }
    let empty = Empty::new(
        "No requests yet",
        "They appear here when people ask on your privacy page, a program over the API, or you enter one.",
    );
    if may_work {
        empty.action("/requests/new", "New request")
    } else {
        empty
    }
}

pub(super) fn unreadable(parameter: &str) -> PageError {
    PageError::Refused {
        status: StatusCode::BAD_REQUEST,
        reason: format!("this address can't be read: its {parameter} is not one that we know"),
    }
}
