use super::*;
use crate::request::{PauseReason, follow_up};

fn at(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
}

fn ada() -> Actor {
    "person:ada".parse().unwrap()
}

fn ben() -> Actor {
    "api_key:ben".parse().unwrap()
}

const WEEK: i64 = 7 * 24;

/// Walks a request along actions, an hour apart, and says the words of the stages it passed.
fn walk(right: Right, options: &Options, actions: &[Action]) -> Vec<&'static str> {
    let mut stage = Stage::received(at(0));
    let mut words = vec![stage.name()];
    for (hour, action) in (1..).zip(actions) {
        stage = apply(stage, right, options, action, at(hour)).unwrap();
        words.push(stage.outcome().map_or(stage.name(), Outcome::name));
    }
    words
}

fn refusal(stage: &Stage, right: Right, options: &Options, action: &Action, now: Timestamp) -> Refusal {
    apply(stage.clone(), right, options, action, now).unwrap_err().refusal
}

#[test]
fn an_access_request_is_collected_reviewed_and_delivered() {
    let actions = [
        Action::Start { by: ada() },
        Action::TasksSettled,
        Action::Approve { by: ada() },
        Action::Delivered,
        Action::Downloaded,
    ];
    assert_eq!(
        walk(Right::Access, &Options::default(), &actions),
        [
            "triage",
            "collecting",
            "pending_review",
            "delivering",
            "delivering",
            "downloaded"
        ]
    );
}

#[test]
fn a_deletion_request_is_reviewed_and_carried_out() {
    let actions = [
        Action::Start { by: ada() },
        Action::Approve { by: ada() },
        Action::DeletionSettled,
        Action::Notified,
    ];
    assert_eq!(
        walk(Right::Deletion, &Options::default(), &actions),
        ["triage", "pending_review", "deleting", "notifying", "completed"]
    );
}

#[test]
fn a_deletion_may_be_collected_first_waited_for_checked_and_repeated() {
    let options = Options {
        collect_before_delete: true,
        grace: SignedDuration::from_mins(30),
        verify_erasure: true,
        ..Options::default()
    };
    let actions = [
        Action::Start { by: ada() },
        Action::TasksSettled,
        Action::Approve { by: ada() },
        Action::GraceEnds,
        Action::DeletionSettled,
        Action::RemainsFound,
        Action::RepeatDeletion,
        Action::DeletionSettled,
        Action::ErasureVerified,
        Action::Notified,
    ];
    assert_eq!(
        walk(Right::Deletion, &options, &actions),
        [
            "triage",
            "collecting",
            "pending_review",
            "grace",
            "deleting",
            "verifying_erasure",
            "verifying_erasure",
            "deleting",
            "verifying_erasure",
            "notifying",
            "completed"
        ]
    );
}

#[test]
fn automation_moves_on_only_where_a_rule_says_so() {
    let careful = Options::default();
    let stage = Stage::received(at(0));
    assert_eq!(follow_up(&stage, &careful), None);
    let start = Action::Start { by: Actor::Automation };
    assert_eq!(
        refusal(&stage, Right::Access, &careful, &start, at(1)),
        Refusal::NeedsPerson
    );
    let review = Stage::PendingReview {
        since: at(0),
        approvals: Vec::new(),
    };
    let approve = Action::Approve { by: Actor::Automation };
    assert_eq!(follow_up(&review, &careful), None);
    assert_eq!(
        refusal(&review, Right::Access, &careful, &approve, at(1)),
        Refusal::NeedsPerson
    );

    let quick = Options {
        auto_start: true,
        auto_approve: true,
        approvals: 2,
        ..Options::default()
    };
    let mut stage = stage;
    let mut words = Vec::new();
    while let Some(action) = follow_up(&stage, &quick) {
        stage = apply(stage, Right::Deletion, &quick, &action, at(1)).unwrap();
        words.push(stage.name());
    }
    assert_eq!(words, ["pending_review", "deleting"]);
    assert_eq!(stage.approval().unwrap().by, [Actor::Automation]);
}

