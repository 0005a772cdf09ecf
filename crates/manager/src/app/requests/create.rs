//! Taking a request in.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use mail::{Language, MailAddress};
use privacy::{
    Identities, IdentityType, Personal, Reference, Right,
    audit::{Detail, Event, Fact},
    framework::Deadline,
    request::{Action, Options, Stage},
    task::TaskKind,
};
use serde_json::Value;
use store::{StoreError, Tx, retried};
use vault::Place;

use super::{
    case::{Case, MoveError},
    duplicates,
    plan::{Planned, Wanted},
};
use crate::{
    By, ConnectionId, Manager, RequestId,
    app::company::Company,
    hex::hex,
    rows::{self, idempotency::FirstAnswer, request::RequestRow},
};

/// A request as somebody makes it.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Access or deletion.
    pub right: Right,
    /// What the subject is known by.
    pub identities: Identities,
    /// The legal framework; GDPR if none is named.
    pub framework: Option<String>,
    /// The connections that take part; none: every one that can act.
    pub connections: Option<Vec<ConnectionId>>,
    /// Begin at once, without triage by a person.
    pub start: bool,
    /// Hand over or delete without a person's decision.
    pub auto_approve: bool,
    /// The subject confirms it by mail before anything happens.
    pub verify: bool,
    /// The subject is written to, where there is a mailer and an address.
    pub notify: bool,
    /// In which language; none: as the settings say.
    pub language: Option<Language>,
    /// When it came in, for the deadline; none: now. Never in the future.
    pub received_at: Option<Timestamp>,
    /// Where it came from: `api`, `portal`, `command_line`, `import`, `form`.
    pub source: &'static str,
    /// What the subject wrote to go with it.
    pub message: Option<Personal>,
    /// What may differ from request to request.
    pub options: NewOptions,
}

impl NewRequest {
    /// A request with the usual options.
    pub const fn new(right: Right, identities: Identities, source: &'static str) -> Self {
        Self {
            right,
            identities,
            framework: None,
            connections: None,
            start: false,
            auto_approve: false,
            verify: false,
            notify: true,
            language: None,
            received_at: None,
            source,
            message: None,
            options: NewOptions {
                grace: None,
                approvals: None,
                separate_approver: None,
                access_before_delete: None,
                verify_erasure: None,
            },
        }
    }
}

/// What may differ from request to request; what is not given is as the settings say.
#[derive(Debug, Clone, Default)]
pub struct NewOptions {
    /// How long a deletion waits after its approval.
    pub grace: Option<SignedDuration>,
    /// How many people must approve.
    pub approvals: Option<u8>,
    /// Whoever made the request may not approve it.
    pub separate_approver: Option<bool>,
    /// Look before a deletion, so that people see what will go.
    pub access_before_delete: Option<bool>,
    /// Look after a deletion whether anything is left.
    pub verify_erasure: Option<bool>,
}

/// A request that may come twice: the second time it gets the first answer.
#[derive(Debug, Clone)]
pub struct Once<'a> {
    /// Whose key it is: keys of two callers have nothing to do with each other.
    pub caller: &'a str,
    /// The key.
    pub key: &'a str,
    /// What was asked, byte by byte.
    pub asked: &'a [u8],
    /// Whether one that comes while the first is being made waits for its answer, or is refused.
    pub wait: bool,
}

/// A request that was made, now or before.
#[derive(Debug, Clone)]
pub struct Created {
    /// Its id.
    pub id: RequestId,
    /// The answer to whoever made it: [`super::RequestView`] as JSON.
    pub answer: Value,
    /// The request was made before, with the same key; this is the first answer again.
    pub replayed: bool,
}

/// Why a request was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum CreateRequestError {
    /// A field can't be used.
    #[error("{field} {reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The first request with this key is being made just now.
    #[error("the first request with this idempotency key is still being made")]
    StillRunning,
    /// The key was used before, for something else.
    #[error("the idempotency key was used before for another request")]
    OtherAsked,
    /// The request was made and did not move on as it was asked to.
    #[error("the request could not be started")]
    Move(#[source] MoveFailed),
    /// The database failed.
    #[error("the request could not be stored")]
    Store(#[from] StoreError),
}

/// A request or a task did not move.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MoveFailed(String);

impl From<MoveError> for CreateRequestError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Store(error) => Self::Store(error),
            other => Self::Move(MoveFailed(other.to_string())),
        }
    }
}

fn invalid(field: &'static str, reason: impl Into<String>) -> CreateRequestError {
    CreateRequestError::Invalid {
        field,
        reason: reason.into(),
    }
}

