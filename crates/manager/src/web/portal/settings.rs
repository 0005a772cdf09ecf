//! The settings: a place for each kind of them, in a second navigation.

mod api_keys;
mod mailbox;
mod templates;
mod users;
mod webhooks;

use axum::{
    Router,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};

use super::{Operator, PageError};
use crate::{Manager, Permission};

/// A place of the settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) label: &'static str,
    pub(crate) path: &'static str,
    /// Who does not have it does not see it.
    pub(crate) permission: Permission,
}

/// All of them, in the order in which they are shown.
pub(crate) const PLACES: &[Place] = &[
    place("Legal frameworks", "/settings/frameworks", Permission::ReadSettings),
    place("Automation", "/settings/automation", Permission::ReadSettings),
    place("Approvals", "/settings/approvals", Permission::ReadSettings),
    place("Retention", "/settings/retention", Permission::ReadSettings),
    place("Brand", "/settings/brand", Permission::ReadSettings),
    place("Privacy centre", "/settings/privacy-centre", Permission::ReadSettings),
    place("Mail texts", templates::PATH, Permission::ManageSettings),
    place("Mails", mailbox::PATH, Permission::ReadAudit),
    place("Users", users::PATH, Permission::ManageAccess),
    place("API keys", api_keys::PATH, Permission::ManageAccess),
    place("Webhooks", webhooks::PATH, Permission::ManageSettings),
];

const fn place(label: &'static str, path: &'static str, permission: Permission) -> Place {
    Place {
        label,
        path,
        permission,
    }
}

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/settings", get(first))
        .merge(templates::router())
        .merge(mailbox::router())
        .merge(users::router())
        .merge(api_keys::router())
        .merge(webhooks::router())
}

/// `/settings` is the first place that one may see.
async fn first(operator: Operator) -> Result<Response, PageError> {
    let place = PLACES.iter().find(|place| operator.may(place.permission));
    let place = place.ok_or(PageError::Forbidden)?;
    Ok(Redirect::to(place.path).into_response())
}
