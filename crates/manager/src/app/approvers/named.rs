//! The people whom connections name, as they are now.

use privacy::{Actor, request::Standing};
use serde::Serialize;
use store::{StoreError, Tx};

use crate::{
    Manager, OperatorId, Permission,
    rows::{self, operator::OperatorRow},
};

/// Somebody whom a connection names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApproverView {
    /// The operator's id.
    pub id: OperatorId,
    /// What colleagues call them.
    pub name: String,
    /// Whether they could approve; of one request where it is about one.
    pub standing: Standing,
}

impl Manager {
    /// These people as they are now. `barred` made the request that it is about, and may not approve it.
    pub(crate) async fn approver_views(
        &self,
        tx: &mut Tx,
        named: &[Actor],
        barred: Option<&Actor>,
    ) -> Result<Vec<ApproverView>, StoreError> {
        let mut views = Vec::new();
        for actor in named {
            let Actor::Person(id) = actor else { continue };
            // Operators are never taken away: an id that leads nowhere was refused when it was named.
            let Ok(id) = id.as_str().parse() else { continue };
            let Some(row) = rows::operator::by_id(tx, id).await? else {
                continue;
            };
            views.push(ApproverView {
                id,
                name: self.operator_email(&row)?,
                standing: if barred == Some(actor) {
                    Standing::MadeTheRequest
                } else {
                    standing(&row)
                },
            });
        }
        Ok(views)
    }
}

fn standing(row: &OperatorRow) -> Standing {
    match (row.deactivated_at, row.activated_at) {
        (Some(_), _) => Standing::Deactivated,
        _ if !row.role.allows(Permission::ApproveRequests) => Standing::OtherRole,
        (None, None) => Standing::Invited,
        (None, Some(_)) => Standing::MayApprove,
    }
}
