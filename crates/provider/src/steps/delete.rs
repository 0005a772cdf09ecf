//! A deletion: every record of the subject in the account, every earlier export about them, and nothing else.

use jiff::SignedDuration;
use serde_json::json;
use store::{
    StoreError,
    jobs::{Lease, StepError},
};

use super::{
    access::databases,
    carry_out::{self, Teams, Trouble, locked, teams},
    remove,
};
use crate::{
    Actor, Provider, Status, Subject,
    app::{
        sub_requests,
        subject_access::{later, object},
        tokens::hex,
    },
    rows::{
        self,
        sar::StoredSar,
        sub_request::{Carrier, StoredSubRequest},
    },
    sources::sql::Asked,
};

/// How many records one transaction removes.
const RECORDS_A_BATCH: i64 = 500;
/// When to look again at an export of the same subject that is being written.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_millis(250);

pub(super) async fn remove(provider: &Provider, lease: &Lease, sar: &StoredSar) -> Result<(), Trouble> {
    remove_records(provider, sar).await?;
    remove_from_databases(provider, sar).await?;
    let mut read = provider.store().read().await?;
    let exports = rows::sar::with_exports(&mut read, sar.account, sar.subject).await?;
    drop(read);
    for export in exports.iter().filter(|export| !export.exporting) {
        remove::all(provider, export).await?;
    }
    // Before it is called completed: afterwards no file holds what was deleted.
    provider.store().forget_deleted().await?;
    Ok(complete(provider, lease, sar).await?)
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

/// Deletes in each database and ends its share. One that can't be reached does not keep the others from it; what failed
/// for good is its share's end, too, and the request fails when everybody else is done.
async fn remove_from_databases(provider: &Provider, sar: &StoredSar) -> Result<(), Trouble> {
    let mut read = provider.store().read().await?;
    let shares = rows::sub_request::of_request(&mut read, sar.id).await?;
    let key = rows::subject_account::key(&mut read, provider.vault(), sar.account).await?;
    drop(read);
    let mut trouble = None;
    let open = |share: &&StoredSubRequest| share.carrier == Carrier::Sql && !share.status.is_final();
    for share in shares.iter().filter(open) {
        let subject = sar.subject(key.as_ref().ok_or(StoreError::LeaseLost)?)?;
        match remove_share(provider, sar, &subject, share).await {
            Ok(records) => end_share(provider, sar, share, records).await?,
            Err(Trouble::Source(id, error)) if !error.passing => {
                tracing::warn!(request = %sar.id, error = &error as &dyn std::error::Error, "a data source failed");
                let mut tx = provider.store().write().await?;
                rows::sub_request::end_one(&mut tx, id, Status::Failure, Some(&error.to_string())).await?;
                tx.commit().await?;
            }
            Err(Trouble::Source(id, error)) => trouble = Some(Trouble::Source(id, error)),
            Err(step) => return Err(step),
        }
    }
    trouble.map_or(Ok(()), Err)
}

async fn remove_share(
    provider: &Provider,
    sar: &StoredSar,
    subject: &Subject,
    share: &StoredSubRequest,
) -> Result<u64, Trouble> {
    let asked = Asked {
        account: sar.account,
        subject,
    };
    let mut records = 0_u64;
    for database in databases(provider, sar, subject, share)? {
        let deleted = database.delete(asked).await;
        records = records.saturating_add(deleted.map_err(|error| Trouble::Source(share.id, error))?);
    }
    Ok(records)
}

async fn end_share(
    provider: &Provider,
    sar: &StoredSar,
    share: &StoredSubRequest,
    records: u64,
) -> Result<(), StoreError> {
    let mut tx = provider.store().write().await?;
    sub_requests::lock(&mut tx, sar.id).await?;
    // Another worker that took the request over may have been here.
    let ended = rows::sub_request::by_id(&mut tx, share.id).await?;
    if ended.is_some_and(|share| !share.status.is_final()) {
        rows::sub_request::end_one(&mut tx, share.id, Status::Completed, None).await?;
        rows::sar::add_records(&mut tx, sar.id, i64::try_from(records).unwrap_or(i64::MAX)).await?;
        let detail = json!({ "sub_request": share.id, "data_source": share.source, "records": records });
        tx.audit(Actor::SYSTEM.did("sub_request.deleted", object(sar.id), detail));
    }
    tx.commit().await
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
        Teams::Failed(cause) => {
            // What could be deleted was.
            rows::sub_request::end_own(&mut tx, sar.id, Status::Completed).await?;
            carry_out::fail(&mut tx, lease, &sar, &cause).await?;
        }
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
