//! Connect a system: every kind of system there is, to choose from.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use rightful_http::pages::Layout;

use super::super::{Operator, PageError, Section, requests::right_served};
use crate::{Manager, Permission, app::ConnectorView};

/// Where it is.
pub(super) const PATH: &str = "/connections/new";

pub(super) fn router() -> Router<Manager> {
    Router::new().route(PATH, get(page))
}

#[derive(Template)]
#[template(path = "portal/connections/catalog.html")]
struct CatalogPage {
    connectors: Vec<ConnectorView>,
}

impl CatalogPage {
    /// The rights that it serves, in words.
    fn rights(connector: &ConnectorView) -> String {
        let words: Vec<_> = connector.rights.iter().map(|right| right_served(*right)).collect();
        words.join(" and ")
    }
}

async fn page(State(manager): State<Manager>, operator: Operator) -> Result<Response, PageError> {
    operator.require(Permission::ManageConnections)?;
    let body = CatalogPage {
        connectors: manager.connectors(),
    };
    Ok(operator.page_in(Section::Connections, "Connect a system", Layout::Reading, &body))
}
