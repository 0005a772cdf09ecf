//! What waits for the people whom connections name.

use privacy::{
    Actor,
    request::{Hearing, Stage, Standing, hearing},
};
use store::StoreError;

use super::ApproverView;
use crate::{By, ConnectionId, Manager, OperatorId, app::requests::RequestView, rows};

/// So many requests are looked through: more than anybody reviews in a day.
const FAR: i64 = 200;

/// Requests that wait for the approval of one person.
#[derive(Debug, Clone)]
pub struct AwaitedApproval {
    /// The first of them, by deadline.
    pub requests: Vec<RequestView>,
    /// There are more.
    pub more: bool,
}

/// A connection none of whose approvers can approve any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostApprovers {
    /// Which.
    pub connection: ConnectionId,
    /// What people call it.
    pub name: String,
}

impl Manager {
    /// Requests in review in which a connection takes part that names `operator`, and has not been heard; `most` at most,
    /// the first deadline first.
    pub async fn awaited_from(&self, operator: OperatorId, most: usize) -> Result<AwaitedApproval, StoreError> {
        let mut read = self.store().read().await?;
        let company = self.company_in(&mut read).await?;
        let me = By::operator(operator, None).actor;
        let groups = &company.approvals.connections;
        let mine: Vec<ConnectionId> = groups
            .iter()
            .filter(|(_, named)| named.contains(&me))
            .map(|(id, _)| *id)
            .collect();
        let mut requests: Vec<RequestView> = Vec::new();
        let candidates = rows::attention::in_review_with(&mut read, &mine, FAR).await?;
        let far = usize::try_from(FAR).unwrap_or(usize::MAX);
        let mut more = candidates.len() >= far;
        for (id, connection) in candidates {
            if requests.iter().any(|known| known.id == id) {
                continue;
            }
            let Some(row) = rows::request::by_id(&mut read, id).await? else {
                continue;
            };
            let Stage::PendingReview { approvals, .. } = &row.stage else {
                continue;
            };
            let named = groups.get(&connection).map_or(&[][..], Vec::as_slice);
            let barred = row.options.separate_approver && row.options.requester.as_ref() == Some(&me);
            if barred || named.iter().any(|actor| approvals.contains(actor)) {
                continue;
            }
            if requests.len() == most {
                more = true;
                break;
            }
            requests.push(self.summary(&row, None)?);
        }
        Ok(AwaitedApproval { requests, more })
    }

    /// Connections that name people of whom nobody can approve any more: what they take part in waits until others are
    /// named.
    pub(crate) async fn lost_approvers(&self) -> Result<Vec<LostApprovers>, StoreError> {
        let mut read = self.store().read().await?;
        let company = self.company_in(&mut read).await?;
        let mut lost = Vec::new();
        for (connection, named) in &company.approvals.connections {
            let Some(name) = rows::connection::name(&mut read, *connection).await? else {
                continue;
            };
            let views = self.approver_views(&mut read, named, None).await?;
            if hearing(&actors(&views), &[]) == Hearing::NobodyCan {
                lost.push(LostApprovers {
                    connection: *connection,
                    name,
                });
            }
        }
        Ok(lost)
    }
}

/// The people as the rules know them.
pub(crate) fn actors(views: &[ApproverView]) -> Vec<(Actor, Standing)> {
    let actor = |view: &ApproverView| (By::operator(view.id, None).actor, view.standing);
    views.iter().map(actor).collect()
}
