//! One attempt at a piece of a task's work.

use connectors::JobRequest;
use jiff::{SignedDuration, Timestamp};
use privacy::{
    Right,
    task::{Phase, TaskAction, TaskKind, TaskState, VendorJob},
};
use serde::Deserialize;
use store::jobs::{Lease, StepError};

use crate::{
    By, Manager, RequestId, TaskId,
    app::{
        pace::Pace,
        requests::{case::Case, case::MoveError, obstacle, store_error},
    },
    rows::{self, task::TaskRow},
    steps::requests::finish,
};

use super::fault::no_identifier;

#[derive(Debug, Deserialize)]
struct About {
    task: TaskId,
}

/// What is needed to call the vendor for a task, read before the call.
pub(super) struct Attempt {
    pub(super) request: RequestId,
    pub(super) task: TaskRow,
    /// What is, or was, asked of the vendor.
    pub(super) job: JobRequest,
    /// The vendor's account that the connection is for.
    pub(super) account: Option<String>,
    /// The place in its lane's rate that it has.
    pub(super) pace: Pace,
}

impl Attempt {
    /// Which vendor's job the task has.
    pub(super) fn vendor_job(&self) -> Option<&VendorJob> {
        self.task.task.state.phase()?.job()
    }
}

/// Opens the case of the task that `lease` is about; none, with the job finished, where there is nothing to do on it.
pub(super) async fn open(manager: &Manager, lease: &Lease) -> Result<Option<(Case, TaskId)>, StepError> {
    let About { task } = lease.payload()?;
    let request = rows::task::request_of(&mut manager.store().read().await?, task).await?;
    let case = match request {
        Some(request) => Case::open(manager, request).await?,
        None => None,
    };
    let Some(mut case) = case else {
        finish(manager, lease).await?;
        return Ok(None);
    };
    if case.goes_on(task)? && case.is_at_work(task) && is_ready(&mut case, task).await? {
        return Ok(Some((case, task)));
    }
    // Held, ended or not at work: whoever lets it go on puts it on its lane again.
    case.tx.finish(lease).await?;
    case.advance().await.map_err(store_error)?;
    case.commit().await?;
    Ok(None)
}

/// What is needed to ask about the job that the vendor has for the task that `lease` is about; none, with the job
/// finished, where there is nothing to do on it. As a rule nothing is to be changed for that, and then it is read
/// without keeping anybody from writing.
pub(super) async fn about_vendor_job(manager: &Manager, lease: &Lease) -> Result<Option<(Case, Attempt)>, StepError> {
    if let Some(seen) = look(manager, lease).await? {
        return Ok(Some(seen));
    }
    let Some((mut case, task)) = open(manager, lease).await? else {
        return Ok(None);
    };
    let Some(attempt) = attempt(manager, &mut case, task).await? else {
        no_identifier(Outcome { case, task, lease }).await?;
        return Ok(None);
    };
    if attempt.vendor_job().is_none() {
        case.tx.finish(lease).await?;
        case.commit().await?;
        return Ok(None);
    }
    Ok(Some((case, attempt)))
}

/// The same where nothing stands in the way; none where something does, or is to be changed first.
async fn look(manager: &Manager, lease: &Lease) -> Result<Option<(Case, Attempt)>, StepError> {
    let About { task } = lease.payload()?;
    let mut read = manager.store().read().await?;
    let Some(request) = rows::task::request_of(&mut read, task).await? else {
        return Ok(None);
    };
    let Some(mut case) = Case::look(manager, read, request).await? else {
        return Ok(None);
    };
    let Some(row) = case.task(task).filter(|_| case.is_at_work(task)).cloned() else {
        return Ok(None);
    };
    let has_job = matches!(&row.task.state, TaskState::Active { phase, .. } if phase.job().is_some());
    let connection = case.connection(row.connection).await?;
    if !has_job || connection.is_none_or(|connection| obstacle(&row, connection.state).is_some()) {
        return Ok(None);
    }
    let attempt = attempt(manager, &mut case, task).await?;
    Ok(attempt.map(|attempt| (case, attempt)))
}

/// Whether the task's connection can be called; if not, the task waits or fails.
async fn is_ready(case: &mut Case, task: TaskId) -> Result<bool, StepError> {
    let by = By::automation();
    let Some(row) = case.task(task).cloned() else {
        return Ok(false);
    };
    let obstacle = match case.connection(row.connection).await? {
        None => {
            case.fail_removed(task, &by).map_err(store_error)?;
            return Ok(false);
        }
        Some(connection) => obstacle(&row, connection.state),
    };
    if let Some(waiting_for) = obstacle {
        let moved = case.move_task(
            task,
            TaskAction::Hold {
                waiting_for,
                until: None,
            },
            &by,
        );
        moved.map_err(|error| store_error(error.into()))?;
        return Ok(false);
    }
    Ok(true)
}

