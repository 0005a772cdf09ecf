//! `/settings/api-keys`: keys of programs.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::{
    extract::Path,
    pages::{
        Layout,
        parts::{Badge, Choice, Confirm, Csrf, Empty, Field, FormErrors, Toast, Tone, When},
    },
};

use super::super::{Operator, PageError, Section, Submitted, page_error::sentence};
use crate::{
    ApiKeyId, Manager, Permission, Scope, Scopes,
    app::{ApiKeyView, CreateApiKeyError},
};

pub(super) const PATH: &str = "/settings/api-keys";
const NEW: &str = "/settings/api-keys/new";
const SECTION: Section = Section::Settings(PATH);

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route(PATH, get(list))
        .route(NEW, get(new_form).post(create))
        .route("/settings/api-keys/{id}/revoke", get(ask_to_revoke).post(revoke))
}

#[derive(Template)]
#[template(path = "portal/settings/api_keys.html")]
struct KeysPage {
    keys: Vec<ApiKeyView>,
}

#[derive(Template)]
#[template(path = "portal/settings/api_key_new.html")]
struct NewPage<'a> {
    csrf: Csrf,
    name: &'a str,
    scopes: Vec<Choice<'static>>,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "portal/settings/api_key_made.html")]
struct MadePage<'a> {
    name: &'a str,
    key: &'a Secret,
    base: String,
}

#[derive(Template)]
#[template(ext = "html", source = "{{ confirm }}")]
struct ConfirmPage<'a> {
    confirm: Confirm<'a>,
}

fn scope_words(scopes: &Scopes) -> String {
    let words: Vec<_> = scopes.as_slice().iter().map(|scope| scope_title(*scope)).collect();
    words.join(", ")
}

const fn scope_title(scope: Scope) -> &'static str {
    match scope {
        Scope::All => "everything but users and keys",
        Scope::Read => "reading",
        Scope::Requests => "requests",
        Scope::Connections => "connections",
        Scope::Access => "users and API keys",
    }
}

fn scope_choices(chosen: &[String]) -> Vec<Choice<'static>> {
    let choice = |scope: &Scope| {
        let (label, hint) = match scope {
            Scope::All => ("All", "Everything but users and API keys"),
            Scope::Read => ("Read", "Sees requests, connections and the audit log, changes nothing"),
            Scope::Requests => ("Requests", "Takes requests in, works on them and approves them"),
            Scope::Connections => ("Connections", "Sets connections up"),
            Scope::Access => (
                "Access",
                "Users and API keys: with it a program can let in whom it wants",
            ),
        };
        let is_chosen = chosen.iter().any(|word| word == scope.name());
        Choice::new(scope.name(), label).hint(hint).chosen(is_chosen)
    };
    Scope::ALL.iter().map(choice).collect()
}

async fn list(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageAccess)?;
    let body = KeysPage {
        keys: manager.api_keys().await?,
    };
    Ok(operator.page(SECTION, "API keys", &body))
}

async fn new_form(operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageAccess)?;
    operator.require_recent(NEW)?;
    Ok(form(&operator, StatusCode::OK, "", &[], FormErrors::default()))
}

fn form(operator: &Operator, status: StatusCode, name: &str, chosen: &[String], errors: FormErrors) -> Response {
    let body = NewPage {
        csrf: operator.csrf(NEW),
        name,
        scopes: scope_choices(chosen),
        errors,
    };
    let page = operator.page_in(SECTION, "New API key", Layout::Reading, &body);
    (status, page).into_response()
}

async fn create(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageAccess)?;
    operator.require_recent(NEW)?;
    let name = submitted.field("name")?;
    let chosen: Vec<String> = submitted.fields.all("scope").map(str::to_owned).collect();
    let unfit = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(scopes) = chosen.join(",").parse::<Scopes>() else {
        let errors = FormErrors::default().with("scope", "Choose what the key may do");
        return Ok(form(operator, unfit, name, &chosen, errors));
    };
    match manager.create_api_key(name, &scopes, &operator.by).await {
        Ok(made) => {
            let body = MadePage {
                name,
                key: &made.api_key,
                base: manager.settings().page("/api/v1"),
            };
            Ok(operator.page_in(SECTION, "API key", Layout::Reading, &body))
        }
        Err(CreateApiKeyError::Store(error)) => Err(error.into()),
        Err(error @ CreateApiKeyError::Name) => {
            let errors = FormErrors::default().with("name", sentence(&error.to_string()));
            Ok(form(operator, unfit, name, &chosen, errors))
        }
    }
}

async fn ask_to_revoke(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<ApiKeyId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageAccess)?;
    let keys = manager.api_keys().await?;
    let known = keys.iter().find(|key| key.id == id && key.revoked_at.is_none());
    let key = known.ok_or(PageError::NotFound)?;
    let action = format!("{PATH}/{id}/revoke");
    let csrf = operator.csrf(&action);
    let confirm = Confirm::new(action, csrf, format!("Revoke the key {}?", key.name), "Revoke", PATH)
        .text("Whatever uses it is refused from its next call on. A revoked key can't be brought back.")
        .danger();
    Ok(operator.page_in(SECTION, "Revoke an API key", Layout::Reading, &ConfirmPage { confirm }))
}

async fn revoke(
    State(manager): State<Manager>,
    Path(id): Path<ApiKeyId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageAccess)?;
    if !manager.revoke_api_key(id, &operator.by).await? {
        return Err(PageError::NotFound);
    }
    Ok(Operator::see(PATH, &Toast::done("The key was revoked.")))
}
