//! One user.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use rightful_http::{
    extract::Path,
    pages::{
        Layout,
        parts::{Badge, Choice, Confirm, Csrf, Field, PostButton, Toast, When},
    },
};

use super::{LinkPage, PATH, SECTION, invited_page, roles, state};
use crate::{
    Manager, OperatorId, Permission,
    app::{ChangeOperatorError, InviteError, OperatorState, OperatorView, SecondFactorError, SessionView},
    web::portal::{Operator, PageError, Submitted},
};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/settings/users/{id}", get(page))
        .route("/settings/users/{id}/role", post(change_role))
        .route(
            "/settings/users/{id}/deactivate",
            get(ask_to_deactivate).post(deactivate),
        )
        .route("/settings/users/{id}/reactivate", post(reactivate))
        .route("/settings/users/{id}/invite", post(invite_again))
        .route("/settings/users/{id}/password-link", post(password_link))
        .route(
            "/settings/users/{id}/reset-authenticator",
            get(ask_to_reset).post(reset_authenticator),
        )
        .route("/settings/users/{id}/end-sessions", post(end_sessions))
}

#[derive(Template)]
#[template(path = "portal/settings/user.html")]
struct UserPage<'a> {
    user: OperatorView,
    state: Badge<'static>,
    is_me: bool,
    roles: Vec<Choice<'static>>,
    sessions: Vec<SessionView>,
    operator: &'a Operator,
}

impl UserPage<'_> {
    fn path(&self, what: &str) -> String {
        format!("{PATH}/{}/{what}", self.user.id)
    }

    fn csrf(&self, what: &str) -> Csrf {
        self.operator.csrf(&self.path(what))
    }

    fn button(&self, what: &str, label: &'static str) -> PostButton<'_> {
        PostButton::new(self.path(what), label, self.csrf(what)).quiet()
    }
}

#[derive(Template)]
#[template(ext = "html", source = "{{ confirm }}")]
struct ConfirmPage<'a> {
    confirm: Confirm<'a>,
}

/// The user whom a path names; another's id and no id are answered alike.
async fn user(manager: &Manager, id: OperatorId) -> Result<OperatorView, PageError> {
    manager.operator(id).await?.ok_or(PageError::NotFound)
}

async fn page(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<OperatorId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageAccess)?;
    let user = user(&manager, id).await?;
    let title = user.email.clone();
    let body = UserPage {
        state: state(&user),
        is_me: id == operator.id,
        roles: roles(),
        sessions: manager.sessions(id).await?,
        user,
        operator: &operator,
    };
    Ok(operator.page(SECTION, &title, &body))
}

async fn change_role(
    State(manager): State<Manager>,
    Path(id): Path<OperatorId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let (operator, here) = begin(&submitted, id)?;
    let role = submitted.field("role")?.parse().map_err(PageError::conflict)?;
    manager.change_role(id, role, &operator.by).await.map_err(refused)?;
    Ok(Operator::see(
        &here,
        &Toast::done(format!("The role is now: {}.", role.title())),
    ))
}

async fn ask_to_deactivate(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<OperatorId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageAccess)?;
    let user = user(&manager, id).await?;
    let action = format!("{PATH}/{id}/deactivate");
    let confirm = Confirm::new(
        action.as_str(),
        operator.csrf(&action),
        format!("Deactivate {}?", user.email),
        "Deactivate",
        format!("{PATH}/{id}"),
    )
    .text("Their sessions and links end at once, and they can't log in until somebody lets them in again. What they did stays in the audit log.")
    .danger();
    Ok(operator.page_in(SECTION, "Deactivate", Layout::Reading, &ConfirmPage { confirm }))
}

async fn deactivate(
    State(manager): State<Manager>,
    Path(id): Path<OperatorId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let (operator, here) = begin(&submitted, id)?;
    manager.deactivate(id, &operator.by).await.map_err(refused)?;
    Ok(Operator::see(&here, &Toast::done("The user was deactivated.")))
}

async fn reactivate(
    State(manager): State<Manager>,
    Path(id): Path<OperatorId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let (operator, here) = begin(&submitted, id)?;
    manager.reactivate(id, &operator.by).await.map_err(refused)?;
    Ok(Operator::see(&here, &Toast::done("The user may log in again.")))
}

async fn invite_again(
    State(manager): State<Manager>,
    Path(id): Path<OperatorId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let (operator, _) = begin(&submitted, id)?;
    let user = user(&manager, id).await?;
    match manager.invite_again(id, &operator.by).await {
        Ok(invited) => Ok(invited_page(operator, &user.email, &invited)),
        Err(InviteError::Store(error)) => Err(error.into()),
        Err(error) => Err(PageError::conflict(error)),
    }
}

async fn password_link(
    State(manager): State<Manager>,
    Path(id): Path<OperatorId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let (operator, _) = begin(&submitted, id)?;
    let (link, until) = manager.make_password_link(id, &operator.by).await.map_err(refused)?;
    let body = LinkPage {
        title: "Hand the link over",
        text: "With this link the user chooses a new password. Give it to nobody else. The second factor is asked for as always.",
        link: &link,
        until,
    };
    Ok(operator.page_in(SECTION, body.title, Layout::Reading, &body))
}

async fn ask_to_reset(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<OperatorId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageAccess)?;
    let user = user(&manager, id).await?;
    let action = format!("{PATH}/{id}/reset-authenticator");
    let confirm = Confirm::new(
        action.as_str(),
        operator.csrf(&action),
        format!("Reset the authenticator of {}?", user.email),
        "Reset",
        format!("{PATH}/{id}"),
    )
    .text("For who has lost the phone and the recovery codes. Make sure that it is really they who ask. Their sessions end, and the password alone lets them in until they set an app up again.")
    .danger();
    Ok(operator.page_in(
        SECTION,
        "Reset the authenticator",
        Layout::Reading,
        &ConfirmPage { confirm },
    ))
}

async fn reset_authenticator(
    State(manager): State<Manager>,
    Path(id): Path<OperatorId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let (operator, here) = begin(&submitted, id)?;
    match manager.reset_second_factor(id, &operator.by).await {
        Ok(()) => Ok(Operator::see(&here, &Toast::done("The authenticator was reset."))),
        Err(SecondFactorError::NotFound) => Err(PageError::NotFound),
        Err(SecondFactorError::Store(error)) => Err(error.into()),
        Err(error) => Err(PageError::conflict(error)),
    }
}

async fn end_sessions(
    State(manager): State<Manager>,
    Path(id): Path<OperatorId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let (operator, here) = begin(&submitted, id)?;
    user(&manager, id).await?;
    let but = (id == operator.id).then_some(operator.session_id);
    manager.end_other_sessions(id, but, &operator.by).await?;
    Ok(Operator::see(&here, &Toast::done("The sessions have ended.")))
}

/// Who changes a user must be allowed to, and have proved who they are lately.
fn begin(submitted: &Submitted, id: OperatorId) -> Result<(&Operator, String), PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ManageAccess)?;
    let here = format!("{PATH}/{id}");
    operator.require_recent(&here)?;
    Ok((operator, here))
}

fn refused(error: ChangeOperatorError) -> PageError {
    match error {
        ChangeOperatorError::NotFound => PageError::NotFound,
        ChangeOperatorError::Store(error) => error.into(),
        error => PageError::conflict(error),
    }
}