/// What the vendor is asked for `task`.
pub(super) async fn attempt(manager: &Manager, case: &mut Case, task: TaskId) -> Result<Option<Attempt>, StepError> {
    let Some(row) = case.task(task).cloned() else {
        return Ok(None);
    };
    let connection = case.connection(row.connection).await?;
    let identities = manager.request_key(&case.request)?.identities(&case.request)?;
    let Some(identifier) = identities.get(row.identifier_type) else {
        return Ok(None);
    };
    let right = match row.kind() {
        TaskKind::Access | TaskKind::Verification => Right::Access,
        TaskKind::Deletion => Right::Deletion,
    };
    let job = JobRequest {
        right,
        data_type: row.data_type.clone(),
        identifier_type: row.identifier_type,
        identifier: identifier.clone(),
    };
    Ok(Some(Attempt {
        request: case.request.id,
        task: row,
        job,
        account: connection.and_then(|connection| connection.account_id),
        pace: Pace::claimed_at(case.tx.now()),
    }))
}

/// Records what came of a call: the move, everything that follows from it, and the end of the job, in one commit.
pub(super) struct Outcome<'a> {
    pub(super) case: Case,
    pub(super) task: TaskId,
    pub(super) lease: &'a Lease,
}

impl<'a> Outcome<'a> {
    /// Opens the case again after a call; none where it is gone.
    pub(super) async fn open(
        manager: &Manager,
        attempt: &Attempt,
        lease: &'a Lease,
    ) -> Result<Option<Self>, StepError> {
        let Some(case) = Case::open(manager, attempt.request).await? else {
            finish(manager, lease).await?;
            return Ok(None);
        };
        Ok(Some(Self {
            case,
            task: attempt.task.id,
            lease,
        }))
    }

    /// Whether the task still waits for this vendor's job.
    pub(super) fn has_job(&self, id: &str) -> bool {
        let phase = self.case.task(self.task).and_then(|task| task.task.state.phase());
        matches!(phase, Some(Phase::Processing { job }) if job.id == id)
    }

    /// Moves the task.
    pub(super) fn act(&mut self, action: TaskAction) -> Result<(), StepError> {
        let moved = self.case.move_task(self.task, action, &By::automation());
        Ok(moved.map_err(|error| store_error(error.into()))?)
    }

    /// The vendor has answered: its organisation's lane is well, and so is the connection.
    pub(super) async fn vendor_answered(&mut self) -> Result<(), StepError> {
        self.case.tx.lane_recovered(&self.lease.lane).await?;
        if let Some(connection) = self.case.task(self.task).map(|task| task.connection) {
            rows::connection::succeeded(&mut self.case.tx, connection).await?;
        }
        Ok(())
    }

    /// The job is done; what the task is at now goes on its lane.
    pub(super) async fn done(mut self) -> Result<(), StepError> {
        self.case.tx.finish(self.lease).await?;
        let moved: Result<(), MoveError> = async {
            if self.case.is_at_work(self.task) {
                self.case.put_to_work(self.task, &By::automation()).await?;
            }
            self.case.advance().await
        }
        .await;
        moved.map_err(store_error)?;
        Ok(self.case.commit().await?)
    }

    /// The job is done, and nothing is put on a lane in its stead.
    pub(super) async fn done_for_now(mut self) -> Result<(), StepError> {
        self.case.tx.finish(self.lease).await?;
        self.case.advance().await.map_err(store_error)?;
        Ok(self.case.commit().await?)
    }

    /// The job comes again at `at`, as a new first attempt.
    pub(super) async fn again(mut self, at: Timestamp) -> Result<(), StepError> {
        self.case.tx.reschedule(self.lease, at).await?;
        Ok(self.case.commit().await?)
    }

    /// The job comes again at `at`, its attempts as they were.
    pub(super) async fn postponed(mut self, at: Timestamp) -> Result<(), StepError> {
        self.case.tx.postpone(self.lease, at).await?;
        Ok(self.case.commit().await?)
    }

    /// What time it is.
    pub(super) fn now(&self) -> Timestamp {
        self.case.tx.now()
    }

    /// `wait` from now.
    pub(super) fn later(&self, wait: std::time::Duration) -> Timestamp {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        self.now().saturating_add(wait).unwrap_or(Timestamp::MAX)
    }
}
