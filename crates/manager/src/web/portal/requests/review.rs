//! The review of a request: what was found, what is handed over of it, and the decision.

mod choose;
mod differences;
mod files;
mod place;
mod policy;
mod preview;
mod record;
mod save;

use askama::Template;
use privacy::{Right, request::StageName};
use rightful_http::pages::parts::{Badge, Notice, PostButton, Tone, When};

pub(super) use choose::page;
pub(super) use files::{add as add_file, limit as file_limit, picture, remove as remove_file, show as file};
pub(super) use policy::save_policy;
pub(super) use preview::preview;
pub(super) use record::{change, record, records};
pub(super) use save::{save, undo};

use super::{
    super::{Operator, PageError, Section, Submitted},
    approvals::Approvals,
    view::day,
    words::{self, count},
};
use crate::{
    Manager, Permission, RequestId,
    app::{
        dossier::{ChangeDossierError, DossierError, DossierView, ObjectView},
        requests::{Decision, Possible, RequestView, TaskView},
    },
};

/// What it takes to read values that were found: as much as to see identifiers in full.
const VALUES: Permission = Permission::WorkRequests;
/// The field by which whoever decides says what they have seen.
const SEEN: &str = "seen";

/// What stands above every page of a review.
#[derive(Template)]
#[template(path = "portal/requests/review_head.html")]
struct Head {
    href: String,
    reference: String,
    title: &'static str,
    state: Badge<'static>,
    /// Whom, how much, until when.
    line: String,
    tab: Tab,
    /// An access request has a package to look at beforehand.
    has_preview: bool,
    approvals: Option<Approvals>,
    approve: Option<PostButton<'static>>,
    /// Why there is no button, if that is not plain.
    not_yet: Option<Notice<'static>>,
}

impl askama::filters::HtmlSafe for Head {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Choose,
    Preview,
}

impl Head {
    async fn read(
        manager: &Manager,
        operator: &Operator,
        view: &RequestView,
        tab: Tab,
        dossier: Option<&DossierView>,
    ) -> Result<Self, PageError> {
        let possible = manager.possible_decisions(view.id, &operator.by).await?;
        let (tone, state) = words::stage(view.state, view.outcome);
        let href = format!("/requests/{}", view.id);
        Ok(Self {
            reference: view.reference.clone(),
            title: match view.right {
                Right::Access => "Review what is handed over",
                Right::Deletion => "Review what is deleted",
            },
            state: Badge::new(tone, state),
            line: format!("{}, due {}", super::view::subject(view), day(view.deadline)),
            tab,
            has_preview: view.right == Right::Access && operator.may(VALUES),
            approvals: Approvals::of(view, operator),
            approve: approve(view, &possible, operator, &href)
                .map(|button| button.value(SEEN, seen(dossier).to_string())),
            not_yet: not_yet(view, &possible, operator).map(|text| Notice::new(Tone::Info, text)),
            href,
        })
    }
}

fn approve(view: &RequestView, possible: &Possible, operator: &Operator, href: &str) -> Option<PostButton<'static>> {
    if !operator.may(Permission::ApproveRequests) || !possible.allows(&Decision::Approve) {
        return None;
    }
    let action = format!("{href}/approve");
    let csrf = operator.csrf(&action);
    Some(match view.right {
        Right::Access => PostButton::new(action, "Approve and hand over", csrf),
        Right::Deletion => PostButton::new(action, "Approve the deletion", csrf).danger(),
    })
}

fn not_yet(view: &RequestView, possible: &Possible, operator: &Operator) -> Option<&'static str> {
    match view.state {
        StageName::PendingReview if !operator.may(Permission::ApproveRequests) => {
            Some("Your role may look at this, not approve it.")
        }
        StageName::PendingReview if !possible.allows(&Decision::Approve) => {
            Some("Somebody else has to approve this: you made the request, or have approved it already.")
        }
        StageName::Collecting => Some("The connections are still looking. It can be approved when they are done."),
        _ => None,
    }
}

/// How many changes count: another number is another dossier.
fn seen(dossier: Option<&DossierView>) -> usize {
    dossier.map_or(0, |dossier| dossier.changes)
}

/// Whether what is handed over is still as it was on the page that the form was sent from, if it says so.
pub(super) async fn is_as_seen(manager: &Manager, id: RequestId, form: &Submitted) -> Result<bool, PageError> {
    let now = dossier(manager, id).await?;
    let saw = form.field(SEEN)?;
    Ok(saw.is_empty() || saw == seen(now.as_ref()).to_string())
}

/// What was found; nothing where it has been destroyed.
async fn dossier(manager: &Manager, id: RequestId) -> Result<Option<DossierView>, PageError> {
    match manager.dossier(id).await {
        Ok(dossier) => Ok(Some(dossier)),
        Err(DossierError::Shredded) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// "12 records, 31 fields, 2 files", without what there is none of.
fn amount(object: &ObjectView) -> String {
    let fields = object.fields.len() as u64;
    let more = if object.fields_truncated { " and more" } else { "" };
    [
        (object.records, "record", "records"),
        (fields, "field", "fields"),
        (object.files.len() as u64, "file", "files"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| {
        let more = if many == "fields" { more } else { "" };
        format!("{}{more}", count(number, one, many))
    })
    .collect::<Vec<_>>()
    .join(", ")
}

/// Which connection brought an object, and from where.
fn origin(object: &ObjectView, tasks: &[TaskView]) -> String {
    if object.task_id.is_none() {
        return "added by staff".to_owned();
    }
    let task = tasks.iter().find(|task| Some(task.id) == object.task_id);
    let connection = task
        .and_then(|task| task.connection.as_deref())
        .unwrap_or("a removed connection");
    let data = object.data_type.as_deref().map(words::data_type);
    let parts = [Some(connection), data, object.data_source.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

impl From<DossierError> for PageError {
    fn from(error: DossierError) -> Self {
        match error {
            DossierError::NotFound | DossierError::NoSuchObject => Self::NotFound,
            DossierError::Shredded => Self::conflict(error),
            DossierError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeDossierError> for PageError {
    fn from(error: ChangeDossierError) -> Self {
        match error {
            ChangeDossierError::NotFound => Self::NotFound,
            ChangeDossierError::Store(error) => error.into(),
            ChangeDossierError::NotNow(reason) => Self::conflict(format!("it can't be changed now: {reason}")),
            ChangeDossierError::Undo { error, .. } => Self::conflict(error),
            ChangeDossierError::Nothing { .. } => {
                Self::conflict("the dossier is not as it was when you opened the page: open it again")
            }
            ChangeDossierError::Invalid { error, .. } => Self::conflict(format!("the {error}")),
            ChangeDossierError::Shredded | ChangeDossierError::TooMany => Self::conflict(error),
        }
    }
}
