//! What must be so at any moment, read from both databases as they are on disk.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};
use privacy::{
    request::Stage,
    task::{self, Phase, TaskResult, TaskState, WaitingFor},
};
use serde_json::Value;
use store::{ChainReport, Store, StoreError, Value as Argument};

use super::{
    office::{Office, Taken},
    template,
    template::subject,
    wire::Effect,
};

/// A job that was begun so often in vain never works.
const MOST_ATTEMPTS: i64 = 40;

/// Looks into both databases from outside.
pub(super) struct Inspector {
    pub(super) manager: Store,
    pub(super) provider: Store,
    /// Every job that the vendor has taken, by its id.
    effects: BTreeMap<i64, Effect>,
}

impl Inspector {
    pub(super) fn new(manager: Store, provider: Store) -> Self {
        Self {
            manager,
            provider,
            effects: BTreeMap::new(),
        }
    }

    /// How many jobs the vendor has taken.
    pub(super) fn effects(&self) -> usize {
        self.effects.len()
    }

    /// What must be so at any moment, also in the middle of work.
    pub(super) async fn look(&mut self, office: &Office, new: Vec<Effect>) -> Result<()> {
        for effect in new {
            self.was_approved(office, &effect).await?;
            let before = self.effects.insert(effect.job, effect);
            ensure!(before.is_none(), "the vendor gave one id twice");
        }
        let mut read = self.manager.read().await?;
        let keys = keys(&mut read).await?;
        everything_goes_on(&mut read, &keys).await?;
        connections_are_looked_after(&mut read, &keys).await?;
        drop(read);
        self.no_job_is_lost_in_vain().await?;
        self.jobs_are_tasks(office, false).await
    }

    /// What must be so once everything was put right.
    pub(super) async fn look_at_the_end(&self, office: &Office) -> Result<()> {
        self.jobs_are_tasks(office, true).await?;
        self.found_is_what_is_held(office).await?;
        self.deleted_is_what_was_asked(office).await?;
        for (name, store) in [("manager", &self.manager), ("provider", &self.provider)] {
            let chain = store.verify_audit().await?;
            ensure!(
                matches!(chain, ChainReport::Whole { .. }),
                "the audit chain of the {name} is {chain:?}"
            );
        }
        let mut read = self.manager.read().await?;
        for row in read
            .fetch_all("SELECT id, request_type, state, stage FROM request", vec![])
            .await?
        {
            let (id, state): (String, String) = (row.get("id")?, row.get("state")?);
            let right: String = row.get("request_type")?;
            let handed_over = state == "delivering" && right == "access";
            ensure!(
                state == "closed" || handed_over,
                "every request ends: {id} ({right}) is still {state}"
            );
        }
        Ok(())
    }

    /// Nothing is deleted that was not approved, nor before its grace is over.
    async fn was_approved(&self, office: &Office, effect: &Effect) -> Result<()> {
        let asked = office
            .taken
            .iter()
            .find(|taken| subject(taken.subject) == effect.identifier);
        let Some(asked) = asked else {
            bail!("the vendor was asked for somebody whom no request is about");
        };
        if !effect.is_deletion {
            return Ok(());
        }
        let mut read = self.manager.read().await?;
        let ids = may_be(&mut read, office, asked).await?;
        let mut approved = None;
        for id in &ids {
            let events = read.events(Some(&format!("request:{id}")), 0, 10_000).await?;
            if events.iter().any(|event| event.action == "request.approved") {
                approved = Some((id, events));
            }
        }
        let Some((id, events)) = approved else {
            bail!(
                "job {} deletes for {ids:?}, which was not approved when it was sent at {}",
                effect.job,
                effect.sent_at
            );
        };
        let happened = |action: &str| events.iter().any(|event| event.action == action);
        let waits = "SELECT options FROM request WHERE id = $1";
        let row = read.fetch_one(waits, vec![Argument::from(id.as_str())]).await?;
        let options: privacy::request::Options = row.json("options")?;
        ensure!(
            options.grace.is_zero() || happened("request.grace_ended"),
            "job {} deletes for {id} before its grace has ended",
            effect.job
        );
        Ok(())
    }

