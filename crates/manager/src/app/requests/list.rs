//! Finding requests.

use jiff::{SignedDuration, Timestamp};
use privacy::{
    IdentityType, Personal, Reference, Right,
    framework::{DeadlineState, DueSoon},
    request::StageName,
};
use store::{Event, StoreError};

pub use crate::rows::request::Order;

use super::{Count, RequestView};
use crate::{
    ConnectionId, Manager, OperatorId, RequestId,
    rows::{self, request::Listed},
};

/// Which requests are meant.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// In one of these states; in any if none is named.
    pub states: Vec<StageName>,
    /// Access or deletion.
    pub right: Option<Right>,
    /// Of the subject known by exactly this.
    pub subject: Option<(IdentityType, Personal)>,
    /// With a task of this connection.
    pub connection: Option<ConnectionId>,
    /// Taken care of by this operator.
    pub assignee: Option<OperatorId>,
    /// Open, with a deadline that stands so.
    pub deadline: Option<DeadlineState>,
    /// Open, with a task that failed.
    pub failed: bool,
    /// Not closed.
    pub open: bool,
    /// Taken care of by nobody.
    pub unassigned: bool,
    /// Open, with a task whose connection needs a person.
    pub troubled: bool,
    /// In which order.
    pub order: Order,
    /// Beyond this one, in that order: the cursor of the page before. In the usual order, older than this one: the cursor of the page before.
    pub before: Option<RequestId>,
}

/// Some requests, in the order that was asked for.
#[derive(Debug, Clone)]
pub struct RequestPage {
    /// The requests, without their tasks.
    pub requests: Vec<RequestView>,
    /// Where the next page begins, if there is one.
    pub next: Option<RequestId>,
}

/// When what stands so is due: from, and before.
fn due_in(state: DeadlineState, now: Timestamp) -> (Timestamp, Timestamp) {
    // The last moment that is still soon is soon.
    let later = now.saturating_add(DueSoon::default().0).unwrap_or(now);
    let later = later.saturating_add(SignedDuration::from_micros(1)).unwrap_or(later);
    match state {
        DeadlineState::PastDue => (Timestamp::MIN, now),
        DeadlineState::DueSoon => (now, later),
        DeadlineState::OnTime => (later, Timestamp::MAX),
    }
}

impl Manager {
    /// Requests in the order that is asked for; at most `limit` of them.
    pub async fn requests(&self, filter: &RequestFilter, limit: u32) -> Result<RequestPage, StoreError> {
        let subject = filter.subject.as_ref();
        let listed = Listed {
            states: filter.states.iter().map(|state| state.name()).collect(),
            right: filter.right,
            subject: subject.map(|(kind, value)| self.subject_hash(*kind, value.reveal())),
            connection: filter.connection,
            assignee: filter.assignee,
            due: filter.deadline.map(|state| due_in(state, self.now())),
            failed: filter.failed,
            open: filter.open,
            unassigned: filter.unassigned,
            troubled: filter.troubled,
            order: filter.order,
            before: filter.before,
        };
        let mut tx = self.store().read().await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut rows = rows::request::list(&mut tx, &listed, i64::from(limit) + 1).await?;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = rows.last().filter(|_| more).map(|row| row.id);
        let ids: Vec<RequestId> = rows.iter().map(|row| row.id).collect();
        let mut assignees = self.assignees(&mut tx, &ids).await?;
        let views = rows.iter().map(|row| self.summary(row, assignees.remove(&row.id)));
        let requests = views.collect::<Result<_, _>>()?;
        Ok(RequestPage { requests, next })
    }

    /// These requests without their tasks, in the order in which they were made; unknown ones are left out.
    pub async fn requests_of(&self, ids: &[RequestId]) -> Result<Vec<RequestView>, StoreError> {
        let mut tx = self.store().read().await?;
        let rows = rows::request::by_ids(&mut tx, ids).await?;
        let mut assignees = self.assignees(&mut tx, ids).await?;
        let views = rows.iter().map(|row| self.summary(row, assignees.remove(&row.id)));
        views.collect()
    }

    /// The request of this reference.
    pub async fn request_by_reference(&self, reference: Reference) -> Result<Option<RequestId>, StoreError> {
        rows::request::by_reference(&mut self.store().read().await?, reference).await
    }

    /// How many requests there are in each state that has any.
    pub async fn request_counts(&self) -> Result<Vec<(StageName, Count)>, StoreError> {
        let states: Vec<&'static str> = StageName::ALL.iter().map(|state| state.name()).collect();
        let mut read = self.store().read().await?;
        let counts = rows::request::count_by_state(&mut read, &states, Count::FAR).await?;
        let counts = counts
            .into_iter()
            .map(|(state, requests)| Some((state.parse().ok()?, Count::of(requests))));
        Ok(counts.flatten().filter(|(_, count)| count.is_some()).collect())
    }

    /// Up to `limit` events of the audit log after place `after`, oldest first; of one object where it is named.
    pub async fn events(&self, object: Option<&str>, after: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
        self.store().read().await?.events(object, after, limit).await
    }
}
