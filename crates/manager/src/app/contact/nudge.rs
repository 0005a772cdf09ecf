//! Staff remind a processor now, or send a new link.

use privacy::task::{Phase, TaskState};
use store::retried;

use super::ContactMailError;
use crate::{
    By, Manager, RequestId, TaskId,
    app::requests::{DecideError, RequestView, case::Case},
    rows::{self, task::TaskRow},
};

/// What staff want of a processor who has not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nudge {
    /// A reminder now.
    Remind,
    /// The question once more, with a new link and the whole time to answer; earlier links are closed.
    Resend,
}

impl Nudge {
    const fn name(self) -> &'static str {
        match self {
            Self::Remind => "remind the processor of",
            Self::Resend => "ask the processor again about",
        }
    }
}

/// Whether the task waits for an answer.
pub(crate) fn awaits_answer(row: &TaskRow) -> bool {
    let open = matches!(row.task.state, TaskState::Active { .. } | TaskState::Waiting { .. });
    row.is_by_contact() && open && matches!(row.task.state.phase(), Some(Phase::Answer { .. }))
}

impl Manager {
    /// Writes to the processor of one task, or of every task that waits for one.
    pub async fn nudge(
        &self,
        id: RequestId,
        task: Option<TaskId>,
        nudge: Nudge,
        by: &By,
    ) -> Result<RequestView, DecideError> {
        retried(|| self.nudge_once(id, task, nudge, by)).await
    }

    async fn nudge_once(
        &self,
        id: RequestId,
        task: Option<TaskId>,
        nudge: Nudge,
        by: &By,
    ) -> Result<RequestView, DecideError> {
        let mut case = Case::open_for(self, id, nudge.name()).await?;
        if let Some(task) = task
            && case.task(task).is_none()
        {
            return Err(DecideError::NoSuchTask);
        }
        let meant = case.tasks.iter().filter(|row| task.is_none_or(|task| task == row.id));
        let meant: Vec<TaskId> = meant.filter(|row| awaits_answer(row)).map(|row| row.id).collect();
        if meant.is_empty() {
            return Err(DecideError::NobodyAsked);
        }
        for task in meant {
            let contact = rows::contact::of_task(&mut case.tx, task).await?;
            let mut contact = contact.ok_or(DecideError::NobodyAsked)?;
            let written = match nudge {
                Nudge::Remind => case.remind_processor(&mut contact, by).await,
                Nudge::Resend => case.ask_again(contact, by).await,
            };
            written.map_err(|error| match error {
                ContactMailError::Store(error) => DecideError::Store(error),
                ContactMailError::Illegal(error) => DecideError::IllegalTask(error),
                error => DecideError::NotMailed {
                    reason: error.to_string(),
                },
            })?;
            // The next reminder and the deadline are looked at anew.
            if let Some(key) = case.task(task).map(TaskRow::job_key) {
                case.tx.cancel_job(&key).await?;
            }
            if case.is_at_work(task) {
                case.put_to_work(task, by).await?;
            }
            case.touch();
        }
        let view = case.view().await?;
        case.commit().await?;
        Ok(view)
    }
}
