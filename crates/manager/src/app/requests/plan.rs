//! Which connections take part, with which jobs.

use connectors::{By as DoneBy, JobRequest, Plan};
use privacy::{
    Identities, IdentityType, Right,
    task::{Task, TaskKind},
};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

use super::case::{Case, MoveError};
use crate::{
    By, ConnectionId, Manager, RequestId,
    app::{
        ConnectionState,
        set_up::{CarriedOut, SetUp},
    },
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

/// What a person is asked for: whatever there is.
const EVERYTHING: &str = "everything";

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
            let set_up = self.keyring(&row)?.set_up(&row)?;
            let takes_part = match row.state {
                ConnectionState::Disabled => false,
                // A person is asked whether or not the vendor's API can be called.
                ConnectionState::PendingAuthorization => {
                    matches!(set_up.carried_out(wanted.right), CarriedOut::ByContact)
                }
                _ => true,
            };
            match named {
                Some(false) => continue,
                None if !takes_part => continue,
                Some(true) if row.state == ConnectionState::Disabled => {
                    planned.leave_out(row.id, "the connection is disabled");
                    continue;
                }
                _ => {}
            }
            self.plan_connection(tx, wanted, &row, &set_up, &mut planned);
        }
        Ok(planned)
    }

    fn plan_connection(
        &self,
        tx: &Tx,
        wanted: &Wanted<'_>,
        row: &ConnectionRow,
        set_up: &SetUp,
        planned: &mut Planned,
    ) {
        let round = u32::from(wanted.right == Right::Deletion);
        let kind = action_of(wanted.right);
        match set_up.carried_out(wanted.right) {
            CarriedOut::ByNobody => {
                planned.leave_out(
                    row.id,
                    "the settings of this connection do not offer this kind of request",
                );
            }
            CarriedOut::ByContact if !self.can_mail() => {
                planned.leave_out(row.id, "it is done by Direct Contact, and no mailer is configured");
            }
            CarriedOut::ByContact => {
                self.look_first(tx, wanted, row, set_up, planned);
                planned.ask(tx, wanted, row, kind, round);
            }
            CarriedOut::Api(vendor) => {
                let main = vendor.plan(wanted.right, wanted.identities);
                if !main.jobs.is_empty() {
                    self.look_first(tx, wanted, row, set_up, planned);
                }
                planned.take(tx, wanted.request, row, kind, round, main);
            }
        }
    }

    /// What comes before a deletion where people want to see what will go.
    fn look_first(&self, tx: &Tx, wanted: &Wanted<'_>, row: &ConnectionRow, set_up: &SetUp, planned: &mut Planned) {
        if wanted.right != Right::Deletion {
            return;
        }
        let settings = set_up.vendor().map(connectors::Vendor::settings);
        let look_first = settings.is_some_and(|settings| settings.access_before_delete);
        if wanted.collect_before_delete.unwrap_or(look_first) {
            match set_up.carried_out(Right::Access) {
                CarriedOut::Api(vendor) => {
                    let before = vendor.plan(Right::Access, wanted.identities);
                    planned.take(tx, wanted.request, row, TaskKind::Access, 0, before);
                }
                CarriedOut::ByContact if self.can_mail() => planned.ask(tx, wanted, row, TaskKind::Access, 0),
                CarriedOut::ByContact | CarriedOut::ByNobody => {}
            }
        }
        planned.verify_erasure |= settings.is_some_and(|settings| settings.verify_erasure);
    }
}

impl Planned {
    /// A person is asked once, for everything that the subject is known by.
    fn ask(&mut self, tx: &Tx, wanted: &Wanted<'_>, row: &ConnectionRow, kind: TaskKind, round: u32) {
        let Some((identifier_type, identifier)) = wanted.identities.iter().next() else {
            return;
        };
        let job = JobRequest {
            right: wanted.right,
            data_type: EVERYTHING.to_owned(),
            identifier_type,
            identifier: identifier.clone(),
        };
        let plan = Plan {
            jobs: vec![job],
            left_out: Vec::new(),
        };
        let before = self.tasks.len();
        self.take(tx, wanted.request, row, kind, round, plan);
        for task in self.tasks.iter_mut().skip(before) {
            task.done_by = DoneBy::DirectContact;
        }
    }

    fn take(&mut self, tx: &Tx, request: RequestId, row: &ConnectionRow, kind: TaskKind, round: u32, plan: Plan) {
        for job in plan.jobs {
            self.tasks.push(TaskRow {
                id: tx.new_id().into(),
                request,
                connection: row.id,
                connector: row.connector.clone(),
                done_by: DoneBy::Api,
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
        let identities = self.manager.request_key(&self.request)?.identities(&self.request)?;
        let (mut checked, mut fresh) = (Vec::new(), Planned::default());
        for task in deletions {
            let Some(row) = self.connection(task.connection).await? else {
                continue;
            };
            let set_up = self.manager.keyring(&row)?.set_up(&row)?;
            // What a person has deleted is looked for by the vendor's API, where there is one; nobody is asked twice.
            let CarriedOut::Api(vendor) = set_up.carried_out(Right::Access) else {
                continue;
            };
            if !vendor.settings().verify_erasure && !self.verifies_everywhere().await? {
                continue;
            }
            if task.is_by_contact() {
                let plan = vendor.plan(Right::Access, &identities);
                fresh.take(&self.tx, self.request.id, &row, TaskKind::Verification, round, plan);
            } else {
                checked.push(task);
            }
        }
        self.add_tasks(fresh.tasks, by).await?;
        self.repeat(checked, TaskKind::Verification, round, by).await
    }

    /// Whether no connection of the request asks for the check by itself, so that it was asked for with the request.
    async fn verifies_everywhere(&mut self) -> Result<bool, StoreError> {
        let connections: Vec<ConnectionId> = self.tasks.iter().map(|task| task.connection).collect();
        for id in connections {
            if let Some(row) = self.connection(id).await?
                && let Some(vendor) = self.manager.keyring(&row)?.set_up(&row)?.vendor()
                && vendor.settings().verify_erasure
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
