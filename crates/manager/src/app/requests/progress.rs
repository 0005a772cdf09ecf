//! How far the tasks of many requests are, for lists.

use std::collections::BTreeMap;

use privacy::task::TaskStatus;
use store::StoreError;

use crate::{Manager, RequestId, rows};

/// How far the tasks of one request are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// All of them.
    pub tasks: u64,
    /// Those that have ended well or were left out.
    pub settled: u64,
    /// Those that need a person.
    pub failed: u64,
    /// Those that are held.
    pub waiting: u64,
}

impl Manager {
    /// How far the tasks of these requests are; requests without tasks are left out.
    pub async fn progress(&self, requests: &[RequestId]) -> Result<BTreeMap<RequestId, Progress>, StoreError> {
        let mut progress: BTreeMap<RequestId, Progress> = BTreeMap::new();
        let mut tx = self.store().read().await?;
        for (request, status, tasks) in rows::task_status::counts(&mut tx, requests).await? {
            let sum = progress.entry(request).or_default();
            sum.tasks += tasks;
            match status {
                TaskStatus::Complete | TaskStatus::Skipped | TaskStatus::Stopped | TaskStatus::Expired => {
                    sum.settled += tasks;
                }
                TaskStatus::Failed => sum.failed += tasks,
                TaskStatus::Waiting => sum.waiting += tasks,
                TaskStatus::NotStarted | TaskStatus::Submitting | TaskStatus::Processing | TaskStatus::Fetching => {}
            }
        }
        Ok(progress)
    }
}
