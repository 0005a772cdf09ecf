//! Setting a connection up, and changing one.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use connectors::{Authorization, Connector, direct_contact};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::Path,
    pages::{
        Layout,
        parts::{Csrf, Field, FormErrors},
    },
};
use serde_json::{Value, json};

use super::{
    super::{Operator, PageError, Section, Submitted, page_error::sentence},
    catalog, contact, contact_fields, settings_form,
};
use crate::{
    ConnectionId, Manager, Permission,
    app::{AddConnectionError, ChangeConnectionError, ConnectionChanges, NewConnection},
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/connections/new/{connector}", get(new).post(add))
        .route("/connections/{id}/edit", get(edit).post(change))
}

#[derive(Template)]
#[template(path = "portal/connections/edit.html")]
struct EditPage<'a> {
    csrf: Csrf,
    action: &'a str,
    errors: FormErrors,
    title: &'a str,
    back: &'a str,
    system: &'static str,
    /// How to register at the vendor; empty for one that is there.
    set_up: Vec<String>,
    redirect_uri: String,
    name: &'a str,
    client_id: &'a str,
    is_new: bool,
    fields: Vec<Field<'static>>,
    advanced: Vec<Field<'static>>,
    /// Who is asked by mail.
    contact: Vec<Field<'static>>,
    /// Whether that is of interest now.
    ask_open: bool,
}

/// What was typed so far.
struct Typed {
    name: String,
    client_id: String,
    settings: Value,
}

struct Chosen {
    connector: &'static dyn Connector,
    defaults: Value,
    authorization: Authorization,
}

/// The connector that is asked about.
fn chosen(name: &str) -> Result<Chosen, PageError> {
    let connector = connectors::connector(name).ok_or(PageError::NotFound)?;
    let vendor = connector.configure(&json!({})).map_err(PageError::conflict)?;
    Ok(Chosen {
        connector,
        defaults: vendor.shown_settings(),
        authorization: vendor.authorization(),
    })
}

async fn new(
    State(manager): State<Manager>,
    operator: Operator,
    Path(connector): Path<String>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageConnections)?;
    let chosen = chosen(&connector)?;
    let typed = Typed {
        name: chosen.connector.title().to_owned(),
        client_id: String::new(),
        settings: chosen.defaults.clone(),
    };
    Ok(form(&manager, &operator, &chosen, None, &typed, FormErrors::default()))
}

