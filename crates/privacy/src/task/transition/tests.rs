use jiff::SignedDuration;

use super::*;
use crate::task::Cause;

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
}

fn submitted(id: &str) -> TaskAction {
    TaskAction::Submitted {
        vendor_job_id: id.into(),
        vendor_status: Some("pending".into()),
        next_poll_at: Some(at(10)),
        expected_by: None,
    }
}

fn fail(retry_from: RetryFrom) -> TaskAction {
    TaskAction::Fail {
        cause: Cause::new("x", "it broke"),
        retry_from,
    }
}

fn hold(waiting_for: WaitingFor) -> TaskAction {
    TaskAction::Hold {
        waiting_for,
        until: None,
    }
}

fn release(waiting_for: WaitingFor) -> TaskAction {
    TaskAction::Release { waiting_for }
}

/// Walks a new task along actions, a minute apart.
fn walk(kind: TaskKind, actions: impl IntoIterator<Item = TaskAction>) -> Result<Task, IllegalTaskTransition> {
    (1..)
        .zip(actions)
        .try_fold(Task::new(kind, at(0)), |task, (minute, action)| {
            task.apply(action, at(minute))
        })
}

fn refusal(kind: TaskKind, actions: impl IntoIterator<Item = TaskAction>) -> TaskRefusal {
    walk(kind, actions).unwrap_err().refusal
}

#[test]
fn an_access_task_is_submitted_polled_and_fetched() {
    let found = Found {
        objects: 2,
        records: 7,
        fields: 30,
        bytes: 900,
        sha256: Some("ab".into()),
    };
    let mut task = Task::new(TaskKind::Access, at(0));
    let mut words = vec![task.status().name()];
    for action in [
        TaskAction::BeginSubmit,
        submitted("job-1"),
        TaskAction::Polled {
            vendor_status: Some("processing".into()),
            next_poll_at: Some(at(20)),
            expected_by: None,
        },
        TaskAction::ReadyToFetch {
            vendor_status: Some("completed".into()),
        },
        TaskAction::Fetched { found: found.clone() },
    ] {
        task = task.apply(action, at(1)).unwrap();
        words.push(task.status().name());
    }
    assert_eq!(
        words,
        [
            "not_started",
            "submitting",
            "processing",
            "processing",
            "fetching",
            "complete"
        ]
    );
    assert_eq!(task.state.result(), Some(&TaskResult::Found { found }));
}

#[test]
fn an_export_of_nothing_is_nothing_found() {
    let actions = [
        TaskAction::BeginSubmit,
        submitted("job-1"),
        TaskAction::ReadyToFetch { vendor_status: None },
        TaskAction::Fetched {
            found: Found {
                bytes: 22,
                ..Found::default()
            },
        },
    ];
    assert_eq!(
        walk(TaskKind::Verification, actions).unwrap().state.result(),
        Some(&TaskResult::NothingFound)
    );
}

#[test]
fn kinds_of_task_do_what_they_are_for() {
    let sent = || [TaskAction::BeginSubmit, submitted("job-1")];
    let fetch = TaskAction::ReadyToFetch { vendor_status: None };
    assert_eq!(
        refusal(TaskKind::Deletion, sent().into_iter().chain([fetch])),
        TaskRefusal::WrongKind
    );
    assert_eq!(
        refusal(TaskKind::Access, sent().into_iter().chain([TaskAction::Deleted])),
        TaskRefusal::WrongKind
    );
    let deleted = walk(TaskKind::Deletion, sent().into_iter().chain([TaskAction::Deleted])).unwrap();
    assert_eq!(deleted.state.result(), Some(&TaskResult::Deleted));
}

