//! `/settings/webhooks`: places that are told what happens.

mod deliveries;
mod one;
mod secret;

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
        parts::{Badge, Choice, Confirm, Control, Csrf, Empty, Field, FormErrors, Toast, Tone, When},
    },
};

use super::super::{Operator, PageError, Section, Submitted, page_error::sentence};
use crate::{
    Manager, Permission, WebhookId,
    app::webhooks::{
        Because, ChangeWebhookError, NewWebhook, Subscribed, WebhookChanges, WebhookEvent, WebhookState, WebhookView,
    },
};

pub(super) const PATH: &str = "/settings/webhooks";
const NEW: &str = "/settings/webhooks/new";
const SECTION: Section = Section::Settings(PATH);

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route(PATH, get(list))
        .route(NEW, get(new_form).post(create))
        .route("/settings/webhooks/{id}/edit", get(edit_form).post(edit))
        .merge(one::router())
        .merge(secret::router())
        .merge(deliveries::router())
}

#[derive(Template)]
#[template(path = "portal/webhooks/list.html")]
struct ListPage {
    webhooks: Vec<WebhookView>,
}

/// What people typed into the form of a webhook.
#[derive(Default)]
struct Typed {
    url: String,
    description: String,
    events: Vec<String>,
}

impl Typed {
    fn of(submitted: &Submitted) -> Result<Self, PageError> {
        Ok(Self {
            url: submitted.field("url")?.to_owned(),
            description: submitted.field("description")?.to_owned(),
            events: submitted.fields.all("event").map(str::to_owned).collect(),
        })
    }

    fn as_is(webhook: &WebhookView) -> Self {
        Self {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: webhook.events.names().into_iter().map(str::to_owned).collect(),
        }
    }

    fn subscribed(&self) -> Result<Subscribed, FormErrors> {
        Subscribed::of(self.events.iter().map(String::as_str))
            .map_err(|_| FormErrors::default().with("event", "Choose at least one event, or all of them"))
    }
}

#[derive(Template)]
#[template(path = "portal/webhooks/form.html")]
struct FormPage<'a> {
    title: &'a str,
    button: &'a str,
    action: &'a str,
    back: &'a str,
    csrf: Csrf,
    typed: &'a Typed,
    events: Vec<Choice<'static>>,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "portal/webhooks/secret.html")]
struct SecretPage<'a> {
    title: &'a str,
    text: &'a str,
    secret: &'a Secret,
    until: Option<jiff::Timestamp>,
    path: String,
}

#[derive(Template)]
#[template(ext = "html", source = "{{ confirm }}")]
struct ConfirmPage<'a> {
    confirm: Confirm<'a>,
}

fn badge(webhook: &WebhookView) -> Badge<'static> {
    match (webhook.state, webhook.disabled_because) {
        (WebhookState::Disabled, Some(Because::Gone)) => Badge::new(Tone::Bad, "Receiver gone"),
        (WebhookState::Disabled, _) => Badge::new(Tone::Neutral, "Disabled"),
        (WebhookState::Failing, _) => Badge::new(Tone::Bad, "Failing"),
        (WebhookState::Active, _) if webhook.failing_since.is_some() => Badge::new(Tone::Warn, "Trying again"),
        (WebhookState::Active, _) => Badge::new(Tone::Ok, "Active"),
    }
}

/// Which events, in words.
fn events(webhook: &WebhookView) -> String {
    match &webhook.events {
        Subscribed::All => "Every event".to_owned(),
        Subscribed::Only(events) => events.iter().map(|event| event.name()).collect::<Vec<_>>().join(", "),
    }
}

fn choices(chosen: &[String]) -> Vec<Choice<'static>> {
    let is_chosen = |word: &str| chosen.iter().any(|known| known == word);
    let all = Choice::new("*", "Every event")
        .hint("Those of later versions too")
        .chosen(is_chosen("*"));
    let one = |event: &WebhookEvent| {
        Choice::new(event.name(), event.name())
            .hint(event.words())
            .chosen(is_chosen(event.name()))
    };
    std::iter::once(all).chain(WebhookEvent::ALL.iter().map(one)).collect()
}

