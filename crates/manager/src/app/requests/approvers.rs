//! Whose approval a connection asks for.

use store::StoreError;

use super::case::Case;
use crate::ConnectionId;

impl Case {
    /// Asks the settings, as they are now, who must be among those who approve: for each connection that takes part
    /// and names somebody, one of them.
    pub(super) async fn hear_approvers(&mut self) -> Result<(), StoreError> {
        let company = self.manager.clone().company_in(&mut self.tx).await?;
        let takes_part = |id: &ConnectionId| self.tasks.iter().any(|task| task.connection == *id);
        let groups = company.approvals.connections.iter();
        let groups = groups.filter(|(id, _)| takes_part(id));
        let groups: Vec<_> = groups.map(|(_, approvers)| approvers.clone()).collect();
        if groups != self.request.options.approver_groups {
            self.request.options.approver_groups = groups;
            self.touch();
        }
        Ok(())
    }
}
