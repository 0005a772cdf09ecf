//! A request as people and programs see it: identities masked, everything else plain.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use jiff::Timestamp;
use privacy::{
    IdentityType, Right,
    framework::DeadlineState,
    request::{DenialGround, ErasureProof, Hearing, Outcome, PauseReason, Stage, StageName},
    task::{Found, Phase, TaskKind, TaskResult, TaskState, TaskStatus, WaitingFor},
};
use serde::Serialize;
use store::{StoreError, Tx};

use super::{ApprovalsView, Assignee, LeftOut, PossibleDuplicate, case::Case, duplicates, plan::action_of};
use crate::{
    ConnectionId, Manager, RequestId, TaskId,
    app::contact::{ContactView, cannot_delete},
    rows::{self, request::RequestRow, task::TaskRow},
};

/// A request.
#[derive(Debug, Clone, Serialize)]
pub struct RequestView {
    /// Its id.
    pub id: RequestId,
    /// What people quote.
    pub reference: String,
    /// Counts every change of the request and its tasks.
    pub version: i64,
    /// Access or deletion.
    #[serde(rename = "type")]
    pub right: Right,
    /// Where it stands.
    pub state: StageName,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The legal framework.
    pub framework: String,
    /// When it was taken in.
    pub created_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// When it must be answered.
    pub deadline: Timestamp,
    /// How that stands.
    pub deadline_state: DeadlineState,
    /// When the deadline was put off.
    pub extended_at: Option<Timestamp>,
    /// What the subject is known by, masked; empty once shredded.
    pub identities: BTreeMap<IdentityType, String>,
    /// In which language the subject is written to.
    pub language: &'static str,
    /// Whether the subject is written to.
    pub notify: bool,
    /// Where it came from.
    pub source: String,
    /// Since when it stands there.
    pub since: Timestamp,
    /// When time alone moves it on.
    pub until: Option<Timestamp>,
    /// Why it rests, while it does.
    pub paused: Option<PauseView>,
    /// Who has approved it.
    pub approved_by: Vec<String>,
    /// Why it was denied.
    pub denial_ground: Option<DenialGround>,
    /// What is known about the erasure.
    pub erasure: Option<ErasureProof>,
    /// After a deletion something was found: repeat the deletion, or accept it.
    pub remains: bool,
    /// Whether the package can be fetched.
    pub package_ready: bool,
    /// What a person should know.
    pub notices: Vec<Notice>,
    /// What is not asked for, and why.
    pub left_out: Vec<LeftOut>,
    /// What differs from request to request.
    pub options: RequestOptionsView,
    /// Who takes care of it.
    pub assignee: Option<Assignee>,
    /// Requests of the same subject that ask the same, or asked it not long before; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub possible_duplicates: Option<Vec<PossibleDuplicate>>,
    /// Whose approval it needs, who has given it and who has not; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals: Option<ApprovalsView>,
    /// One for each job at a vendor; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<TaskView>>,
}

/// Why a request rests.
#[derive(Debug, Clone, Serialize)]
pub struct PauseView {
    /// The reason.
    pub reason: PauseReason,
    /// Where it goes on.
    pub resumes: StageName,
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Stable, for programs.
    pub code: &'static str,
    /// In plain words.
    pub message: &'static str,
}

/// What differs from request to request.
#[derive(Debug, Clone, Serialize)]
pub struct RequestOptionsView {
    /// Automation approves.
    pub auto_approve: bool,
    /// How many people must.
    pub approvals: u8,
    /// Whoever made it may not.
    pub separate_approver: bool,
    /// A look before the deletion.
    pub access_before_delete: bool,
    /// A look after it.
    pub verify_erasure: bool,
    /// How long a deletion waits, in seconds.
    pub grace_seconds: i64,
}

