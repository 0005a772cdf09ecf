//! One decision about several requests: chosen in the queue, asked once more, and answered for each.

mod done;
mod what;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use privacy::Right;
use rightful_http::pages::{
    Layout,
    parts::{Badge, Choice, Csrf, Field, Toast},
};

use self::what::What;
use super::{
    super::{Operator, PageError, Section, Submitted},
    view::subject,
    words,
};
use crate::{Manager, Permission, RequestId, app::requests::RequestView};

pub(super) use done::carry_out;

/// Where the queue sends what was ticked.
pub(super) const CHOOSE: &str = "/requests/bulk";
/// Where the question is answered.
pub(super) const DO: &str = "/requests/bulk/done";
/// The most requests at once.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "portal/requests/bulk.html")]
struct BulkPage {
    title: String,
    text: &'static str,
    action: &'static str,
    csrf: Csrf,
    word: &'static str,
    button: &'static str,
    class: &'static str,
    fields: Vec<Field<'static>>,
    requests: Vec<Chosen>,
    back: String,
}

struct Chosen {
    /// Its id, and how often it had changed when it was shown.
    value: String,
    reference: String,
    right: &'static str,
    subject: String,
    state: Badge<'static>,
}

/// The question what to do with what is ticked, for the queue.
pub(super) fn question(operator: &Operator) -> Field<'static> {
    let offered = What::ALL.iter().filter(|what| operator.may(what.permission()));
    let choices = offered.map(|what| Choice::new(what.word(), what.label()));
    let mut all = vec![Choice::new("", "With those ticked…")];
    all.extend(choices);
    Field::select("action", "What to do with the requests that are ticked", all).id("bulk-action")
}

/// Asks once more before anything is done.
pub(super) async fn ask(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::WorkRequests)?;
    let back = back(&submitted)?;
    let Ok(what) = submitted.field("action")?.parse::<What>() else {
        return Ok(Operator::see(&back, &Toast::warning("Choose what to do first.")));
    };
    operator.require(what.permission())?;
    let ids: Result<Vec<RequestId>, _> = submitted.fields.all("id").map(str::parse).collect();
    let ids = ids.map_err(|_| PageError::NotFound)?;
    if ids.is_empty() {
        return Ok(Operator::see(
            &back,
            &Toast::warning("Tick at least one request first."),
        ));
    }
    if ids.len() > MOST {
        return Err(PageError::Refused {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            reason: format!("at most {MOST} requests can be decided about at once"),
        });
    }
    let requests = manager.requests_of(&ids).await?;
    require_recent(operator, what, &requests, &back)?;
    let fields = what.fields(&manager).await?;
    let body = BulkPage {
        title: format!(
            "{} {}?",
            what.label(),
            words::count(requests.len() as u64, "request", "requests")
        ),
        text: what.text(),
        action: DO,
        csrf: operator.csrf(DO),
        word: what.word(),
        button: what.label(),
        class: if what.takes_away() { "danger" } else { "" },
        fields,
        requests: requests.iter().map(chosen).collect(),
        back,
    };
    Ok(operator.page_in(Section::Requests, &body.title, Layout::Reading, &body))
}

/// What can't be taken back is decided by who has proved lately who they are (SEC-12).
fn require_recent(operator: &Operator, what: What, requests: &[RequestView], back: &str) -> Result<(), PageError> {
    if what.deletes() && requests.iter().any(|request| request.right == Right::Deletion) {
        return operator.require_recent(back);
    }
    Ok(())
}

fn chosen(view: &RequestView) -> Chosen {
    let (tone, state) = words::stage(view.state, view.outcome);
    Chosen {
        value: format!("{}.{}", view.id, view.version),
        reference: view.reference.clone(),
        right: words::right(view.right),
        subject: subject(view),
        state: Badge::new(tone, state),
    }
}

/// The queue as it was, and never a page of somebody else's.
fn back(submitted: &Submitted) -> Result<String, PageError> {
    let back = submitted.field("back")?;
    let ours = back == "/requests" || back.starts_with("/requests?");
    let plain = back
        .chars()
        .all(|char| char.is_ascii_alphanumeric() || "/?&=_-".contains(char));
    Ok(if ours && plain { back } else { "/requests" }.to_owned())
}
