//! A connection that is a person: setting it up, changing it, looking at it.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use connectors::direct_contact;
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    pages::{
        Layout,
        parts::{Csrf, Field, FormErrors, When},
    },
    settings::HumanDuration,
};
use serde_json::Value;

use super::{
    super::{Operator, PageError, Section, Submitted, page_error::sentence},
    approvers, catalog, contact_fields,
    one::{Happened, events},
    words,
};
use crate::{
    ConnectionId, Manager, Permission,
    app::{AddConnectionError, ChangeConnectionError, ConnectionChanges, ConnectionView, NewConnection},
};

/// Where the new connection's form is, and goes to.
const NEW: &str = "/connections/new/direct-contact";

pub(super) fn router() -> Router<Manager> {
    Router::new().route(NEW, get(new).post(add))
}

#[derive(Template)]
#[template(path = "portal/connections/contact_edit.html")]
struct EditPage<'a> {
    csrf: Csrf,
    action: &'a str,
    errors: FormErrors,
    title: &'a str,
    back: &'a str,
    name: &'a str,
    is_new: bool,
    can_mail: bool,
    fields: Vec<Field<'static>>,
}

async fn new(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageConnections)?;
    Ok(form(&manager, &operator, None, "", &Value::Null, FormErrors::default()))
}

async fn add(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageConnections)?;
    let name = submitted.field("name")?.to_owned();
    let settings = contact_fields::answered("", &submitted.fields);
    let new = NewConnection {
        connector: direct_contact::NAME.to_owned(),
        name: name.clone(),
        client_id: String::new(),
        client_secret: Secret::new(String::new()),
        settings: settings.clone(),
    };
    match manager.add_connection(new, &submitted.operator.by).await {
        Ok(id) => Ok(Redirect::to(&format!("/connections/{id}")).into_response()),
        Err(AddConnectionError::Store(error)) => Err(error.into()),
        Err(AddConnectionError::Field { field, reason }) => {
            let errors = errors(&field, &reason);
            let page = form(&manager, &submitted.operator, None, &name, &settings, errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The form that changes it.
pub(super) fn edit(manager: &Manager, operator: &Operator, connection: &ConnectionView) -> Response {
    let errors = FormErrors::default();
    form(
        manager,
        operator,
        Some(connection.id),
        &connection.name,
        &connection.settings,
        errors,
    )
}

/// Changes it.
pub(super) async fn change(manager: &Manager, id: ConnectionId, submitted: &Submitted) -> Result<Response, PageError> {
    let name = submitted.field("name")?.to_owned();
    let settings = contact_fields::answered("", &submitted.fields);
    let changes = ConnectionChanges {
        name: Some(name.clone()),
        settings: Some(settings.clone()),
        ..ConnectionChanges::default()
    };
    let errors = match manager.change_connection(id, changes, &submitted.operator.by).await {
        Ok(()) => return Ok(Redirect::to(&format!("/connections/{id}")).into_response()),
        Err(ChangeConnectionError::NotFound) => return Err(PageError::NotFound),
        Err(ChangeConnectionError::Store(error) | ChangeConnectionError::Field(AddConnectionError::Store(error))) => {
            return Err(error.into());
        }
        Err(ChangeConnectionError::Field(AddConnectionError::Field { field, reason })) => errors(&field, &reason),
        Err(ChangeConnectionError::Fixed { field }) => errors(field, "can't be changed"),
    };
    let page = form(manager, &submitted.operator, Some(id), &name, &settings, errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn errors(field: &str, reason: &str) -> FormErrors {
    match field.strip_prefix("settings.").unwrap_or(field) {
        "connector" => {
            let mut errors = FormErrors::default();
            errors.add_general("No mailer is configured: set smtp_url and mail_from first.");
            errors
        }
        "name" => FormErrors::default().with("name", sentence(&format!("The name {reason}"))),
        field => {
            let label = contact_fields::label(field);
            FormErrors::default().with(field, sentence(&format!("{label} {reason}")))
        }
    }
}

fn form(
    manager: &Manager,
    operator: &Operator,
    id: Option<ConnectionId>,
    name: &str,
    settings: &Value,
    errors: FormErrors,
) -> Response {
    let (action, back, title) = match id {
        Some(id) => (
            format!("/connections/{id}/edit"),
            format!("/connections/{id}"),
            format!("Edit {name}"),
        ),
        None => (
            NEW.to_owned(),
            catalog::PATH.to_owned(),
            "Ask a person by mail".to_owned(),
        ),
    };
    let body = EditPage {
        csrf: operator.csrf(&action),
        action: &action,
        title: &title,
        back: &back,
        name,
        is_new: id.is_none(),
        can_mail: manager.can_mail(),
        fields: contact_fields::fields("", settings, &errors),
        errors,
    };
    operator.page_in(Section::Connections, &title, Layout::Reading, &body)
}

#[derive(Template)]
#[template(path = "portal/connections/contact.html")]
struct ContactPage<'a> {
    connection: &'a ConnectionView,
    may_manage: bool,
    can_mail: bool,
    settings: Vec<(&'static str, String)>,
    deadline: String,
    reminder: String,
    approvers: approvers::Card,
    events: Vec<Happened>,
}

/// The page about it.
pub(super) async fn page(
    manager: &Manager,
    operator: &Operator,
    connection: &ConnectionView,
) -> Result<Response, PageError> {
    let settings = manager.settings();
    let body = ContactPage {
        connection,
        may_manage: operator.may(Permission::ManageConnections),
        can_mail: manager.can_mail(),
        settings: shown(&connection.settings),
        deadline: span(settings.direct_contact_deadline),
        reminder: span(settings.direct_contact_reminder),
        approvers: approvers::card(manager, operator, connection.id).await?,
        events: events(manager, connection.id).await?,
    };
    Ok(operator.page(Section::Connections, &connection.name, &body))
}

/// A length of time as people say it.
fn span(duration: HumanDuration) -> String {
    let seconds = duration.duration().as_secs();
    match (seconds % 86_400, seconds / 86_400) {
        (0, 1) => "day".to_owned(),
        (0, days @ 2..) => format!("{days} days"),
        _ => duration.to_string(),
    }
}

/// The settings in words; those of a vendor's connection too, for the person beside its API.
pub(super) fn shown(settings: &Value) -> Vec<(&'static str, String)> {
    let text = |field: &str| match settings.get(field)? {
        Value::String(text) => Some(match text.as_str() {
            "block" => "wait, and tell administrators".to_owned(),
            "skip" => "go on without an answer".to_owned(),
            text if field == "language" => contact_fields::language_name(text).to_owned(),
            text => text.to_owned(),
        }),
        Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            Some(words.join(", "))
        }
        _ => None,
    };
    [
        ("Asks", "processor_email"),
        ("For", "capabilities"),
        ("Account", "account_name"),
        ("Account ID", "account_id"),
        ("Note", "notes"),
        ("No answer in time", "on_deadline"),
        ("Language", "language"),
    ]
    .into_iter()
    .filter_map(|(label, field)| Some((label, text(field)?)))
    .collect()
}
