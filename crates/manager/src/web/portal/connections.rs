//! The pages about connections.

pub(super) mod approvers;
mod catalog;
mod contact;
mod contact_fields;
mod edit;
mod one;
mod remove;
mod settings_form;
pub(super) mod words;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use rightful_http::pages::parts::{Empty, When};

use super::{Operator, PageError, Section};
use crate::{Manager, Permission, app::ConnectionView};

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/connections", get(list))
        .merge(approvers::router())
        .merge(catalog::router())
        .merge(contact::router())
        .merge(edit::router())
        .merge(one::router())
        .merge(remove::router())
}

#[derive(Template)]
#[template(path = "portal/connections/list.html")]
struct ListPage {
    connections: Vec<ConnectionView>,
    may_manage: bool,
}

async fn list(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ReadConnections)?;
    let body = ListPage {
        connections: manager.connections().await?,
        may_manage: operator.may(Permission::ManageConnections),
    };
    Ok(operator.page(Section::Connections, "Connections", &body))
}