// CL-21
#[test]
fn a_job_is_not_sent_again_while_the_vendor_may_have_it() {
    assert_eq!(
        refusal(
            TaskKind::Access,
            [TaskAction::BeginSubmit, submitted("job-1"), TaskAction::BeginSubmit]
        ),
        TaskRefusal::WrongPhase
    );
    // After a crash, a wait and a failure the time of the first sending is still known, for the search.
    let task = walk(
        TaskKind::Access,
        [
            TaskAction::BeginSubmit,
            TaskAction::TriedInVain { next_try_at: at(5) },
            release(WaitingFor::Retry),
            TaskAction::BeginSubmit,
            fail(RetryFrom::Here),
            TaskAction::Retry,
        ],
    )
    .unwrap();
    assert_eq!(
        task.state,
        TaskState::Active {
            since: at(6),
            phase: Phase::Submitting {
                sent_at: at(1),
                again_at: Some(at(4))
            }
        }
    );
    // A clear refusal needs no search.
    let task = walk(TaskKind::Access, [TaskAction::BeginSubmit, TaskAction::NotTaken]).unwrap();
    assert_eq!(task.status(), TaskStatus::NotStarted);
}

#[test]
fn a_job_that_was_given_up_is_remembered() {
    let ended = [
        TaskAction::BeginSubmit,
        submitted("job-1"),
        fail(RetryFrom::Start),
        TaskAction::Retry,
    ];
    let task = walk(TaskKind::Access, ended).unwrap();
    assert_eq!(
        (task.status(), task.spent_jobs.as_slice()),
        (TaskStatus::NotStarted, &["job-1".to_owned()][..])
    );
}

#[test]
fn attempts_count_the_tries_in_vain_since_the_last_progress() {
    let vain = || TaskAction::TriedInVain { next_try_at: at(60) };
    let task = walk(
        TaskKind::Access,
        [TaskAction::BeginSubmit, submitted("job-1"), vain(), vain()],
    )
    .unwrap();
    assert_eq!((task.status(), task.attempts), (TaskStatus::Processing, 2));
    assert_eq!(task.state.phase().unwrap().job().unwrap().next_poll_at, Some(at(60)));
    let failed = task.clone().apply(fail(RetryFrom::Here), at(9)).unwrap();
    assert_eq!((failed.status(), failed.attempts), (TaskStatus::Failed, 3));
    assert_eq!(failed.apply(TaskAction::Retry, at(10)).unwrap().attempts, 0);
    let polled = TaskAction::Polled {
        vendor_status: None,
        next_poll_at: None,
        expected_by: None,
    };
    let task = task.apply(polled, at(9)).unwrap();
    assert_eq!((task.attempts, task.state.since()), (0, at(2)));
    assert_eq!(
        task.state.phase().unwrap().job().unwrap().status.as_deref(),
        Some("pending")
    );
}

#[test]
fn a_task_is_released_only_from_what_holds_it() {
    let busy = [TaskAction::BeginSubmit, submitted("job-1"), hold(WaitingFor::Reconnect)];
    let held = walk(TaskKind::Access, busy).unwrap();
    assert_eq!(
        (held.status(), held.state.waiting_for()),
        (TaskStatus::Waiting, Some(WaitingFor::Reconnect))
    );
    // A pause comes on top and stays when the connection is back; a weaker reason does not replace it.
    let paused = held.clone().apply(hold(WaitingFor::Pause), at(4)).unwrap();
    let paused = paused.apply(hold(WaitingFor::RateLimit), at(5)).unwrap();
    assert_eq!(paused.state.waiting_for(), Some(WaitingFor::Pause));
    let refused = paused.clone().apply(release(WaitingFor::Reconnect), at(6)).unwrap_err();
    assert_eq!(refused.refusal, TaskRefusal::NotHeldForThis);
    let released = paused.apply(release(WaitingFor::Pause), at(6)).unwrap();
    assert_eq!(released.status(), TaskStatus::Processing);
}