#[test]
fn verification_is_by_the_subject_in_time_or_by_staff() {
    let options = Options::default();
    let stage = Stage::unverified(&options, at(0));
    let verify = |by| Action::Verify { by };
    let with = |action: &Action, hour| apply(stage.clone(), Right::Access, &options, action, at(hour));
    assert_eq!(
        with(&verify(Actor::Subject), WEEK - 1),
        Ok(Stage::Triage { since: at(WEEK - 1) })
    );
    assert_eq!(
        with(&verify(Actor::Subject), WEEK).unwrap_err().refusal,
        Refusal::LinkExpired
    );
    assert_eq!(
        with(&verify(ada()), WEEK + 1),
        Ok(Stage::Triage { since: at(WEEK + 1) })
    );
    assert_eq!(
        with(&verify(Actor::Automation), 1).unwrap_err().refusal,
        Refusal::NeedsPerson
    );
    assert_eq!(
        with(&Action::Start { by: ada() }, 1).unwrap_err().refusal,
        Refusal::NotVerified
    );
    let early = with(&Action::VerificationExpires, WEEK - 1).unwrap_err();
    assert_eq!(early.refusal, Refusal::TooEarly { until: at(WEEK) });
    assert_eq!(
        with(&Action::VerificationExpires, WEEK).unwrap().outcome(),
        Some(Outcome::Unverified)
    );
}

// SEC-20
type Case<'a> = (&'a Options, &'a [Actor], Actor, Result<bool, Refusal>);

#[test]
fn a_connection_names_who_must_be_among_those_who_approve() {
    let [ben, eve]: [Actor; 2] = ["person:ben", "person:eve"].map(|actor| actor.parse().unwrap());
    let key: Actor = "api_key:7".parse().unwrap();
    let groups = |groups: &[&[&Actor]]| Options {
        auto_approve: true,
        approver_groups: groups
            .iter()
            .map(|group| group.iter().map(|actor| (*actor).clone()).collect())
            .collect(),
        ..Options::default()
    };
    let (none, one) = (groups(&[]), groups(&[&[&ben]]));
    let (either, both) = (groups(&[&[&ben, &eve]]), groups(&[&[&ben], &[&eve]]));
    // Who is asked for, who has approved, who approves now, and what comes of it: the request moves on, or stays.
    let cases: [Case<'_>; 14] = [
        (&none, &[], Actor::Automation, Ok(true)),
        (&one, &[], Actor::Automation, Err(Refusal::NeedsPerson)),
        (&one, &[], ada(), Ok(false)),
        (&one, &[], key, Ok(false)),
        (&one, &[], Actor::CommandLine, Ok(false)),
        (&one, &[], ben.clone(), Ok(true)),
        (&one, &[ada()], ben.clone(), Ok(true)),
        (&one, &[ada()], eve.clone(), Ok(false)),
        (&one, &[ada()], ada(), Err(Refusal::AlreadyApproved)),
        (&either, &[ada()], eve.clone(), Ok(true)),
        (&both, std::slice::from_ref(&ben), ada(), Ok(false)),
        (&both, &[ben.clone(), ada()], eve, Ok(true)),
        (
            &both,
            std::slice::from_ref(&ben),
            Actor::Subject,
            Err(Refusal::NeedsStaff),
        ),
        // Nobody is asked for any more: whoever has approved says it once more, and nothing waits for ever.
        (&none, &[ada()], ada(), Ok(true)),
    ];
    for (options, approvals, by, expected) in cases {
        for right in Right::ALL {
            let review = Stage::PendingReview {
                since: at(0),
                approvals: approvals.to_vec(),
            };
            let after = apply(review, *right, options, &Action::Approve { by: by.clone() }, at(1));
            let moved = after.map(|stage| stage.approval().is_some());
            assert_eq!(
                moved.map_err(|refused| refused.refusal),
                expected,
                "{:?}: {approvals:?}, then {by}",
                options.approver_groups
            );
        }
    }
}

