//! Random walks of tasks keep what must hold.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use privacy::task::{
    Cause, Found, RetryFrom, Task, TaskAction, TaskKind, TaskRefusal, TaskResult, TaskState, TaskStatus, WaitingFor,
    request_settled,
};
use proptest::{collection::vec, prelude::*, sample::select};

/// Every action, the vendor's next job being `job`.
pub(crate) fn every_action(job: usize, later: Timestamp) -> Vec<TaskAction> {
    let found = Found {
        objects: 1,
        records: 1,
        ..Found::default()
    };
    let mut actions = vec![
        TaskAction::BeginSubmit,
        TaskAction::NotTaken,
        TaskAction::Submitted {
            vendor_job_id: format!("job-{job}"),
            vendor_status: None,
            next_poll_at: Some(later),
            expected_by: None,
        },
        TaskAction::Asked { until: later },
        TaskAction::Answered,
        TaskAction::Polled {
            vendor_status: None,
            next_poll_at: Some(later),
            expected_by: None,
        },
        TaskAction::TriedInVain { next_try_at: later },
        TaskAction::ReadyToFetch { vendor_status: None },
        TaskAction::Fetched { found },
        TaskAction::Fetched {
            found: Found::default(),
        },
        TaskAction::Deleted,
        TaskAction::NothingFound,
        TaskAction::Retry,
        TaskAction::Skip,
        TaskAction::Stop,
        TaskAction::Expire,
    ];
    for waiting_for in WaitingFor::ALL {
        actions.push(TaskAction::Hold {
            waiting_for: *waiting_for,
            until: Some(later),
        });
        actions.push(TaskAction::Release {
            waiting_for: *waiting_for,
        });
    }
    for retry_from in RetryFrom::ALL {
        actions.push(TaskAction::Fail {
            cause: Cause::new("code", "words"),
            retry_from: *retry_from,
        });
    }
    actions
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn whatever_happens_to_a_task_its_rules_hold(
        kind in select(TaskKind::ALL),
        // Endings are rare, so that walks get far.
        steps in vec((any::<prop::sample::Index>(), -5..60_i64, 0..8_u8), 0..80),
    ) {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut task = Task::new(kind, now);
        let (mut submits, mut fresh_starts) = (0, 0);
        let mut jobs = BTreeSet::new();
        for (number, (choice, minutes, rare)) in steps.into_iter().enumerate() {
            now += SignedDuration::from_mins(minutes);
            let action = choice.get(&every_action(number, now)).clone();
            let ends = matches!(action, TaskAction::Skip | TaskAction::Stop | TaskAction::Expire);
            if ends && rare > 0 {
                continue;
            }
            let before = task.clone();
            let outcome = task.clone().apply(action.clone(), now);
            if before.state.is_settled() {
                prop_assert_eq!(outcome.clone().unwrap_err().refusal, TaskRefusal::Settled);
            }
            let Ok(after) = outcome else { continue };

            prop_assert!(after.state.since() >= before.state.since());
            let json = serde_json::to_string(&after).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Task>(&json).unwrap(), &after);

            // No job is sent twice: every second submit follows a retry that gave the first up (CL-21).
            if matches!(action, TaskAction::Submitted { .. }) {
                submits += 1;
            }
            if let (TaskState::Failed { retry_from: RetryFrom::Start, .. }, TaskAction::Retry) = (&before.state, &action) {
                fresh_starts += 1;
            }
            prop_assert!(submits <= 1 + fresh_starts);
            // No job is forgotten.
            jobs.extend(after.state.phase().and_then(|phase| phase.job()).map(|job| job.id.clone()));
            if !after.state.is_settled() {
                let current = after.state.phase().and_then(|phase| phase.job()).map(|job| &job.id);
                prop_assert!(jobs.iter().all(|job| Some(job) == current || after.spent_jobs.contains(job)));
            }
            // A pause ends by being released, by a failure, or with the task.
            if before.state.waiting_for() == Some(WaitingFor::Pause) && after.state.waiting_for() != Some(WaitingFor::Pause) {
                let released = action == TaskAction::Release { waiting_for: WaitingFor::Pause };
                prop_assert!(released || after.state.is_settled() || after.status() == TaskStatus::Failed);
            }
            match after.state.result() {
                Some(TaskResult::Deleted) => prop_assert_eq!(kind, TaskKind::Deletion),
                Some(TaskResult::Found { found }) => {
                    prop_assert_ne!(kind, TaskKind::Deletion);
                    prop_assert!(!found.is_nothing());
                }
                Some(TaskResult::NothingFound) | None => {}
            }
            prop_assert_eq!(request_settled([&after.state]).is_settled(), after.state.is_settled());
            task = after;
        }
    }
}
