//! Carrying a request out: deciding what can be done now, and giving up when nothing helps.

use serde_json::json;
use store::{
    StoreError, Tx,
    jobs::{Lease, NewJob, StepError},
};

use super::{access, delete};
use crate::{
    Actor, Provider, RequestType, SarId, Status, SubRequestId,
    app::{sub_requests, subject_access::object, tokens::hex},
    rows::{self, sar::StoredSar, sub_request::StoredSubRequest},
    sources::sql::SourceError,
};

/// After so many attempts in a row (some hours, as the delays grow) the request fails, with its cause.
const MOST_ATTEMPTS: u32 = 20;

/// What a request needs now.
enum Now {
    /// Nothing: it has ended, or it waits for a team.
    Nothing,
    /// Its part of the work.
    Work(Box<StoredSar>),
}

pub(super) async fn run(provider: &Provider, lease: &Lease, id: SarId) -> Result<(), StepError> {
    let Now::Work(sar) = begin(provider, lease, id).await? else {
        return Ok(());
    };
    if lease.attempts >= MOST_ATTEMPTS {
        return give_up(provider, lease, &sar, None, "the work broke off too often").await;
    }
    let worked = match sar.request_type {
        RequestType::Access => access::export(provider, lease, &sar).await,
        RequestType::Delete => delete::remove(provider, lease, &sar).await,
    };
    let last = lease.attempts + 1 >= MOST_ATTEMPTS;
    match worked {
        Ok(()) => Ok(()),
        Err(Trouble::Source(share, error)) if last || !error.passing => {
            tracing::warn!(request = %sar.id, error = &error as &dyn std::error::Error, "a data source failed");
            give_up(provider, lease, &sar, Some(share), &error.to_string()).await
        }
        Err(Trouble::Source(_, error)) => Err(StepError::Failed(error.to_string())),
        Err(Trouble::Step(StepError::Failed(cause))) if last => {
            // The log has all of it; whose request it is need not know what our hosts are called.
            let public = cause.split_once(": ").map_or(cause.as_str(), |(first, _)| first);
            give_up(provider, lease, &sar, None, public).await
        }
        Err(Trouble::Step(error)) => Err(error),
    }
}

/// Why a request's work did not come to its end this time.
pub(super) enum Trouble {
    /// The database, the export store or the disk failed.
    Step(StepError),
    /// A data source of that share did.
    Source(SubRequestId, SourceError),
}

impl<E: Into<StepError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Step(error.into())
    }
}

/// Marks the request as begun, unless it waits for teams alone and none of them has begun. An access request waits until every team has reported; a deletion does its own part at
/// once.
async fn begin(provider: &Provider, lease: &Lease, id: SarId) -> Result<Now, StoreError> {
    let mut tx = provider.store().write().await?;
    let Some(sar) = locked(&mut tx, id).await?.filter(|sar| !sar.status.is_final()) else {
        tx.finish(lease).await?;
        tx.commit().await?;
        return Ok(Now::Nothing);
    };
    let shares = rows::sub_request::of_request(&mut tx, id).await?;
    let untouched = |share: &StoredSubRequest| share.is_a_teams() && share.status == Status::Pending;
    if shares.is_empty() || !shares.iter().all(untouched) {
        let now = tx.now();
        rows::sar::begin(&mut tx, id, now).await?;
    }
    rows::sub_request::begin_own(&mut tx, id).await?;
    if sar.request_type == RequestType::Access {
        match teams(&mut tx, id).await? {
            Teams::Busy => {
                // The last report wakes the job again.
                tx.finish(lease).await?;
                tx.commit().await?;
                return Ok(Now::Nothing);
            }
            Teams::Failed(cause) => {
                fail(&mut tx, lease, &sar, &cause).await?;
                tx.commit().await?;
                return Ok(Now::Nothing);
            }
            Teams::Done => {}
        }
        rows::sar::set_exporting(&mut tx, id, true).await?;
    }
    tx.commit().await?;
    Ok(Now::Work(Box::new(sar)))
}

/// How far the internal teams are with a request.
pub(super) enum Teams {
    /// At least one has not reported.
    Busy,
    /// All have, and a share could not be done: why.
    Failed(String),
    /// All have done it, or there are none.
    Done,
}

pub(super) async fn teams(tx: &mut Tx, id: SarId) -> Result<Teams, StoreError> {
    let shares = rows::sub_request::of_request(tx, id).await?;
    if shares
        .iter()
        .any(|share| share.is_a_teams() && !share.status.is_final())
    {
        return Ok(Teams::Busy);
    }
    let failed = shares.into_iter().find(|share| share.status == Status::Failure);
    Ok(failed.map_or(Teams::Done, |share| {
        let reported = || format!("the team of {} reported a failure", share.source);
        Teams::Failed(share.cause.clone().unwrap_or_else(reported))
    }))
}

/// The request, about which and about whose subject nobody else decides until this transaction ends. Reports of teams,
/// exports and deletions of one subject are decided one after the other.
pub(super) async fn locked(tx: &mut Tx, id: SarId) -> Result<Option<StoredSar>, StoreError> {
    let Some(sar) = rows::sar::by_id(tx, id).await? else {
        return Ok(None);
    };
    tx.lock("subject", &format!("{}:{}", sar.account, hex(&sar.subject)))
        .await?;
    sub_requests::lock(tx, id).await?;
    rows::sar::by_id(tx, id).await
}

async fn give_up(
    provider: &Provider,
    lease: &Lease,
    sar: &StoredSar,
    share: Option<SubRequestId>,
    cause: &str,
) -> Result<(), StepError> {
    let mut tx = provider.store().write().await?;
    if let Some(sar) = locked(&mut tx, sar.id).await?.filter(|sar| !sar.status.is_final()) {
        if let Some(share) = share {
            rows::sub_request::end_one(&mut tx, share, Status::Failure, Some(cause)).await?;
        }
        fail(&mut tx, lease, &sar, cause).await?;
    } else {
        tx.finish(lease).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The request failed for good. What it may have left in the store is removed.
pub(super) async fn fail(tx: &mut Tx, lease: &Lease, sar: &StoredSar, cause: &str) -> Result<(), StoreError> {
    rows::sar::fail(tx, sar.id, cause, sar.exporting).await?;
    rows::sub_request::end_own(tx, sar.id, Status::Failure).await?;
    if sar.request_type == RequestType::Access {
        let run_at = tx.now();
        tx.enqueue(NewJob {
            kind: super::REMOVE_EXPORT,
            lane: "exports".to_owned(),
            run_at,
            payload: json!({ "request": sar.id }),
            key: Some(format!("export:{}", sar.id)),
        });
    }
    tx.audit(Actor::SYSTEM.did("subject_access.failed", object(sar.id), json!({ "cause": cause })));
    tx.finish(lease).await
}