    async fn no_job_is_lost_in_vain(&self) -> Result<()> {
        for (service, store) in [("manager", &self.manager), ("provider", &self.provider)] {
            let mut read = store.read().await?;
            let vain = "SELECT kind, attempts FROM job WHERE attempts > $1";
            if let Some(row) = read.fetch_optional(vain, vec![MOST_ATTEMPTS.into()]).await? {
                let (kind, attempts): (String, i64) = (row.get("kind")?, row.get("attempts")?);
                bail!("a job {kind} of the {service} was begun {attempts} times in vain");
            }
        }
        Ok(())
    }

    /// No job of the vendor's doubled, none missing: each belongs to a task of the manager's, and each that a task has is
    /// there. A job whose answer was lost may be unknown for as long as its task searches for it, or for ever where
    /// people have ended the task meanwhile.
    async fn jobs_are_tasks(&self, office: &Office, at_the_end: bool) -> Result<()> {
        let mut read = self.manager.read().await?;
        let known = read.fetch_all("SELECT vendor_job_id FROM vendor_job", vec![]).await?;
        let known: Result<BTreeSet<i64>, StoreError> = known.iter().map(|row| row.parse("vendor_job_id")).collect();
        let known = known?;
        for job in &known {
            ensure!(
                self.effects.contains_key(job),
                "a task has the job {job}, which the vendor never took"
            );
        }
        let mut unknown: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for effect in self.effects.values().filter(|effect| !known.contains(&effect.job)) {
            unknown.entry(&effect.identifier).or_default().push(effect.job);
        }
        for (identifier, jobs) in unknown {
            let asked = office.taken.iter().find(|taken| subject(taken.subject) == identifier);
            let ids = match asked {
                Some(asked) => may_be(&mut read, office, asked).await?,
                None => Vec::new(),
            };
            let (mut ended, mut at_it) = (0, 0);
            for id in &ids {
                ended += office.abandoned.get(id).copied().unwrap_or_default();
                if !at_the_end {
                    at_it += searching(&mut read, id).await?;
                }
            }
            ensure!(
                jobs.len() <= ended + at_it,
                "the vendor has jobs {jobs:?} for {ids:?} that no task knows of; {at_it} tasks search, {ended} were \
                 ended by people before it was clear"
            );
        }
        Ok(())
    }

    /// An access task that found something has found all of it.
    async fn found_is_what_is_held(&self, office: &Office) -> Result<()> {
        let mut read = self.manager.read().await?;
        for taken in &office.taken {
            let id = taken.id.clone().unwrap_or_default();
            let of_request = "SELECT id, state, data_type FROM task WHERE request = $1 AND kind = 'access' AND status = \
                              'complete' AND done_by = 'api'";
            for row in read.fetch_all(of_request, vec![Argument::from(id.as_str())]).await? {
                let task: task::Task = row.json("state")?;
                let found = match task.state.result() {
                    Some(TaskResult::Found { found }) => found.records,
                    _ => 0,
                };
                let visitor = row.get::<String>("data_type")? == "visitor";
                let held = if visitor { template::records(taken.subject) } else { 0 };
                ensure!(
                    found == held as u64,
                    "an access task of {id} found {found} records where the vendor holds {held}"
                );
            }
        }
        Ok(())
    }

