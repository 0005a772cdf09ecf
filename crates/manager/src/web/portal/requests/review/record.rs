//! The records of one object, one by one.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use privacy::{
    Personal, Right,
    dossier::{Change, ChangeError, ChangeProblem, WireChange},
};
use rightful_http::{
    extract::{Path2, Path3, Query},
    pages::parts::{Choice, Csrf, Field, FormErrors},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    DossierView, Head, Manager, Operator, PageError, Permission, RequestId, RequestView, Section, Submitted, Tab,
    VALUES, amount, dossier,
    place::{self, Place},
};
use crate::app::dossier::{RecordFieldView, RecordView};

#[derive(Template)]
#[template(path = "portal/requests/records.html")]
struct RecordsPage {
    head: Head,
    name: String,
    amount: String,
    records: Vec<RecordCard>,
    may_choose: bool,
    place: Place,
    /// What was typed where it is no record's number.
    typed: String,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "portal/requests/record.html")]
struct RecordPage {
    head: Head,
    name: String,
    href: String,
    record: RecordCard,
    errors: FormErrors,
    /// The form that changes it, where it can be changed now.
    form: Option<RecordForm>,
}

struct RecordCard {
    number: u64,
    href: String,
    included: bool,
    fields: Vec<Cell>,
}

struct RecordForm {
    csrf: Csrf,
    action: String,
    what: Field<'static>,
    how: Field<'static>,
    value: Field<'static>,
    reason: Field<'static>,
}

struct Cell {
    path: String,
    fate: Fate,
    value: String,
    new_value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Dropped,
    Redacted,
    Edited,
}

impl Fate {
    fn of(field: &RecordFieldView) -> Self {
        match (field.included, field.redacted, field.edited) {
            (false, ..) => Self::Dropped,
            (true, true, _) => Self::Redacted,
            (true, false, true) => Self::Edited,
            (true, false, false) => Self::Kept,
        }
    }
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct Asked {
    /// The number of the first record on the page, as somebody may have typed it.
    #[serde(default)]
    cursor: Option<String>,
}

/// What every page about records needs.
struct Opened {
    view: RequestView,
    name: String,
    amount: String,
    records: u64,
    href: String,
    may_choose: bool,
    dossier: DossierView,
}

/// Opens an object for reading, and writes down that somebody reads it.
async fn open(manager: &Manager, operator: &Operator, id: RequestId, object: &str) -> Result<Opened, PageError> {
    operator.require(VALUES)?;
    let view = manager.request(id).await?.ok_or(PageError::NotFound)?;
    let found = dossier(manager, id).await?.ok_or(PageError::NotFound)?;
    let about = found
        .objects
        .iter()
        .find(|known| known.id == object)
        .ok_or(PageError::NotFound)?;
    manager.note_dossier_viewed(id, object, &operator.by).await?;
    Ok(Opened {
        name: about.name.clone(),
        amount: amount(about),
        records: about.records,
        href: format!("/requests/{id}/review/objects/{object}"),
        may_choose: found.changeable && view.right == Right::Access && operator.may(Permission::WorkRequests),
        view,
        dossier: found,
    })
}

/// A page of records.
pub(in super::super) async fn records(
    State(manager): State<Manager>,
    operator: Operator,
    Path2(id, object): Path2<RequestId, String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let opened = open(&manager, &operator, id, &object).await?;
    let (from, errors) = match place::asked(asked.cursor.as_deref(), opened.records) {
        Ok(from) => (from, FormErrors::default()),
        Err(errors) => (1, errors),
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = manager.dossier_object(id, &object, from).await?;
    let href = opened.href;
    let body = RecordsPage {
        head: Head::read(&manager, &operator, &opened.view, Tab::Choose, Some(&opened.dossier)).await?,
        name: opened.name,
        amount: opened.amount,
        records: page.records.iter().map(|record| card(record, &href)).collect(),
        may_choose: opened.may_choose,
        place: Place::new(&href, from, page.records.len() as u64, page.total),
        typed: asked.cursor.filter(|_| !errors.is_empty()).unwrap_or_default(),
        errors,
    };
    let title = format!("Records of {}", opened.view.reference);
    Ok((status, operator.page(Section::Requests, &title, &body)).into_response())
}

/// One record, and the form that changes what is handed over of it.
pub(in super::super) async fn record(
    State(manager): State<Manager>,
    operator: Operator,
    Path3(id, object, number): Path3<RequestId, String, u64>,
) -> Result<Response, PageError> {
    shown(&manager, &operator, id, &object, number, FormErrors::default()).await
}

async fn shown(
    manager: &Manager,
    operator: &Operator,
    id: RequestId,
    object: &str,
    number: u64,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let opened = open(manager, operator, id, object).await?;
    let page = manager.dossier_object(id, object, number).await?;
    let record = page
        .records
        .first()
        .filter(|record| record.id == number)
        .ok_or(PageError::NotFound)?;
    let mut head = Head::read(manager, operator, &opened.view, Tab::Choose, Some(&opened.dossier)).await?;
    if opened.may_choose {
        // A button beside the form would approve without what was just typed.
        head.approve = None;
    }
    let body = RecordPage {
        head,
        name: opened.name,
        record: card(record, &opened.href),
        errors,
        form: opened.may_choose.then(|| form(operator, &opened.href, record)),
        href: opened.href,
    };
    let title = format!("Record {number} of {}", opened.view.reference);
    Ok(operator.page(Section::Requests, &title, &body))
}

fn card(record: &RecordView, object_href: &str) -> RecordCard {
    let cells = record.fields.iter().map(|field| Cell {
        path: field.path.clone(),
        fate: Fate::of(field),
        value: cell(&field.value),
        new_value: field.new_value.as_ref().map(cell),
    });
    RecordCard {
        number: record.id,
        href: format!("{object_href}/{}", record.id),
        included: record.included,
        fields: cells.collect(),
    }
}

pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "(nothing)".to_owned(),
        other => other.to_string(),
    }
}