#[test]
fn what_was_under_way_when_a_task_was_held_is_recorded() {
    let held = walk(TaskKind::Access, [TaskAction::BeginSubmit, hold(WaitingFor::Pause)]).unwrap();
    let refused = held.clone().apply(TaskAction::BeginSubmit, at(3)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "can not submit a task that is waiting: the task is held"
    );
    let held = held.apply(submitted("job-1"), at(3)).unwrap();
    assert_eq!(
        (held.status(), held.state.phase().unwrap().job().unwrap().id.as_str()),
        (TaskStatus::Waiting, "job-1")
    );
    let released = held.apply(release(WaitingFor::Pause), at(4)).unwrap();
    assert_eq!(released.status(), TaskStatus::Processing);
}

#[test]
fn a_person_is_asked_and_answers() {
    let asked = || [TaskAction::BeginSubmit, TaskAction::Asked { until: at(99) }];
    let task = walk(TaskKind::Deletion, asked()).unwrap();
    assert_eq!(
        (task.status(), task.state.waiting_for()),
        (TaskStatus::Waiting, Some(WaitingFor::Processor))
    );
    assert_eq!(task.state.until(), Some(at(99)));
    // A pause does not make the question be asked again.
    let task = task
        .apply(hold(WaitingFor::Pause), at(3))
        .unwrap()
        .apply(release(WaitingFor::Pause), at(4))
        .unwrap();
    assert_eq!(task.state.waiting_for(), Some(WaitingFor::Processor));
    for (action, status) in [
        (TaskAction::Deleted, TaskStatus::Complete),
        (TaskAction::NothingFound, TaskStatus::Complete),
        (fail(RetryFrom::Start), TaskStatus::Failed),
        (TaskAction::Expire, TaskStatus::Expired),
        (TaskAction::Skip, TaskStatus::Skipped),
    ] {
        assert_eq!(task.clone().apply(action, at(5)).unwrap().status(), status);
    }
    let found = Found {
        objects: 1,
        ..Found::default()
    };
    let task = walk(
        TaskKind::Access,
        asked().into_iter().chain([TaskAction::Fetched { found }]),
    )
    .unwrap();
    assert_eq!(task.status(), TaskStatus::Complete);
}

#[test]
fn an_ended_task_stays_so_and_a_failed_one_waits_for_a_person() {
    for end in [TaskAction::Skip, TaskAction::Stop, TaskAction::Expire] {
        assert_eq!(
            refusal(TaskKind::Access, [end, TaskAction::Retry]),
            TaskRefusal::Settled
        );
    }
    let failed = || [TaskAction::BeginSubmit, fail(RetryFrom::Here)];
    assert_eq!(
        refusal(TaskKind::Access, failed().into_iter().chain([submitted("1")])),
        TaskRefusal::Failed
    );
    assert_eq!(refusal(TaskKind::Access, [TaskAction::Retry]), TaskRefusal::NotFailed);
    for end in [TaskAction::Skip, TaskAction::Stop, TaskAction::Retry] {
        assert!(walk(TaskKind::Access, failed().into_iter().chain([end])).is_ok());
    }
}

#[test]
fn tasks_are_stored_as_json_that_is_read_back() {
    let task = walk(
        TaskKind::Access,
        [TaskAction::BeginSubmit, submitted("job-1"), hold(WaitingFor::Grace)],
    )
    .unwrap();
    let json = serde_json::to_string(&task).unwrap();
    assert_eq!(
        json,
        r#"{"kind":"access","attempts":0,"spent_jobs":[],"state":{"state":"waiting","since":"1970-01-01T00:03:00Z","waiting_for":"grace","until":null,"phase":{"phase":"processing","job":{"id":"job-1","status":"pending","last_poll_at":null,"next_poll_at":"1970-01-01T00:10:00Z","expected_by":null}}}}"#
    );
    assert_eq!(serde_json::from_str::<Task>(&json).unwrap(), task);
    let found = Found {
        objects: 1,
        ..Found::default()
    };
    let task = walk(
        TaskKind::Access,
        [TaskAction::BeginSubmit, TaskAction::Fetched { found }],
    )
    .unwrap();
    assert_eq!(
        serde_json::from_str::<Task>(&serde_json::to_string(&task).unwrap()).unwrap(),
        task
    );
}
