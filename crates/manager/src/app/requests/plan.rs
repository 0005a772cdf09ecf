//! Which connections take part, with which jobs.

use connectors::{By as DoneBy, Plan};
use privacy::{
    Identities, IdentityType, Right,
    task::{Task, TaskKind},
};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

use super::case::{Case, MoveError};
use crate::{
    By, ConnectionId, Manager, RequestId,
    app::ConnectionState,
    rows::{self, connection::ConnectionRow, task::TaskRow},
};

/// Something that is not asked for, and why. Nothing in it is personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Whose.
    pub connection_id: ConnectionId,
    /// The vendor's word for the kind of data, where it is about one.
    #[serde(default)]
    pub data_type: Option<String>,
    /// The kind of identifier, where it is about one.
    #[serde(default)]
    pub identifier_type: Option<IdentityType>,
    /// Why, in words for people.
    pub reason: String,
}

/// What is planned for a request.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    pub(crate) tasks: Vec<TaskRow>,
    pub(crate) left_out: Vec<LeftOut>,
    /// Some connection wants the deletion to be checked.
    pub(crate) verify_erasure: bool,
}

/// What a request is planned for.
pub(crate) struct Wanted<'a> {
    pub(crate) request: RequestId,
    pub(crate) right: Right,
    pub(crate) identities: &'a Identities,
    /// These; none: every one that can act.
    pub(crate) connections: Option<&'a [ConnectionId]>,
    /// Look before a deletion; none: as each connection says.
    pub(crate) collect_before_delete: Option<bool>,
}

/// The kind of task that carries out a right.
pub(crate) const fn action_of(right: Right) -> TaskKind {
    match right {
        Right::Access => TaskKind::Access,
        Right::Deletion => TaskKind::Deletion,
    }
}

impl Manager {
    /// The tasks of every connection that takes part. A connection that is broken takes part as well: leaving it out
    /// would make the answer incomplete without anybody noticing, so its tasks wait.
    pub(crate) async fn plan(&self, tx: &mut Tx, wanted: &Wanted<'_>) -> Result<Planned, StoreError> {
        let mut planned = Planned::default();
        for row in rows::connection::all(tx).await? {
            let named = wanted.connections.map(|named| named.contains(&row.id));
            let takes_part = !matches!(
                row.state,
                ConnectionState::PendingAuthorization | ConnectionState::Disabled
            );
            match named {
                Some(false) => continue,
                None if !takes_part => continue,
                Some(true) if row.state == ConnectionState::Disabled => {
                    planned.leave_out(row.id, "the connection is disabled");
                    continue;
                }
                _ => {}
            }
            self.plan_connection(tx, wanted, &row, &mut planned)?;
        }
        Ok(planned)
    }

    fn plan_connection(
        &self,
        tx: &Tx,
        wanted: &Wanted<'_>,
        row: &ConnectionRow,
        planned: &mut Planned,
    ) -> Result<(), StoreError> {
        let vendor = self.keyring(row)?.vendor(row)?;
        let settings = vendor.settings();
        let done_by = match wanted.right {
            Right::Access => settings.access_by,
            Right::Deletion => settings.deletion_by,
        };
        if done_by == DoneBy::DirectContact {
            planned.leave_out(row.id, "it is done by Direct Contact, and no mailer is configured");
            return Ok(());
        }
        let main = vendor.plan(wanted.right, wanted.identities);
        if wanted.right == Right::Deletion && !main.jobs.is_empty() {
            let look_first = wanted.collect_before_delete.unwrap_or(settings.access_before_delete);
            if look_first && settings.access_by == DoneBy::Api {
                let before = vendor.plan(Right::Access, wanted.identities);
                planned.take(tx, wanted.request, row, TaskKind::Access, 0, before);
            }
            planned.verify_erasure |= settings.verify_erasure;
        }
        let round = u32::from(wanted.right == Right::Deletion);
        planned.take(tx, wanted.request, row, action_of(wanted.right), round, main);
        Ok(())
    }
}