/// The hashes of an idempotency key and of what was asked under it, and whether the caller waits for the first call.
pub(super) type Keys = (([u8; 32], [u8; 32]), bool);

impl Manager {
    /// Takes a request in: seals its identities, freezes its deadline, plans its tasks and, where that is asked for,
    /// starts it. With `once`, a repetition gets the first answer and makes nothing.
    pub async fn create_request(
        &self,
        new: NewRequest,
        by: &By,
        once: Option<Once<'_>>,
    ) -> Result<Created, CreateRequestError> {
        let keys = once.as_ref().map(|once| (self.hashed(once), once.wait));
        let _turn = match keys {
            Some(((key, _), false)) => Some(self.running().begin(key).ok_or(CreateRequestError::StillRunning)?),
            _ => None,
        };
        retried(|| self.create_once(&new, by, keys)).await
    }

    async fn create_once(&self, new: &NewRequest, by: &By, keys: Option<Keys>) -> Result<Created, CreateRequestError> {
        let mut tx = self.store().write().await?;
        let prepared = match self.prepare_request(&mut tx, new, by, keys).await {
            Ok(Prepared::New(prepared)) => *prepared,
            // Whoever hears of it may come again at once, and must find the key free.
            Ok(Prepared::Made(created)) => {
                tx.rollback().await?;
                return Ok(created);
            }
            Err(error) => {
                tx.rollback().await?;
                return Err(error);
            }
        };
        let (tx, created) = self.make_request(tx, new, by, keys, prepared).await?;
        tx.commit().await?;
        self.changes().tell(created.id);
        Ok(created)
    }

    /// Everything that is decided before anything is written: what was made before with the same key, or what can be
    /// made.
    pub(super) async fn prepare_request(
        &self,
        tx: &mut Tx,
        new: &NewRequest,
        by: &By,
        keys: Option<Keys>,
    ) -> Result<Prepared, CreateRequestError> {
        if let Some(((key, asked), wait)) = &keys {
            if !rows::idempotency::take(tx, key, *wait).await? {
                return Err(CreateRequestError::StillRunning);
            }
            if let Some(first) = rows::idempotency::first(tx, key).await? {
                if first.asked != *asked {
                    return Err(CreateRequestError::OtherAsked);
                }
                return Ok(Prepared::Made(Created {
                    id: first.request,
                    answer: self.open_answer(key, &first)?,
                    replayed: true,
                }));
            }
        }
        Ok(Prepared::New(Box::new(self.new_row(tx, new, by).await?)))
    }

    /// Makes a request in the transaction, with everything that belongs to it; it happens with the commit of the one
    /// that is given back.
    pub(super) async fn make_request(
        &self,
        mut tx: Tx,
        new: &NewRequest,
        by: &By,
        keys: Option<Keys>,
        prepared: NewRow,
    ) -> Result<(Tx, Created), CreateRequestError> {
        let NewRow {
            row,
            identities,
            planned,
            earlier,
        } = prepared;
        rows::request::insert(&mut tx, &row, &identities).await?;
        if let Some(message) = &new.message {
            self.keep_message(&mut tx, &row, message).await?;
        }
        let mut case = Case::of(self, tx, row, Vec::new());
        case.audit(created_event(new), created_facts(&case.request, &identities), by);
        case.add_tasks(planned.tasks, by).await?;
        case.link_duplicates(&earlier, &By::automation()).await?;
        if let Stage::PendingVerification { .. } = case.request.stage {
            case.await_verification(by).await?;
        } else if new.start {
            case.act(&Action::Start { by: by.actor.clone() }, by).await?;
        }
        case.advance().await?;
        let id = case.request.id;
        // The answer says what the commit is about to make true.
        let view = case.view().await?;
        let answer = serde_json::to_value(&view).unwrap_or_default();
        if let Some(((key, asked), _)) = keys {
            let expires_at = self.end_of_key(&mut case, new).await?;
            let first = FirstAnswer {
                asked,
                request: id,
                answer: self.seal_answer(&key, &answer),
            };
            rows::idempotency::keep(&mut case.tx, &key, &first, expires_at).await?;
        }
        let created = Created {
            id,
            answer,
            replayed: false,
        };
        Ok((case.save().await?, created))
    }

