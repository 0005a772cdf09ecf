//! The moves of a request.

use jiff::{SignedDuration, Timestamp};

use super::{
    Action, Approval, DenialGround, ErasureProof, IllegalTransition, Options, Outcome, Refusal, Stage, stage::later,
};
use crate::{actor::Actor, right::Right};

/// Where `action` takes a request that stands at `stage`, or why it does not move. `now` may lag behind the stage's
/// own time (clocks of replicas differ); time stamps never decrease all the same.
pub fn apply(
    stage: Stage,
    right: Right,
    options: &Options,
    action: &Action,
    now: Timestamp,
) -> Result<Stage, IllegalTransition> {
    let kind = stage.kind();
    let now = now.max(stage.since());
    next(stage, right, options, action, now).map_err(|refusal| IllegalTransition {
        stage: kind,
        action: action.name(),
        refusal,
    })
}

fn next(stage: Stage, right: Right, options: &Options, action: &Action, now: Timestamp) -> Result<Stage, Refusal> {
    match (stage, action) {
        (Stage::Closed { .. }, _) => Err(Refusal::Closed),

        (Stage::PendingVerification { until, .. }, Action::Verify { by }) => verify(by, until, now),
        (Stage::PendingVerification { until, .. }, Action::VerificationExpires) => {
            not_before(until, now).map(|()| closed(Outcome::Unverified, now))
        }
        (Stage::PendingVerification { .. }, Action::Start { .. }) => Err(Refusal::NotVerified),

        (Stage::Triage { .. }, Action::Start { by }) => start(by, right, options, now),

        (Stage::Paused { since, resumes, .. }, Action::Resume) => Ok(resumed(*resumes, since, now)),
        (_, Action::Resume) => Err(Refusal::NotPaused),
        (
            stage @ (Stage::Triage { .. }
            | Stage::Collecting { .. }
            | Stage::PendingReview { .. }
            | Stage::Grace { .. }
            | Stage::Deleting { .. }),
            Action::Pause { reason },
        ) => Ok(Stage::Paused {
            since: now,
            reason: *reason,
            resumes: Box::new(stage),
        }),

        (Stage::Collecting { .. }, Action::TasksSettled) => Ok(Stage::PendingReview {
            since: now,
            approvals: Vec::new(),
        }),
        (Stage::PendingReview { since, approvals }, Action::Approve { by }) => {
            approve(since, approvals, by, right, options, now)
        }

        (Stage::Delivering { since, approval, .. }, Action::Delivered) => Ok(Stage::Delivering {
            since,
            approval,
            until: Some(later(now, options.download_ttl)),
        }),
        (Stage::Delivering { .. }, Action::Downloaded) => Ok(closed(Outcome::Downloaded, now)),
        (Stage::Delivering { until: Some(until), .. }, Action::DownloadExpires) => {
            not_before(until, now).map(|()| closed(Outcome::NotDownloaded, now))
        }

        (Stage::Grace { until, approval, .. }, Action::GraceEnds) => not_before(until, now).map(|()| Stage::Deleting {
            since: now,
            approval,
            round: 1,
        }),
        (Stage::Deleting { approval, round, .. }, Action::DeletionSettled) => Ok(if options.verify_erasure {
            Stage::VerifyingErasure {
                since: now,
                approval,
                round,
                remains: false,
            }
        } else {
            Stage::Notifying {
                since: now,
                approval,
                proof: ErasureProof::NotAsked,
            }
        }),
        (
            Stage::VerifyingErasure {
                approval,
                remains: false,
                ..
            },
            Action::ErasureVerified,
        ) => Ok(Stage::Notifying {
            since: now,
            approval,
            proof: ErasureProof::Erased,
        }),
        (
            Stage::VerifyingErasure {
                approval,
                remains: false,
                ..
            },
            Action::ErasureUnproven,
        ) => Ok(Stage::Notifying {
            since: now,
            approval,
            proof: ErasureProof::Unproven,
        }),
        (
            Stage::VerifyingErasure {
                approval,
                round,
                remains: false,
                ..
            },
            Action::RemainsFound,
        ) => Ok(Stage::VerifyingErasure {
            since: now,
            approval,
            round,
            remains: true,
        }),
        (
            Stage::VerifyingErasure {
                approval,
                round,
                remains: true,
                ..
            },
            Action::RepeatDeletion,
        ) => Ok(Stage::Deleting {
            since: now,
            approval,
            round: round.saturating_add(1),
        }),
        (
            Stage::VerifyingErasure {
                approval,
                remains: true,
                ..
            },
            Action::AcceptRemains,
        ) => Ok(Stage::Notifying {
            since: now,
            approval,
            proof: ErasureProof::RemainsAccepted,
        }),
        (Stage::VerifyingErasure { remains: false, .. }, Action::RepeatDeletion | Action::AcceptRemains) => {
            Err(Refusal::NothingRemains)
        }
        (Stage::Notifying { proof, .. }, Action::Notified) => Ok(Stage::Closed {
            since: now,
            outcome: Outcome::Completed,
            ground: None,
            proof: Some(proof),
        }),

        (stage, Action::Deny { ground }) => withdraw(&stage, Outcome::Denied, Some(*ground), now),
        (stage, Action::MarkSpam) => withdraw(&stage, Outcome::Spam, None, now),
        (stage, Action::MarkNonresponsive) => withdraw(&stage, Outcome::Nonresponsive, None, now),
        (stage, Action::MarkDuplicate) => withdraw(&stage, Outcome::Duplicate, None, now),
        (stage, Action::Cancel) => withdraw(&stage, Outcome::Cancelled, None, now),

        (stage, Action::Extend) => Ok(stage),

        (Stage::Paused { .. }, _) => Err(Refusal::Paused),
        (_, _) => Err(Refusal::WrongStage),
    }
}

