//! Carrying it out: each request by itself, one that refuses holds up no other.

use askama::Template;
use axum::{extract::State, response::Response};
use privacy::Personal;
use rightful_http::pages::{
    Layout,
    parts::{Badge, Notice, Tone},
};
use store::StoreError;

use super::{
    super::{
        super::{PageError, Section, Submitted, page_error::sentence},
        words::{self, count},
    },
    MOST, back, require_recent,
    what::{Answered, What},
};
use crate::{
    By, Manager, Permission, RequestId,
    app::requests::{AnnotateError, DecideError, RequestView},
};

#[derive(Template)]
#[template(path = "portal/requests/bulk_done.html")]
struct DonePage {
    notice: Notice<'static>,
    lines: Vec<Line>,
    back: String,
}

struct Line {
    href: String,
    reference: String,
    result: Badge<'static>,
    text: String,
}

/// Why one request stays as it is: how it stands, or our database.
enum Stays {
    Because(String),
    Ours(StoreError),
}

/// Decides about each request.
pub(in super::super) async fn carry_out(
    State(manager): State<Manager>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::WorkRequests)?;
    let what: What = submitted.field("action")?.parse().map_err(|_| PageError::NotFound)?;
    operator.require(what.permission())?;
    let answered = what.answered(&submitted)?;
    let words = submitted.field("explanation")?;
    let words = (!words.is_empty()).then(|| Personal::new(words.to_owned()));
    let chosen: Option<Vec<_>> = submitted.fields.all("id").map(seen).collect();
    let chosen = chosen.filter(|ids| ids.len() <= MOST).ok_or(PageError::NotFound)?;
    let ids: Vec<RequestId> = chosen.iter().map(|(id, _)| *id).collect();
    let requests = manager.requests_of(&ids).await?;
    let back = back(&submitted)?;
    require_recent(operator, what, &requests, &back)?;
    let mut lines = Vec::with_capacity(chosen.len());
    let mut refused = 0_u64;
    for before in requests {
        let as_seen = chosen.contains(&(before.id, before.version));
        let outcome = if matches!(answered, Answered::Decide(crate::app::requests::Decision::Approve)) && !as_seen {
            // Nobody approves what they have not seen.
            Err(Stays::Because("it has changed since you looked".to_owned()))
        } else {
            decide(&manager, before.id, &answered, words.clone(), &operator.by).await
        };
        let (result, text) = match outcome {
            Ok(view) => (
                Badge::new(Tone::Ok, "Done"),
                words::stage(view.state, view.outcome).1.to_owned(),
            ),
            Err(Stays::Because(reason)) => {
                refused += 1;
                (Badge::new(Tone::Warn, "Not done"), sentence(&reason))
            }
            Err(Stays::Ours(error)) => return Err(error.into()),
        };
        lines.push(Line {
            href: format!("/requests/{}", before.id),
            reference: before.reference,
            result,
            text,
        });
    }
    let done = lines.len() as u64 - refused;
    let body = DonePage {
        notice: if refused == 0 {
            Notice::new(Tone::Ok, format!("Done for {}.", count(done, "request", "requests")))
        } else {
            let stayed = count(refused, "request stays", "requests stay");
            Notice::new(
                Tone::Warn,
                format!(
                    "Done for {}. {stayed} as before: the reasons stand below.",
                    count(done, "request", "requests")
                ),
            )
        },
        lines,
        back,
    };
    Ok(operator.page_in(Section::Requests, "What was done", Layout::Reading, &body))
}

/// A request, and how often it had changed when it was shown.
fn seen(value: &str) -> Option<(RequestId, i64)> {
    let (id, version) = value.split_once('.')?;
    Some((id.parse().ok()?, version.parse().ok()?))
}

async fn decide(
    manager: &Manager,
    id: RequestId,
    answered: &Answered,
    words: Option<Personal>,
    by: &By,
) -> Result<RequestView, Stays> {
    let outcome = match answered {
        Answered::Decide(decision) => manager.decide_with(id, decision.clone(), words, by).await,
        Answered::Tasks(decision) => manager.decide_task(id, None, *decision, by).await,
        Answered::Assign(operator) => {
            return manager.assign(id, *operator, by).await.map_err(|error| match error {
                AnnotateError::Store(error) if !error.is_stale() => Stays::Ours(error),
                error => Stays::Because(error.to_string()),
            });
        }
    };
    outcome.map_err(|error| match error {
        DecideError::Store(error) if !error.is_stale() => Stays::Ours(error),
        error => Stays::Because(error.to_string()),
    })
}