/// A task.
#[derive(Debug, Clone, Serialize)]
pub struct TaskView {
    /// Its id.
    pub id: TaskId,
    /// Whose share it is.
    pub connection_id: ConnectionId,
    /// The name of that connection.
    pub connection: Option<String>,
    /// The code for its kind of system.
    pub connector: String,
    /// Who does it: `api`, the vendor's, or `direct_contact`, a person.
    pub done_by: &'static str,
    /// Access, deletion or verification.
    pub kind: TaskKind,
    /// The vendor's word for the kind of data.
    pub data_type: String,
    /// The kind of identifier it asks by.
    pub identifier_type: IdentityType,
    /// Where it stands.
    pub status: TaskStatus,
    /// What it waits for.
    pub waiting_for: Option<WaitingFor>,
    /// Until when, if that is known.
    pub until: Option<Timestamp>,
    /// The vendor's id of the job.
    pub vendor_job_id: Option<String>,
    /// The vendor's own word for its state.
    pub vendor_status: Option<String>,
    /// Tries in vain since the last progress.
    pub attempts: u32,
    /// When the vendor was last asked.
    pub last_poll_at: Option<Timestamp>,
    /// When it will be asked next.
    pub next_poll_at: Option<Timestamp>,
    /// When the vendor means to be done.
    pub expected_by: Option<Timestamp>,
    /// Why it failed.
    pub cause: Option<CauseView>,
    /// What it found.
    pub found: Option<FoundView>,
    /// How it ended: `found`, `nothing_found`, `deleted`.
    pub result: Option<&'static str>,
    /// Something that a person should look at: `vendor_overdue`, `vendor_status_unknown`, `export_expires_soon`.
    pub warning: Option<String>,
    /// Which deletion it belongs to, from 1; 0 for what comes before any.
    pub round: u32,
    /// What a person was asked, where one was.
    pub contact: Option<ContactView>,
}

/// Why a task failed.
#[derive(Debug, Clone, Serialize)]
pub struct CauseView {
    /// Our stable code.
    pub code: String,
    /// In plain words.
    pub message: String,
    /// The vendor's own code.
    pub vendor_code: Option<String>,
}

/// What a task found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FoundView {
    /// Kinds of things, files among them.
    pub objects: u64,
    /// Records of all objects.
    pub records: u64,
    /// Different fields of each object, added up.
    pub fields: u64,
    /// Bytes unpacked.
    pub bytes: u64,
    /// SHA-256 of the export as it was fetched.
    pub sha256: Option<String>,
}

impl Case {
    /// The request as it will be once this is committed.
    pub(crate) async fn view(&mut self) -> Result<RequestView, StoreError> {
        let mut request = self.request.clone();
        request.version += 1;
        self.manager
            .clone()
            .view(&mut self.tx, &request, Some(&self.tasks))
            .await
    }
}

impl Manager {
    /// The request of this id, with its tasks.
    pub async fn request(&self, id: RequestId) -> Result<Option<RequestView>, StoreError> {
        let mut tx = self.store().read().await?;
        let Some(request) = rows::request::by_id(&mut tx, id).await? else {
            return Ok(None);
        };
        let tasks = rows::task::of_request(&mut tx, id).await?;
        self.view(&mut tx, &request, Some(&tasks)).await.map(Some)
    }

    pub(crate) async fn view(
        &self,
        tx: &mut Tx,
        row: &RequestRow,
        tasks: Option<&[TaskRow]>,
    ) -> Result<RequestView, StoreError> {
        let assignee = self.assignee(tx, row.id).await?;
        let mut view = self.summary(row, assignee)?;
        if let Some(tasks) = tasks {
            let duplicates = duplicates::of_request(tx, row.id).await?;
            view.notices = notices(row, tasks, !duplicates.is_empty());
            view.notices.extend(self.mail_notices(tx, row).await?);
            view.possible_duplicates = Some(duplicates);
            let approvals = self.approvals(tx, row, tasks).await?;
            if approvals.unheard().any(|asked| asked.state == Hearing::NobodyCan) {
                view.notices.push(NOBODY_CAN_APPROVE);
            }
            view.approvals = Some(approvals);
            view.tasks = Some(self.task_views(tx, row, tasks).await?);
        }
        Ok(view)
    }