#[test]
fn a_second_person_approves_where_that_is_asked_for() {
    let options = Options {
        approvals: 2,
        separate_approver: true,
        requester: Some(ada()),
        ..Options::default()
    };
    let review = Stage::PendingReview {
        since: at(0),
        approvals: Vec::new(),
    };
    let approve = |by| Action::Approve { by };
    let eve: Actor = "person:eve".parse().unwrap();
    assert_eq!(
        refusal(&review, Right::Deletion, &options, &approve(ada()), at(1)),
        Refusal::ApproverIsRequester
    );
    assert_eq!(
        refusal(&review, Right::Deletion, &options, &approve(Actor::Subject), at(1)),
        Refusal::NeedsStaff
    );
    let once = apply(review, Right::Deletion, &options, &approve(ben()), at(1)).unwrap();
    assert_eq!(
        once,
        Stage::PendingReview {
            since: at(0),
            approvals: vec![ben()]
        }
    );
    assert_eq!(
        refusal(&once, Right::Deletion, &options, &approve(ben()), at(2)),
        Refusal::AlreadyApproved
    );
    let twice = apply(once, Right::Deletion, &options, &approve(eve.clone()), at(2)).unwrap();
    let approval = Approval {
        at: at(2),
        by: vec![ben(), eve],
    };
    assert_eq!(
        twice,
        Stage::Deleting {
            since: at(2),
            approval,
            round: 1
        }
    );
}

#[test]
fn a_pause_keeps_its_place_and_the_rest_of_the_grace_period() {
    let options = Options {
        grace: SignedDuration::from_hours(10),
        ..Options::default()
    };
    let approval = Approval {
        at: at(0),
        by: vec![ada()],
    };
    let grace = Stage::Grace {
        since: at(0),
        until: at(10),
        approval: approval.clone(),
    };
    let pause = Action::Pause {
        reason: PauseReason::LegalHold,
    };
    let paused = apply(grace, Right::Deletion, &options, &pause, at(4)).unwrap();
    assert_eq!((paused.name(), paused.until()), ("paused", None));
    for action in [Action::GraceEnds, pause] {
        assert_eq!(
            refusal(&paused, Right::Deletion, &options, &action, at(20)),
            Refusal::Paused
        );
    }
    let resumed = apply(paused.clone(), Right::Deletion, &options, &Action::Resume, at(100)).unwrap();
    assert_eq!(
        resumed,
        Stage::Grace {
            since: at(100),
            until: at(106),
            approval
        }
    );
    let cancelled = apply(paused, Right::Deletion, &options, &Action::Cancel, at(100)).unwrap();
    assert_eq!(cancelled.outcome(), Some(Outcome::Cancelled));
    assert_eq!(
        refusal(&resumed, Right::Deletion, &options, &Action::Resume, at(101)),
        Refusal::NotPaused
    );
}

#[test]
fn a_grace_period_that_ran_out_before_a_pause_is_not_prolonged() {
    let options = Options::default();
    let approval = Approval {
        at: at(0),
        by: vec![ada()],
    };
    let grace = Stage::Grace {
        since: at(0),
        until: at(10),
        approval,
    };
    let pause = Action::Pause {
        reason: PauseReason::Other,
    };
    let paused = apply(grace, Right::Deletion, &options, &pause, at(12)).unwrap();
    let resumed = apply(paused, Right::Deletion, &options, &Action::Resume, at(20)).unwrap();
    assert_eq!((resumed.since(), resumed.until()), (at(20), Some(at(20))));
}

#[test]
fn nothing_is_withdrawn_once_something_is_being_deleted() {
    let approval = Approval {
        at: at(0),
        by: vec![ada()],
    };
    let deleting = Stage::Deleting {
        since: at(0),
        approval: approval.clone(),
        round: 1,
    };
    let stages = [
        deleting.clone(),
        Stage::Paused {
            since: at(0),
            reason: PauseReason::Other,
            resumes: Box::new(deleting),
        },
        Stage::VerifyingErasure {
            since: at(0),
            approval: approval.clone(),
            round: 1,
            remains: true,
        },
        Stage::Notifying {
            since: at(0),
            approval,
            proof: ErasureProof::Erased,
        },
    ];
    for stage in stages {
        for action in [
            Action::Cancel,
            Action::MarkSpam,
            Action::MarkDuplicate,
            Action::MarkNonresponsive,
            Action::Deny {
                ground: DenialGround::Other,
            },
        ] {
            let refusal = refusal(&stage, Right::Deletion, &Options::default(), &action, at(1));
            assert_eq!(refusal, Refusal::DeletionHasBegun, "{} {}", action.name(), stage.name());
        }
    }
}

