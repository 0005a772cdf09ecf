//! What people decide about tasks, and what happens to them when a connection comes and goes.

use privacy::task::{Cause, RetryFrom, TaskAction, TaskState, TaskStatus, WaitingFor};
use store::{StoreError, retried};

use super::{
    DecideError, RequestView,
    case::{Case, MoveError},
};
use crate::{By, ConnectionId, Manager, RequestId, TaskId, app::ConnectionState, rows};

/// How many requests are looked at in one go when a connection comes or goes.
const BATCH: i64 = 100;

/// A decision about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskDecision {
    /// Try again what failed.
    Retry,
    /// Leave it out.
    Skip,
    /// End it.
    Stop,
}

impl TaskDecision {
    pub(super) const fn action(self) -> TaskAction {
        match self {
            Self::Retry => TaskAction::Retry,
            Self::Skip => TaskAction::Skip,
            Self::Stop => TaskAction::Stop,
        }
    }
}

impl Manager {
    /// Tries again what failed: one task, or every failed one.
    pub async fn retry(&self, id: RequestId, task: Option<TaskId>, by: &By) -> Result<RequestView, DecideError> {
        self.decide_task(id, task, TaskDecision::Retry, by).await
    }

    /// Leaves out one task, or every failed one.
    pub async fn skip(&self, id: RequestId, task: Option<TaskId>, by: &By) -> Result<RequestView, DecideError> {
        self.decide_task(id, task, TaskDecision::Skip, by).await
    }

    /// Decides about one task, or about every failed one.
    pub async fn decide_task(
        &self,
        id: RequestId,
        task: Option<TaskId>,
        decision: TaskDecision,
        by: &By,
    ) -> Result<RequestView, DecideError> {
        retried(|| self.decide_task_once(id, task, decision, by)).await
    }

    async fn decide_task_once(
        &self,
        id: RequestId,
        task: Option<TaskId>,
        decision: TaskDecision,
        by: &By,
    ) -> Result<RequestView, DecideError> {
        let mut case = Case::open_for(self, id, decision.action().name()).await?;
        let meant: Vec<TaskId> = if let Some(task) = task {
            vec![case.task(task).ok_or(DecideError::NoSuchTask)?.id]
        } else {
            let failed = case.tasks.iter();
            let failed = failed.filter(|task| task.task.status() == TaskStatus::Failed);
            failed.map(|task| task.id).collect()
        };
        if meant.is_empty() {
            return Err(DecideError::NothingFailed);
        }
        for task in meant {
            case.move_task(task, decision.action(), by)?;
            if let Some(key) = case.task(task).map(rows::task::TaskRow::job_key) {
                case.tx.cancel_job(&key).await?;
            }
            if case.is_at_work(task) {
                case.put_to_work(task, by).await?;
            }
        }
        case.advance().await?;
        let view = case.view().await?;
        case.commit().await?;
        Ok(view)
    }

    /// How many tasks of a connection are not settled.
    pub async fn open_tasks(&self, connection: ConnectionId) -> Result<i64, StoreError> {
        rows::task::count_open(&mut self.store().read().await?, connection).await
    }

    /// What open tasks of a connection do now that its state has changed: they wait, go on, or fail because it is gone.
    pub(crate) async fn connection_changed(&self, connection: ConnectionId) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let mut read = self.store().read().await?;
            let requests = rows::task::requests_waiting_on(&mut read, connection, &after, BATCH).await?;
            drop(read);
            let Some(last) = requests.last() else { return Ok(()) };
            after = last.to_string();
            for id in requests {
                if let Some(case) = Case::open(self, id).await? {
                    connection_changed(case, connection).await.map_err(store_error)?;
                }
            }
        }
    }
}

async fn connection_changed(mut case: Case, connection: ConnectionId) -> Result<(), MoveError> {
    if let Some(row) = case.connection(connection).await? {
        if row.state == ConnectionState::Connected {
            case.unpark(connection).await?;
        } else {
            case.park(connection, row.state).await?;
        }
    } else {
        let by = By::automation();
        let open = |task: &&rows::task::TaskRow| {
            task.connection == connection
                && matches!(task.task.state, TaskState::Active { .. } | TaskState::Waiting { .. })
        };
        let open: Vec<TaskId> = case.tasks.iter().filter(open).map(|task| task.id).collect();
        for task in open {
            case.fail_removed(task, &by)?;
        }
    }
    case.advance().await?;
    Ok(case.commit().await?)
}

impl Case {
    /// The task's connection is gone.
    pub(crate) fn fail_removed(&mut self, id: TaskId, by: &By) -> Result<(), MoveError> {
        let action = TaskAction::Fail {
            cause: Cause::new(
                "connection_removed",
                "The connection was removed: skip or stop this task.",
            ),
            retry_from: RetryFrom::Here,
        };
        Ok(self.move_task(id, action, by)?)
    }

    /// Ends the wait of a task that waited for its time alone. Whether it can work then: it waits for nobody, and has not
    /// ended.
    pub(crate) fn goes_on(&mut self, id: TaskId) -> Result<bool, StoreError> {
        let waiting_for = self.task(id).and_then(|task| task.task.state.waiting_for());
        if let Some(waiting_for @ (WaitingFor::Retry | WaitingFor::RateLimit)) = waiting_for {
            self.move_task(id, TaskAction::Release { waiting_for }, &By::automation())
                .map_err(|error| store_error(error.into()))?;
        }
        let task = self.task(id);
        Ok(task.is_some_and(|task| matches!(task.task.state, TaskState::Active { .. })))
    }
}

/// A move that automation makes is legal, or something else was wrong.
pub(crate) fn store_error(error: MoveError) -> StoreError {
    match error {
        MoveError::Store(error) => error,
        other => StoreError::Corrupt {
            what: "request",
            reason: other.to_string(),
        },
    }
}
