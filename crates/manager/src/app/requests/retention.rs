//! Destroying what is personal when its term ends.

use jiff::{SignedDuration, Timestamp};
use privacy::{audit::Event, request::Stage};
use serde_json::json;
use store::{
    StoreError,
    jobs::{Lease, NewJob},
};

use super::case::Case;
use crate::{
    By, Manager, RequestId, rows,
    steps::{self, requests as kinds},
};

impl Case {
    /// A closed request keeps what was found for as long as a download lasts, and the rest until the end of its term.
    pub(super) async fn plan_retention(&mut self) -> Result<(), StoreError> {
        let company = self.manager.clone().company_in(&mut self.tx).await?;
        let kept = &company.retention;
        let (dossier, all) = (kept.dossiers.signed(), kept.requests.signed());
        self.shred_later(kinds::SHRED_DOSSIER, dossier.min(all));
        self.shred_later(kinds::SHRED, all);
        Ok(())
    }

    fn shred_later(&mut self, kind: &'static str, wait: SignedDuration) {
        let id = self.request.id;
        let job = NewJob {
            kind,
            lane: steps::INTERNAL.to_owned(),
            run_at: self.tx.now().saturating_add(wait).unwrap_or(Timestamp::MAX),
            payload: json!({"request": id}),
            key: Some(format!("{kind}:{id}")),
        };
        self.tx.enqueue(job);
    }
}

impl Manager {
    /// Destroys what was found for a closed request.
    pub(crate) async fn shred_dossier(&self, id: RequestId, lease: &Lease) -> Result<(), StoreError> {
        let Some(mut case) = Case::open(self, id).await? else {
            return finish(self, lease).await;
        };
        if matches!(case.request.stage, Stage::Closed { .. }) && case.request.dossier_shredded_at.is_none() {
            for task in &case.tasks {
                steps::task::forget_spooled(self, task.id);
            }
            rows::dossier::shred(&mut case.tx, id).await?;
            rows::contact_upload::shred(&mut case.tx, id).await?;
            case.request.dossier_shredded_at = Some(case.tx.now());
            case.audit(Event::DossierShredded, [], &By::automation());
        }
        case.tx.finish(lease).await?;
        case.commit().await?;
        self.store().forget_deleted().await
    }

    /// Destroys everything personal about a closed request: its key, and with it whatever was sealed. That it was
    /// answered stays.
    pub(crate) async fn shred_request(&self, id: RequestId, lease: &Lease) -> Result<(), StoreError> {
        let Some(mut case) = Case::open(self, id).await? else {
            return finish(self, lease).await;
        };
        if matches!(case.request.stage, Stage::Closed { .. }) && case.request.key.is_some() {
            rows::dossier::shred(&mut case.tx, id).await?;
            rows::contact_upload::shred(&mut case.tx, id).await?;
            rows::request::forget_subject(&mut case.tx, id).await?;
            rows::request_link::forget(&mut case.tx, id).await?;
            mail::forget(&mut case.tx, &id.object()).await?;
            rows::note::shred(&mut case.tx, id).await?;
            case.request.key = None;
            case.request.identities = None;
            let now = case.tx.now();
            case.request.dossier_shredded_at.get_or_insert(now);
            case.audit(Event::RequestShredded, [], &By::automation());
        }
        case.tx.finish(lease).await?;
        case.commit().await?;
        self.store().forget_deleted().await
    }
}

async fn finish(manager: &Manager, lease: &Lease) -> Result<(), StoreError> {
    let mut tx = manager.store().write().await?;
    tx.finish(lease).await?;
    tx.commit().await
}
