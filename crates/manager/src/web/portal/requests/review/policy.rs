//! What was chosen becomes the rule of a connection.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use rightful_http::{
    extract::Path,
    pages::parts::{PostButton, Toast},
};

use super::{Manager, ObjectView, Operator, PageError, Permission, RequestId, RequestView, Submitted};
use crate::{ConnectionId, app::dossier::FieldPolicyError};

/// A button for each connection that brought something.
pub(super) fn buttons(operator: &Operator, view: &RequestView, objects: &[ObjectView]) -> Vec<PostButton<'static>> {
    if !operator.may(Permission::ApproveRequests) {
        return Vec::new();
    }
    let tasks = view.tasks.as_deref().unwrap_or_default();
    let mut connections: BTreeMap<ConnectionId, String> = BTreeMap::new();
    for id in objects.iter().filter_map(|object| object.connection_id) {
        let name = tasks.iter().find(|task| task.connection_id == id);
        // What a removed connection brought can't become its rule.
        if let Some(name) = name.and_then(|task| task.connection.clone()) {
            connections.insert(id, name);
        }
    }
    let action = format!("/requests/{}/review/policy", view.id);
    let button = |(id, name): (ConnectionId, String)| {
        PostButton::new(action.clone(), "Make the saved choice the rule", operator.csrf(&action))
            .quiet()
            .small()
            .about(format!("of {name}"))
            .value("connection", id.to_string())
    };
    connections.into_iter().map(button).collect()
}

/// Saves the rule.
pub(in super::super) async fn save_policy(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ApproveRequests)?;
    let connection = submitted
        .field("connection")?
        .parse()
        .map_err(|_| PageError::NotFound)?;
    let saved = manager.save_policy_of_review(id, connection, &operator.by).await;
    saved.map_err(|error| match error {
        FieldPolicyError::NotFound => PageError::NotFound,
        FieldPolicyError::Dossier(error) => error.into(),
        FieldPolicyError::Store(error) => error.into(),
        error => PageError::conflict(error),
    })?;
    let done = "The choice is the connection’s rule now: it is put on whatever the connection brings from now on.";
    Ok(Operator::see(&format!("/requests/{id}/review"), &Toast::done(done)))
}
