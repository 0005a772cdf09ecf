//! What is put right about a request before it is started: the law, the identifiers, who takes part.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use privacy::{
    Identities, IdentityType, Personal, Right,
    audit::{Detail, Event, Fact},
    framework::Deadline,
    request::Stage,
    task::TaskKind,
};
use store::{StoreError, retried};

use super::{RequestView, case::Case, plan::Wanted};
use crate::{
    By, ConnectionId, Manager, RequestId,
    hex::hex,
    rows::{
        self,
        request_link::{self, Purpose},
    },
};

/// What is to be otherwise; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct TriageChange {
    /// The legal framework: the deadline is computed anew, from the day on which the request came in.
    pub framework: Option<String>,
    /// What the subject is known by: another value, or none of this kind any more.
    pub identities: BTreeMap<IdentityType, Option<Personal>>,
    /// The connections that take part.
    pub connections: Option<TakesPart>,
}

/// Which connections take part in a request.
#[derive(Debug, Clone)]
pub enum TakesPart {
    /// Every one that can act, also those that are connected until it is started.
    Everyone,
    /// These.
    Only(Vec<ConnectionId>),
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TriageError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// It is started, or closed.
    #[error("only a request in triage can be changed; this one has gone on")]
    NotNow,
    /// The subject confirmed by the link that went to the address: another one would be somebody else's.
    #[error("the person has confirmed the e-mail address: it can't be changed")]
    Confirmed,
    /// A field can't be used.
    #[error("{field} {reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The database failed.
    #[error("the request could not be changed")]
    Store(#[from] StoreError),
}

fn invalid(field: &'static str, reason: impl Into<String>) -> TriageError {
    TriageError::Invalid {
        field,
        reason: reason.into(),
    }
}

impl Manager {
    /// Changes a request that is in triage, and plans it anew.
    pub async fn change_in_triage(
        &self,
        id: RequestId,
        change: &TriageChange,
        by: &By,
    ) -> Result<RequestView, TriageError> {
        retried(|| self.change_in_triage_once(id, change, by)).await
    }

    async fn change_in_triage_once(
        &self,
        id: RequestId,
        change: &TriageChange,
        by: &By,
    ) -> Result<RequestView, TriageError> {
        let mut case = Case::open(self, id).await?.ok_or(TriageError::NotFound)?;
        if !matches!(case.request.stage, Stage::Triage { .. }) {
            return Err(TriageError::NotNow);
        }
        if let Some(framework) = &change.framework {
            case.change_framework(framework, by).await?;
        }
        let identified = case.change_identities(&change.identities, by).await?;
        let chosen = match &change.connections {
            Some(TakesPart::Everyone) => case.choose_connections(None, by).await?,
            Some(TakesPart::Only(named)) => case.choose_connections(Some(named), by).await?,
            None => false,
        };
        if identified || chosen {
            case.plan_anew(by).await?;
        }
        let view = case.view().await?;
        case.commit().await?;
        Ok(view)
    }
}

/// All identities as they are from now on.
fn changed(before: &Identities, changes: &BTreeMap<IdentityType, Option<Personal>>) -> Result<Identities, TriageError> {
    let mut all: BTreeMap<IdentityType, &Personal> = before.iter().collect();
    for (kind, value) in changes {
        match value {
            Some(value) => all.insert(*kind, value),
            None => all.remove(kind),
        };
    }
    let all = all.into_iter().map(|(kind, value)| (kind.name(), value.reveal()));
    Identities::parse(all).map_err(|error| invalid(error.field, error.problem.to_string()))
}

impl Case {
    async fn change_framework(&mut self, framework: &str, by: &By) -> Result<(), TriageError> {
        let before = self.request.deadline.clone();
        if before.framework.as_str() == framework {
            return Ok(());
        }
        if before.extended_at.is_some() {
            return Err(invalid("framework", "can't be changed once the deadline was put off"));
        }
        let company = self.manager.clone().company_in(&mut self.tx).await?;
        let law = company.frameworks.get(Some(framework));
        let law = law.ok_or_else(|| invalid("framework", "is not known"))?;
        let deadline = Deadline::of(law, before.received_at, &TimeZone::UTC);
        let facts = [
            (Detail::From, Fact::code(before.framework.as_str())),
            (Detail::Framework, Fact::code(deadline.framework.as_str())),
            (Detail::Deadline, deadline.due.into()),
        ];
        self.request.deadline = deadline;
        self.audit(Event::RequestFrameworkChanged, facts, by);
        Ok(())
    }

