//! Random walks of requests keep what must hold.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use privacy::{
    Actor, Right,
    request::{Action, Approval, DenialGround, Options, PauseReason, Refusal, Stage, apply, follow_up},
};
use proptest::{collection::vec, prelude::*, sample::select};

pub(crate) fn actors() -> Vec<Actor> {
    [
        "person:ada",
        "person:ben",
        "api_key:1",
        "command_line",
        "subject",
        "processor",
        "automation",
    ]
    .map(|actor| actor.parse().unwrap())
    .to_vec()
}

/// Every action by every actor.
pub(crate) fn every_action() -> Vec<Action> {
    let by_someone = |action: fn(Actor) -> Action| actors().into_iter().map(action);
    let mut actions: Vec<Action> = by_someone(|by| Action::Verify { by })
        .chain(by_someone(|by| Action::Start { by }))
        .chain(by_someone(|by| Action::Approve { by }))
        .chain(PauseReason::ALL.iter().map(|reason| Action::Pause { reason: *reason }))
        .chain(DenialGround::ALL.iter().map(|ground| Action::Deny { ground: *ground }))
        .collect();
    actions.extend([
        Action::VerificationExpires,
        Action::Resume,
        Action::TasksSettled,
        Action::GraceEnds,
        Action::DeletionSettled,
        Action::ErasureVerified,
        Action::RemainsFound,
        Action::ErasureUnproven,
        Action::RepeatDeletion,
        Action::AcceptRemains,
        Action::Delivered,
        Action::Downloaded,
        Action::DownloadExpires,
        Action::Notified,
        Action::MarkSpam,
        Action::MarkNonresponsive,
        Action::MarkDuplicate,
        Action::Cancel,
        Action::Extend,
    ]);
    actions
}

fn any_options() -> impl Strategy<Value = Options> {
    (
        any::<[bool; 5]>(),
        0..3_u8,
        0..48_i64,
        proptest::option::of(select(actors())),
        vec(vec(select(actors()), 1..3), 0..2),
    )
        .prop_map(
            |([auto_start, auto_approve, separate_approver, collect, verify], approvals, grace, requester, groups)| {
                Options {
                    auto_start,
                    auto_approve,
                    approvals,
                    separate_approver,
                    requester,
                    approver_groups: groups,
                    collect_before_delete: collect,
                    grace: SignedDuration::from_hours(grace),
                    verify_erasure: verify,
                    ..Options::default()
                }
            },
        )
}

/// Actions, half of them those that bring a request further, so that walks get far; and hours that pass, now and
/// then backwards, as clocks of replicas do.
fn any_step() -> impl Strategy<Value = (Action, i64)> {
    let ada: Actor = "person:ada".parse().unwrap();
    let further = vec![
        Action::Start { by: ada.clone() },
        Action::Verify { by: ada.clone() },
        Action::Approve { by: ada },
        Action::Approve {
            by: "person:ben".parse().unwrap(),
        },
        Action::TasksSettled,
        Action::GraceEnds,
        Action::DeletionSettled,
        Action::RemainsFound,
        Action::RepeatDeletion,
        Action::Delivered,
        Action::Resume,
    ];
    (prop_oneof![select(further), select(every_action())], -5..60_i64)
}

fn check_approval(approval: &Approval, options: &Options) {
    if approval.by.contains(&Actor::Automation) {
        assert!(options.auto_approve && options.approver_groups.is_empty());
        return;
    }
    assert!(approval.by.iter().all(Actor::is_staff));
    let people: BTreeSet<_> = approval.by.iter().collect();
    assert_eq!(people.len(), approval.by.len());
    assert!(people.len() >= usize::from(options.approvals.max(1)));
    for group in &options.approver_groups {
        assert!(
            group.iter().any(|actor| people.contains(actor)),
            "a connection's approvers were not heard"
        );
    }
    if options.separate_approver {
        assert!(
            options
                .requester
                .as_ref()
                .is_none_or(|requester| !people.contains(requester))
        );
    }
}

fn check_stage(stage: &Stage, right: Right, options: &Options) {
    let json = serde_json::to_string(stage).unwrap();
    assert_eq!(serde_json::from_str::<Stage>(&json).unwrap(), *stage);
    let (inner, paused) = match stage {
        Stage::Paused { resumes, .. } => (resumes.as_ref(), true),
        stage => (stage, false),
    };
    assert!(!(paused && matches!(inner, Stage::Paused { .. } | Stage::Closed { .. })));
    match inner {
        Stage::Delivering { .. } => assert_eq!(right, Right::Access),
        Stage::Grace { .. } | Stage::Deleting { .. } | Stage::VerifyingErasure { .. } | Stage::Notifying { .. } => {
            assert_eq!(right, Right::Deletion);
        }
        _ => {}
    }
    if stage.deletion_has_begun() && stage.is_open() || matches!(inner, Stage::Grace { .. } | Stage::Delivering { .. })
    {
        check_approval(stage.approval().unwrap(), options);
    }
    if let Some(until) = stage.until() {
        assert!(until >= stage.since());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn whatever_happens_to_a_request_its_rules_hold(
        from_form: bool,
        right in select(Right::ALL),
        options in any_options(),
        steps in vec(any_step(), 0..60),
    ) {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut stage = if from_form { Stage::unverified(&options, now) } else { Stage::received(now) };
        for (action, hours) in steps {
            now += SignedDuration::from_hours(hours);
            let before = stage.clone();
            let outcome = apply(stage.clone(), right, &options, &action, now);
            if !before.is_open() {
                prop_assert_eq!(outcome.clone().unwrap_err().refusal, Refusal::Closed);
            }
            if before.is_open() && before.deletion_has_begun() && action == Action::Cancel {
                prop_assert_eq!(outcome.clone().unwrap_err().refusal, Refusal::DeletionHasBegun);
            }
            let Ok(after) = outcome else { continue };
            check_stage(&after, right, &options);
            prop_assert!(after.since() >= before.since());
            prop_assert!(!before.deletion_has_begun() || after.deletion_has_begun());
            if let (Stage::Grace { until, .. }, Stage::Deleting { .. }) = (&before, &after) {
                prop_assert!(now >= *until);
            }
            if let Some(action) = follow_up(&after, &options) {
                prop_assert!(apply(after.clone(), right, &options, &action, now).is_ok());
            }
            stage = after;
        }
    }
}