    /// The vendor still holds what nobody had it delete, and nothing of what it says to have deleted. A deletion of which a
    /// team has reported a failure has failed as a whole, and its own part is gone all the same.
    async fn deleted_is_what_was_asked(&self, office: &Office) -> Result<()> {
        let mut read = self.provider.read().await?;
        let deletions = read
            .fetch_all(
                "SELECT id, account_id, status FROM subject_access_request WHERE request_type = 'delete' AND data_type = \
                 'visitor'",
                vec![],
            )
            .await?;
        let mut deleted: BTreeMap<i64, [BTreeSet<usize>; 2]> = BTreeMap::new();
        for row in deletions {
            let (job, account): (i64, i64) = (row.get("id")?, row.get("account_id")?);
            let about = self.effects.get(&job).map(|effect| effect.identifier.as_str());
            let about = office
                .taken
                .iter()
                .find(|taken| Some(subject(taken.subject).as_str()) == about);
            let [asked, done] = deleted.entry(account).or_default();
            asked.extend(about.map(|taken| taken.subject));
            if row.get::<String>("status")? == "completed" {
                done.extend(about.map(|taken| taken.subject));
            }
        }
        let all: usize = (0..template::SUBJECTS).map(template::records).sum();
        let held = read
            .fetch_all(
                "SELECT account_id, COUNT(*) AS held FROM subject_record GROUP BY account_id",
                vec![],
            )
            .await?;
        for row in held {
            let (account, held): (i64, i64) = (row.get("account_id")?, row.get("held")?);
            let [asked, done] = deleted.remove(&account).unwrap_or_default();
            let [asked, done] = [asked, done].map(|about| about.into_iter().map(template::records).sum::<usize>());
            let gone = all.saturating_sub(usize::try_from(held)?);
            ensure!(
                (done..=asked).contains(&gone),
                "account {account} lacks {gone} records, where deletions of {asked} were asked for and {done} are done"
            );
        }
        Ok(())
    }
}

/// Every request ends or waits for a named human act: whatever is open has a job, or says whom it waits for.
async fn everything_goes_on(read: &mut store::Tx, keys: &BTreeSet<String>) -> Result<()> {
    let stages = read
        .fetch_all("SELECT id, state, stage FROM request WHERE state <> 'closed'", vec![])
        .await?;
    let tasks = read.fetch_all(OPEN_TASKS, vec![]).await?;
    let mut open: BTreeMap<String, Vec<Task>> = BTreeMap::new();
    for row in &tasks {
        open.entry(row.get("request")?).or_default().push(Task::read(row)?);
    }
    for row in stages {
        let (id, stage): (String, Stage) = (row.get("id")?, row.json("stage")?);
        let tasks = open.remove(&id).unwrap_or_default();
        let at_work: Vec<&Task> = tasks.iter().filter(|task| task.belongs(&stage)).collect();
        let name = stage.name();
        match &stage {
            // A person starts, resumes, decides, hands over.
            Stage::Triage { .. }
            | Stage::Paused { .. }
            | Stage::PendingReview { .. }
            | Stage::Delivering { until: None, .. }
            | Stage::VerifyingErasure { remains: true, .. }
            | Stage::Closed { .. } => {}
            Stage::PendingVerification { .. }
            | Stage::Grace { .. }
            | Stage::Notifying { .. }
            | Stage::Delivering { until: Some(_), .. } => {
                ensure!(
                    keys.contains(&format!("request:{id}")),
                    "{id} is {name} and no timer ends that"
                );
            }
            Stage::Collecting { .. } | Stage::Deleting { .. } | Stage::VerifyingErasure { .. } => {
                ensure!(!at_work.is_empty(), "{id} is {name} and waits for nothing");
            }
        }
        for task in at_work {
            task.goes_on(keys)?;
        }
    }
    Ok(())
}

async fn connections_are_looked_after(read: &mut store::Tx, keys: &BTreeSet<String>) -> Result<()> {
    let connected =
        "SELECT id FROM connection WHERE state = 'connected' AND removed_at IS NULL AND connector <> 'direct_contact'";
    for row in read.fetch_all(connected, vec![]).await? {
        let id: String = row.get("id")?;
        for kind in ["connection.refresh", "connection.check"] {
            ensure!(
                keys.contains(&format!("{kind}:{id}")),
                "the connection {id} is connected and has no {kind}"
            );
        }
    }
    Ok(())
}

