//! Sub-requests, as the internal teams see them that carry them out.

use jiff::Timestamp;
use serde_json::json;
use store::{NewEvent, StoreError, Tx, retried};

use super::{
    asker::Asker,
    authenticate::Service,
    subject_access::{self, Page, PageNumber},
};
use crate::{
    AccountId, Actor, DataSource, Provider, RequestType, Role, SarId, Status, SubRequestId, Subject,
    exports::{ExportError, NotAnS3Location, S3Location},
    rows::{self, sar::StoredSar, sub_request::StoredSubRequest},
};

/// A sub-request, as its team sees it.
#[derive(Debug, Clone)]
pub struct SubRequest {
    /// Its own number.
    pub id: SubRequestId,
    /// The request it is a share of.
    pub parent: SarId,
    /// Whose request it is.
    pub account: AccountId,
    /// The share.
    pub source: DataSource,
    /// What is asked for.
    pub request_type: RequestType,
    /// About whom.
    pub subject: Subject,
    /// How far the share has come.
    pub status: Status,
    /// When the request was made.
    pub requested_at: Timestamp,
    /// When work on the share began.
    pub processing_started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// Until when the request must be done.
    pub sla_deadline_at: Timestamp,
    /// Where the team put what it found.
    pub export_location: Option<String>,
}

/// What a team reports.
#[derive(Debug, Clone)]
pub struct SubRequestUpdate {
    /// How far it has come.
    pub status: Status,
    /// Where it put what it found: `s3://bucket/{account}/{parent}/{id}`, newline-delimited JSON or a ZIP.
    pub export_location: Option<String>,
    /// When it began, where that is not now.
    pub processing_started_at: Option<Timestamp>,
    /// When it ended, where that is not now.
    pub completed_at: Option<Timestamp>,
    /// Why it failed, in plain words.
    pub cause: Option<String>,
}

/// Who reports.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reporter<'a> {
    /// A team, by its token.
    Service(&'a Service),
    /// An administrator, about their own account's requests.
    Administrator(Asker),
}

impl Reporter<'_> {
    fn may_report(&self, source: DataSource, account: AccountId) -> Result<(), SubRequestError> {
        match self {
            Self::Service(service) => only_own(service, source),
            Self::Administrator(asker) if asker.account == account && asker.role == Role::Administrator => Ok(()),
            // As if there were none.
            Self::Administrator(_) => Err(SubRequestError::NotFound),
        }
    }

    fn did(&self, account: AccountId, action: &str, object: String, detail: serde_json::Value) -> NewEvent {
        let actor = match self {
            Self::Service(service) => Actor::service(service.token, None),
            Self::Administrator(asker) => asker.actor,
        };
        actor.within(account).did(action, object, detail)
    }
}

