//! The requests that wait for a person, the most urgent first, for the start page.

use privacy::{Right, framework::DeadlineState, request::StageName};
use rightful_http::pages::parts::Badge;

use super::{
    super::{Operator, PageError},
    view::{Due, subject, waits_for},
    words,
};
use crate::{
    Manager, Permission, RequestId,
    app::requests::{Order, RequestFilter, RequestView},
};

/// So many of them.
const MOST: usize = 8;

/// A request and what it needs.
pub(in crate::web::portal) struct NextRow {
    pub(in crate::web::portal) href: String,
    pub(in crate::web::portal) reference: String,
    pub(in crate::web::portal) about: String,
    pub(in crate::web::portal) state: Badge<'static>,
    pub(in crate::web::portal) waits_for: String,
    pub(in crate::web::portal) due_class: &'static str,
    pub(in crate::web::portal) due_day: String,
    pub(in crate::web::portal) due_words: String,
    pub(in crate::web::portal) assignee: Option<String>,
    /// Where it is done, and the verb.
    pub(in crate::web::portal) act: (String, &'static str),
}

/// Those that failed, wait for a decision or are late; the first deadline first.
pub(in crate::web::portal) async fn next(manager: &Manager, operator: &Operator) -> Result<Vec<NextRow>, PageError> {
    let groups = [
        RequestFilter {
            failed: true,
            // An index holds them in this order, however many there are.
            order: Order::Oldest,
            ..RequestFilter::default()
        },
        RequestFilter {
            states: vec![StageName::PendingReview, StageName::Triage],
            order: Order::Deadline,
            ..RequestFilter::default()
        },
        RequestFilter {
            deadline: Some(DeadlineState::PastDue),
            order: Order::Deadline,
            ..RequestFilter::default()
        },
    ];
    let mut found: Vec<RequestView> = Vec::new();
    let limit = u32::try_from(MOST).unwrap_or(u32::MAX);
    for group in groups {
        let page = manager.requests(&group, limit).await?;
        let new = |view: &RequestView| found.iter().all(|known| known.id != view.id);
        let fresh: Vec<RequestView> = page.requests.into_iter().filter(new).collect();
        found.extend(fresh);
    }
    found.sort_by_key(|view| (view.deadline, view.id));
    found.truncate(MOST);
    rows(manager, operator, &found).await
}

/// Those that wait for whoever looks, because a connection names them; whether there are more.
pub(in crate::web::portal) async fn mine(
    manager: &Manager,
    operator: &Operator,
) -> Result<(Vec<NextRow>, bool), PageError> {
    let awaited = manager.awaited_from(operator.id, MOST).await?;
    Ok((rows(manager, operator, &awaited.requests).await?, awaited.more))
}

async fn rows(manager: &Manager, operator: &Operator, found: &[RequestView]) -> Result<Vec<NextRow>, PageError> {
    let ids: Vec<RequestId> = found.iter().map(|view| view.id).collect();
    let progress = manager.progress(&ids).await?;
    let now = manager.now();
    let row = |view: &RequestView| {
        let progress = progress.get(&view.id).copied().unwrap_or_default();
        let (tone, state) = words::stage(view.state, view.outcome);
        let due = Due::of(view, now);
        NextRow {
            href: format!("/requests/{}", view.id),
            reference: view.reference.clone(),
            about: format!("{}, {}", words::right(view.right), subject(view)),
            state: Badge::new(tone, state),
            waits_for: waits_for(view, progress),
            due_class: due.class,
            due_day: due.day,
            due_words: due.words,
            assignee: view.assignee.as_ref().map(|assignee| assignee.name.clone()),
            act: act(view, progress.failed > 0, operator),
        }
    };
    Ok(found.iter().map(row).collect())
}

fn act(view: &RequestView, failed: bool, operator: &Operator) -> (String, &'static str) {
    let href = format!("/requests/{}", view.id);
    let may_work = operator.may(Permission::WorkRequests);
    match view.state {
        StageName::PendingReview => {
            let verb = match (operator.may(Permission::ApproveRequests), view.right) {
                (true, Right::Access) => "Review and hand over",
                (true, Right::Deletion) => "Review and delete",
                (false, _) => "See the review",
            };
            (format!("{href}/review"), verb)
        }
        StageName::Triage if may_work => (href, "Check and start"),
        _ if failed && may_work => (href, "Decide what to do"),
        _ => (href, "See why"),
    }
}
