//! A model of one request with one task, checked state by state: whatever happens in whatever order, nothing is handed
//! over or deleted before those have approved whose approval was asked for, and an end can be reached from everywhere.

use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};
use privacy::{
    Actor, Right,
    request::{Action, Options, Stage, apply},
    task::{Cause, Found, RetryFrom, Task, TaskAction, TaskKind, WaitingFor, request_settled},
};
use stateright::{Checker as _, Model, Property};

use crate::{endings::place, request_walks};

/// One request under one set of options.
struct Life {
    right: Right,
    options: Options,
}

/// Where request, task and data are.
#[derive(Debug, Clone)]
struct World {
    stage: Stage,
    task: Task,
    /// The dossier was handed to the subject, or something was deleted.
    data_moved: bool,
    /// Who had approved at that moment.
    approved_by: Vec<Actor>,
}

impl World {
    /// The world without its times.
    fn place(&self) -> String {
        let task = &self.task.state;
        format!(
            "{} / {} {:?} {:?} {:?} / {} {:?}",
            place(&self.stage),
            task.status(),
            task.waiting_for(),
            task.phase().map(std::mem::discriminant),
            task.result(),
            self.data_moved,
            self.approved_by,
        )
    }
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place().hash(state);
    }
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Request(Action),
    Task(TaskAction),
}

/// One instant for all tasks, so that worlds differ by what they are and not by when.
const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn task_actions() -> Vec<TaskAction> {
    let found = Found {
        objects: 1,
        records: 1,
        fields: 1,
        bytes: 1,
        sha256: None,
    };
    let fail = |retry_from| TaskAction::Fail {
        cause: Cause::new("vendor_failure", "the vendor gave up"),
        retry_from,
    };
    vec![
        TaskAction::BeginSubmit,
        TaskAction::NotTaken,
        TaskAction::Submitted {
            vendor_job_id: "1".to_owned(),
            vendor_status: None,
            next_poll_at: None,
            expected_by: None,
        },
        TaskAction::ReadyToFetch { vendor_status: None },
        TaskAction::Fetched { found },
        TaskAction::Deleted,
        TaskAction::NothingFound,
        fail(RetryFrom::Start),
        fail(RetryFrom::Here),
        TaskAction::Hold {
            waiting_for: WaitingFor::Reconnect,
            until: None,
        },
        TaskAction::Release {
            waiting_for: WaitingFor::Reconnect,
        },
        TaskAction::Retry,
        TaskAction::Skip,
        TaskAction::Stop,
    ]
}

impl Life {
    fn kind(&self) -> TaskKind {
        match self.right {
            Right::Access => TaskKind::Access,
            Right::Deletion => TaskKind::Deletion,
        }
    }

    /// Whether the stage is the one in which the task works.
    fn is_at_work(&self, stage: &Stage) -> bool {
        match self.right {
            Right::Access => matches!(stage, Stage::Collecting { .. }),
            Right::Deletion => matches!(stage, Stage::Deleting { .. }),
        }
    }

    fn acted(&self, world: &World, action: &Action) -> Option<World> {
        let settled = request_settled([&world.task.state]).is_settled();
        let waits_for_tasks = matches!(action, Action::TasksSettled | Action::DeletionSettled);
        if waits_for_tasks && self.is_at_work(&world.stage) && !settled {
            return None;
        }
        let now = world
            .stage
            .until()
            .unwrap_or(world.stage.since())
            .max(world.stage.since());
        let stage = apply(world.stage.clone(), self.right, &self.options, action, now).ok()?;
        let mut world = world.clone();
        if matches!(action, Action::Delivered | Action::Downloaded) {
            world.move_data();
        }
        world.stage = stage;
        Some(world)
    }

    fn worked(&self, world: &World, action: TaskAction) -> Option<World> {
        let by_staff = matches!(action, TaskAction::Retry | TaskAction::Skip | TaskAction::Stop);
        if !by_staff && !self.is_at_work(&world.stage) {
            return None;
        }
        let sends = action == TaskAction::BeginSubmit && self.kind() == TaskKind::Deletion;
        let mut world = world.clone();
        world.task = world.task.apply(action, AT).ok()?;
        world.task.attempts = 0;
        world.task.spent_jobs.clear();
        if sends {
            world.move_data();
        }
        Some(world)
    }