async fn add(
    State(manager): State<Manager>,
    Path(connector): Path<String>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageConnections)?;
    let chosen = chosen(&connector)?;
    let typed = typed(&submitted, &chosen)?;
    let new = NewConnection {
        connector: chosen.connector.name().to_owned(),
        name: typed.name.clone(),
        client_id: typed.client_id.clone(),
        client_secret: Secret::new(submitted.field("client_secret")?.to_owned()),
        settings: settings_form::changed(&typed.settings, &chosen.defaults, None),
    };
    match manager.add_connection(new, &submitted.operator.by).await {
        Ok(id) => Ok(Redirect::to(&format!("/connections/{id}")).into_response()),
        Err(AddConnectionError::Store(error)) => Err(error.into()),
        Err(AddConnectionError::Field { field, reason }) => {
            let errors = errors(&field, &reason);
            let page = form(&manager, &submitted.operator, &chosen, None, &typed, errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn edit(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<ConnectionId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageConnections)?;
    let connection = manager.connection(id).await?.ok_or(PageError::NotFound)?;
    if connection.connector == direct_contact::NAME {
        return Ok(contact::edit(&manager, &operator, &connection));
    }
    let chosen = chosen(&connection.connector)?;
    let typed = Typed {
        name: connection.name,
        client_id: connection.client_id,
        settings: connection.settings,
    };
    Ok(form(
        &manager,
        &operator,
        &chosen,
        Some(id),
        &typed,
        FormErrors::default(),
    ))
}

async fn change(
    State(manager): State<Manager>,
    Path(id): Path<ConnectionId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageConnections)?;
    let (connector, before) = manager.connection_settings(id).await?.ok_or(PageError::NotFound)?;
    if connector == direct_contact::NAME {
        return contact::change(&manager, id, &submitted).await;
    }
    let chosen = chosen(&connector)?;
    let typed = typed(&submitted, &chosen)?;
    let secret = submitted.field("client_secret")?;
    let changes = ConnectionChanges {
        name: Some(typed.name.clone()),
        client_id: Some(typed.client_id.clone()),
        client_secret: (!secret.is_empty()).then(|| Secret::new(secret.to_owned())),
        settings: Some(settings_form::changed(&typed.settings, &chosen.defaults, Some(&before))),
    };
    let errors = match manager.change_connection(id, changes, &submitted.operator.by).await {
        Ok(()) => return Ok(Redirect::to(&format!("/connections/{id}")).into_response()),
        Err(ChangeConnectionError::NotFound) => return Err(PageError::NotFound),
        Err(ChangeConnectionError::Store(error) | ChangeConnectionError::Field(AddConnectionError::Store(error))) => {
            return Err(error.into());
        }
        Err(ChangeConnectionError::Field(AddConnectionError::Field { field, reason })) => errors(&field, &reason),
        Err(ChangeConnectionError::Fixed { field }) => errors(
            field,
            "can't be changed once the connection is authorized: set up another connection",
        ),
    };
    let page = form(&manager, &submitted.operator, &chosen, Some(id), &typed, errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn typed(submitted: &Submitted, chosen: &Chosen) -> Result<Typed, PageError> {
    Ok(Typed {
        name: submitted.field("name")?.to_owned(),
        client_id: submitted.field("client_id")?.to_owned(),
        settings: settings_form::answered(&submitted.fields, &chosen.defaults),
    })
}

/// A fault in the words of the form.
fn errors(field: &str, reason: &str) -> FormErrors {
    let field = field.strip_prefix("settings.").unwrap_or(field);
    let label = match field {
        "name" => "The name",
        "client_id" => "The client ID",
        "client_secret" => "The client secret",
        field => settings_form::label(field),
    };
    FormErrors::default().with(field, sentence(&format!("{label} {reason}")))
}

fn form(
    manager: &Manager,
    operator: &Operator,
    chosen: &Chosen,
    id: Option<ConnectionId>,
    typed: &Typed,
    errors: FormErrors,
) -> Response {
    let system = chosen.connector.title();
    let redirect_uri = manager.settings().redirect_uri();
    let (action, back, title) = match id {
        Some(id) => (
            format!("/connections/{id}/edit"),
            format!("/connections/{id}"),
            format!("Edit {}", typed.name),
        ),
        None => (
            format!("{}/{}", catalog::PATH, chosen.connector.name()),
            catalog::PATH.to_owned(),
            format!("Connect {system}"),
        ),
    };
    let body = EditPage {
        csrf: operator.csrf(&action),
        action: &action,
        title: &title,
        back: &back,
        system,
        // The last two steps are what this page and the next are.
        set_up: chosen
            .authorization
            .set_up
            .iter()
            .take(chosen.authorization.set_up.len().saturating_sub(2))
            .map(|step| step.replace("{redirect_uri}", "below"))
            .collect(),
        redirect_uri,
        name: &typed.name,
        client_id: &typed.client_id,
        is_new: id.is_none(),
        fields: settings_form::fields(&typed.settings, &errors, false),
        advanced: settings_form::fields(&typed.settings, &errors, true),
        contact: contact_fields::fields(
            contact_fields::NESTED,
            typed.settings.get("direct_contact").unwrap_or(&Value::Null),
            &errors,
        ),
        ask_open: typed.settings.get("direct_contact").is_some_and(Value::is_object) || !errors.is_empty(),
        errors,
    };
    operator.page_in(Section::Connections, &title, Layout::Reading, &body)
}
