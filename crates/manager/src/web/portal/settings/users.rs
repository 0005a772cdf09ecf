//! `/settings/users`: who works here, and what they may do.

mod one;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::StatusCode;
use oauth::Secret;
use rightful_http::pages::{
    Layout,
    parts::{Badge, Choice, Csrf, Field, FormErrors, Toast, Tone, When},
};

use super::super::{Operator, PageError, Section, Submitted, page_error::sentence};
use crate::{
    Manager, Permission, Role,
    app::{CreateOperatorError, InviteError, Invited, OperatorState, OperatorView},
};

pub(super) const PATH: &str = "/settings/users";
const INVITE: &str = "/settings/users/invite";
const SECTION: Section = Section::Settings(PATH);

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route(PATH, get(list))
        .route(INVITE, get(invite_form).post(invite))
        .merge(one::router())
}

#[derive(Template)]
#[template(path = "portal/settings/users.html")]
struct UsersPage {
    users: Vec<OperatorView>,
    active: usize,
    invited: usize,
}

#[derive(Template)]
#[template(path = "portal/settings/invite.html")]
struct InvitePage<'a> {
    csrf: Csrf,
    email: &'a str,
    role: &'a str,
    roles: Vec<Choice<'static>>,
    mails: bool,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "portal/settings/link.html")]
struct LinkPage<'a> {
    title: &'a str,
    text: &'a str,
    link: &'a Secret,
    until: jiff::Timestamp,
}

/// What roles are there for, in words.
fn roles() -> Vec<Choice<'static>> {
    let hint = |role| match role {
        Role::SuperAdmin => "Everything, users and API keys among it",
        Role::ConnectionsManager => "Sets connections up; sees requests",
        Role::RequestManager => "Works on requests and approves them; reads the audit log",
        Role::Approver => "Like a request manager, for those who decide at the end",
        Role::Viewer => "Sees requests, connections and the audit log, changes nothing",
    };
    Role::ALL
        .iter()
        .map(|role| Choice::new(role.name(), role.title()).hint(hint(*role)))
        .collect()
}

fn state(user: &OperatorView) -> Badge<'static> {
    match user.state {
        OperatorState::Active => Badge::new(Tone::Ok, "Active"),
        OperatorState::Invited if user.invited_until.is_none() => Badge::new(Tone::Warn, "Invitation expired"),
        OperatorState::Invited => Badge::new(Tone::Info, "Invited"),
        OperatorState::Deactivated => Badge::new(Tone::Neutral, "Deactivated"),
    }
}

async fn list(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageAccess)?;
    let users = manager.operators().await?;
    let of = |state| users.iter().filter(|user| user.state == state).count();
    let body = UsersPage {
        active: of(OperatorState::Active),
        invited: of(OperatorState::Invited),
        users,
    };
    Ok(operator.page(SECTION, "Users", &body))
}

async fn invite_form(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageAccess)?;
    operator.require_recent(INVITE)?;
    Ok(form(
        &manager,
        &operator,
        StatusCode::OK,
        ("", "viewer"),
        FormErrors::default(),
    ))
}

fn form(
    manager: &Manager,
    operator: &Operator,
    status: StatusCode,
    (email, role): (&str, &str),
    errors: FormErrors,
) -> Response {
    let body = InvitePage {
        csrf: operator.csrf(INVITE),
        email,
        role,
        roles: roles(),
        mails: manager.mailer().is_configured(),
        errors,
    };
    let page = operator.page_in(SECTION, "Invite somebody", Layout::Reading, &body);
    (status, page).into_response()
}

async fn invite(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageAccess)?;
    operator.require_recent(INVITE)?;
    let (email, role) = (submitted.field("email")?, submitted.field("role")?);
    let unfit = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(parsed) = role.parse() else {
        let errors = FormErrors::default().with("role", "Choose a role");
        return Ok(form(&manager, operator, unfit, (email, role), errors));
    };
    match manager.invite(email, parsed, &operator.by).await {
        Ok(invited) => Ok(invited_page(operator, email, &invited)),
        Err(InviteError::Store(error) | InviteError::Operator(CreateOperatorError::Store(error))) => Err(error.into()),
        Err(error) => {
            let errors = FormErrors::default().with("email", sentence(&error.to_string()));
            Ok(form(&manager, operator, unfit, (email, role), errors))
        }
    }
}

/// A mail brings the link; where there is none, the inviting person hands it over.
fn invited_page(operator: &Operator, email: &str, invited: &Invited) -> Response {
    match &invited.link {
        None => Operator::see(PATH, &Toast::done(format!("An invitation was mailed to {email}."))),
        Some(link) => {
            let body = LinkPage {
                title: "Hand the invitation over",
                text: "No mail server is configured, so nobody has been told yet. Give this link to the person yourself; whoever has it can use it.",
                link,
                until: invited.until,
            };
            operator.page_in(SECTION, body.title, Layout::Reading, &body)
        }
    }
}
