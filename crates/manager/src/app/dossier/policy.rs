//! What is handed over as a rule: saved with a connection, put on what its tasks bring when it arrives.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use privacy::{
    Personal,
    audit::{Detail, Event, Fact},
    dossier::{
        Field, FieldPath, FieldPolicy, FieldValue, ObjectPattern, PolicyAction, PolicyRule, Record, RecordId, Segment,
        Selection,
    },
};
use serde::Serialize;
use store::{StoreError, Tx, retried};

use super::{
    DossierError,
    head::unreadable,
    review::{Found, Review, specimen},
};
use crate::{
    By, ConnectionId, Manager, RequestId, TaskId,
    app::requests::case::Case,
    rows::{self, connection::ConnectionRow},
};

/// The most rules that one policy has.
const MOST_RULES: usize = 10_000;

/// The field policy of a connection.
#[derive(Debug, Clone, Serialize)]
pub struct FieldPolicyView {
    /// Whose it is.
    pub connection_id: ConnectionId,
    /// What it says; everything is handed over where nobody saved one.
    pub policy: FieldPolicy,
    /// When it was saved, if it was.
    pub changed_at: Option<Timestamp>,
    /// By whom: an actor, as the audit log names it.
    pub changed_by: Option<String>,
}

/// Why a field policy was not shown or saved.
#[derive(Debug, thiserror::Error)]
pub enum FieldPolicyError {
    /// There is no such connection.
    #[error("no such connection")]
    NotFound,
    /// It has more rules than can be kept.
    #[error("rules are more than {MOST_RULES}")]
    TooMany,
    /// Nothing of the request came from the connection.
    #[error("connection brought nothing for this request")]
    NothingFound,
    /// The review can't be read.
    #[error(transparent)]
    Dossier(DossierError),
    /// The database failed.
    #[error("the field policy could not be stored")]
    Store(#[from] StoreError),
}

impl From<DossierError> for FieldPolicyError {
    fn from(error: DossierError) -> Self {
        match error {
            DossierError::Store(error) => Self::Store(error),
            error => Self::Dossier(error),
        }
    }
}

impl Manager {
    /// What is handed over of a connection as a rule.
    pub async fn field_policy(&self, id: ConnectionId) -> Result<FieldPolicyView, FieldPolicyError> {
        let mut read = self.store().read().await?;
        let row = rows::connection::by_id(&mut read, id).await?;
        let row = row.ok_or(FieldPolicyError::NotFound)?;
        let saved = rows::field_policy::of_connection(&mut read, id).await?;
        let policy = match &saved {
            Some(saved) => self.opened(&row, &saved.content)?,
            None => FieldPolicy::default(),
        };
        Ok(FieldPolicyView {
            connection_id: id,
            policy,
            changed_at: saved.as_ref().map(|saved| saved.changed_at),
            changed_by: saved.map(|saved| saved.changed_by),
        })
    }

    /// Saves what is handed over of a connection as a rule; `None`: everything. It holds for what arrives from now on.
    pub async fn save_field_policy(
        &self,
        id: ConnectionId,
        policy: Option<&FieldPolicy>,
        by: &By,
    ) -> Result<FieldPolicyView, FieldPolicyError> {
        retried(|| self.save_field_policy_once(id, policy, by)).await
    }

    async fn save_field_policy_once(
        &self,
        id: ConnectionId,
        policy: Option<&FieldPolicy>,
        by: &By,
    ) -> Result<FieldPolicyView, FieldPolicyError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let row = row.ok_or(FieldPolicyError::NotFound)?;
        self.store_field_policy(tx, &row, policy, by).await?;
        self.field_policy(id).await
    }

    /// Stores it for a connection that is held, and ends the transaction.
    async fn store_field_policy(
        &self,
        mut tx: Tx,
        row: &ConnectionRow,
        policy: Option<&FieldPolicy>,
        by: &By,
    ) -> Result<(), FieldPolicyError> {
        if policy.is_some_and(|policy| policy.rules.len() > MOST_RULES) {
            return Err(FieldPolicyError::TooMany);
        }
        match policy {
            Some(policy) => {
                let text = serde_json::to_string(policy).unwrap_or_default();
                let sealed = self.keyring(row)?.seal("field_policy", &text);
                rows::field_policy::save(&mut tx, row.id, sealed, &by.actor.to_string()).await?;
            }
            None => rows::field_policy::forget(&mut tx, row.id).await?,
        }
        let rules = policy.map_or(0, |policy| policy.rules.len() as u64);
        let facts = [(Detail::Count, Fact::Number(rules))];
        tx.audit(by.event(Event::ConnectionPolicyChanged, row.id.object(), facts));
        Ok(tx.commit().await?)
    }

    /// Makes a rule of what was chosen in a review, for every kind of thing that the connection brought. Choices about
    /// single records and edited values are no rule.
    pub async fn save_policy_of_review(
        &self,
        request: RequestId,
        id: ConnectionId,
        by: &By,
    ) -> Result<FieldPolicyView, FieldPolicyError> {
        if rows::connection::by_id(&mut self.store().read().await?, id)
            .await?
            .is_none()
        {
            return Err(FieldPolicyError::NotFound);
        }
        let review = self.review(request).await?;
        let found: Vec<&Found> = review
            .objects
            .iter()
            .filter(|found| found.connection == Some(id))
            .collect();
        if found.is_empty() {
            return Err(FieldPolicyError::NothingFound);
        }
        let mut chosen: BTreeMap<String, Vec<Chosen>> = BTreeMap::new();
        for found in found {
            let name = found.object.name.reveal().clone();
            chosen.entry(name).or_default().push(Chosen::of(&review, found));
        }
        retried(|| self.save_chosen_once(id, &chosen, by)).await?;
        self.field_policy(id).await
    }