impl Planned {
    fn take(&mut self, tx: &Tx, request: RequestId, row: &ConnectionRow, kind: TaskKind, round: u32, plan: Plan) {
        for job in plan.jobs {
            self.tasks.push(TaskRow {
                id: tx.new_id().into(),
                request,
                connection: row.id,
                connector: row.connector.clone(),
                position: 0,
                round,
                data_type: job.data_type,
                identifier_type: job.identifier_type,
                task: Task::new(kind, tx.now()),
                vendor_job_id: None,
                vendor_status: None,
                last_poll_at: None,
                expected_by: None,
                export: None,
                export_expires_at: None,
                warning: None,
                created_at: tx.now(),
            });
        }
        self.left_out.extend(plan.left_out.into_iter().map(|left_out| LeftOut {
            connection_id: row.id,
            data_type: left_out.data_type,
            identifier_type: left_out.identifier_type,
            reason: left_out.reason.to_owned(),
        }));
    }

    fn leave_out(&mut self, connection_id: ConnectionId, reason: &str) {
        self.left_out.push(LeftOut {
            connection_id,
            data_type: None,
            identifier_type: None,
            reason: reason.to_owned(),
        });
    }
}

impl Case {
    /// Plans again for connections that came after the request, unless the connections were named.
    pub(crate) async fn plan_newcomers(&mut self, by: &By) -> Result<(), MoveError> {
        if self.request.connections.is_some() {
            return Ok(());
        }
        let identities = self.manager.request_key(&self.request)?.identities(&self.request)?;
        let wanted = Wanted {
            request: self.request.id,
            right: self.request.right,
            identities: &identities,
            connections: None,
            collect_before_delete: None,
        };
        let planned = self.manager.clone().plan(&mut self.tx, &wanted).await?;
        let known: Vec<ConnectionId> = self.tasks.iter().map(|task| task.connection).collect();
        let fresh = planned
            .tasks
            .into_iter()
            .filter(|task| !known.contains(&task.connection));
        self.add_tasks(fresh.collect(), by).await?;
        let collects = self.tasks.iter().any(|task| task.kind() == TaskKind::Access);
        if self.request.right == Right::Deletion {
            self.request.options.collect_before_delete |= collects;
            self.request.options.verify_erasure |= planned.verify_erasure;
        }
        self.request.left_out = planned.left_out;
        Ok(())
    }

    /// The tasks of a repeated deletion: the same as of the first.
    pub(super) async fn plan_round(&mut self, round: u32, by: &By) -> Result<(), MoveError> {
        if self
            .tasks
            .iter()
            .any(|task| task.kind() == TaskKind::Deletion && task.round == round)
        {
            return Ok(());
        }
        let again = |task: &&TaskRow| task.kind() == TaskKind::Deletion && task.round == 1;
        let tasks: Vec<TaskRow> = self.tasks.iter().filter(again).cloned().collect();
        self.repeat(tasks, TaskKind::Deletion, round, by).await
    }

    /// An access job for every deletion that is to be checked.
    pub(super) async fn plan_verification(&mut self, round: u32, by: &By) -> Result<(), MoveError> {
        let deletions = self
            .tasks
            .iter()
            .filter(|task| task.kind() == TaskKind::Deletion && task.round == round);
        let deletions: Vec<TaskRow> = deletions.cloned().collect();
        let mut checked = Vec::new();
        for task in deletions {
            let Some(row) = self.connection(task.connection).await? else {
                continue;
            };
            let vendor = self.manager.keyring(&row)?.vendor(&row)?;
            let settings = vendor.settings();
            if settings.access_by == DoneBy::Api && (settings.verify_erasure || self.verifies_everywhere().await?) {
                checked.push(task);
            }
        }
        self.repeat(checked, TaskKind::Verification, round, by).await
    }

    /// Whether no connection of the request asks for the check by itself, so that it was asked for with the request.
    async fn verifies_everywhere(&mut self) -> Result<bool, StoreError> {
        let connections: Vec<ConnectionId> = self.tasks.iter().map(|task| task.connection).collect();
        for id in connections {
            if let Some(row) = self.connection(id).await?
                && self.manager.keyring(&row)?.vendor(&row)?.settings().verify_erasure
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn repeat(&mut self, tasks: Vec<TaskRow>, kind: TaskKind, round: u32, by: &By) -> Result<(), MoveError> {
        let now = self.tx.now();
        let tasks = tasks.into_iter().map(|task| TaskRow {
            id: self.tx.new_id().into(),
            round,
            task: Task::new(kind, now),
            vendor_job_id: None,
            vendor_status: None,
            last_poll_at: None,
            expected_by: None,
            export: None,
            export_expires_at: None,
            warning: None,
            created_at: now,
            ..task
        });
        let tasks = tasks.collect();
        Ok(self.add_tasks(tasks, by).await?)
    }
}
