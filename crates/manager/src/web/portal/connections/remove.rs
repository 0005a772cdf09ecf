//! Taking a connection away: asked first.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use connectors::direct_contact;
use http::StatusCode;
use rightful_http::{
    extract::Path,
    pages::{
        Layout,
        parts::{Csrf, Notice, Tone},
    },
};

use super::{
    super::{Operator, PageError, Section, Submitted, page_error::sentence},
    words,
};
use crate::{ConnectionId, Manager, Permission, app::RemoveConnectionError};

pub(super) fn router() -> Router<Manager> {
    Router::new().route("/connections/{id}/remove", get(ask).post(remove))
}

#[derive(Template)]
#[template(path = "portal/connections/remove.html")]
struct AskPage<'a> {
    csrf: Csrf,
    id: ConnectionId,
    name: &'a str,
    system: &'static str,
    /// There is nothing at a vendor to revoke: a person is asked.
    by_mail: bool,
    /// Tasks that could not be carried out any more; 0 if none is known.
    open: i64,
}

impl AskPage<'_> {
    fn warning(&self) -> Option<Notice<'static>> {
        let text = match self.open {
            0 => return None,
            1 => "One open task uses this connection. It could not be carried out any more.".to_owned(),
            open => format!("{open} open tasks use this connection. They could not be carried out any more."),
        };
        Some(Notice::new(Tone::Warn, text).title("It is still needed"))
    }
}

#[derive(Template)]
#[template(path = "portal/connections/removed.html")]
struct RemovedPage<'a> {
    name: &'a str,
    system: &'static str,
    by_mail: bool,
    revoked: bool,
    advice: Option<String>,
}

impl RemovedPage<'_> {
    fn notice(&self) -> Notice<'_> {
        match &self.advice {
            Some(advice) => Notice::new(Tone::Warn, advice.as_str()).title("One thing is left to do"),
            None if self.revoked => {
                let text = format!(
                    "{} has revoked the grant, and its credentials are erased here.",
                    self.system
                );
                Notice::new(Tone::Ok, text)
            }
            None if self.by_mail => Notice::new(Tone::Ok, "Nobody is asked for it any more."),
            None => Notice::new(
                Tone::Ok,
                "Its credentials are erased here. There was no grant to revoke.",
            ),
        }
    }
}

async fn ask(
    State(manager): State<Manager>,
    operator: Operator,
    Path(id): Path<ConnectionId>,
) -> Result<Response, PageError> {
    operator.require(Permission::ManageConnections)?;
    page(&manager, &operator, id, 0).await
}

async fn page(manager: &Manager, operator: &Operator, id: ConnectionId, open: i64) -> Result<Response, PageError> {
    let connection = manager.connection(id).await?.ok_or(PageError::NotFound)?;
    let body = AskPage {
        csrf: operator.csrf(&format!("/connections/{id}/remove")),
        id,
        name: &connection.name,
        system: words::system(&connection),
        by_mail: connection.connector == direct_contact::NAME,
        open,
    };
    Ok(operator.page_in(Section::Connections, "Remove a connection", Layout::Reading, &body))
}

async fn remove(
    State(manager): State<Manager>,
    Path(id): Path<ConnectionId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    submitted.operator.require(Permission::ManageConnections)?;
    let connection = manager.connection(id).await?.ok_or(PageError::NotFound)?;
    let force = submitted.field("force")? == "true";
    let removed = match manager.remove_connection(id, force, &submitted.operator.by).await {
        Ok(removed) => removed,
        Err(RemoveConnectionError::NotFound) => return Err(PageError::NotFound),
        Err(RemoveConnectionError::Store(error)) => return Err(error.into()),
        Err(RemoveConnectionError::InUse { open }) => {
            let page = page(&manager, &submitted.operator, id, open).await?;
            return Ok((StatusCode::CONFLICT, page).into_response());
        }
    };
    let body = RemovedPage {
        name: &connection.name,
        system: words::system(&connection),
        by_mail: connection.connector == direct_contact::NAME,
        revoked: removed.revoked_at_vendor,
        advice: removed.advice.map(|advice| sentence(&advice)),
    };
    Ok(submitted
        .operator
        .page_in(Section::Connections, "Connection removed", Layout::Reading, &body))
}
