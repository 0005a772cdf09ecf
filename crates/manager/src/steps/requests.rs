//! The durable work of requests and tasks.

use privacy::request::{Action, Stage};
use serde::Deserialize;
use store::{
    StoreError,
    jobs::{Lease, StepError},
};

use super::{connection, task};
use crate::{
    By, Manager, RequestId,
    app::requests::{case::Case, case::MoveError, import_step, store_error},
};

/// Hand a task's job to the vendor.
pub(crate) const SUBMIT: &str = "task.submit";
/// Ask the vendor how far a task's job is.
pub(crate) const POLL: &str = "task.poll";
/// Fetch and read a task's export.
pub(crate) const FETCH: &str = "task.fetch";
/// Do what is next about a task that a person does: ask, remind, look at the deadline, read the answer.
pub(crate) const CONTACT: &str = "task.contact";
/// The grace period of a deletion ends.
pub(crate) const GRACE: &str = "request.grace_ends";
/// Tell the subject that the deletion was carried out.
pub(crate) const NOTIFY: &str = "request.notify";
/// The subject is reminded to confirm the request.
pub(crate) const VERIFICATION_REMINDER: &str = "request.verification_reminder";
/// The mailed link that confirms the request ends.
pub(crate) const VERIFICATION_EXPIRES: &str = "request.verification_expires";
/// The subject is reminded to fetch the copy.
pub(crate) const DOWNLOAD_REMINDER: &str = "request.download_reminder";
/// The mailed download link ends.
pub(crate) const DOWNLOAD_EXPIRES: &str = "request.download_expires";
/// Take in the next rows of a list of requests.
pub(crate) const IMPORT: &str = "requests.import";
/// Destroy what was found for a closed request.
pub(crate) const SHRED_DOSSIER: &str = "request.shred_dossier";
/// Destroy everything personal about a closed request.
pub(crate) const SHRED: &str = "request.shred";

#[derive(Debug, Deserialize)]
struct About {
    request: RequestId,
}

/// Carries out a job of requests and tasks.
pub(crate) async fn run(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    match lease.kind.as_str() {
        SUBMIT => task::submit(manager, lease).await,
        POLL => task::poll(manager, lease).await,
        FETCH => task::fetch(manager, lease).await,
        CONTACT => task::contact(manager, lease).await,
        GRACE | NOTIFY | DOWNLOAD_EXPIRES | VERIFICATION_EXPIRES | VERIFICATION_REMINDER | DOWNLOAD_REMINDER => {
            time_is_up(manager, lease).await
        }
        IMPORT => import_step(manager, lease).await,
        SHRED_DOSSIER => {
            let About { request } = lease.payload()?;
            Ok(manager.shred_dossier(request, lease).await?)
        }
        SHRED => {
            let About { request } = lease.payload()?;
            Ok(manager.shred_request(request, lease).await?)
        }
        connection::RESUMED | connection::PARKED => {
            let connection::About { connection } = lease.payload()?;
            manager.connection_changed(connection).await?;
            finish(manager, lease).await
        }
        connection::APPROVERS_NAMED => {
            let connection::About { connection } = lease.payload()?;
            manager.ask_those_named(connection).await?;
            finish(manager, lease).await
        }
        unknown => Err(StepError::Failed(format!("nobody knows how to do {unknown}"))),
    }
}

/// A move that time makes. Where the request has moved on otherwise there is nothing to do.
async fn time_is_up(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let About { request } = lease.payload()?;
    let Some(mut case) = Case::open(manager, request).await? else {
        return finish(manager, lease).await;
    };
    let action = match (lease.kind.as_str(), &case.request.stage) {
        (GRACE, Stage::Grace { .. }) => Action::GraceEnds,
        // With the move to closed goes the mail; without a mailer staff tell the subject.
        (NOTIFY, Stage::Notifying { .. }) => Action::Notified,
        (DOWNLOAD_EXPIRES, Stage::Delivering { .. }) => Action::DownloadExpires,
        (VERIFICATION_EXPIRES, Stage::PendingVerification { .. }) => Action::VerificationExpires,
        (VERIFICATION_REMINDER | DOWNLOAD_REMINDER, _) => {
            case.tx.finish(lease).await?;
            case.remind(&By::automation()).await?;
            return Ok(case.commit().await?);
        }
        _ => {
            case.tx.finish(lease).await?;
            return Ok(case.commit().await?);
        }
    };
    // The timer's own row goes first: the next stage may set another under the same key.
    case.tx.finish(lease).await?;
    let moved: Result<(), MoveError> = async {
        case.act(&action, &By::automation()).await?;
        case.advance().await
    }
    .await;
    moved.map_err(store_error)?;
    Ok(case.commit().await?)
}

/// There is nothing (more) to do.
pub(crate) async fn finish(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let mut tx = manager.store().write().await?;
    let finished: Result<(), StoreError> = tx.finish(lease).await;
    finished?;
    Ok(tx.commit().await?)
}
