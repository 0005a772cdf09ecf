//! Asking the vendor how far a job is.

use connectors::VendorJob;
use store::jobs::{Lease, StepError};

use super::{
    answer::{Schedule, take_in},
    attempt::{Attempt, Outcome, about_vendor_job},
    fault::{Doing, WorkError, record},
    poll_many::poll_many,
};
use crate::{Manager, app::access::AccessError, rows};

/// Asks once, and comes again later for as long as the vendor is at it. A poll holds nothing between two calls. Where
/// many jobs of a connection are in flight, the vendor's list answers for all of them.
pub(crate) async fn poll(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let Some((mut case, attempt)) = about_vendor_job(manager, lease).await? else {
        return Ok(());
    };
    let few = i64::from(manager.settings().bulk_poll_threshold);
    let many = rows::task::count_processing(&mut case.tx, attempt.task.connection, few + 1).await? > few;
    case.commit().await?;

    let answer = if many {
        poll_many(manager, &attempt, lease).await?
    } else {
        ask(manager, &attempt).await
    };
    let Some(mut outcome) = Outcome::open(manager, &attempt, lease).await? else {
        return Ok(());
    };
    match answer {
        Ok((job, schedule)) => {
            outcome.vendor_answered().await?;
            if !outcome.has_job(&job.id) {
                // Somebody else has taken the answer in already.
                return outcome.done().await;
            }
            match take_in(&mut outcome, job, schedule)? {
                Some(next) => outcome.again(next).await,
                None => outcome.done().await,
            }
        }
        Err(error) => record(outcome, WorkError::Access(error), Doing::Reading).await,
    }
}

/// Asks for the attempt's job.
pub(super) async fn ask(manager: &Manager, attempt: &Attempt) -> Result<(VendorJob, Schedule), AccessError> {
    let id = attempt.vendor_job().map(|job| job.id.clone()).unwrap_or_default();
    let mut access = manager.access(attempt.task.connection, &attempt.pace).await?;
    loop {
        let settings = access.vendor().settings();
        let schedule = Schedule {
            initial: settings.poll_initial,
            longest: settings.poll_max,
        };
        match access.vendor().poll(&access.call(manager), &id, &attempt.job).await {
            Ok(job) => return Ok((job, schedule)),
            Err(error) => access = manager.refused(access, error).await?,
        }
    }
}