fn verify(by: &Actor, until: Timestamp, now: Timestamp) -> Result<Stage, Refusal> {
    match by {
        Actor::Subject if now >= until => Err(Refusal::LinkExpired),
        Actor::Subject => Ok(Stage::Triage { since: now }),
        by if by.is_staff() => Ok(Stage::Triage { since: now }),
        _ => Err(Refusal::NeedsPerson),
    }
}

fn start(by: &Actor, right: Right, options: &Options, now: Timestamp) -> Result<Stage, Refusal> {
    let automation_may = *by == Actor::Automation && options.auto_start;
    if !by.is_staff() && !automation_may {
        return Err(if *by == Actor::Automation {
            Refusal::NeedsPerson
        } else {
            Refusal::NeedsStaff
        });
    }
    Ok(match right {
        Right::Deletion if !options.collect_before_delete => Stage::PendingReview {
            since: now,
            approvals: Vec::new(),
        },
        Right::Access | Right::Deletion => Stage::Collecting { since: now },
    })
}

fn approve(
    since: Timestamp,
    mut approvals: Vec<Actor>,
    by: &Actor,
    right: Right,
    options: &Options,
    now: Timestamp,
) -> Result<Stage, Refusal> {
    match by {
        Actor::Automation if !options.approves_by_rule() => return Err(Refusal::NeedsPerson),
        Actor::Automation => {}
        by if !by.is_staff() => return Err(Refusal::NeedsStaff),
        by if options.separate_approver && options.requester.as_ref() == Some(by) => {
            return Err(Refusal::ApproverIsRequester);
        }
        // Where nobody else is asked for any more, because a connection names others now, saying it once more is enough.
        by if approvals.contains(by) && !options.is_enough(&approvals) => return Err(Refusal::AlreadyApproved),
        _ => {}
    }
    if !approvals.contains(by) {
        approvals.push(by.clone());
    }
    if *by != Actor::Automation && !options.is_enough(&approvals) {
        return Ok(Stage::PendingReview { since, approvals });
    }
    let approval = Approval { at: now, by: approvals };
    Ok(match right {
        Right::Access => Stage::Delivering {
            since: now,
            approval,
            until: None,
        },
        Right::Deletion if options.grace.is_positive() => Stage::Grace {
            since: now,
            until: later(now, options.grace),
            approval,
        },
        Right::Deletion => Stage::Deleting {
            since: now,
            approval,
            round: 1,
        },
    })
}

/// A paused grace period gets back what was left of it, so that a pause never costs the subject the chance to cancel.
fn resumed(mut stage: Stage, paused_at: Timestamp, now: Timestamp) -> Stage {
    match &mut stage {
        Stage::Grace { since, until, .. } => {
            *until = later(now, until.duration_since(paused_at).max(SignedDuration::ZERO));
            *since = now;
        }
        Stage::Triage { since }
        | Stage::Collecting { since }
        | Stage::PendingReview { since, .. }
        | Stage::Deleting { since, .. } => *since = now,
        _ => {}
    }
    stage
}

/// Ends an open request without carrying it out. Once something is being deleted that would be a false record.
fn withdraw(stage: &Stage, outcome: Outcome, ground: Option<DenialGround>, now: Timestamp) -> Result<Stage, Refusal> {
    if stage.deletion_has_begun() {
        return Err(Refusal::DeletionHasBegun);
    }
    Ok(Stage::Closed {
        since: now,
        outcome,
        ground,
        proof: None,
    })
}

fn not_before(until: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if now < until {
        Err(Refusal::TooEarly { until })
    } else {
        Ok(())
    }
}

const fn closed(outcome: Outcome, now: Timestamp) -> Stage {
    Stage::Closed {
        since: now,
        outcome,
        ground: None,
        proof: None,
    }
}

#[cfg(test)]
mod tests;