    /// Until when a key is known. A list may be imported again long after: its rows are known for as long as what they
    /// made.
    async fn end_of_key(&self, case: &mut Case, new: &NewRequest) -> Result<Timestamp, StoreError> {
        let mut life = self.settings().idempotency_ttl.signed();
        if new.source == "import" {
            let company = self.company_in(&mut case.tx).await?;
            life = life.max(company.retention.requests.signed());
        }
        Ok(case.tx.now().saturating_add(life).unwrap_or(Timestamp::MAX))
    }

    /// Whether a request could be taken in; nothing is.
    pub(super) async fn check_request(&self, new: &NewRequest) -> Result<(), CreateRequestError> {
        // Rolled back when it is dropped.
        let mut tx = self.store().write().await?;
        self.new_row(&mut tx, new, &By::automation()).await.map(|_| ())
    }

    async fn new_row(&self, tx: &mut Tx, new: &NewRequest, by: &By) -> Result<NewRow, CreateRequestError> {
        let now = tx.now();
        let id = RequestId::from(tx.new_id());
        let company = self.company_in(tx).await?;
        let laws = &company.frameworks;
        let framework = laws.get(new.framework.as_deref()).ok_or_else(|| {
            let known: Vec<&str> = laws.frameworks.iter().map(|framework| framework.id.as_str()).collect();
            invalid("framework", format!("is not known, known are {}", known.join(", ")))
        })?;
        let received_at = new.received_at.unwrap_or(now);
        if received_at > now {
            return Err(invalid("received_at", "lies in the future"));
        }
        if let Some(named) = &new.connections {
            check_connections(tx, named).await?;
        }
        if new.options.approvals == Some(0) {
            return Err(invalid("options.approvals", "must be at least 1"));
        }
        if new.options.grace.is_some_and(|grace| grace.is_negative()) {
            return Err(invalid("options.grace", "must not be negative"));
        }
        if new.verify {
            self.check_can_verify(new)?;
        }
        if new.auto_approve && needs_people(&company, new.right) {
            let people = "is not possible: the settings ask for the approval of more than one person";
            return Err(invalid("auto_approve", people));
        }
        let wanted = Wanted {
            request: id,
            right: new.right,
            identities: &new.identities,
            connections: new.connections.as_deref(),
            collect_before_delete: new.options.access_before_delete,
        };
        let planned = self.plan(tx, &wanted).await?;
        let identities = new.identities.iter();
        let identities = identities.map(|(kind, value)| (kind, self.subject_hash(kind, value.reveal())));
        let identities: Vec<_> = identities.collect();
        let window = company.automation.duplicate_window.signed();
        let earlier = duplicates::search(tx, new, &identities, window).await?;
        let (key, wrapped) = self.new_request_key(id);
        let options = self.options_of(new, by, &company, &planned, !earlier.is_empty());
        let row = RequestRow {
            id,
            reference: self.new_reference(tx).await?,
            version: 0,
            right: new.right,
            stage: if new.verify {
                Stage::unverified(&options, now)
            } else {
                Stage::received(now)
            },
            options,
            language: new.language.unwrap_or_else(|| self.settings().language()),
            deadline: Deadline::of(framework, received_at, &TimeZone::UTC),
            source: new.source.to_owned(),
            connections: new.connections.clone(),
            left_out: planned.left_out.clone(),
            key: Some(wrapped.into_bytes()),
            identities: Some(key.seal_identities(&new.identities)),
            created_at: now,
            closed_at: None,
            dossier_shredded_at: None,
            failed: false,
        };
        Ok(NewRow {
            row,
            identities,
            planned,
            earlier,
        })
    }

    /// Whoever is to confirm must be reachable.
    fn check_can_verify(&self, new: &NewRequest) -> Result<(), CreateRequestError> {
        if !new.notify {
            return Err(invalid(
                "notify",
                "must be true where the subject has to confirm by mail",
            ));
        }
        if !self.mailer().is_configured() {
            return Err(invalid(
                "verify",
                "needs a mailer: set smtp_url and mail_from, or mailbox",
            ));
        }
        let email = new.identities.email();
        let email = email.ok_or_else(|| invalid("verify", "needs identities.email, which the link is mailed to"))?;
        MailAddress::parse("email", email.reveal())
            .map(|_| ())
            .map_err(|_| invalid("identities.email", "is no address that a mail can be sent to"))
    }

