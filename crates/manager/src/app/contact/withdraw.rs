//! Telling processors that they need not answer any more.

use mail::Letter;
use privacy::{audit::Event, task::Phase};
use store::StoreError;

use super::ContactMailError;
use crate::{By, TaskId, app::requests::case::Case, rows};

impl Case {
    /// The request is closed: whoever was asked and has not answered is told, and what they have added goes. To be
    /// called before the tasks are stopped.
    pub(crate) async fn withdraw_questions(&mut self, by: &By) -> Result<(), StoreError> {
        let asked: Vec<TaskId> = self
            .tasks
            .iter()
            .filter(|task| matches!(task.task.state.phase(), Some(Phase::Answer { .. })))
            .filter(|task| task.is_by_contact() && task.task.state.cause().is_none())
            .map(|task| task.id)
            .collect();
        for task in asked {
            match self.withdraw_question(task, by).await {
                Ok(()) => {}
                Err(ContactMailError::Store(error)) => return Err(error),
                // The request is closed whether or not somebody can still be told.
                Err(error) => tracing::warn!(
                    task.id = %task,
                    error = &error as &dyn std::error::Error,
                    "a processor could not be told that the request is withdrawn"
                ),
            }
        }
        Ok(())
    }

    async fn withdraw_question(&mut self, task: TaskId, by: &By) -> Result<(), ContactMailError> {
        let Some(contact) = rows::contact::of_task(&mut self.tx, task).await? else {
            return Ok(());
        };
        rows::contact_upload::forget(&mut self.tx, contact.id).await?;
        let whom = self.addressee(task).await?;
        let letter = Letter::DirectContactWithdrawn {
            reference: self.request.reference.to_string(),
            right: whom.right,
            connection: whom.connection.clone(),
        };
        let key = format!("contact:{}:withdrawn", contact.id);
        self.post_to(&whom, &letter, key).await?;
        if let Some(row) = self.task(task).cloned() {
            self.audit_task(Event::DirectContactWithdrawn, &row, [], by);
        }
        Ok(())
    }
}
