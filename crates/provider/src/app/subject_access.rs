//! Subject access requests, as an account's administrators see them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{
    StoreError, Tx,
    jobs::{LaneLimits, NewJob},
    retried,
};
use url::Url;
use vault::DataKey;

use super::{asker::Asker, sub_requests};
use crate::{
    AccountId, DataSource, Exports, Provider, RequestType, Role, SarId, Status, Subject,
    exports::ExportError,
    rows::{self, sar::NewSar, sar::StoredSar, sub_request::Carrier},
    steps,
};

/// A deadline that is nearer than this wants to be seen.
pub(crate) const NEAR: SignedDuration = SignedDuration::from_hours(3 * 24);

/// How many requests of one account are worked on at once, so that the others get their turn.
const AT_ONCE: u32 = 4;

/// A request, as its account sees it.
#[derive(Debug, Clone)]
pub struct Sar {
    /// Its number.
    pub id: SarId,
    /// Whose it is.
    pub account: AccountId,
    /// What is asked for.
    pub request_type: RequestType,
    /// About whom.
    pub subject: Subject,
    /// How far it has come.
    pub status: Status,
    /// When it was made.
    pub requested_at: Timestamp,
    /// When work began.
    pub processing_started_at: Option<Timestamp>,
    /// When it ended, well or not.
    pub completed_at: Option<Timestamp>,
    /// Until when it must be done.
    pub sla_deadline_at: Timestamp,
    /// Until when the export can be fetched, once there is or was one.
    pub expired_at: Option<Timestamp>,
    /// A link to the export, as long as it can be fetched.
    pub export: Option<Url>,
    /// How many records were exported or deleted so far.
    pub records: i64,
    /// Why it failed.
    pub cause: Option<String>,
    /// What was made in its place, after it failed.
    pub retried_as: Option<SarId>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: i64,
}

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageNumber {
    /// From 1.
    pub page: i64,
    /// How many items it has room for.
    pub per_page: i64,
}

impl PageNumber {
    /// How many items come before it.
    pub fn skip(self) -> i64 {
        self.page.saturating_sub(1).saturating_mul(self.per_page)
    }
}

/// Why a request is not made or shown.
#[derive(Debug, thiserror::Error)]
pub enum SarError {
    /// The asker's role does not include it.
    #[error("only administrators of the account may make and see its requests")]
    Forbidden,
    /// The account has no such request.
    #[error("there is no such request")]
    NotFound,
    /// Only what failed is tried again.
    #[error("the request has not failed")]
    NotFailed,
    /// A link could not be signed.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The database failed.
    #[error("the request could not be read or stored")]
    Store(#[from] StoreError),
}

impl Provider {
    /// Makes a request: one sub-request for each of the account's data sources, and the job that carries it out.
    ///
    /// A data source that an internal team has a token for is the team's, one that is configured as a database is asked
    /// there (both, where it is both); the others of which records were imported are the built-in subject store's. Records
    /// that were imported are exported and deleted whoever else answers for their source.
    pub async fn request_subject_access(
        &self,
        asker: Asker,
        request_type: RequestType,
        subject: &Subject,
    ) -> Result<Sar, SarError> {
        retried(|| self.request_subject_access_once(asker, request_type, subject)).await
    }

    async fn request_subject_access_once(
        &self,
        asker: Asker,
        request_type: RequestType,
        subject: &Subject,
    ) -> Result<Sar, SarError> {
        only_administrators(asker)?;
        let mut tx = self.store().write().await?;
        let (stored, key) = self.make(&mut tx, asker, request_type, subject).await?;
        tx.commit().await?;
        self.shown(stored, &key).await
    }

    /// Makes a request that failed once more, with the data sources of now. What has ended stays as it is, so this is a
    /// new request; a second try of the same one finds the first.
    pub async fn retry_subject_access(&self, asker: Asker, id: SarId) -> Result<Sar, SarError> {
        retried(|| self.retry_subject_access_once(asker, id)).await
    }

    async fn retry_subject_access_once(&self, asker: Asker, id: SarId) -> Result<Sar, SarError> {
        only_administrators(asker)?;
        let mut tx = self.store().write().await?;
        sub_requests::lock(&mut tx, id).await?;
        let failed = rows::sar::by_id(&mut tx, id)
            .await?
            .filter(|sar| sar.account == asker.account)
            .ok_or(SarError::NotFound)?;
        if let Some(successor) = failed.retried_as {
            drop(tx);
            return self.subject_access_request(asker, successor).await;
        }
        if failed.status != Status::Failure {
            return Err(SarError::NotFailed);
        }
        let key = rows::subject_account::key(&mut tx, self.vault(), asker.account).await?;
        let subject = failed.subject(&key.ok_or(SarError::NotFound)?)?;
        let (stored, key) = self.make(&mut tx, asker, failed.request_type, &subject).await?;
        rows::sar::set_retried(&mut tx, id, stored.id).await?;
        let detail = json!({ "account": asker.account, "as": stored.id });
        tx.audit(asker.actor.did("subject_access.retried", object(id), detail));
        tx.commit().await?;
        self.shown(stored, &key).await
    }