#[test]
fn a_download_link_expires_and_may_be_sent_again() {
    let options = Options::default();
    let approval = Approval {
        at: at(0),
        by: vec![ada()],
    };
    let fresh = Stage::Delivering {
        since: at(0),
        approval,
        until: None,
    };
    assert_eq!(
        refusal(&fresh, Right::Access, &options, &Action::DownloadExpires, at(WEEK)),
        Refusal::WrongStage
    );
    let sent = apply(fresh, Right::Access, &options, &Action::Delivered, at(0)).unwrap();
    let again = apply(sent, Right::Access, &options, &Action::Delivered, at(24)).unwrap();
    let early = refusal(&again, Right::Access, &options, &Action::DownloadExpires, at(WEEK));
    assert_eq!(early, Refusal::TooEarly { until: at(WEEK + 24) });
    let over = apply(again, Right::Access, &options, &Action::DownloadExpires, at(WEEK + 24)).unwrap();
    assert_eq!(over.outcome(), Some(Outcome::NotDownloaded));
    let message = apply(over, Right::Access, &options, &Action::Delivered, at(WEEK + 25))
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "can not deliver a request in state closed: the request is closed"
    );
}

#[test]
fn what_remains_is_deleted_again_or_accepted_by_decision() {
    let options = Options {
        verify_erasure: true,
        ..Options::default()
    };
    let approval = Approval {
        at: at(0),
        by: vec![ada()],
    };
    let checking = |remains| Stage::VerifyingErasure {
        since: at(0),
        approval: approval.clone(),
        round: 1,
        remains,
    };
    for action in [Action::RepeatDeletion, Action::AcceptRemains] {
        let refusal = refusal(&checking(false), Right::Deletion, &options, &action, at(1));
        assert_eq!(refusal, Refusal::NothingRemains);
    }
    for (stage, action, proof) in [
        (checking(false), Action::ErasureVerified, ErasureProof::Erased),
        (checking(false), Action::ErasureUnproven, ErasureProof::Unproven),
        (checking(true), Action::AcceptRemains, ErasureProof::RemainsAccepted),
    ] {
        let notifying = apply(stage, Right::Deletion, &options, &action, at(1)).unwrap();
        let closed = apply(notifying, Right::Deletion, &options, &Action::Notified, at(2)).unwrap();
        let expected = Stage::Closed {
            since: at(2),
            outcome: Outcome::Completed,
            ground: None,
            proof: Some(proof),
        };
        assert_eq!(closed, expected);
    }
    let remains = refusal(
        &checking(true),
        Right::Deletion,
        &options,
        &Action::ErasureVerified,
        at(1),
    );
    assert_eq!(remains, Refusal::WrongStage);
}

#[test]
fn stages_are_stored_as_json_that_is_read_back() {
    let paused = Stage::Paused {
        since: at(1),
        reason: PauseReason::NeedsClarification,
        resumes: Box::new(Stage::PendingReview {
            since: at(0),
            approvals: vec![ben()],
        }),
    };
    let json = serde_json::to_string(&paused).unwrap();
    assert_eq!(
        json,
        r#"{"stage":"paused","since":"1970-01-01T01:00:00Z","reason":"needs_clarification","resumes":{"stage":"pending_review","since":"1970-01-01T00:00:00Z","approvals":["api_key:ben"]}}"#
    );
    assert_eq!(serde_json::from_str::<Stage>(&json).unwrap(), paused);
    let options = Options {
        requester: Some(ada()),
        grace: SignedDuration::from_hours(48),
        ..Options::default()
    };
    let json = serde_json::to_string(&options).unwrap();
    assert_eq!(serde_json::from_str::<Options>(&json).unwrap(), options);
    assert_eq!(serde_json::from_str::<Options>("{}").unwrap(), Options::default());
}
