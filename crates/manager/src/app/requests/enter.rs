//! What belongs to a stage: tasks that begin, jobs and timers.

use jiff::Timestamp;
use privacy::{
    request::{Action, Stage, follow_up},
    task::{Erasure, Phase, TaskAction, TaskKind, TaskState, WaitingFor, erasure_found, request_settled},
};
use serde_json::json;
use store::{StoreError, jobs::NewJob};

use super::{
    action_of,
    case::{Case, MoveError},
};
use crate::{
    By, ConnectionId, TaskId,
    app::{
        ConnectionState,
        subject::{REMIND_AFTER, REMIND_BEFORE},
    },
    rows::{self, connection::ConnectionRow, task::TaskRow},
    steps::{self, requests as kinds},
};

impl Case {
    /// Does what belongs to the stage that the request has just come to.
    pub(super) async fn enter(&mut self, before: &Stage, by: &By) -> Result<(), MoveError> {
        if matches!(before, Stage::Paused { .. }) {
            self.release(WaitingFor::Pause, by)?;
        }
        // What would have ended the stage before ends nothing any more, and gives its key free.
        self.tx.cancel_job(&self.timer_key()).await?;
        match self.request.stage.clone() {
            Stage::Paused { .. } => {
                self.hold(|_| true, WaitingFor::Pause, None, by).await?;
            }
            Stage::Collecting { .. } => self.begin_work(by).await?,
            Stage::Grace { until, .. } => {
                let is_deletion = |task: &TaskRow| task.kind() == TaskKind::Deletion;
                self.hold(is_deletion, WaitingFor::Grace, Some(until), by).await?;
                self.set_timer(kinds::GRACE, until);
            }
            Stage::Deleting { round, .. } => {
                self.release(WaitingFor::Grace, by)?;
                self.plan_round(round, by).await?;
                self.begin_work(by).await?;
            }
            Stage::VerifyingErasure {
                round, remains: false, ..
            } => {
                self.plan_verification(round, by).await?;
                self.begin_work(by).await?;
            }
            Stage::Notifying { .. } => {
                let now = self.tx.now();
                self.set_timer(kinds::NOTIFY, now);
            }
            Stage::Delivering { until: Some(until), .. } => self.await_download(until),
            Stage::Closed { .. } => self.close(by).await?,
            Stage::PendingVerification { .. }
            | Stage::Triage { .. }
            | Stage::PendingReview { .. }
            | Stage::VerifyingErasure { .. }
            | Stage::Delivering { until: None, .. } => {}
        }
        Ok(())
    }

    /// Makes every move that follows by itself: what is settled goes on, and automation decides where a rule lets it.
    pub(crate) async fn advance(&mut self) -> Result<(), MoveError> {
        let by = By::automation();
        loop {
            if matches!(self.request.stage, Stage::PendingReview { .. }) && self.request.options.auto_approve {
                self.hear_approvers().await?;
            }
            let Some(action) = self.next_move() else { return Ok(()) };
            self.act(&action, &by).await?;
        }
    }

    fn next_move(&self) -> Option<Action> {
        let stage = &self.request.stage;
        let settled = || request_settled(self.tasks_of_stage().map(|task| &task.task.state)).is_settled();
        match stage {
            Stage::Collecting { .. } => settled().then_some(Action::TasksSettled),
            Stage::Deleting { .. } => settled().then_some(Action::DeletionSettled),
            Stage::VerifyingErasure { remains: false, .. } => settled().then(|| {
                let tasks = self.tasks_of_stage().map(|task| (task.kind(), &task.task.state));
                match erasure_found(tasks) {
                    Erasure::Verified => Action::ErasureVerified,
                    Erasure::Remains => Action::RemainsFound,
                    Erasure::Unproven => Action::ErasureUnproven,
                }
            }),
            // Whoever can be written to is.
            Stage::Delivering { until: None, .. } => match self.subject_address() {
                Ok(address) => address.map(|_| Action::Delivered),
                // A key that does not open is the package's trouble as well: people see it there.
                Err(_) => None,
            },
            // A rule must not answer for systems that nobody has asked.
            Stage::Triage { .. } | Stage::PendingReview { .. } if !self.can_act() => None,
            _ => follow_up(stage, &self.request.options),
        }
    }

    /// Mails the subject a link and waits until it is followed.
    pub(super) async fn await_verification(&mut self, by: &By) -> Result<(), StoreError> {
        let Stage::PendingVerification { since, until } = self.request.stage else {
            return Ok(());
        };
        self.mail_verification(until, by).await?;
        let remind_at = since.saturating_add(REMIND_AFTER).unwrap_or(until);
        if remind_at < until {
            self.set_timer(kinds::VERIFICATION_REMINDER, remind_at);
        } else {
            self.set_timer(kinds::VERIFICATION_EXPIRES, until);
        }
        Ok(())
    }

