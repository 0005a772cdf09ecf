//! What the queue shows beside each request, with a constant number of queries.

use std::collections::BTreeMap;

use store::{StoreError, Tx};

use super::Assignee;
use crate::{Manager, OperatorId, Permission, RequestId, Role, rows};

/// The names of the connections that hold a request up.
pub(crate) type Trouble = BTreeMap<RequestId, Vec<String>>;

impl Manager {
    /// Which of these requests wait for connections that need a person, or rest.
    pub async fn trouble(&self, requests: &[RequestId]) -> Result<Trouble, StoreError> {
        let mut trouble = Trouble::new();
        let found = rows::request::troubled(&mut self.store().read().await?, requests).await?;
        for (request, connection) in found {
            trouble.entry(request).or_default().push(connection);
        }
        Ok(trouble)
    }

    /// Everybody who can take care of requests.
    pub async fn assignable(&self) -> Result<Vec<Assignee>, StoreError> {
        let roles = Role::ALL.iter().filter(|role| role.allows(Permission::WorkRequests));
        let roles: Vec<Role> = roles.copied().collect();
        let operators = rows::operator::of_roles(&mut self.store().read().await?, &roles).await?;
        let operators = operators.iter().map(|row| {
            Ok(Assignee {
                id: row.id,
                name: self.operator_email(row)?,
            })
        });
        operators.collect()
    }

    /// Who takes care of these requests, where somebody does.
    pub(super) async fn assignees(
        &self,
        tx: &mut Tx,
        requests: &[RequestId],
    ) -> Result<BTreeMap<RequestId, Assignee>, StoreError> {
        let given = rows::request::assignees(tx, requests).await?;
        let mut names: BTreeMap<OperatorId, String> = BTreeMap::new();
        let mut assignees = BTreeMap::new();
        for (request, operator) in given {
            let name = if let Some(name) = names.get(&operator) {
                name.clone()
            } else {
                let row = rows::actor_name::operator(tx, operator).await?;
                let name = row.map_or_else(|| Ok("a former user".to_owned()), |row| self.operator_email(&row))?;
                names.entry(operator).or_insert(name).clone()
            };
            assignees.insert(request, Assignee { id: operator, name });
        }
        Ok(assignees)
    }
}
