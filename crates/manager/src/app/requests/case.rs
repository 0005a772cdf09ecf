//! A request that is being worked on.

use std::collections::{BTreeMap, BTreeSet};

use oauth::Secret;
use privacy::{
    Actor,
    audit::{Detail, Event, Fact},
    request::{self, Action, IllegalTransition, Stage},
    task::{IllegalTaskTransition, Phase, TaskAction, TaskResult, TaskState},
};
use store::{StoreError, Tx};

use crate::{
    By, ConnectionId, Manager, RequestId, TaskId,
    rows::{self, connection::ConnectionRow, request::RequestRow, task::TaskRow},
};

/// A request and its tasks, held under the request's lock in one transaction: decided about, changed, and saved with
/// their events and jobs in one commit.
pub(crate) struct Case {
    pub(crate) manager: Manager,
    pub(crate) tx: Tx,
    pub(crate) request: RequestRow,
    pub(crate) tasks: Vec<TaskRow>,
    /// The request as it is stored.
    stored: Box<RequestRow>,
    /// What somebody has written to the subject about the next move; it goes into its mail.
    pub(crate) explanation: Option<Secret>,
    /// Who made the last move.
    pub(super) moved_by: Option<Actor>,
    changed: BTreeSet<TaskId>,
    /// Whether there is a change to be counted.
    touched: bool,
    connections: BTreeMap<ConnectionId, Option<ConnectionRow>>,
}

