//! What will be handed over, as the subject will see it.

use askama::Template;
use axum::{extract::State, response::Response};
use privacy::task::TaskKind;
use rightful_http::{extract::Path, pages::parts::Empty};

use super::{
    Head, Manager, ObjectView, Operator, PageError, RequestId, RequestView, Section, Tab, VALUES, dossier,
    record::cell, words::count,
};
use crate::app::dossier::RecordFieldView;

/// Records of one object that the preview shows; the package has all.
const SHOWN: usize = 10;
/// Objects that the preview shows.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "portal/requests/preview.html")]
struct PreviewPage {
    head: Head,
    summary: String,
    objects: Vec<Part>,
    empty: Option<Empty<'static>>,
    not_shown: Option<String>,
}

struct Part {
    name: String,
    amount: String,
    records: Vec<Vec<(String, String)>>,
    more: Option<String>,
    files: Vec<String>,
}

/// The page.
pub(in super::super) async fn preview(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<RequestId>,
) -> Result<Response, PageError> {
    operator.require(VALUES)?;
    let view = manager.request(id).await?.ok_or(PageError::NotFound)?;
    let found = dossier(&manager, id).await?;
    let objects = found.as_ref().map(|found| found.objects.as_slice()).unwrap_or_default();
    let mut parts = Vec::new();
    for object in objects
        .iter()
        .take(MOST)
        .filter(|object| brought_by_access(&view, object))
    {
        parts.extend(part(&manager, &operator, id, object).await?);
    }
    let body = PreviewPage {
        head: Head::read(&manager, &operator, &view, Tab::Preview, found.as_ref()).await?,
        summary: count(parts.len() as u64, "part is handed over", "parts are handed over"),
        empty: parts.is_empty().then(|| {
            Empty::new(
                "Nothing is handed over",
                "Either nothing was found, or everything is left out. The subject is told that there is nothing.",
            )
        }),
        objects: parts,
        not_shown: (objects.len() > MOST).then(|| {
            let rest = (objects.len() - MOST) as u64;
            format!("{} not shown here.", count(rest, "more object is", "more objects are"))
        }),
    };
    let title = format!("Preview of {}", view.reference);
    Ok(operator.page(Section::Requests, &title, &body))
}

fn brought_by_access(view: &RequestView, object: &ObjectView) -> bool {
    let task = view.tasks.iter().flatten().find(|task| Some(task.id) == object.task_id);
    task.is_none_or(|task| task.kind == TaskKind::Access)
}

async fn part(
    manager: &Manager,
    operator: &Operator,
    id: RequestId,
    object: &ObjectView,
) -> Result<Option<Part>, PageError> {
    let page = manager.dossier_object(id, &object.id, 1).await?;
    manager.note_dossier_viewed(id, &object.id, &operator.by).await?;
    let records: Vec<Vec<(String, String)>> = page
        .records
        .iter()
        .map(|record| record.fields.iter().filter_map(handed_over).collect::<Vec<_>>())
        .filter(|fields| !fields.is_empty())
        .take(SHOWN)
        .collect();
    let files: Vec<String> = object
        .files
        .iter()
        .filter(|file| file.included)
        .map(|file| file.name.clone())
        .collect();
    if records.is_empty() && files.is_empty() {
        return Ok(None);
    }
    let more = object.records > records.len() as u64 && records.len() == SHOWN;
    Ok(Some(Part {
        name: object.name.clone(),
        amount: super::amount(object),
        more: more.then(|| format!("/requests/{id}/review/objects/{}", object.id)),
        records,
        files,
    }))
}

fn handed_over(field: &RecordFieldView) -> Option<(String, String)> {
    if !field.included {
        return None;
    }
    let value = match (&field.new_value, field.redacted) {
        (_, true) => privacy::dossier::REDACTED.to_owned(),
        (Some(edited), false) => cell(edited),
        (None, false) => cell(&field.value),
    };
    Some((field.path.clone(), value))
}