/// Why a sub-request is not shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum SubRequestError {
    /// The token is for other data sources.
    #[error("this token is not for the data source {0}")]
    Forbidden(DataSource),
    /// There is none of that number.
    #[error("there is no such sub-request")]
    NotFound,
    /// It has ended, and what has ended stays as it is.
    #[error("it is {0} already, and that is final")]
    Final(Status),
    /// `processing` does not become `pending` again.
    #[error("it is processing already and can't become pending again")]
    Backwards,
    /// We carry it out ourselves.
    #[error("this share is carried out by the provider itself, not by a team")]
    NotATeams,
    /// The location can't be read.
    #[error(transparent)]
    Location(#[from] NotAnS3Location),
    /// The location is not where parts of this request belong.
    #[error("must lie under s3://{bucket}/{account}/{parent}/")]
    Elsewhere {
        /// The bucket for exports.
        bucket: String,
        /// The account.
        account: AccountId,
        /// The request.
        parent: SarId,
    },
    /// What was found could not be stored.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The database failed.
    #[error("the sub-request could not be read or stored")]
    Store(#[from] StoreError),
}

impl Provider {
    /// A page of a data source's queue, oldest first.
    pub async fn sub_requests(
        &self,
        service: &Service,
        source: DataSource,
        status: Status,
        page: PageNumber,
    ) -> Result<Page<SubRequest>, SubRequestError> {
        only_own(service, source)?;
        let mut read = self.store().read().await?;
        let total = rows::sub_request::queue_length(&mut read, source, status).await?;
        let stored = rows::sub_request::queue(&mut read, source, status, page.skip(), page.per_page).await?;
        let mut items = Vec::with_capacity(stored.len());
        for sub_request in stored {
            let parent = rows::sar::by_id(&mut read, sub_request.request).await?;
            let parent = parent.ok_or(SubRequestError::NotFound)?;
            items.push(self.share(&mut read, parent, sub_request).await?);
        }
        Ok(Page { items, total })
    }

    /// Takes a team's report. The last one of a request wakes the request's job.
    pub async fn update_sub_request(
        &self,
        service: &Service,
        id: SubRequestId,
        update: SubRequestUpdate,
    ) -> Result<SubRequest, SubRequestError> {
        self.report(Reporter::Service(service), id, update).await
    }

    pub(crate) async fn report(
        &self,
        reporter: Reporter<'_>,
        id: SubRequestId,
        update: SubRequestUpdate,
    ) -> Result<SubRequest, SubRequestError> {
        retried(|| self.report_once(reporter, id, &update)).await
    }

    async fn report_once(
        &self,
        reporter: Reporter<'_>,
        id: SubRequestId,
        update: &SubRequestUpdate,
    ) -> Result<SubRequest, SubRequestError> {
        let mut tx = self.store().write().await?;
        let stored = rows::sub_request::by_id(&mut tx, id).await?;
        let request = stored.ok_or(SubRequestError::NotFound)?.request;
        // Reports of several teams and the job decide one after the other.
        lock(&mut tx, request).await?;
        let stored = rows::sub_request::by_id(&mut tx, id).await?;
        let mut stored = stored.ok_or(SubRequestError::NotFound)?;
        let parent = rows::sar::by_id(&mut tx, request).await?;
        let parent = parent.ok_or(SubRequestError::NotFound)?;
        reporter.may_report(stored.source, parent.account)?;
        if !stored.is_a_teams() {
            return Err(SubRequestError::NotATeams);
        }
        if stored.status.is_final() {
            // The same report twice is one report.
            if stored.status == update.status {
                return self.share(&mut tx, parent, stored).await;
            }
            return Err(SubRequestError::Final(stored.status));
        }
        self.apply(&mut stored, &parent, update.clone(), tx.now())?;
        rows::sub_request::save(&mut tx, &stored).await?;
        if stored.status != Status::Pending {
            let began = stored.processing_started_at.unwrap_or(tx.now());
            rows::sar::begin(&mut tx, request, began).await?;
        }
        if stored.status.is_final() {
            let all = rows::sub_request::of_request(&mut tx, request).await?;
            if !all.iter().any(|one| one.is_a_teams() && !one.status.is_final()) {
                subject_access::enqueue(&mut tx, parent.account, request);
            }
        }
        let detail = json!({ "sub_request": id, "data_source": stored.source, "status": stored.status });
        tx.audit(reporter.did(
            parent.account,
            "sub_request.updated",
            subject_access::object(request),
            detail,
        ));
        let share = self.share(&mut tx, parent, stored).await?;
        tx.commit().await?;
        Ok(share)
    }

    fn apply(
        &self,
        stored: &mut StoredSubRequest,
        parent: &StoredSar,
        update: SubRequestUpdate,
        now: Timestamp,
    ) -> Result<(), SubRequestError> {
        if stored.status == Status::Processing && update.status == Status::Pending {
            return Err(SubRequestError::Backwards);
        }
        if let Some(location) = update.export_location {
            let location: S3Location = location.parse()?;
            let folder = format!("{}/{}/", parent.account, parent.id);
            if location.bucket != self.exports().bucket() || !location.key.starts_with(&folder) {
                return Err(SubRequestError::Elsewhere {
                    bucket: self.exports().bucket().to_owned(),
                    account: parent.account,
                    parent: parent.id,
                });
            }
            stored.export_location = Some(location.to_string());
            stored.part_kept = parent.request_type == RequestType::Access;
        }
        stored.status = update.status;
        if update.status == Status::Failure {
            stored.cause = update.cause;
        }
        if update.status != Status::Pending {
            let began = update.processing_started_at.or(stored.processing_started_at);
            stored.processing_started_at = Some(began.unwrap_or(now));
        }
        if update.status.is_final() {
            stored.completed_at = Some(update.completed_at.unwrap_or(now));
        }
        Ok(())
    }

    pub(super) async fn share(
        &self,
        tx: &mut Tx,
        parent: StoredSar,
        stored: StoredSubRequest,
    ) -> Result<SubRequest, SubRequestError> {
        let key = rows::subject_account::key(tx, self.vault(), parent.account).await?;
        let subject = parent.subject(&key.ok_or(SubRequestError::NotFound)?)?;
        Ok(SubRequest {
            id: stored.id,
            parent: parent.id,
            account: parent.account,
            source: stored.source,
            request_type: parent.request_type,
            subject,
            status: stored.status,
            requested_at: parent.requested_at,
            processing_started_at: stored.processing_started_at,
            completed_at: stored.completed_at,
            sla_deadline_at: parent.sla_deadline_at,
            export_location: stored.export_location,
        })
    }
}

/// Nobody else decides about the request until this transaction ends.
pub(crate) async fn lock(tx: &mut Tx, request: SarId) -> Result<(), StoreError> {
    tx.lock("subject_access_request", &request.to_string()).await
}

fn only_own(service: &Service, source: DataSource) -> Result<(), SubRequestError> {
    if service.sources.contains(&source) {
        Ok(())
    } else {
        Err(SubRequestError::Forbidden(source))
    }
}
