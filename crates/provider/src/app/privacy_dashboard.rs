//! Finding an account's requests, how far each data source has come, and showing whom a request is about.

use std::collections::HashMap;

use jiff::Timestamp;
use oauth::Secret;
use serde_json::json;
use store::retried;

use super::{
    asker::Asker,
    subject_access::{Page, PageNumber, Sar, SarError, object, only_administrators},
};
use crate::{
    DataSource, DataType, IdentifierType, Provider, RequestType, SarId, Status, SubRequestId, Subject, rows,
    rows::{sar::Wanted, sub_request::Carrier},
};

/// Which requests are looked for; what is not said is not looked at.
#[derive(Debug, Clone, Default)]
pub struct SarFilter {
    /// In this state.
    pub status: Option<Status>,
    /// Of this type.
    pub request_type: Option<RequestType>,
    /// Of this number, or about this identifier, written whole.
    pub search: Option<Secret>,
}

/// One data source's share of a request.
#[derive(Debug, Clone)]
pub struct SourceProgress {
    /// Its number.
    pub id: SubRequestId,
    /// Which source.
    pub source: DataSource,
    /// Who answers, in words.
    pub answered_by: &'static str,
    /// An internal team answers.
    pub team: bool,
    /// Why it failed, where somebody said so.
    pub cause: Option<String>,
    /// How far it has come.
    pub status: Status,
    /// When work began.
    pub processing_started_at: Option<Timestamp>,
    /// When it ended, well or not.
    pub completed_at: Option<Timestamp>,
}

impl Provider {
    /// A page of the account's requests that fit, newest first.
    pub async fn find_subject_access(
        &self,
        asker: Asker,
        filter: &SarFilter,
        page: PageNumber,
    ) -> Result<Page<Sar>, SarError> {
        only_administrators(asker)?;
        let wanted = Wanted {
            status: filter.status,
            request_type: filter.request_type,
            id: filter
                .search
                .as_ref()
                .and_then(|text| text.reveal().trim().parse().ok()),
            subjects: filter.search.as_ref().map(|text| self.subjects_called(asker, text)),
        };
        let mut read = self.store().read().await?;
        let total = rows::sar::count(&mut read, asker.account, &wanted).await?;
        let stored = rows::sar::find(&mut read, asker.account, &wanted, page.skip(), page.per_page).await?;
        let key = rows::subject_account::key(&mut read, self.vault(), asker.account).await?;
        drop(read);
        let mut items = Vec::with_capacity(stored.len());
        if let Some(key) = key {
            for sar in stored {
                items.push(self.shown(sar, &key).await?);
            }
        }
        Ok(Page { items, total })
    }

    /// Of each of these requests, how many of its data sources have ended, and how many it has.
    pub async fn sources_ended(&self, asker: Asker, sars: &[Sar]) -> Result<HashMap<SarId, (i64, i64)>, SarError> {
        only_administrators(asker)?;
        let own = sars.iter().filter(|sar| sar.account == asker.account);
        let ids: Vec<SarId> = own.map(|sar| sar.id).collect();
        let ended = rows::sub_request::ended(&mut self.store().read().await?, &ids).await?;
        Ok(ended.into_iter().map(|(id, ended, all)| (id, (ended, all))).collect())
    }

    /// How far the data sources of one of the account's requests have come.
    pub async fn source_progress(&self, asker: Asker, id: SarId) -> Result<Vec<SourceProgress>, SarError> {
        only_administrators(asker)?;
        let mut read = self.store().read().await?;
        rows::sar::by_id(&mut read, id)
            .await?
            .filter(|sar| sar.account == asker.account)
            .ok_or(SarError::NotFound)?;
        let shares = rows::sub_request::of_request(&mut read, id).await?;
        Ok(shares
            .into_iter()
            .map(|share| SourceProgress {
                id: share.id,
                source: share.source,
                answered_by: match share.carrier {
                    Carrier::Store => "the built-in store",
                    Carrier::Team => "an internal team",
                    Carrier::Sql => "the vendor’s database",
                },
                team: share.is_a_teams(),
                cause: share.cause,
                status: share.status,
                processing_started_at: share.processing_started_at,
                completed_at: share.completed_at,
            })
            .collect())
    }

    /// One of the account's requests, to be shown with whom it is about. That somebody looked is recorded.
    pub async fn reveal_subject(&self, asker: Asker, id: SarId) -> Result<Sar, SarError> {
        retried(|| self.reveal_subject_once(asker, id)).await
    }

    async fn reveal_subject_once(&self, asker: Asker, id: SarId) -> Result<Sar, SarError> {
        let sar = self.subject_access_request(asker, id).await?;
        let mut tx = self.store().write().await?;
        let detail = json!({ "account": asker.account });
        tx.audit(asker.actor.did("subject_access.identifier_shown", object(id), detail));
        tx.commit().await?;
        Ok(sar)
    }

    /// What everybody who could be called so is found by.
    fn subjects_called(&self, asker: Asker, text: &Secret) -> Vec<[u8; 32]> {
        let types = [
            IdentifierType::Email,
            IdentifierType::EndUserId,
            IdentifierType::DcpId,
            IdentifierType::FullstackId,
            IdentifierType::Other,
        ];
        [DataType::Visitor, DataType::User]
            .into_iter()
            .flat_map(|data_type| types.map(|identifier_type| (data_type, identifier_type)))
            .filter_map(|(data_type, identifier_type)| Subject::new(data_type, identifier_type, text.clone()).ok())
            .map(|subject| subject.index(self.vault(), asker.account))
            .collect()
    }
}
