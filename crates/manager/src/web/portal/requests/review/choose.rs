//! Choosing objects and fields.

use askama::Template;
use axum::{extract::State, response::Response};
use privacy::{
    Right,
    dossier::ValueKind,
    request::{ErasureProof, StageName},
    task::TaskKind,
};
use rightful_http::{
    extract::{Path, QueryPairs},
    pages::parts::{Csrf, Empty, Notice, PostButton, Tone},
};

use super::{
    Head, Manager, ObjectView, Operator, PageError, Permission, RequestId, RequestView, Section, Tab, TaskView, VALUES,
    amount, day, differences::Differences, dossier, files::Added, origin, policy, seen, words,
};
use crate::app::dossier::FieldView;

#[derive(Template)]
#[template(path = "portal/requests/review.html")]
struct ReviewPage {
    head: Head,
    notices: Vec<Notice<'static>>,
    undo: Option<PostButton<'static>>,
    /// What an approval would have deleted.
    deletions: Vec<Deletion>,
    /// When it begins, and how it is proved afterwards.
    afterwards: Vec<String>,
    proof: Option<Notice<'static>>,
    objects: Vec<ObjectCard>,
    empty: Option<Empty<'static>>,
    /// The form, where something can be chosen now.
    form: Option<Form>,
    differences: Option<Differences>,
    added: Option<Added>,
    /// What was saved becomes the rule of a connection.
    rules: Vec<PostButton<'static>>,
}

struct Form {
    action: String,
    csrf: Csrf,
    /// How many changes counted when the page was made: whoever saves must have seen the latest.
    seen: usize,
    /// The operator may also approve what is saved, in one go.
    may_approve: bool,
}

struct Deletion {
    connection: String,
    what: String,
}

struct ObjectCard {
    id: String,
    name: String,
    amount: String,
    origin: String,
    records_href: Option<String>,
    included: bool,
    truncated: bool,
    fields: Vec<FieldLine>,
    files: Vec<FileLine>,
}

struct FieldLine {
    name: String,
    path: String,
    about: String,
    choice: Choice,
    edited: bool,
}

/// A field's fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Include,
    Redact,
    Exclude,
}

struct FileLine {
    name: String,
    /// Where it can be looked at.
    href: Option<String>,
    about: String,
}

impl Choice {
    pub(super) fn of(field: &FieldView) -> Self {
        match (field.included, field.redacted) {
            (false, _) => Self::Exclude,
            (true, true) => Self::Redact,
            (true, false) => Self::Include,
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        match word {
            "include" => Some(Self::Include),
            "redact" => Some(Self::Redact),
            "exclude" => Some(Self::Exclude),
            _ => None,
        }
    }
}

/// The name of a field's question: fields have no other short name, and their order is the object's own.
pub(super) fn field_name(object: &str, index: usize) -> String {
    format!("field-{object}-{index}")
}

/// The page.
pub(in super::super) async fn page(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<RequestId>,
    QueryPairs(query): QueryPairs,
) -> Result<Response, PageError> {
    operator.require(Permission::ReadRequests)?;
    let made = query
        .iter()
        .find(|(name, _)| name == "made")
        .map(|(_, made)| made.as_str());
    let view = manager.request(id).await?.ok_or(PageError::NotFound)?;
    shown(&manager, &operator, &view, made, Vec::new()).await
}

/// The page, with what there is to say about what was sent.
pub(super) async fn shown(
    manager: &Manager,
    operator: &Operator,
    view: &RequestView,
    made: Option<&str>,
    mut notices: Vec<Notice<'static>>,
) -> Result<Response, PageError> {
    let tasks = view.tasks.as_deref().unwrap_or_default();
    let found = dossier(manager, view.id).await?;
    let changeable = found.as_ref().is_some_and(|dossier| dossier.changeable);
    let may_choose = changeable && view.right == Right::Access && operator.may(Permission::WorkRequests);
    let action = format!("/requests/{}/review", view.id);
    if made.is_some() {
        notices.push(Notice::new(Tone::Ok, "Your choice was saved."));
    }
    let objects = found
        .as_ref()
        .map(|dossier| dossier.objects.as_slice())
        .unwrap_or_default();
    let mut head = Head::read(manager, operator, view, Tab::Choose, found.as_ref()).await?;
    let form = (may_choose && !objects.is_empty()).then(|| Form {
        csrf: operator.csrf(&action),
        action,
        seen: seen(found.as_ref()),
        // A button beside the form would approve without what was just ticked.
        may_approve: head.approve.take().is_some(),
    });
    let body = ReviewPage {
        head,
        undo: made
            .filter(|_| may_choose)
            .and_then(|made| undo_button(operator, view, made)),
        notices,
        deletions: deletions(view, tasks),
        afterwards: afterwards(view),
        proof: proof(view),
        differences: found
            .as_ref()
            .filter(|_| view.right == Right::Access)
            .map(Differences::of)
            .filter(Differences::is_some),
        added: may_choose.then(|| Added::of(operator, view, found.as_ref())),
        empty: empty(view, found.is_some(), objects.is_empty()),
        objects: objects
            .iter()
            .map(|object| card(view, object, tasks, operator))
            .collect(),
        rules: if may_choose {
            policy::buttons(operator, view, objects)
        } else {
            Vec::new()
        },
        form,
    };
    let title = format!("Review of {}", view.reference);
    Ok(operator.page(Section::Requests, &title, &body))
}

fn undo_button(operator: &Operator, view: &RequestView, made: &str) -> Option<PostButton<'static>> {
    let plain = !made.is_empty() && made.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let action = format!("/requests/{}/review/undo", view.id);
    let csrf = operator.csrf(&action);
    plain.then(|| {
        PostButton::new(action, "Undo", csrf)
            .small()
            .value("made", made.to_owned())
    })
}