    async fn make(
        &self,
        tx: &mut Tx,
        asker: Asker,
        request_type: RequestType,
        subject: &Subject,
    ) -> Result<(StoredSar, DataKey), SarError> {
        let account = asker.account;
        let (key, ordinal) = rows::subject_account::next_request(tx, self.vault(), account).await?;
        let sla_deadline_at = later(tx.now(), self.settings().sla.signed());
        let new = NewSar {
            account,
            ordinal,
            request_type,
            subject,
            index: subject.index(self.vault(), account),
            sla_deadline_at,
        };
        let id = rows::sar::insert(tx, &key, new).await?;
        for (source, carrier) in self.fan_out(tx, account, subject).await? {
            rows::sub_request::insert(tx, id, source, carrier).await?;
        }
        let detail = json!({ "account": account, "request_type": request_type, "data_type": subject.data_type,
            "identifier_type": subject.identifier_type });
        tx.audit(asker.actor.did("subject_access.requested", object(id), detail));
        enqueue(tx, account, id);
        steps::deadline::enqueue(tx, id, sla_deadline_at);
        let limits = LaneLimits {
            most_in_flight: AT_ONCE,
            burst: 1,
            interval: Duration::ZERO,
        };
        tx.set_lane(&lane(account), limits).await?;
        let stored = rows::sar::by_id(tx, id).await?.ok_or(SarError::NotFound)?;
        Ok((stored, key))
    }

    /// A page of the account's requests, newest first.
    pub async fn subject_access_requests(&self, asker: Asker, page: PageNumber) -> Result<Page<Sar>, SarError> {
        only_administrators(asker)?;
        let mut read = self.store().read().await?;
        let total = rows::subject_account::requests(&mut read, asker.account).await?;
        let newest = total.saturating_sub(page.skip());
        let stored = if newest > 0 {
            rows::sar::of_account(&mut read, asker.account, newest, page.per_page).await?
        } else {
            Vec::new()
        };
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

    /// One of the account's requests.
    pub async fn subject_access_request(&self, asker: Asker, id: SarId) -> Result<Sar, SarError> {
        only_administrators(asker)?;
        let mut read = self.store().read().await?;
        let stored = rows::sar::by_id(&mut read, id)
            .await?
            .filter(|sar| sar.account == asker.account)
            .ok_or(SarError::NotFound)?;
        let key = rows::subject_account::key(&mut read, self.vault(), asker.account).await?;
        drop(read);
        self.shown(stored, &key.ok_or(SarError::NotFound)?).await
    }

    /// The shares of a request, each with who carries it out.
    async fn fan_out(
        &self,
        tx: &mut Tx,
        account: AccountId,
        subject: &Subject,
    ) -> Result<Vec<(DataSource, Carrier)>, StoreError> {
        let mut shares: Vec<(DataSource, Carrier)> = Vec::new();
        for service in rows::token::services(tx).await? {
            shares.extend(service.sources.into_iter().map(|source| (source, Carrier::Team)));
        }
        let databases = self.sql_sources().of(account, subject);
        shares.extend(databases.map(|database| (database.name, Carrier::Sql)));
        for source in rows::subject_account::sources(tx, account).await? {
            if !shares.iter().any(|(other, _)| *other == source) {
                shares.push((source, Carrier::Store));
            }
        }
        shares.sort_unstable();
        shares.dedup();
        Ok(shares)
    }

    pub(super) async fn shown(&self, stored: StoredSar, key: &DataKey) -> Result<Sar, SarError> {
        let subject = stored.subject(key)?;
        let left = stored
            .expired_at
            .filter(|_| stored.export_kept)
            .and_then(|at| Duration::try_from(at.duration_since(self.clock().now())).ok())
            // A link is signed for whole seconds.
            .filter(|left| left.as_secs() > 0);
        let export = match left {
            Some(left) => {
                let key = Exports::key(stored.account, stored.id);
                Some(self.exports().link(&key, left).await?)
            }
            None => None,
        };
        Ok(Sar {
            id: stored.id,
            account: stored.account,
            request_type: stored.request_type,
            subject,
            status: stored.status,
            requested_at: stored.requested_at,
            processing_started_at: stored.processing_started_at,
            completed_at: stored.completed_at,
            sla_deadline_at: stored.sla_deadline_at,
            expired_at: stored.expired_at,
            export,
            records: stored.records,
            cause: stored.cause,
            retried_as: stored.retried_as,
        })
    }
}

/// Puts a request on its account's lane, or wakes it there.
pub(crate) fn enqueue(tx: &mut Tx, account: AccountId, id: SarId) {
    let now = tx.now();
    tx.enqueue(NewJob {
        kind: steps::CARRY_OUT,
        lane: lane(account),
        run_at: now,
        payload: json!({ "request": id }),
        key: Some(object(id)),
    });
}

/// A request's name in the audit log and among jobs.
pub(crate) fn object(id: SarId) -> String {
    format!("subject_access_request:{id}")
}

pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn lane(account: AccountId) -> String {
    format!("account:{account}")
}

pub(super) fn only_administrators(asker: Asker) -> Result<(), SarError> {
    match asker.role {
        Role::Administrator => Ok(()),
        Role::User => Err(SarError::Forbidden),
    }
}