/// A move that was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MoveError {
    /// The request does not move that way.
    #[error(transparent)]
    Request(#[from] IllegalTransition),
    /// A task of it does not.
    #[error(transparent)]
    Task(#[from] IllegalTaskTransition),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Case {
    /// Opens a request; none if there is no such request.
    pub(crate) async fn open(manager: &Manager, id: RequestId) -> Result<Option<Self>, StoreError> {
        let mut tx = manager.store().write().await?;
        let Some(request) = rows::request::locked(&mut tx, id).await? else {
            return Ok(None);
        };
        let tasks = rows::task::of_request(&mut tx, id).await?;
        Ok(Some(Self::of(manager, tx, request, tasks)))
    }

    /// A request to be looked at: nothing is locked, and nothing can be changed.
    pub(crate) async fn look(manager: &Manager, mut read: Tx, id: RequestId) -> Result<Option<Self>, StoreError> {
        let Some(request) = rows::request::by_id(&mut read, id).await? else {
            return Ok(None);
        };
        let tasks = rows::task::of_request(&mut read, id).await?;
        Ok(Some(Self::of(manager, read, request, tasks)))
    }

    /// A request that was just made in `tx`.
    pub(crate) fn of(manager: &Manager, tx: Tx, request: RequestRow, tasks: Vec<TaskRow>) -> Self {
        Self {
            manager: manager.clone(),
            tx,
            stored: Box::new(request.clone()),
            request,
            tasks,
            explanation: None,
            moved_by: None,
            changed: BTreeSet::new(),
            touched: false,
            connections: BTreeMap::new(),
        }
    }

    /// The task of this id.
    pub(crate) fn task(&self, id: TaskId) -> Option<&TaskRow> {
        self.tasks.iter().find(|task| task.id == id)
    }

    /// The task of this id, to change what stands beside its state.
    pub(crate) fn task_mut(&mut self, id: TaskId) -> Option<&mut TaskRow> {
        self.changed.insert(id);
        self.touched = true;
        self.tasks.iter_mut().find(|task| task.id == id)
    }

    /// There is a change to be counted that is in none of the rows saved here.
    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }

    /// A connection, unless it was removed.
    pub(crate) async fn connection(&mut self, id: ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
        if let Some(known) = self.connections.get(&id) {
            return Ok(known.clone());
        }
        let row = rows::connection::by_id(&mut self.tx, id).await?;
        self.connections.insert(id, row.clone());
        Ok(row)
    }

    /// Moves the request, writes the event, and does what belongs to the new stage.
    pub(crate) async fn act(&mut self, action: &Action, by: &By) -> Result<(), MoveError> {
        let before = self.request.stage.clone();
        let now = self.tx.now();
        let after = request::apply(before.clone(), self.request.right, &self.request.options, action, now)?;
        self.request.stage = after;
        self.moved_by = Some(by.actor.clone());
        self.touched = true;
        self.audit_move(action, &before, by);
        if self.request.stage != before {
            self.enter(&before, by).await?;
        }
        self.tell(&before, action).await?;
        Ok(())
    }

    /// Goes on after a decision: what automation does by itself, with every connection that can act by now.
    pub(crate) async fn go_on(&mut self, by: &By) -> Result<(), MoveError> {
        if self.request.options.auto_start && matches!(self.request.stage, Stage::Triage { .. }) {
            self.plan_newcomers(by).await?;
        }
        self.advance().await
    }

    /// Moves a task and writes the event.
    pub(crate) fn move_task(&mut self, id: TaskId, action: TaskAction, by: &By) -> Result<(), IllegalTaskTransition> {
        let now = self.tx.now();
        let event = event_of(&action);
        let Some(row) = self.task_mut(id) else { return Ok(()) };
        let before = row.task.status();
        row.task = row.task.clone().apply(action, now)?;
        remember_job(row);
        let row = row.clone();
        if let Some(event) = event {
            self.audit_task(event, &row, [(Detail::From, before.name().into())], by);
        }
        Ok(())
    }

    /// Writes an event about a task.
    pub(crate) fn audit_task(
        &mut self,
        event: Event,
        row: &TaskRow,
        more: impl IntoIterator<Item = (Detail, Fact)>,
        by: &By,
    ) {
        let mut facts = vec![
            (Detail::Task, Fact::code(&row.id.to_string())),
            (Detail::Kind, row.kind().name().into()),
            (Detail::Status, row.task.status().name().into()),
            (Detail::Connection, Fact::code(&row.connection.to_string())),
            (Detail::Connector, Fact::code(&row.connector)),
        ];
        facts.extend(
            row.vendor_job_id
                .as_deref()
                .map(|id| (Detail::VendorJob, Fact::code(id))),
        );
        let state = &row.task.state;
        facts.extend(state.waiting_for().map(|reason| (Detail::Reason, reason.name().into())));
        facts.extend(state.until().map(|until| (Detail::Until, until.into())));
        if let Some(cause) = state.cause() {
            facts.push((Detail::Cause, Fact::code(&cause.code)));
            facts.push((Detail::Attempts, row.task.attempts.into()));
            facts.extend(
                cause
                    .vendor_code
                    .as_deref()
                    .map(|code| (Detail::VendorCode, Fact::code(code))),
            );
        }
        if let Some(TaskResult::Found { found }) = state.result() {
            facts.push((Detail::Objects, found.objects.into()));
            facts.push((Detail::Records, found.records.into()));
            facts.push((Detail::Fields, found.fields.into()));
            facts.push((Detail::Bytes, found.bytes.into()));
            facts.extend(found.sha256.as_deref().map(|hash| (Detail::Sha256, Fact::code(hash))));
        }
        facts.extend(more);
        self.tx.audit(by.event(event, self.request.id.object(), facts));
    }

    /// Writes an event about the request.
    pub(crate) fn audit(&mut self, event: Event, facts: impl IntoIterator<Item = (Detail, Fact)>, by: &By) {
        let event = by.event(event, self.request.id.object(), facts);
        self.touched = true;
        self.tx.audit(event);
    }

    fn audit_move(&mut self, action: &Action, before: &Stage, by: &By) {
        let after = &self.request.stage;
        let mut facts = vec![
            (Detail::From, before.name().into()),
            (Detail::To, after.name().into()),
            (Detail::Reference, Fact::code(&self.request.reference.to_string())),
        ];
        facts.extend(after.until().map(|until| (Detail::Until, until.into())));
        facts.extend(after.outcome().map(|outcome| (Detail::Outcome, outcome.name().into())));
        match action {
            Action::Pause { reason } => facts.push((Detail::Reason, reason.name().into())),
            Action::Deny { ground } => facts.push((Detail::Reason, ground.name().into())),
            Action::Extend => facts.push((Detail::Deadline, self.request.deadline.due.into())),
            _ => {}
        }
        self.audit(action.event(), facts, by);
    }

    /// Saves what has changed and makes it all happen; then whoever waits for the request is told.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let (changes, id, touched) = (self.manager.clone(), self.request.id, self.touched);
        self.save().await?.commit().await?;
        if touched {
            changes.changes().tell(id);
        }
        Ok(())
    }

    /// Saves what has changed; it happens with the commit of the transaction that is given back.
    pub(crate) async fn save(mut self) -> Result<Tx, StoreError> {
        if !self.touched {
            return Ok(self.tx);
        }
        if matches!(self.request.stage, Stage::PendingReview { .. }) {
            let before = self.stored.stage.clone();
            Box::pin(self.ask_approvers(&before)).await?;
        }
        let failed = |task: &TaskRow| matches!(task.task.state, TaskState::Failed { .. });
        self.request.failed = self.request.stage.is_open() && self.tasks.iter().any(failed);
        if self.request == *self.stored {
            rows::request::count_change(&mut self.tx, &self.request).await?;
        } else {
            rows::request::save(&mut self.tx, &self.request).await?;
        }
        for task in self.tasks.iter().filter(|task| self.changed.contains(&task.id)) {
            rows::task::save(&mut self.tx, task).await?;
        }
        Ok(self.tx)
    }
}

/// The vendor's job stays known when the task's state no longer carries it.
fn remember_job(row: &mut TaskRow) {
    match row.task.state.phase() {
        Some(Phase::Queued) => {
            row.vendor_job_id = None;
            row.vendor_status = None;
            row.last_poll_at = None;
            row.expected_by = None;
            row.export = None;
            row.export_expires_at = None;
            row.warning = None;
        }
        Some(phase) => {
            if let Some(job) = phase.job() {
                row.vendor_job_id = Some(job.id.clone());
                row.vendor_status.clone_from(&job.status);
                row.last_poll_at = job.last_poll_at;
                row.expected_by = job.expected_by;
            }
        }
        None => {
            row.export = None;
            if !matches!(row.task.state, TaskState::Failed { .. }) {
                row.warning = None;
            }
        }
    }
}

/// The end of a wait that left no event when it began leaves none either.
fn event_of(action: &TaskAction) -> Option<Event> {
    match action {
        TaskAction::Release {
            waiting_for: privacy::task::WaitingFor::Retry,
        } => None,
        action => action.event(),
    }
}