    /// Waits until the subject has fetched the copy. A link that was mailed again sets another end.
    fn await_download(&mut self, until: Timestamp) {
        let now = self.tx.now();
        match until.checked_sub(REMIND_BEFORE) {
            Ok(at) if at > now => self.set_timer(kinds::DOWNLOAD_REMINDER, at),
            _ => self.set_timer(kinds::DOWNLOAD_EXPIRES, until),
        }
    }

    /// Time to remind the subject; then the timer is set to the end.
    pub(crate) async fn remind(&mut self, by: &By) -> Result<(), StoreError> {
        match self.request.stage {
            Stage::PendingVerification { until, .. } => {
                self.remind_of_verification(until, by).await?;
                self.set_timer(kinds::VERIFICATION_EXPIRES, until);
            }
            Stage::Delivering { until: Some(until), .. } => {
                self.remind_of_download(until).await?;
                self.set_timer(kinds::DOWNLOAD_EXPIRES, until);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether any connection takes part in what was asked for.
    pub(crate) fn can_act(&self) -> bool {
        let kind = action_of(self.request.right);
        self.tasks.iter().any(|task| task.kind() == kind)
    }

    /// The tasks that the present stage waits for.
    fn tasks_of_stage(&self) -> impl Iterator<Item = &TaskRow> {
        self.tasks.iter().filter(|task| belongs(&self.request.stage, task))
    }

    /// Whether the task is to be worked on now.
    pub(crate) fn is_at_work(&self, id: TaskId) -> bool {
        self.task(id).is_some_and(|task| belongs(&self.request.stage, task))
    }

    /// Puts every task of the present stage on its connection's lane.
    async fn begin_work(&mut self, by: &By) -> Result<(), MoveError> {
        let tasks: Vec<TaskId> = self.tasks_of_stage().map(|task| task.id).collect();
        for task in tasks {
            self.put_to_work(task, by).await?;
        }
        Ok(())
    }

    /// Puts an active task on its connection's lane, or holds it where the connection does not work.
    pub(crate) async fn put_to_work(&mut self, id: TaskId, by: &By) -> Result<(), MoveError> {
        let Some(row) = self.task(id).cloned() else {
            return Ok(());
        };
        let TaskState::Active { phase, .. } = &row.task.state else {
            return Ok(());
        };
        let Some(connection) = self.connection(row.connection).await? else {
            return self.fail_removed(id, by);
        };
        if let Some(waiting_for) = obstacle(&row, connection.state) {
            let until = None;
            self.move_task(id, TaskAction::Hold { waiting_for, until }, by)?;
            self.tx.cancel_job(&row.job_key()).await?;
        } else {
            let now = self.tx.now();
            // Connections to one organisation share its rate, and take turns.
            let job = job_of(&row, phase, &connection, now);
            self.tx.enqueue_for(&row.connection.to_string(), job);
        }
        Ok(())
    }

    /// Holds the open tasks that are meant, and takes their work off the lanes.
    pub(crate) async fn hold(
        &mut self,
        meant: impl Fn(&TaskRow) -> bool,
        waiting_for: WaitingFor,
        until: Option<Timestamp>,
        by: &By,
    ) -> Result<(), MoveError> {
        let open = |task: &&TaskRow| matches!(task.task.state, TaskState::Active { .. } | TaskState::Waiting { .. });
        let tasks = self.tasks.iter().filter(open).filter(|task| meant(task));
        let tasks: Vec<(TaskId, String)> = tasks.map(|task| (task.id, task.job_key())).collect();
        for (task, key) in tasks {
            self.move_task(task, TaskAction::Hold { waiting_for, until }, by)?;
            self.tx.cancel_job(&key).await?;
        }
        Ok(())
    }

    /// Lets go of every task that is held for this; the stage that goes on puts it on its lane.
    pub(crate) fn release(&mut self, waiting_for: WaitingFor, by: &By) -> Result<(), MoveError> {
        let held = self
            .tasks
            .iter()
            .filter(|task| task.task.state.waiting_for() == Some(waiting_for));
        let held: Vec<TaskId> = held.map(|task| task.id).collect();
        for task in held {
            self.move_task(task, TaskAction::Release { waiting_for }, by)?;
        }
        Ok(())
    }

    /// A connection does not work for now: what it was at waits.
    pub(crate) async fn park(&mut self, connection: ConnectionId, state: ConnectionState) -> Result<(), MoveError> {
        let reached = self.request.stage.clone();
        let by = By::automation();
        let reason_of = |task: &TaskRow| {
            let meant = task.connection == connection && belongs(&reached, task);
            meant.then(|| obstacle(task, state)).flatten()
        };
        // What it waited for before is not what it waits for now.
        let held: Vec<_> = self
            .tasks
            .iter()
            .filter_map(|task| Some((task.id, reason_of(task)?, task.task.state.waiting_for()?)))
            .filter(|(_, now, before)| before != now && OF_CONNECTIONS.contains(before))
            .collect();
        for (task, _, waiting_for) in held {
            self.move_task(task, TaskAction::Release { waiting_for }, &by)?;
        }
        for waiting_for in OF_CONNECTIONS {
            self.hold(|task| reason_of(task) == Some(waiting_for), waiting_for, None, &by)
                .await?;
        }
        Ok(())
    }

    /// A connection works again: what waited for it goes on.
    pub(crate) async fn unpark(&mut self, connection: ConnectionId) -> Result<(), MoveError> {
        let by = By::automation();
        let tasks: Vec<_> = self
            .tasks
            .iter()
            .filter(|task| task.connection == connection)
            .map(|task| (task.id, task.task.state.waiting_for()))
            .collect();
        for (task, waiting_for) in tasks {
            if let Some(waiting_for) = waiting_for.filter(|reason| OF_CONNECTIONS.contains(reason)) {
                self.move_task(task, TaskAction::Release { waiting_for }, &by)?;
            }
            if self.is_at_work(task) {
                self.put_to_work(task, &by).await?;
            }
        }
        Ok(())
    }

    async fn close(&mut self, by: &By) -> Result<(), MoveError> {
        let now = self.tx.now();
        self.request.closed_at = Some(now);
        self.withdraw_questions(by).await?;
        let open = |task: &&TaskRow| matches!(task.task.state, TaskState::Active { .. } | TaskState::Waiting { .. });
        let tasks: Vec<_> = self
            .tasks
            .iter()
            .filter(open)
            .map(|task| (task.id, task.job_key()))
            .collect();
        for (task, key) in tasks {
            self.move_task(task, TaskAction::Stop, by)?;
            self.tx.cancel_job(&key).await?;
        }
        self.plan_retention().await?;
        Ok(())
    }

    /// The one timer of a request.
    fn set_timer(&mut self, kind: &'static str, at: Timestamp) {
        let job = NewJob {
            kind,
            lane: steps::INTERNAL.to_owned(),
            run_at: at,
            payload: json!({"request": self.request.id}),
            key: Some(self.timer_key()),
        };
        self.tx.enqueue(job);
    }

    fn timer_key(&self) -> String {
        format!("request:{}", self.request.id)
    }

    /// Adds tasks to the request.
    pub(crate) async fn add_tasks(&mut self, tasks: Vec<TaskRow>, by: &By) -> Result<(), StoreError> {
        for task in tasks {
            let position = i64::try_from(self.tasks.len()).unwrap_or(i64::MAX);
            let task = TaskRow { position, ..task };
            rows::task::insert(&mut self.tx, &task).await?;
            self.audit_task(privacy::audit::Event::TaskCreated, &task, [], by);
            self.tasks.push(task);
        }
        Ok(())
    }
}

/// What a task waits for because of its connection.
const OF_CONNECTIONS: [WaitingFor; 3] = [WaitingFor::Reconnect, WaitingFor::Confirmation, WaitingFor::Disabled];

/// Whether the stage waits for the task.
fn belongs(stage: &Stage, task: &TaskRow) -> bool {
    match stage {
        Stage::Collecting { .. } => task.kind() == TaskKind::Access,
        Stage::Deleting { round, .. } => task.kind() == TaskKind::Deletion && task.round == *round,
        Stage::VerifyingErasure { round, .. } => task.kind() == TaskKind::Verification && task.round == *round,
        _ => false,
    }
}

/// What the task waits for while its connection is in this state. A person is asked whether or not the vendor's API
/// can be called.
pub(crate) fn obstacle(task: &TaskRow, state: ConnectionState) -> Option<WaitingFor> {
    match state {
        ConnectionState::Connected => None,
        ConnectionState::Disabled => Some(WaitingFor::Disabled),
        _ if task.is_by_contact() => None,
        ConnectionState::NeedsConfirmation => Some(WaitingFor::Confirmation),
        ConnectionState::PendingAuthorization | ConnectionState::NeedsReconnect | ConnectionState::Misconfigured => {
            Some(WaitingFor::Reconnect)
        }
    }
}

/// The durable work that a task is at.
pub(crate) fn job_of(row: &TaskRow, phase: &Phase, connection: &ConnectionRow, now: Timestamp) -> NewJob {
    if row.is_by_contact() {
        return NewJob {
            kind: kinds::CONTACT,
            lane: steps::INTERNAL.to_owned(),
            run_at: now,
            payload: json!({"task": row.id}),
            key: Some(row.job_key()),
        };
    }
    let (kind, run_at) = match phase {
        Phase::Queued | Phase::Submitting { .. } | Phase::Answer { .. } | Phase::Reading => (kinds::SUBMIT, now),
        Phase::Processing { job } => (kinds::POLL, job.next_poll_at.map_or(now, |at| at.max(now))),
        Phase::Fetching { .. } => (kinds::FETCH, now),
    };
    NewJob {
        kind,
        lane: connection.lane.clone(),
        run_at,
        payload: json!({"task": row.id}),
        key: Some(row.job_key()),
    }
}
