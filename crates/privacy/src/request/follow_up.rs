//! What automation does by itself.

use super::{Action, Options, Stage};
use crate::actor::Actor;

/// The move that automation makes next, if a rule lets it. The caller applies it with [`super::apply`] in the
/// same transaction, as an event of its own, and asks again. Whether a start is blocked, for instance by a missing
/// identifier, is for the caller to say.
pub fn follow_up(stage: &Stage, options: &Options) -> Option<Action> {
    match stage {
        Stage::Triage { .. } if options.auto_start => Some(Action::Start { by: Actor::Automation }),
        Stage::PendingReview { .. } if options.approves_by_rule() => Some(Action::Approve { by: Actor::Automation }),
        _ => None,
    }
}