    /// What a patient member of staff would do next.
    fn further(&self, world: &World) -> Option<World> {
        let person = |name: &str| -> Actor { format!("person:{name}").parse().unwrap() };
        let act = |action: Action| self.acted(world, &action);
        match &world.stage {
            Stage::PendingVerification { .. } => act(Action::Verify { by: person("ada") }),
            Stage::Triage { .. } => act(Action::Start { by: person("ada") }),
            Stage::Paused { .. } => act(Action::Resume),
            Stage::Collecting { .. } => act(Action::TasksSettled).or_else(|| self.worked(world, TaskAction::Skip)),
            Stage::PendingReview { .. } => request_walks::actors()
                .into_iter()
                .find_map(|by| act(Action::Approve { by })),
            Stage::Grace { .. } => act(Action::GraceEnds),
            Stage::Deleting { .. } => act(Action::DeletionSettled).or_else(|| self.worked(world, TaskAction::Skip)),
            Stage::VerifyingErasure { remains: true, .. } => act(Action::AcceptRemains),
            Stage::VerifyingErasure { remains: false, .. } => act(Action::ErasureUnproven),
            Stage::Delivering { .. } => act(Action::Downloaded),
            Stage::Notifying { .. } => act(Action::Notified),
            Stage::Closed { .. } => None,
        }
    }

    fn comes_to_an_end(&self, world: &World) -> bool {
        let mut world = world.clone();
        for _ in 0..20 {
            if !world.stage.is_open() {
                return true;
            }
            match self.further(&world) {
                Some(next) => world = next,
                None => return false,
            }
        }
        false
    }

    fn approval_is_what_was_asked_for(&self, by: &[Actor]) -> bool {
        let options = &self.options;
        if by.contains(&Actor::Automation) {
            return options.auto_approve && options.approver_groups.is_empty();
        }
        let heard = |group: &Vec<Actor>| group.iter().any(|actor| by.contains(actor));
        by.iter().all(Actor::is_staff)
            && by.len() >= usize::from(options.approvals)
            && options.approver_groups.iter().all(heard)
            && !(options.separate_approver && options.requester.as_ref().is_some_and(|who| by.contains(who)))
    }
}

impl World {
    fn move_data(&mut self) {
        self.data_moved = true;
        let approval = self.stage.approval();
        self.approved_by = approval.map(|approval| approval.by.clone()).unwrap_or_default();
    }
}

impl Model for Life {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let world = |stage| World {
            stage,
            task: Task::new(self.kind(), AT),
            data_moved: false,
            approved_by: Vec::new(),
        };
        vec![world(Stage::received(AT)), world(Stage::unverified(&self.options, AT))]
    }

    fn actions(&self, _: &World, steps: &mut Vec<Step>) {
        steps.extend(request_walks::every_action().into_iter().map(Step::Request));
        steps.extend(task_actions().into_iter().map(Step::Task));
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        match step {
            Step::Request(action) => self.acted(world, &action),
            Step::Task(action) => self.worked(world, action),
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("nothing moves before it was approved as asked", |life, world| {
                !world.data_moved || life.approval_is_what_was_asked_for(&world.approved_by)
            }),
            Property::<Self>::always("an end can be reached", Self::comes_to_an_end),
            Property::<Self>::sometimes("data moves at all", |_, world| world.data_moved),
            Property::<Self>::sometimes("a request is closed", |_, world| !world.stage.is_open()),
        ]
    }

    fn within_boundary(&self, world: &World) -> bool {
        // A deletion can be repeated for ever; the third time is like the second.
        !matches!(&world.stage, Stage::Deleting { round, .. } | Stage::VerifyingErasure { round, .. } if *round > 2)
    }
}

#[test]
fn no_data_moves_before_approval_and_every_request_can_end() {
    let group = |name: &str| vec![vec![format!("person:{name}").parse::<Actor>().unwrap()]];
    let plain = Options {
        verify_erasure: true,
        collect_before_delete: true,
        grace: SignedDuration::from_hours(24),
        ..Options::default()
    };
    let every = [
        Options::default(),
        plain.clone(),
        Options {
            approvals: 2,
            separate_approver: true,
            requester: "person:ada".parse().ok(),
            approver_groups: group("ben"),
            ..plain.clone()
        },
        Options {
            auto_start: true,
            auto_approve: true,
            ..plain.clone()
        },
        Options {
            auto_approve: true,
            approver_groups: group("ben"),
            ..plain
        },
    ];
    for right in Right::ALL {
        for options in every.clone() {
            let life = Life { right: *right, options };
            life.checker().spawn_bfs().join().assert_properties();
        }
    }
}