fn form(operator: &Operator, object_href: &str, record: &RecordView) -> RecordForm {
    let mut what = vec![Choice::new("", "The whole record")];
    what.extend(
        record
            .fields
            .iter()
            .map(|field| Choice::new(field.path.clone(), field.path.clone())),
    );
    let how = vec![
        Choice::new("exclude", "Leave it out"),
        Choice::new("redact", "Hide its value"),
        Choice::new("edit", "Hand over another value"),
        Choice::new("include", "Hand it over as it was found"),
    ];
    let action = format!("{object_href}/{}", record.id);
    RecordForm {
        csrf: operator.csrf(&action),
        action,
        what: Field::select("field", "What", what),
        how: Field::select("action", "What happens to it", how),
        value: Field::text("value", "The other value")
            .hint("Only to hand over another value.")
            .optional()
            .autocomplete("off"),
        reason: Field::text("reason", "Why")
            .hint("For your colleagues; it is not handed over.")
            .optional()
            .autocomplete("off"),
    }
}

/// Changes what is handed over of one record.
pub(in super::super) async fn change(
    State(manager): State<Manager>,
    Path3(id, object, number): Path3<RequestId, String, u64>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::WorkRequests)?;
    let given = |text: &str| (!text.is_empty()).then(|| Personal::new(text.to_owned()));
    let action = submitted.field("action")?.to_owned();
    let value = (action == "edit").then(|| submitted.field("value")).transpose()?;
    let wire = WireChange {
        object: object.clone(),
        record: Some(number),
        field: given(submitted.field("field")?),
        value: value.map(|text| Personal::new(typed(text))),
        reason: given(submitted.field("reason")?),
        action,
    };
    match Change::parse(wire) {
        Ok(change) => {
            manager
                .change_dossier(id, vec![change], Vec::new(), &operator.by)
                .await?;
            let href = format!("/requests/{id}/review/objects/{object}/{number}");
            Ok(Redirect::to(&href).into_response())
        }
        Err(error) => {
            let errors = FormErrors::default().with(error.field, sentence(&error));
            let page = shown(&manager, operator, id, &object, number, errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn sentence(error: &ChangeError) -> String {
    match (error.field, error.problem) {
        ("field", ChangeProblem::RequiredToEdit) => {
            "Choose one field: a whole record can't be another value".to_owned()
        }
        ("action", _) => "Choose what happens".to_owned(),
        _ => format!("The {error}"),
    }
}

/// What is typed is text, but a number, `true`, `false` and `null` stay what they are.
fn typed(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => value,
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_typed_value_keeps_its_kind() {
        for (text, value) in [
            ("12", json!(12)),
            ("-1.5", json!(-1.5)),
            ("true", json!(true)),
            ("null", json!(null)),
            ("ada", json!("ada")),
            ("", json!("")),
            ("[1]", json!("[1]")),
            ("007", json!("007")),
            ("+49 30", json!("+49 30")),
        ] {
            assert_eq!(typed(text), value, "{text}");
        }
    }
}
