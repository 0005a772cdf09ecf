//! Who must be among those who approve what a connection brings or deletes.

mod named;
mod waiting;

use privacy::{
    Actor,
    audit::{Detail, Event, Fact},
    request::{Hearing, hearing},
};
use serde::Serialize;
use serde_json::{Value, json};
use store::{StoreError, Tx, retried};

pub use named::ApproverView;
pub(crate) use waiting::actors;
pub use waiting::{AwaitedApproval, LostApprovers};

use super::{company::Section, connection_jobs, requests::Assignee};
use crate::{By, ConnectionId, Manager, OperatorId, Permission, Role, rows};

/// Who must be among those who approve for one connection.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionApprovers {
    /// The connection.
    pub connection_id: ConnectionId,
    /// What people call it.
    pub connection: String,
    /// One of these must approve; whoever may where nobody is named.
    pub approvers: Vec<ApproverView>,
    /// `awaited` where somebody of them could approve, `nobody_can` where others must be named; `given` where nobody is
    /// asked for.
    pub state: Hearing,
}

/// Why the approvers of a connection are as before.
#[derive(Debug, thiserror::Error)]
pub enum NameApproversError {
    /// There is no such connection.
    #[error("no such connection")]
    NotFound,
    /// Somebody can't be named.
    #[error("approvers {reason}")]
    Invalid {
        /// Why, to be read after the field's name.
        reason: &'static str,
    },
    /// The database failed.
    #[error("the approvers could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Who must be among those who approve for a connection; nobody is named where the list is empty. `None` where there
    /// is no such connection.
    pub async fn approvers(&self, connection: ConnectionId) -> Result<Option<ConnectionApprovers>, StoreError> {
        let mut read = self.store().read().await?;
        let company = self.company_in(&mut read).await?;
        let named = company.approvals.connections.get(&connection);
        if named.is_none() && rows::connection::by_id(&mut read, connection).await?.is_none() {
            return Ok(None);
        }
        let named = named.map_or(&[][..], Vec::as_slice);
        let approvers = self.approver_views(&mut read, named, None).await?;
        let name = rows::connection::name(&mut read, connection).await?;
        Ok(Some(ConnectionApprovers {
            connection_id: connection,
            connection: name.unwrap_or_default(),
            state: if named.is_empty() {
                Hearing::Given
            } else {
                hearing(&actors(&approvers), &[])
            },
            approvers,
        }))
    }

    /// Everybody who could be named.
    pub async fn possible_approvers(&self) -> Result<Vec<Assignee>, StoreError> {
        let operators = rows::operator::of_roles(&mut self.store().read().await?, &approving()).await?;
        let view = |row: &rows::operator::OperatorRow| {
            let name = self.operator_email(row)?;
            Ok(Assignee { id: row.id, name })
        };
        operators.iter().map(view).collect()
    }

    /// From now on one of these must be among those who approve for a connection; with nobody in the list, whoever may
    /// approve does. It holds for requests that wait for their approval already.
    pub async fn name_approvers(
        &self,
        connection: ConnectionId,
        approvers: &[OperatorId],
        by: &By,
    ) -> Result<ConnectionApprovers, NameApproversError> {
        retried(|| self.name_approvers_once(connection, approvers, by)).await?;
        self.approvers(connection).await?.ok_or(NameApproversError::NotFound)
    }

    async fn name_approvers_once(
        &self,
        connection: ConnectionId,
        approvers: &[OperatorId],
        by: &By,
    ) -> Result<(), NameApproversError> {
        let mut tx = self.store().write().await?;
        tx.lock("company_setting", Section::Approvals.name()).await?;
        let company = self.company_in(&mut tx).await?;
        let before = company.approvals.connections.get(&connection);
        // One that was removed may have brought what still waits: its approvers can be replaced as well.
        if before.is_none() && rows::connection::by_id(&mut tx, connection).await?.is_none() {
            return Err(NameApproversError::NotFound);
        }
        let before = before.map_or(&[][..], Vec::as_slice);
        let after = checked(&mut tx, before, approvers).await?;
        if before.len() == after.len() && before.iter().all(|actor| after.contains(actor)) {
            return Ok(tx.rollback().await?);
        }
        record(&mut tx, connection, before, &after, by);
        store_approvers(&mut tx, connection, &after, by).await?;
        Ok(tx.commit().await?)
    }
}

/// Those whom a connection names change from `before` to `after`: the audit log is told, and who is new is asked about what
/// waits already.
pub(super) fn record(tx: &mut Tx, connection: ConnectionId, before: &[Actor], after: &[Actor], by: &By) {
    let named: Vec<_> = after.iter().filter(|actor| !before.contains(actor)).collect();
    if !named.is_empty() {
        connection_jobs::approvers_named(tx, connection);
    }
    let removed = before.iter().filter(|actor| !after.contains(actor));
    let named = named.into_iter().map(|actor| (Event::ConnectionApproverNamed, actor));
    let removed = removed.map(|actor| (Event::ConnectionApproverRemoved, actor));
    for (event, actor) in named.chain(removed) {
        let target = Fact::code(&actor.to_string());
        tx.audit(by.event(event, connection.object(), [(Detail::Target, target)]));
    }
}

/// The people as actors. Whoever was named before may stay, whatever has become of them; who is new must be able to
/// approve.
async fn checked(tx: &mut Tx, before: &[Actor], approvers: &[OperatorId]) -> Result<Vec<Actor>, NameApproversError> {
    let invalid = |reason| NameApproversError::Invalid { reason };
    let mut actors = Vec::new();
    for id in approvers {
        let actor = By::operator(*id, None).actor;
        if actors.contains(&actor) {
            return Err(invalid("names somebody twice"));
        }
        if !before.contains(&actor) && !may_be_named(tx, *id).await? {
            return Err(invalid(CANNOT_APPROVE));
        }
        actors.push(actor);
    }
    Ok(actors)
}

/// What is wrong with naming somebody who can't approve.
pub(super) const CANNOT_APPROVE: &str =
    "names somebody who can't approve: it takes an active user who is approver, request manager or super admin";

/// Whether somebody is there who may approve requests.
pub(super) async fn may_be_named(tx: &mut Tx, id: OperatorId) -> Result<bool, StoreError> {
    let row = rows::operator::by_id(tx, id).await?;
    Ok(row.is_some_and(|row| row.is_active() && row.role.allows(Permission::ApproveRequests)))
}

/// The roles that may approve.
pub(crate) fn approving() -> Vec<Role> {
    let roles = Role::ALL.iter().copied();
    roles.filter(|role| role.allows(Permission::ApproveRequests)).collect()
}

/// Writes the people into the company's settings; what else is said there stays as it is written.
async fn store_approvers(
    tx: &mut Tx,
    connection: ConnectionId,
    approvers: &[Actor],
    by: &By,
) -> Result<(), StoreError> {
    let section = Section::Approvals.name();
    let rows = rows::company_setting::all(tx).await?;
    let stored = rows.into_iter().find(|row| row.section == section);
    let mut content = match stored.map(|row| row.content) {
        Some(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let mut connections = match content.remove("connections") {
        Some(Value::Object(connections)) => connections,
        _ => serde_json::Map::new(),
    };
    if approvers.is_empty() {
        connections.remove(&connection.to_string());
    } else {
        connections.insert(connection.to_string(), json!(approvers));
    }
    content.insert("connections".to_owned(), Value::Object(connections));
    rows::company_setting::store(tx, section, &Value::Object(content), &by.actor.to_string()).await
}
