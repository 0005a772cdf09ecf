//! Choosing objects and fields.

use askama::Template;
use axum::{extract::State, response::Response};
use privacy::{Right, dossier::ValueKind, task::TaskKind};
use rightful_http::{
    extract::{Path, QueryPairs},
    pages::parts::{Csrf, Empty, Notice, PostButton, Tone},
};

use super::{
    Head, Manager, ObjectView, Operator, PageError, Permission, RequestId, RequestView, Section, Tab, TaskView, VALUES,
    amount, dossier, origin, policy, seen, words,
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
    objects: Vec<ObjectCard>,
    empty: Option<Empty<'static>>,
    /// The form, where something can be chosen now.
    form: Option<Form>,
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