async fn list(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let body = ListPage {
        webhooks: manager.webhooks().await?,
    };
    Ok(operator.page(SECTION, "Webhooks", &body))
}

/// The webhook whom a path names.
async fn webhook(manager: &Manager, id: WebhookId) -> Result<WebhookView, PageError> {
    manager.webhook(id).await?.ok_or(PageError::NotFound)
}

async fn new_form(operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    operator.require_recent(NEW)?;
    let typed = Typed {
        events: vec!["*".to_owned()],
        ..Typed::default()
    };
    Ok(form(&operator, None, StatusCode::OK, &typed, FormErrors::default()))
}

fn form(
    operator: &Operator,
    changed: Option<WebhookId>,
    status: StatusCode,
    typed: &Typed,
    errors: FormErrors,
) -> Response {
    let (title, button, action, back) = match changed {
        None => ("New webhook", "Create the webhook", NEW.to_owned(), PATH.to_owned()),
        Some(id) => (
            "Change the webhook",
            "Change it",
            format!("{PATH}/{id}/edit"),
            format!("{PATH}/{id}"),
        ),
    };
    let body = FormPage {
        title,
        button,
        action: &action,
        back: &back,
        csrf: operator.csrf(&action),
        typed,
        events: choices(&typed.events),
        errors,
    };
    let page = operator.page_in(SECTION, title, Layout::Reading, &body);
    (status, page).into_response()
}

async fn create(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    operator.require_recent(NEW)?;
    let typed = Typed::of(&submitted)?;
    let again = |errors| Ok(form(operator, None, StatusCode::UNPROCESSABLE_ENTITY, &typed, errors));
    let events = match typed.subscribed() {
        Ok(events) => events,
        Err(errors) => return again(errors),
    };
    let new = NewWebhook {
        url: typed.url.clone(),
        description: typed.description.clone(),
        events,
        enabled: true,
    };
    match manager.create_webhook(new, &operator.by).await {
        Ok(made) => {
            let body = SecretPage {
                title: "The webhook is there",
                text: "What happens from now on is sent to it.",
                secret: &made.secret,
                until: None,
                path: format!("{PATH}/{}", made.id),
            };
            Ok(operator.page_in(SECTION, "Webhook", Layout::Reading, &body))
        }
        Err(error) => again(errors(error)?),
    }
}

async fn edit_form(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<WebhookId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageSettings)?;
    let typed = Typed::as_is(&webhook(&manager, id).await?);
    Ok(form(&operator, Some(id), StatusCode::OK, &typed, FormErrors::default()))
}

async fn edit(
    State(manager): State<Manager>,
    Path(id): Path<WebhookId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageSettings)?;
    webhook(&manager, id).await?;
    let typed = Typed::of(&submitted)?;
    let again = |errors| {
        Ok(form(
            operator,
            Some(id),
            StatusCode::UNPROCESSABLE_ENTITY,
            &typed,
            errors,
        ))
    };
    let events = match typed.subscribed() {
        Ok(events) => events,
        Err(errors) => return again(errors),
    };
    let changes = WebhookChanges {
        url: Some(typed.url.clone()),
        description: Some(typed.description.clone()),
        events: Some(events),
        enabled: None,
    };
    match manager.change_webhook(id, changes, &operator.by).await {
        Ok(()) => Ok(Operator::see(
            &format!("{PATH}/{id}"),
            &Toast::done("The webhook was changed."),
        )),
        Err(error) => again(errors(error)?),
    }
}

/// What goes back into the form, or is a page of its own.
fn errors(error: ChangeWebhookError) -> Result<FormErrors, PageError> {
    match error {
        ChangeWebhookError::Field { field, reason } => {
            let name = if field == "url" { "The URL" } else { "The description" };
            Ok(FormErrors::default().with(field, format!("{name} {reason}")))
        }
        error => Err(refused(error)),
    }
}

fn refused(error: ChangeWebhookError) -> PageError {
    match error {
        ChangeWebhookError::NotFound => PageError::NotFound,
        ChangeWebhookError::Store(error) => error.into(),
        error => PageError::conflict(sentence(&error.to_string())),
    }
}
