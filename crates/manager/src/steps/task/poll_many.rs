//! Polling many jobs of one connection with few calls.

use std::collections::HashMap;

use connectors::VendorJob;
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError,
    jobs::{Lease, StepError},
};

use super::{
    answer::{Schedule, take_in},
    attempt::{Attempt, Outcome, attempt},
    poll::ask,
};
use crate::{
    By, Manager,
    app::{
        access::AccessError,
        requests::{case::Case, case::MoveError, store_error},
    },
    rows::{self, task::Processing},
};

/// Beyond this many pages of the vendor's list it is cheaper to ask for each job.
const MOST_PAGES: u32 = 20;

/// Jobs in flight that are looked for at once.
const MOST_JOBS: i64 = 2000;

/// Goes through the vendor's list and takes in what it says about every job of the connection that is due soon; returns
/// what it says about the attempt's own, asked for by itself where the list does not name it.
pub(super) async fn poll_many(
    manager: &Manager,
    own: &Attempt,
    lease: &Lease,
) -> Result<Result<(VendorJob, Schedule), AccessError>, StepError> {
    let mut read = manager.store().read().await?;
    let flying = rows::task::processing(&mut read, own.task.connection, MOST_JOBS).await?;
    drop(read);
    let mut wanted: HashMap<String, Processing> = flying
        .into_iter()
        .map(|flying| (flying.vendor_job_id.clone(), flying))
        .collect();
    let (found, schedule) = match listed(manager, own, &wanted).await {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let own_job = own.vendor_job().map(|job| job.id.clone()).unwrap_or_default();
    let (now, mut answer) = (manager.now(), None);
    for job in found {
        let Some(flying) = wanted.remove(&job.id) else {
            continue;
        };
        if job.id == own_job {
            // Whatever is odd about it is found out by asking for it alone.
            answer = disagreement(&job, own).is_none().then_some(job);
        } else if job.state.is_final() || is_due_soon(flying.next_poll_at, flying.since, schedule, now) {
            take_in_other(manager, flying, job, schedule, lease).await?;
        }
    }
    match answer {
        Some(job) => Ok(Ok((job, schedule))),
        None => Ok(ask(manager, own).await),
    }
}

/// What the list says about the wanted jobs.
async fn listed(
    manager: &Manager,
    own: &Attempt,
    wanted: &HashMap<String, Processing>,
) -> Result<(Vec<VendorJob>, Schedule), AccessError> {
    let mut access = manager.access(own.task.connection, &own.pace).await?;
    let settings = access.vendor().settings();
    let schedule = Schedule {
        initial: settings.poll_initial,
        longest: settings.poll_max,
    };
    let mut found = Vec::new();
    let mut next = Some(1);
    while let Some(number) = next.filter(|number| *number <= MOST_PAGES && found.len() < wanted.len()) {
        match access.vendor().list(&access.call(manager), number).await {
            Ok(page) => {
                next = page.next;
                found.extend(page.jobs.into_iter().filter(|job| wanted.contains_key(&job.id)));
            }
            Err(error) => access = manager.refused(access, error).await?,
        }
    }
    Ok((found, schedule))
}

async fn take_in_other(
    manager: &Manager,
    flying: Processing,
    job: VendorJob,
    schedule: Schedule,
    lease: &Lease,
) -> Result<(), StepError> {
    let Some(case) = Case::open(manager, flying.request).await? else {
        return Ok(());
    };
    let task = flying.task;
    let mut outcome = Outcome { case, task, lease };
    let Some(other) = attempt(manager, &mut outcome.case, task).await? else {
        return Ok(());
    };
    let ours = outcome.has_job(&job.id) && outcome.case.is_at_work(task) && disagreement(&job, &other).is_none();
    let next = other.vendor_job().and_then(|job| job.next_poll_at);
    let (since, now) = (other.task.task.state.since(), outcome.now());
    if !ours || !(job.state.is_final() || is_due_soon(next, since, schedule, now)) {
        return Ok(());
    }
    // What was to be asked again after a pause has its answer here; what waits for a person goes on waiting.
    if !outcome.case.goes_on(task)? {
        return Ok(());
    }
    take_in(&mut outcome, job, schedule)?;
    let mut case = outcome.case;
    let moved: Result<(), MoveError> = async {
        case.tx.cancel_job(&other.task.job_key()).await?;
        case.put_to_work(task, &By::automation()).await?;
        case.advance().await
    }
    .await;
    moved.map_err(store_error)?;
    Ok(keep(case.commit().await)?)
}

/// Somebody else was faster: what they found out is as good.
fn keep(committed: Result<(), StoreError>) -> Result<(), StoreError> {
    match committed {
        Err(error) if error.is_stale() => Ok(()),
        other => other,
    }
}

/// Whether a job would be asked for within a quarter of its wait anyway.
fn is_due_soon(next_poll_at: Option<Timestamp>, since: Timestamp, schedule: Schedule, now: Timestamp) -> bool {
    let Some(next) = next_poll_at else {
        return true;
    };
    let wait = SignedDuration::try_from(schedule.wait(now.duration_since(since)) / 4).unwrap_or_default();
    next.duration_since(now) <= wait
}

/// In which field the vendor's job is not the one that was sent.
fn disagreement(job: &VendorJob, sent: &Attempt) -> Option<&'static str> {
    job.disagreement(&sent.job, sent.account.as_deref())
}