fn deletions(view: &RequestView, tasks: &[TaskView]) -> Vec<Deletion> {
    if view.right != Right::Deletion {
        return Vec::new();
    }
    let deletions = tasks.iter().filter(|task| task.kind == TaskKind::Deletion);
    let line = |task: &TaskView| Deletion {
        connection: task.connection.clone().unwrap_or_else(|| task.connector.clone()),
        what: format!(
            "{} known by {}",
            words::data_type(&task.data_type),
            words::identifier_in_text(task.identifier_type)
        ),
    };
    deletions.map(line).collect()
}

/// When a deletion begins and what shows that it was done, while that lies ahead.
fn afterwards(view: &RequestView) -> Vec<String> {
    let ahead = matches!(
        view.state,
        StageName::Triage | StageName::Paused | StageName::Collecting | StageName::PendingReview | StageName::Grace
    );
    if view.right != Right::Deletion || !ahead {
        return Vec::new();
    }
    let grace = match (view.state, view.until, view.options.grace_seconds) {
        (StageName::Grace, Some(until), _) => format!("It begins on {}. Until then it can be cancelled.", day(until)),
        (_, _, 0) => "It begins as soon as it is approved.".to_owned(),
        (_, _, seconds) => format!(
            "It begins {} after the approval. Until then it can be cancelled.",
            wait(seconds)
        ),
    };
    let proof = if view.options.verify_erasure {
        "Afterwards the connections look again, to prove that nothing is left."
    } else {
        "Nobody looks afterwards whether anything is left: connections can be set to do so."
    };
    vec![grace, proof.to_owned()]
}

fn wait(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match (seconds / 86_400, seconds / 3_600, seconds / 60) {
        (0, 0, minutes) => words::count(minutes, "minute", "minutes"),
        (0, hours, _) => words::count(hours, "hour", "hours"),
        (days, ..) => words::count(days, "day", "days"),
    }
}

/// What the look after a deletion has shown.
fn proof(view: &RequestView) -> Option<Notice<'static>> {
    let (tone, title, text) = match view.erasure? {
        ErasureProof::Erased => (
            Tone::Ok,
            "The erasure is proved",
            "The connections looked again after the deletion and found nothing. Their jobs stand with the request.",
        ),
        ErasureProof::RemainsAccepted => (
            Tone::Warn,
            "Something is left",
            "The connections looked again after the deletion and found something. It was accepted.",
        ),
        ErasureProof::Unproven => (
            Tone::Warn,
            "The erasure could not be proved",
            "Not every connection could look again after the deletion.",
        ),
        ErasureProof::NotAsked => (
            Tone::Info,
            "The deletion was confirmed by the connections",
            "Nobody looked again afterwards: that was not asked for.",
        ),
    };
    Some(Notice::new(tone, text).title(title))
}

fn empty(view: &RequestView, kept: bool, nothing: bool) -> Option<Empty<'static>> {
    match (kept, nothing, view.right) {
        (false, ..) => Some(Empty::new(
            "What was found has been destroyed",
            "Its term is over. The record that the request was answered stays.",
        )),
        (true, true, Right::Access) => Some(Empty::new(
            "Nothing was found",
            "What connections find appears here. If all are done and found nothing, that is what the subject is told.",
        )),
        _ => None,
    }
}

fn card(view: &RequestView, object: &ObjectView, tasks: &[TaskView], operator: &Operator) -> ObjectCard {
    let href = format!("/requests/{}/review/objects/{}", view.id, object.id);
    let fields = object.fields.iter().enumerate();
    let files = object.files.iter();
    ObjectCard {
        id: object.id.clone(),
        name: object.name.clone(),
        amount: amount(object),
        origin: origin(object, tasks),
        records_href: (object.records > 0 && operator.may(VALUES)).then_some(href),
        included: object.included,
        truncated: object.fields_truncated,
        fields: fields
            .map(|(index, field)| FieldLine {
                name: field_name(&object.id, index),
                path: field.path.clone(),
                about: about(field),
                choice: Choice::of(field),
                edited: field.edited,
            })
            .collect(),
        files: files
            .map(|file| FileLine {
                name: file.name.clone(),
                href: operator
                    .may(VALUES)
                    .then(|| format!("/requests/{}/review/files/{}", view.id, file.id)),
                about: format!("{}, {} bytes", file.media_type, file.bytes),
            })
            .collect(),
    }
}

fn about(field: &FieldView) -> String {
    let kinds: Vec<&str> = field.kinds.iter().map(|kind| kind_word(*kind)).collect();
    format!(
        "{}, {}",
        words::count(field.values, "value", "values"),
        kinds.join(" or ")
    )
}

const fn kind_word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "nothing",
        ValueKind::Boolean => "yes/no",
        ValueKind::Number => "number",
        ValueKind::Text => "text",
        ValueKind::EmptyList => "empty list",
        ValueKind::EmptyObject => "empty group",
    }
}
