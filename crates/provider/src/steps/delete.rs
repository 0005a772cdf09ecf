//! A deletion: every record of the subject in the account, every earlier export about them, and nothing else.

use jiff::SignedDuration;
use serde_json::json;
use store::{
    StoreError,
    jobs::{Lease, StepError},
};

use super::{
    carry_out::{self, Teams, locked, teams},
    remove,
};
use crate::{
    Actor, Provider, Status,
    app::{
        subject_access::{later, object},
        tokens::hex,
    },
    rows::{self, sar::StoredSar},
};

/// How many records one transaction removes.
const RECORDS_A_BATCH: i64 = 500;
/// When to look again at an export of the same subject that is being written.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_millis(250);

pub(super) async fn remove(provider: &Provider, lease: &Lease, sar: &StoredSar) -> Result<(), StepError> {
    remove_records(provider, sar).await?;
    let mut read = provider.store().read().await?;
    let exports = rows::sar::with_exports(&mut read, sar.account, sar.subject).await?;
    drop(read);
    for export in exports.iter().filter(|export| !export.exporting) {
        remove::all(provider, export).await?;
    }
    // Before it is called completed: afterwards no file holds what was deleted.
    provider.store().forget_deleted().await?;
    complete(provider, lease, sar).await
}

async fn remove_records(provider: &Provider, sar: &StoredSar) -> Result<(), StoreError> {
    loop {
        let mut tx = provider.store().write().await?;
        let removed = rows::subject_record::delete_some(&mut tx, sar.account, sar.subject, RECORDS_A_BATCH).await?;
        if removed == 0 {
            return Ok(());
        }
        let removed = i64::try_from(removed).unwrap_or(i64::MAX);
        rows::sar::add_records(&mut tx, sar.id, removed).await?;
        tx.commit().await?;
    }
}

/// Completed only when, at this very moment, nothing is left: no record, no export, none being written, no team busy.
async fn complete(provider: &Provider, lease: &Lease, sar: &StoredSar) -> Result<(), StepError> {
    let mut tx = provider.store().write().await?;
    let Some(sar) = locked(&mut tx, sar.id).await?.filter(|sar| !sar.status.is_final()) else {
        return Err(StoreError::LeaseLost.into());
    };
    let records = rows::subject_record::any(&mut tx, sar.account, sar.subject).await?;
    let exports = rows::sar::with_exports(&mut tx, sar.account, sar.subject).await?;
    if records || !exports.is_empty() {
        let busy = exports.iter().any(|export| export.exporting);
        let wait = if busy { LOOK_AGAIN } else { SignedDuration::ZERO };
        let at = later(tx.now(), wait);
        tx.reschedule(lease, at).await?;
        tx.commit().await?;
        return Ok(());
    }
    match teams(&mut tx, sar.id).await? {
        Teams::Busy => {
            rows::sub_request::end_own(&mut tx, sar.id, Status::Completed).await?;
            // The last report wakes the job again.
            tx.finish(lease).await?;
        }
        Teams::Failed(source) => carry_out::fail(&mut tx, lease, &sar, &carry_out::team_failed(source)).await?,
        Teams::Done => {
            rows::sub_request::end_own(&mut tx, sar.id, Status::Completed).await?;
            rows::sar::complete_delete(&mut tx, sar.id).await?;
            // What stays as proof: whom, by a keyed hash, and how much.
            let detail = json!({ "account": sar.account, "subject": hex(&sar.subject), "records": sar.records });
            tx.audit(Actor::SYSTEM.did("subject_access.deleted", object(sar.id), detail));
            tx.finish(lease).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