const OPEN_TASKS: &str = "SELECT task.id AS id, request, kind, round, status, task.state AS state, warning, \
                          connection.state AS connection_state, connection.id AS connection FROM task \
                          LEFT JOIN connection ON connection.id = task.connection \
                          WHERE status NOT IN ('complete', 'skipped', 'stopped', 'expired')";

struct Task {
    id: String,
    kind: String,
    round: i64,
    status: String,
    state: TaskState,
    warning: Option<String>,
    connection: String,
    connected: bool,
}

impl Task {
    fn read(row: &store::Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("kind")?,
            round: row.get("round")?,
            status: row.get("status")?,
            state: row.json::<task::Task>("state")?.state,
            warning: row.get("warning")?,
            connection: row.get::<Option<String>>("connection")?.unwrap_or_default(),
            connected: row.get::<Option<String>>("connection_state")?.as_deref() == Some("connected"),
        })
    }

    fn belongs(&self, stage: &Stage) -> bool {
        match stage {
            Stage::Collecting { .. } => self.kind == "access",
            Stage::Deleting { round, .. } => self.kind == "deletion" && self.round == i64::from(*round),
            Stage::VerifyingErasure { round, .. } => self.kind == "verification" && self.round == i64::from(*round),
            _ => false,
        }
    }

    fn goes_on(&self, keys: &BTreeSet<String>) -> Result<()> {
        let (id, kind) = (&self.id, &self.kind);
        if let Some(cause) = self.state.cause() {
            let said = !cause.code.is_empty() && !cause.message.is_empty();
            ensure!(said, "the task {id} has failed and does not say why");
            return Ok(());
        }
        let waits = self.state.waiting_for();
        if matches!(waits, Some(WaitingFor::Reconnect | WaitingFor::Confirmation)) {
            ensure!(
                !self.connected || keys.contains(&format!("connection.resumed of {}", self.connection)),
                "the task {id} waits for its connection, which works"
            );
            return Ok(());
        }
        if waits == Some(WaitingFor::Processor) && self.warning.as_deref() == Some("contact_overdue") {
            // Administrators were told: a person asks again, or goes on without an answer.
            return Ok(());
        }
        ensure!(
            keys.contains(&format!("task:{id}")),
            "the task {id} ({kind}, {}, waits for {waits:?}) is at work and has no job",
            self.status
        );
        Ok(())
    }
}

/// The keys of all jobs; those without one by kind and connection.
async fn keys(read: &mut store::Tx) -> Result<BTreeSet<String>, StoreError> {
    let rows = read.fetch_all("SELECT key, kind, payload FROM job", vec![]).await?;
    rows.iter()
        .map(|row| {
            let key: Option<String> = row.get("key")?;
            let (kind, payload): (String, Value) = (row.get("kind")?, row.json("payload")?);
            let connection = payload["connection"].as_str().unwrap_or_default();
            Ok(key.unwrap_or_else(|| format!("{kind} of {connection}")))
        })
        .collect()
}

/// Which request of the manager's that is: where its answer was lost, one of those that no answer has named yet.
async fn may_be(read: &mut store::Tx, office: &Office, asked: &Taken) -> Result<Vec<String>, StoreError> {
    if let Some(id) = &asked.id {
        return Ok(vec![id.clone()]);
    }
    let named: BTreeSet<_> = office.taken.iter().filter_map(|taken| taken.id.as_deref()).collect();
    let rows = read.fetch_all("SELECT id FROM request", vec![]).await?;
    let all: Vec<String> = rows.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|id| !named.contains(id.as_str())).collect())
}

/// How many tasks of a request do not know yet whether the vendor has their job.
async fn searching(read: &mut store::Tx, request: &str) -> Result<usize, StoreError> {
    let rows = read
        .fetch_all(
            "SELECT state FROM task WHERE request = $1",
            vec![Argument::from(request)],
        )
        .await?;
    let mut searching = 0;
    for row in rows {
        let task: task::Task = row.json("state")?;
        searching += usize::from(matches!(task.state.phase(), Some(Phase::Submitting { .. })));
    }
    Ok(searching)
}