    /// True where they were others.
    async fn change_identities(
        &mut self,
        changes: &BTreeMap<IdentityType, Option<Personal>>,
        by: &By,
    ) -> Result<bool, TriageError> {
        if changes.is_empty() {
            return Ok(false);
        }
        let key = self.manager.request_key(&self.request)?;
        let before = key.identities(&self.request)?;
        let identities = changed(&before, changes)?;
        if before == identities {
            return Ok(false);
        }
        let email = |identities: &Identities| {
            let email = identities.email();
            email.map(|email| IdentityType::Email.normalize(email.reveal()))
        };
        if email(&before) != email(&identities) && self.was_confirmed().await? {
            return Err(TriageError::Confirmed);
        }
        let hashes: Vec<(IdentityType, [u8; 32])> = identities
            .iter()
            .map(|(kind, value)| (kind, self.manager.subject_hash(kind, value.reveal())))
            .collect();
        rows::request::replace_identities(&mut self.tx, self.request.id, &hashes).await?;
        self.request.identities = Some(key.seal_identities(&identities));
        let kinds: Vec<&str> = hashes.iter().map(|(kind, _)| kind.name()).collect();
        let mut facts = vec![(Detail::Target, Fact::code(&kinds.join(":")))];
        // What outlives the subject's data: enough to show later that this subject was answered.
        let first = hashes.first();
        facts.extend(first.map(|(_, hash)| (Detail::SubjectHash, Fact::code(&hex(hash)))));
        self.audit(Event::RequestIdentitiesChanged, facts, by);
        Ok(true)
    }

    /// Whether the subject followed the link that was mailed.
    async fn was_confirmed(&mut self) -> Result<bool, StoreError> {
        let links = request_link::count(&mut self.tx, self.request.id, Purpose::Status).await?;
        Ok(links > 0)
    }

    /// True where they were others.
    async fn choose_connections(&mut self, named: Option<&[ConnectionId]>, by: &By) -> Result<bool, TriageError> {
        let set = |named: Option<&[ConnectionId]>| named.map(|named| named.iter().copied().collect::<BTreeSet<_>>());
        if set(named) == set(self.request.connections.as_deref()) {
            return Ok(false);
        }
        if let Some(named) = named {
            if named.is_empty() {
                return Err(invalid("connections", "names none"));
            }
            for id in named {
                if self.connection(*id).await?.is_none() {
                    return Err(invalid("connections", "names one that does not exist"));
                }
            }
        }
        let chosen = named.map(<[ConnectionId]>::to_vec);
        rows::request::choose_connections(&mut self.tx, self.request.id, chosen.as_deref()).await?;
        let fact = match &chosen {
            Some(chosen) => (Detail::Count, Fact::Number(chosen.len() as u64)),
            None => (Detail::Target, Fact::code("all")),
        };
        self.request.connections = chosen;
        self.audit(Event::RequestConnectionsChosen, [fact], by);
        Ok(true)
    }

    /// Nothing has begun: what was planned gives way to what is planned now.
    async fn plan_anew(&mut self, by: &By) -> Result<(), TriageError> {
        let identities = self.manager.request_key(&self.request)?.identities(&self.request)?;
        let named = self.request.connections.clone();
        let is_deletion = self.request.right == Right::Deletion;
        let wanted = Wanted {
            request: self.request.id,
            right: self.request.right,
            identities: &identities,
            connections: named.as_deref(),
            collect_before_delete: (is_deletion && self.request.options.collect_before_delete).then_some(true),
        };
        let planned = self.manager.clone().plan(&mut self.tx, &wanted).await?;
        rows::task::remove_all(&mut self.tx, self.request.id).await?;
        self.tasks.clear();
        self.add_tasks(planned.tasks, by).await?;
        if is_deletion {
            let collects = self.tasks.iter().any(|task| task.kind() == TaskKind::Access);
            self.request.options.collect_before_delete = collects;
            self.request.options.verify_erasure |= planned.verify_erasure;
        }
        self.request.left_out = planned.left_out;
        Ok(())
    }
}
