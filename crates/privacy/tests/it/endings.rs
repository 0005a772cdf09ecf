//! Exhaustively: from everywhere a request and a task can get to, they can get to an end.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use privacy::{
    Right,
    request::{Action, Options, Outcome, Stage, StageName, apply},
    task::{Task, TaskKind, TaskState, TaskStatus},
};

use crate::{request_walks, task_walks};

/// A graph found by trying every move from every place: names of places, and where each leads.
#[derive(Default)]
struct Map {
    leads_to: BTreeMap<String, BTreeSet<String>>,
}

impl Map {
    fn explore<P>(starts: Vec<P>, name: impl Fn(&P) -> String, moves: impl Fn(&P) -> Vec<P>) -> (Self, Vec<P>) {
        let (mut map, mut open, mut places) = (Self::default(), starts, Vec::new());
        while let Some(place) = open.pop() {
            if map.leads_to.contains_key(&name(&place)) {
                continue;
            }
            let next = moves(&place);
            map.leads_to.insert(name(&place), next.iter().map(&name).collect());
            open.extend(next);
            places.push(place);
        }
        (map, places)
    }

    /// The places from which one of `ends` can be reached.
    fn reaching(&self, ends: &BTreeSet<String>) -> BTreeSet<String> {
        let mut reaching = ends.clone();
        loop {
            let more: Vec<String> = self
                .leads_to
                .iter()
                .filter(|(place, next)| !reaching.contains(*place) && !next.is_disjoint(&reaching))
                .map(|(place, _)| place.clone())
                .collect();
            if more.is_empty() {
                return reaching;
            }
            reaching.extend(more);
        }
    }
}

/// A stage without its times, and with its counts cut off.
pub(crate) fn place(stage: &Stage) -> String {
    match stage {
        Stage::Paused { resumes, .. } => format!("paused {}", place(resumes)),
        Stage::PendingReview { approvals, .. } => format!("pending_review {approvals:?}"),
        Stage::Deleting { round, .. } => format!("deleting {}", round.min(&2)),
        Stage::VerifyingErasure { round, remains, .. } => format!("verifying {} {remains}", round.min(&2)),
        Stage::Delivering { until, .. } => format!("delivering {}", until.is_some()),
        Stage::Notifying { proof, .. } => format!("notifying {proof}"),
        Stage::Closed { outcome, .. } => format!("closed {outcome}"),
        stage => stage.name().to_owned(),
    }
}

fn every_options() -> Vec<Options> {
    let mut all = Vec::new();
    for bits in 0..64_u8 {
        for approvals in [1, 2] {
            let on = |bit: u8| bits & (1 << bit) != 0;
            all.push(Options {
                auto_start: on(0),
                auto_approve: on(1),
                separate_approver: on(2),
                requester: on(2).then(|| "person:ada".parse().unwrap()),
                collect_before_delete: on(3),
                verify_erasure: on(4),
                grace: SignedDuration::from_hours(if on(5) { 24 } else { 0 }),
                approvals,
                ..Options::default()
            });
        }
    }
    all
}

fn withdraws(action: &Action) -> bool {
    matches!(
        action,
        Action::Deny { .. }
            | Action::MarkSpam
            | Action::MarkNonresponsive
            | Action::MarkDuplicate
            | Action::Cancel
            | Action::VerificationExpires
            | Action::DownloadExpires
    )
}

#[test]
fn every_request_can_be_carried_out_from_wherever_it_stands() {
    let epoch = Timestamp::UNIX_EPOCH;
    let mut stages_seen = BTreeSet::new();
    let mut outcomes_seen = BTreeSet::new();
    for right in Right::ALL {
        for options in every_options() {
            let starts = || vec![Stage::received(epoch), Stage::unverified(&options, epoch)];
            let moves = |stage: &Stage, withdrawing: bool| -> Vec<Stage> {
                // At once, and when the term has run out.
                [stage.since(), stage.until().unwrap_or(stage.since())]
                    .into_iter()
                    .flat_map(|now| {
                        request_walks::every_action()
                            .into_iter()
                            .filter(|action| withdrawing || !withdraws(action))
                            .filter_map(|action| apply(stage.clone(), *right, &options, &action, now).ok())
                            .collect::<Vec<_>>()
                    })
                    .collect()
            };
            let (_, stages) = Map::explore(starts(), place, |stage| moves(stage, true));
            stages_seen.extend(stages.iter().map(Stage::kind));
            outcomes_seen.extend(stages.iter().filter_map(Stage::outcome));

            // Without any of the ways to give up, the answer to the subject can be reached from every open stage.
            let (map, carried_out) = Map::explore(starts(), place, |stage| moves(stage, false));
            let end = match right {
                Right::Access => Outcome::Downloaded,
                Right::Deletion => Outcome::Completed,
            };
            let ends = BTreeSet::from([format!("closed {end}")]);
            let reaching = map.reaching(&ends);
            for stage in carried_out {
                assert!(
                    reaching.contains(&place(&stage)),
                    "{right}: stuck at {} with {options:?}",
                    place(&stage)
                );
            }
        }
    }
    assert_eq!(stages_seen, StageName::ALL.iter().copied().collect());
    assert_eq!(outcomes_seen, Outcome::ALL.iter().copied().collect());
}

#[test]
fn every_task_can_be_completed_from_wherever_it_stands() {
    let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    let name = |task: &Task| match &task.state {
        TaskState::Failed { retry_from, phase, .. } => format!("failed {retry_from} {phase:?}"),
        state if state.is_settled() => format!("{} {:?}", state.status(), state.result()),
        state => format!("{} {:?} {:?}", state.status(), state.waiting_for(), state.phase()),
    };
    let mut seen = BTreeSet::new();
    for kind in TaskKind::ALL {
        let moves = |task: &Task| -> Vec<Task> {
            task_walks::every_action(1, later)
                .into_iter()
                // One instant, so that places differ by what they are and not by when.
                .filter_map(|action| task.clone().apply(action, later).ok())
                .map(|task| Task {
                    attempts: 0,
                    spent_jobs: Vec::new(),
                    ..task
                })
                .collect()
        };
        let (map, tasks) = Map::explore(vec![Task::new(*kind, later)], name, moves);
        seen.extend(tasks.iter().map(Task::status));
        let complete = tasks
            .iter()
            .filter(|task| task.status() == TaskStatus::Complete)
            .map(name)
            .collect();
        let reaching = map.reaching(&complete);
        for task in tasks.iter().filter(|task| !task.state.is_settled()) {
            assert!(reaching.contains(&name(task)), "{kind}: stuck at {}", name(task));
        }
    }
    assert_eq!(seen, TaskStatus::ALL.iter().copied().collect());
}