    /// Puts what was chosen in the place of the rules about the same objects; the others stay as they are by then.
    async fn save_chosen_once(
        &self,
        id: ConnectionId,
        chosen: &BTreeMap<String, Vec<Chosen>>,
        by: &By,
    ) -> Result<(), FieldPolicyError> {
        let mut tx = self.store().write().await?;
        let row = rows::connection::locked(&mut tx, id).await?;
        let row = row.ok_or(FieldPolicyError::NotFound)?;
        let mut policy = match rows::field_policy::of_connection(&mut tx, id).await? {
            Some(saved) => self.opened(&row, &saved.content)?,
            None => FieldPolicy::default(),
        };
        policy.rules.retain(|rule| !chosen.contains_key(rule.object.as_str()));
        for (name, chosen) in chosen {
            policy.rules.extend(rules(name, chosen));
        }
        self.store_field_policy(tx, &row, Some(&policy), by).await
    }

    fn opened(&self, row: &ConnectionRow, sealed: &[u8]) -> Result<FieldPolicy, StoreError> {
        let text = self.keyring(row)?.open("field_policy", sealed)?;
        serde_json::from_str(&text).map_err(|_| unreadable("field_policy"))
    }
}

/// What was chosen of one object for all of its records.
struct Chosen {
    /// For fields that are not listed.
    rest: PolicyAction,
    fields: BTreeMap<String, PolicyAction>,
}

impl Chosen {
    fn of(review: &Review, found: &Found) -> Self {
        let selection = review.selection(found);
        let listed = selection.review(&specimen(&found.object.fields)).fields;
        let names = found.object.fields.iter().map(|(name, _)| name.to_owned());
        let fields = names
            .zip(&listed)
            .map(|(name, field)| (name, action(field.included, field.redacted)));
        Self {
            rest: unlisted(&selection),
            fields: fields.collect(),
        }
    }

    fn of_field(&self, name: &str) -> PolicyAction {
        self.fields.get(name).copied().unwrap_or(self.rest)
    }
}

const fn action(included: bool, redacted: bool) -> PolicyAction {
    match (included, redacted) {
        (false, _) => PolicyAction::Exclude,
        (true, true) => PolicyAction::Redact,
        (true, false) => PolicyAction::Include,
    }
}

/// What becomes of a field that nobody has seen yet.
fn unlisted(selection: &Selection<'_>) -> PolicyAction {
    let unseen = Record {
        id: RecordId(0),
        fields: vec![Field {
            path: FieldPath::new(vec![Segment::Key("\u{0}unseen".to_owned())]),
            value: Personal::new(FieldValue::Null),
        }],
    };
    let fields = selection.review(&unseen).fields;
    fields
        .first()
        .map_or(PolicyAction::Include, |field| action(field.included, field.redacted))
}

/// Where two objects of one name were treated differently, the more careful choice is the rule.
fn rules(name: &str, chosen: &[Chosen]) -> Vec<PolicyRule> {
    let strictest = |actions: &mut dyn Iterator<Item = PolicyAction>| {
        actions.max_by_key(|action| match action {
            PolicyAction::Include => 0,
            PolicyAction::Redact => 1,
            PolicyAction::Exclude => 2,
        })
    };
    let rest = strictest(&mut chosen.iter().map(|chosen| chosen.rest)).unwrap_or(PolicyAction::Include);
    let rule = |field, action| PolicyRule {
        object: ObjectPattern::new(name),
        field,
        action,
    };
    let fields: BTreeSet<&String> = chosen.iter().flat_map(|chosen| chosen.fields.keys()).collect();
    let mut rules = vec![rule(None, rest)];
    for field in fields {
        let action = strictest(&mut chosen.iter().map(|chosen| chosen.of_field(field))).unwrap_or(rest);
        if action == rest {
            continue;
        }
        match field.parse() {
            Ok(pattern) => rules.push(rule(Some(pattern), action)),
            // What can't be named must not slip through.
            Err(_) if rest == PolicyAction::Include => rules.push(rule(None, PolicyAction::Exclude)),
            Err(_) => {}
        }
    }
    rules
}

impl Case {
    /// The connection's rule as it is now holds for what the task has found, whatever becomes of the rule later.
    pub(crate) async fn freeze_policy(&mut self, task: TaskId) -> Result<(), StoreError> {
        let Some(connection) = self.task(task).map(|task| task.connection) else {
            return Ok(());
        };
        let Some(row) = self.connection(connection).await? else {
            return Ok(());
        };
        let saved = rows::field_policy::of_connection(&mut self.tx, connection).await?;
        let key = self.manager.request_key(&self.request)?;
        let sealed = match saved {
            Some(saved) => {
                let text = self.manager.keyring(&row)?.open("field_policy", &saved.content)?;
                Some(key.seal("task_policy", "content", &task.to_string(), text.as_bytes()))
            }
            None => None,
        };
        rows::field_policy::freeze(&mut self.tx, task, self.request.id, sealed).await
    }
}
