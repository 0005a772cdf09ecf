//! Seeing what a subject is known by in full: for whoever has to, and written down.

use privacy::{
    Identities,
    audit::{Detail, Event, Fact},
};
use store::{StoreError, retried};

use crate::{By, Manager, RequestId, rows};

impl Manager {
    /// What the subject of a request is known by, in full; none where there is no such request, or where its personal
    /// data was destroyed. That `by` has seen it is part of the audit log before anything is shown.
    pub async fn reveal_identities(&self, id: RequestId, by: &By) -> Result<Option<Identities>, StoreError> {
        retried(|| self.reveal_identities_once(id, by)).await
    }

    async fn reveal_identities_once(&self, id: RequestId, by: &By) -> Result<Option<Identities>, StoreError> {
        let mut tx = self.store().write().await?;
        let Some(row) = rows::request::by_id(&mut tx, id).await? else {
            return Ok(None);
        };
        if row.key.is_none() || row.identities.is_none() {
            return Ok(None);
        }
        let identities = self.request_key(&row)?.identities(&row)?;
        let facts = [(Detail::Reference, Fact::code(&row.reference.to_string()))];
        tx.audit(by.event(Event::RequestViewed, id.object(), facts));
        tx.commit().await?;
        Ok(Some(identities))
    }

    /// Writes down that `by` reads what was found in an object.
    pub async fn note_dossier_viewed(&self, id: RequestId, object: &str, by: &By) -> Result<(), StoreError> {
        retried(|| self.note_dossier_viewed_once(id, object, by)).await
    }

    async fn note_dossier_viewed_once(&self, id: RequestId, object: &str, by: &By) -> Result<(), StoreError> {
        let mut tx = self.store().write().await?;
        let facts = [(Detail::Object, Fact::code(object))];
        tx.audit(by.event(Event::DossierViewed, id.object(), facts));
        tx.commit().await
    }
}
