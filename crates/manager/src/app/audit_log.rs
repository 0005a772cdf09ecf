//! Reading the audit log, verifying it and taking it along.

use std::collections::BTreeSet;

use jiff::Timestamp;
use privacy::audit::{Detail, Event, Fact};
use store::{ChainReport, EventFilter, StoreError, retried};

use crate::{By, Manager};

/// Events on one page.
const PAGE: i64 = 50;

/// Which events are wanted; what is `None` does not narrow.
pub type AuditFilter = EventFilter;

/// An event, and who it was as people call them.
#[derive(Debug, Clone)]
pub struct AuditedEvent {
    /// The event.
    pub event: store::Event,
    /// Who it was.
    pub who: String,
}

/// A page of the log, newest first.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// The events.
    pub events: Vec<AuditedEvent>,
    /// What gives the next page, if there is one.
    pub next: Option<i64>,
}

impl Manager {
    /// A page of the audit log.
    pub async fn audit_page(&self, filter: &AuditFilter, before: Option<i64>) -> Result<AuditPage, StoreError> {
        let mut read = self.store().read().await?;
        let mut events = read.filtered_events(filter, before, PAGE + 1).await?;
        drop(read);
        let page = usize::try_from(PAGE).unwrap_or_default();
        let more = events.len() > page;
        events.truncate(page);
        let next = events.last().filter(|_| more).map(|event| event.seq);
        let actors: BTreeSet<String> = events.iter().map(|event| event.actor.clone()).collect();
        let names = self.actor_names(actors).await?;
        let with_name = |event: store::Event| AuditedEvent {
            who: names.get(&event.actor).cloned().unwrap_or_else(|| event.actor.clone()),
            event,
        };
        Ok(AuditPage {
            events: events.into_iter().map(with_name).collect(),
            next,
        })
    }

    /// Walks along the whole chain, and records that somebody did.
    pub async fn verify_audit(&self, by: &By) -> Result<ChainReport, StoreError> {
        let report = self.store().verify_audit().await?;
        let (result, count) = match report {
            ChainReport::Whole { events } => ("whole", events),
            ChainReport::Broken { seq, .. } => ("broken", seq),
        };
        let facts = [
            (Detail::Reason, Fact::Word(result)),
            (Detail::Count, u64::try_from(count).unwrap_or_default().into()),
        ];
        self.record_about_audit(by.event(Event::AuditVerified, "audit".to_owned(), facts))
            .await?;
        Ok(report)
    }

    /// Records that somebody takes the whole log along; read it with [`Self::audit_after`].
    pub async fn begin_audit_export(&self, by: &By) -> Result<(), StoreError> {
        self.record_about_audit(by.event(Event::AuditExported, "audit".to_owned(), []))
            .await
    }

    /// Events after the place `after`, oldest first, a thousand at most.
    pub async fn audit_after(&self, after: i64) -> Result<Vec<store::Event>, StoreError> {
        self.store().read().await?.events(None, after, 1000).await
    }

    /// The moment at which a day (UTC) begins, for filters.
    pub fn day(text: &str) -> Option<Timestamp> {
        let day: jiff::civil::Date = text.parse().ok()?;
        day.to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    }

    async fn record_about_audit(&self, event: store::NewEvent) -> Result<(), StoreError> {
        retried(|| async {
            let mut tx = self.store().write().await?;
            tx.audit(event.clone());
            tx.commit().await
        })
        .await
    }
}