    /// The request as lists show it.
    pub(crate) fn summary(&self, row: &RequestRow, assignee: Option<Assignee>) -> Result<RequestView, StoreError> {
        let identities = match (&row.key, &row.identities) {
            (Some(_), Some(_)) => self.request_key(row)?.identities(row)?.masked(),
            _ => BTreeMap::new(),
        };
        let stage = &row.stage;
        Ok(RequestView {
            id: row.id,
            reference: row.reference.to_string(),
            version: row.version,
            right: row.right,
            state: stage.kind(),
            outcome: stage.outcome(),
            framework: row.deadline.framework.to_string(),
            created_at: row.created_at,
            closed_at: row.closed_at,
            deadline: row.deadline.due,
            deadline_state: row.deadline.state(row.closed_at.unwrap_or_else(|| self.now())),
            extended_at: row.deadline.extended_at,
            identities,
            language: row.language.name(),
            notify: row.options.notify,
            source: row.source.clone(),
            since: stage.since(),
            until: stage.until(),
            paused: match stage {
                Stage::Paused { reason, resumes, .. } => Some(PauseView {
                    reason: *reason,
                    resumes: resumes.kind(),
                }),
                _ => None,
            },
            approved_by: approved_by(stage),
            denial_ground: match stage {
                Stage::Closed { ground, .. } => *ground,
                _ => None,
            },
            erasure: match stage {
                Stage::Notifying { proof, .. } => Some(*proof),
                Stage::Closed { proof, .. } => *proof,
                _ => None,
            },
            remains: matches!(stage, Stage::VerifyingErasure { remains: true, .. }),
            package_ready: package_ready(row),
            notices: Vec::new(),
            left_out: row.left_out.clone(),
            options: RequestOptionsView {
                auto_approve: row.options.auto_approve,
                approvals: row.options.approvals,
                separate_approver: row.options.separate_approver,
                access_before_delete: row.options.collect_before_delete,
                verify_erasure: row.options.verify_erasure,
                grace_seconds: row.options.grace.as_secs(),
            },
            assignee,
            possible_duplicates: None,
            approvals: None,
            tasks: None,
        })
    }
}

impl Manager {
    async fn task_views(
        &self,
        tx: &mut Tx,
        request: &RequestRow,
        tasks: &[TaskRow],
    ) -> Result<Vec<TaskView>, StoreError> {
        let contacts = if tasks.iter().any(TaskRow::is_by_contact) {
            rows::contact::of_request(tx, request.id).await?
        } else {
            Vec::new()
        };
        let key = match request.key {
            Some(_) if !contacts.is_empty() => Some(self.request_key(request)?),
            _ => None,
        };
        let mut names: HashMap<ConnectionId, (Option<String>, Option<Timestamp>)> = HashMap::new();
        let mut views = Vec::with_capacity(tasks.len());
        for task in tasks {
            let (name, closed_until) = match names.entry(task.connection) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(unknown) => {
                    let name = rows::connection::name(tx, task.connection).await?;
                    let lane = match rows::connection::by_id(tx, task.connection).await? {
                        Some(connection) => tx.lane(&connection.lane).await?,
                        None => None,
                    };
                    unknown.insert((name, lane.and_then(|lane| lane.closed_until))).clone()
                }
            };
            let contact = ContactView::of(task.id, &contacts, key.as_ref())?;
            views.push(task_view(task, name, closed_until, contact));
        }
        Ok(views)
    }
}

/// Whether the package may be handed over: approved, and not yet destroyed.
pub(crate) fn package_ready(row: &RequestRow) -> bool {
    let approved = match &row.stage {
        Stage::Delivering { .. } => true,
        Stage::Closed { outcome, .. } => matches!(outcome, Outcome::Downloaded | Outcome::NotDownloaded),
        _ => false,
    };
    row.right == Right::Access && approved && row.key.is_some() && row.dossier_shredded_at.is_none()
}

