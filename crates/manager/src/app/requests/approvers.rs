//! Whose approval a request needs, and how far that is.

use jiff::Timestamp;
use privacy::{
    Actor,
    audit::Event,
    request::{Hearing, Stage, hearing},
};
use serde::Serialize;
use store::{StoreError, Tx};

use super::case::Case;
use crate::{
    ConnectionId, Manager,
    app::{ApproverView, approvers::actors, company::Company},
    rows::{self, request::RequestRow, task::TaskRow},
};

/// Whose approval a request needs, who has given it, and who has not.
#[derive(Debug, Clone, Serialize)]
pub struct ApprovalsView {
    /// How many people must approve.
    pub needed: u8,
    /// Who has approved, and when.
    pub given: Vec<GivenApproval>,
    /// How many people are missing beside those whom connections name.
    pub missing: u8,
    /// The connections that name somebody; nobody is asked for any more once the request is approved.
    pub connections: Vec<ConnectionApproval>,
}

/// An approval.
#[derive(Debug, Clone, Serialize)]
pub struct GivenApproval {
    /// Whose: an actor, as the audit log names it.
    pub by: String,
    /// What colleagues call them.
    pub name: String,
    /// When it was given.
    pub at: Timestamp,
}

/// How it stands with the approval that one connection asks for.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionApproval {
    /// The connection.
    pub connection_id: ConnectionId,
    /// What people call it.
    pub connection: Option<String>,
    /// Whether somebody whom it names has approved.
    pub state: Hearing,
    /// Of whom one must approve.
    pub approvers: Vec<ApproverView>,
}

impl ApprovalsView {
    /// The connections that have not been heard.
    pub fn unheard(&self) -> impl Iterator<Item = &ConnectionApproval> {
        self.connections.iter().filter(|asked| asked.state != Hearing::Given)
    }
}

/// The connections among those of `tasks` that name somebody, and whom.
pub(super) fn asked<'a>(
    company: &'a Company,
    tasks: &'a [TaskRow],
) -> impl Iterator<Item = (ConnectionId, &'a Vec<Actor>)> {
    let takes_part = |id: &ConnectionId| tasks.iter().any(|task| task.connection == *id);
    let groups = company.approvals.connections.iter();
    groups
        .filter(move |(id, _)| takes_part(id))
        .map(|(id, named)| (*id, named))
}

/// Whom each of those connections names.
pub(super) fn groups(company: &Company, tasks: &[TaskRow]) -> Vec<Vec<Actor>> {
    asked(company, tasks).map(|(_, named)| named.clone()).collect()
}

impl Case {
    /// Asks the settings, as they are now, who must be among those who approve: for each connection that takes part
    /// and names somebody, one of them.
    pub(super) async fn hear_approvers(&mut self) -> Result<(), StoreError> {
        let company = self.manager.clone().company_in(&mut self.tx).await?;
        let groups = groups(&company, &self.tasks);
        if groups != self.request.options.approver_groups {
            self.request.options.approver_groups = groups;
            self.touch();
        }
        Ok(())
    }
}

impl Manager {
    /// Whose approval a request needs, as the settings are now.
    pub(super) async fn approvals(
        &self,
        tx: &mut Tx,
        row: &RequestRow,
        tasks: &[TaskRow],
    ) -> Result<ApprovalsView, StoreError> {
        let stage = match &row.stage {
            Stage::Paused { resumes, .. } => resumes.as_ref(),
            stage => stage,
        };
        let (approvals, lies_ahead) = match stage {
            Stage::PendingReview { approvals, .. } => (approvals.as_slice(), true),
            stage => {
                let given = stage.approval().map(|approval| approval.by.as_slice());
                (given.unwrap_or_default(), given.is_none() && row.stage.is_open())
            }
        };
        let mut connections = Vec::new();
        if lies_ahead {
            let company = self.company_in(tx).await?;
            let barred = row.options.requester.as_ref().filter(|_| row.options.separate_approver);
            for (connection, named) in asked(&company, tasks) {
                let approvers = self.approver_views(tx, named, barred).await?;
                connections.push(ConnectionApproval {
                    connection_id: connection,
                    connection: rows::connection::name(tx, connection).await?,
                    state: hearing(&actors(&approvers), approvals),
                    approvers,
                });
            }
        }
        let people = u8::try_from(approvals.len()).unwrap_or(u8::MAX);
        Ok(ApprovalsView {
            needed: row.options.approvals,
            given: self.given(tx, row, approvals).await?,
            missing: if lies_ahead {
                row.options.approvals.saturating_sub(people)
            } else {
                0
            },
            connections,
        })
    }

    /// When each of these approvals was given, which the audit log knows.
    async fn given(
        &self,
        tx: &mut Tx,
        row: &RequestRow,
        approvals: &[Actor],
    ) -> Result<Vec<GivenApproval>, StoreError> {
        if approvals.is_empty() {
            return Ok(Vec::new());
        }
        let events = tx
            .events_called(&row.id.object(), Event::RequestApproved.name())
            .await?;
        let mut given = Vec::new();
        for actor in approvals {
            let by = actor.to_string();
            let event = events.iter().rev().find(|event| event.actor == by);
            given.push(GivenApproval {
                name: self.actor_name(tx, &by).await?,
                // One that is not in the log yet is being given in this very transaction.
                at: event.map_or_else(|| tx.now(), |event| event.at),
                by,
            });
        }
        Ok(given)
    }
}