    fn options_of(&self, new: &NewRequest, by: &By, company: &Company, planned: &Planned, repeats: bool) -> Options {
        let settings = self.settings();
        let given = &new.options;
        let is_deletion = new.right == Right::Deletion;
        Options {
            // Once the subject has confirmed, it goes on as it was asked for. By a rule only what is no repetition: that is
            // looked at by a person first.
            auto_start: (new.verify && new.start) || (company.automation.starts(new.right) && !repeats),
            auto_approve: new.auto_approve
                || (company.automation.approves(new.right) && !needs_people(company, new.right)),
            // A request may ask for more than the company does, not for less (SEC-20).
            approvals: given.approvals.unwrap_or(1).max(company.approvals.of(new.right)),
            separate_approver: given.separate_approver.unwrap_or(false) || company.approvals.separate_approver,
            requester: Some(by.actor.clone()),
            approver_groups: Vec::new(),
            collect_before_delete: is_deletion && planned.tasks.iter().any(|task| task.kind() == TaskKind::Access),
            grace: given.grace.unwrap_or_else(|| company.automation.grace.signed()),
            verify_erasure: is_deletion && given.verify_erasure.unwrap_or(planned.verify_erasure),
            notify: new.notify,
            verification_ttl: settings.verification_ttl.signed(),
            download_ttl: settings.download_ttl.signed(),
        }
    }

    async fn new_reference(&self, tx: &mut Tx) -> Result<Reference, StoreError> {
        loop {
            let reference = Reference::from_random(vault::random_bytes(&**tx.entropy()));
            if rows::request::by_reference(tx, reference).await?.is_none() {
                return Ok(reference);
            }
        }
    }

    /// Key and question as they are kept: neither can be guessed from its hash.
    pub(super) fn hashed(&self, once: &Once<'_>) -> ([u8; 32], [u8; 32]) {
        let key = format!("{}\n{}", once.caller, once.key);
        (
            self.vault().blind_index("idempotency/key", &key),
            self.vault().blind_index("idempotency/asked", &hex(once.asked)),
        )
    }

    fn seal_answer(&self, key: &[u8; 32], answer: &Value) -> Vec<u8> {
        self.vault()
            .seal(&answer_place(&hex(key)), answer.to_string().as_bytes())
    }

    fn open_answer(&self, key: &[u8; 32], first: &FirstAnswer) -> Result<Value, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            what: "first answer",
            reason,
        };
        let opened = self.vault().open(&answer_place(&hex(key)), &first.answer);
        let opened = opened.map_err(|error| corrupt(error.to_string()))?;
        serde_json::from_slice(&opened).map_err(|_| corrupt("it is no JSON".to_owned()))
    }
}

/// What is known of a request before anything of it is written.
pub(super) enum Prepared {
    /// It was made before.
    Made(Created),
    /// It can be made.
    New(Box<NewRow>),
}

/// A request that can be stored.
pub(super) struct NewRow {
    row: RequestRow,
    identities: Vec<(IdentityType, [u8; 32])>,
    planned: Planned,
    /// Requests that it may repeat, the newest first.
    earlier: Vec<RequestId>,
}

/// Whether a rule alone must not approve.
const fn needs_people(company: &Company, right: Right) -> bool {
    company.approvals.of(right) > 1 || company.approvals.separate_approver
}

async fn check_connections(tx: &mut Tx, named: &[ConnectionId]) -> Result<(), CreateRequestError> {
    if named.is_empty() {
        return Err(invalid("connections", "names none; leave it out for all that can act"));
    }
    if named.iter().collect::<BTreeSet<_>>().len() < named.len() {
        return Err(invalid("connections", "names one twice"));
    }
    for id in named {
        if rows::connection::by_id(tx, *id).await?.is_none() {
            return Err(invalid("connections", "names one that does not exist"));
        }
    }
    Ok(())
}

fn created_event(new: &NewRequest) -> Event {
    if new.source == "import" {
        Event::RequestImported
    } else {
        Event::RequestCreated
    }
}

fn created_facts(row: &RequestRow, identities: &[(IdentityType, [u8; 32])]) -> Vec<(Detail, Fact)> {
    let mut facts = vec![
        (Detail::Reference, Fact::code(&row.reference.to_string())),
        (Detail::Right, row.right.name().into()),
        (Detail::To, row.stage.name().into()),
        (Detail::Framework, Fact::code(row.deadline.framework.as_str())),
        (Detail::Deadline, row.deadline.due.into()),
    ];
    // What outlives the subject's data: enough to show later that this subject was answered.
    facts.extend(
        identities
            .first()
            .map(|(_, hash)| (Detail::SubjectHash, Fact::code(&hex(hash)))),
    );
    facts
}

fn answer_place(row: &str) -> Place<'_> {
    Place {
        table: "idempotency",
        column: "answer",
        row,
    }
}