fn approved_by(stage: &Stage) -> Vec<String> {
    let actors = match stage {
        Stage::PendingReview { approvals, .. } => approvals.as_slice(),
        stage => stage.approval().map_or(&[][..], |approval| approval.by.as_slice()),
    };
    actors.iter().map(ToString::to_string).collect()
}

const NOBODY_CAN_APPROVE: Notice = Notice {
    code: "nobody_can_approve",
    message: "A connection asks for the approval of people of whom nobody can give it: a super admin has to name \
              others.",
};

fn notices(row: &RequestRow, tasks: &[TaskRow], repeats: bool) -> Vec<Notice> {
    let mut notices = Vec::new();
    let kind = action_of(row.right);
    if row.stage.is_open() && !tasks.iter().any(|task| task.kind() == kind) {
        notices.push(Notice {
            code: "no_connection",
            message: "No connection can act on this request: connect a system, answer it by hand, or close it.",
        });
    }
    if row.stage.is_open() && tasks.iter().any(|task| task.task.status() == TaskStatus::Failed) {
        notices.push(Notice {
            code: "task_failed",
            message: "A task has failed and waits for a person: retry it, skip it or stop it.",
        });
    }
    if row.stage.is_open() && repeats {
        notices.push(Notice {
            code: "possible_duplicate",
            message: "Another request of the same person asks the same: look at both before you go on.",
        });
    }
    if matches!(row.stage, Stage::VerifyingErasure { remains: true, .. }) {
        notices.push(Notice {
            code: "remains_found",
            message: "The check after the deletion still found data: repeat the deletion, or accept what remains.",
        });
    }
    notices
}

fn task_view(
    row: &TaskRow,
    connection: Option<String>,
    closed_until: Option<Timestamp>,
    contact: Option<ContactView>,
) -> TaskView {
    let state = &row.task.state;
    // A 429 closes the lane for the whole organisation: what is queued behind it waits as well.
    let queued_behind = closed_until.filter(|_| {
        !row.is_by_contact()
            && matches!(
                state,
                TaskState::Active {
                    phase: Phase::Queued,
                    ..
                }
            )
    });
    let (status, waiting_for, until) = match queued_behind {
        Some(until) => (TaskStatus::Waiting, Some(WaitingFor::RateLimit), Some(until)),
        None => (state.status(), state.waiting_for(), state.until()),
    };
    TaskView {
        id: row.id,
        connection_id: row.connection,
        connection,
        connector: row.connector.clone(),
        done_by: row.done_by.name(),
        kind: row.kind(),
        data_type: row.data_type.clone(),
        identifier_type: row.identifier_type,
        status,
        waiting_for,
        until,
        vendor_job_id: row.vendor_job_id.clone(),
        vendor_status: row.vendor_status.clone(),
        attempts: row.task.attempts,
        last_poll_at: row.last_poll_at,
        next_poll_at: match state {
            TaskState::Active { phase, .. } | TaskState::Waiting { phase, .. } => {
                phase.job().and_then(|job| job.next_poll_at)
            }
            _ => None,
        },
        expected_by: row.expected_by,
        cause: state.cause().map(|cause| CauseView {
            code: cause.code.clone(),
            message: contact
                .as_ref()
                .and_then(|contact| cannot_delete(&cause.code, contact.reason.as_deref()?))
                .unwrap_or_else(|| cause.message.clone()),
            vendor_code: cause.vendor_code.clone(),
        }),
        found: found(state.result()),
        result: state.result().map(|result| match result {
            TaskResult::Found { .. } => "found",
            TaskResult::NothingFound => "nothing_found",
            TaskResult::Deleted => "deleted",
        }),
        warning: row.warning.clone(),
        round: row.round,
        contact,
    }
}

fn found(result: Option<&TaskResult>) -> Option<FoundView> {
    match result? {
        TaskResult::Found { found } => {
            let Found {
                objects,
                records,
                fields,
                bytes,
                sha256,
            } = found.clone();
            Some(FoundView {
                objects,
                records,
                fields,
                bytes,
                sha256,
            })
        }
        TaskResult::NothingFound => Some(FoundView::default()),
        TaskResult::Deleted => None,
    }
}
