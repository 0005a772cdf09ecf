//! Removing what requests left in the export store.

use serde_json::json;
use store::{
    StoreError,
    jobs::{Lease, StepError},
};

use super::{broken, carry_out::locked};
use crate::{
    Actor, Exports, Provider, SarId,
    app::subject_access::object,
    exports::S3Location,
    rows::{self, sar::StoredSar},
};

/// The time of an export is over: it goes, and what teams brought for it.
pub(super) async fn export(provider: &Provider, lease: &Lease, id: SarId) -> Result<(), StepError> {
    let stored = rows::sar::by_id(&mut provider.store().read().await?, id).await?;
    if let Some(sar) = stored {
        all(provider, &sar).await?;
    }
    finish(provider, lease).await
}

/// The parts that teams brought are in the export: they go.
pub(super) async fn parts(provider: &Provider, lease: &Lease, id: SarId) -> Result<(), StepError> {
    remove_parts(provider, id).await?;
    finish(provider, lease).await
}

/// Removes the export of a request, and its parts.
pub(super) async fn all(provider: &Provider, sar: &StoredSar) -> Result<(), StepError> {
    remove_parts(provider, sar.id).await?;
    if sar.export_kept {
        let key = Exports::key(sar.account, sar.id);
        if let Some(upload) = &sar.upload_id {
            let aborted = provider.exports().abort_upload(&key, upload).await;
            aborted.map_err(|error| broken(&error))?;
        }
        provider.exports().delete(&key).await.map_err(|error| broken(&error))?;
        let mut tx = provider.store().write().await?;
        locked(&mut tx, sar.id).await?;
        rows::sar::export_gone(&mut tx, sar.id).await?;
        tx.audit(Actor::SYSTEM.did("export.removed", object(sar.id), json!({ "account": sar.account })));
        tx.commit().await?;
    }
    Ok(())
}

async fn remove_parts(provider: &Provider, id: SarId) -> Result<(), StepError> {
    let shares = rows::sub_request::of_request(&mut provider.store().read().await?, id).await?;
    let kept: Vec<_> = shares.iter().filter(|share| share.part_kept).collect();
    for location in kept.iter().filter_map(|share| share.export_location.as_deref()) {
        let location: S3Location = location.parse().map_err(|error| broken(&error))?;
        provider
            .exports()
            .delete(&location.key)
            .await
            .map_err(|error| broken(&error))?;
    }
    if !kept.is_empty() {
        let mut tx = provider.store().write().await?;
        rows::sub_request::parts_gone(&mut tx, id).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn finish(provider: &Provider, lease: &Lease) -> Result<(), StepError> {
    let mut tx = provider.store().write().await?;
    tx.finish(lease).await?;
    tx.commit().await.map_err(StoreError::into)
}
