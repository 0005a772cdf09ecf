//! How a request goes on, step by step, in words for its subject.

use privacy::{
    Right,
    request::{Outcome, StageName},
};

use super::Texts;
use crate::app::SubjectRequest;

/// A step of a request.
pub(super) struct Step {
    pub(super) text: &'static str,
    /// How the stylesheet calls it: `done`, `now`, or nothing for what comes.
    pub(super) class: &'static str,
}

/// All steps, the present one marked.
pub(super) fn of(texts: &'static Texts, request: &SubjectRequest) -> Vec<Step> {
    let (work, end) = match request.right {
        Right::Access => (texts.step_access, texts.step_copy),
        Right::Deletion => (texts.step_deletion, texts.step_deleted),
    };
    if let Some(outcome) = request.outcome {
        let whole = [texts.step_received, texts.step_confirmed, work, end, texts.step_closed];
        let short = [texts.step_received, texts.step_closed];
        let texts: &[_] = match outcome {
            Outcome::Completed | Outcome::Downloaded | Outcome::NotDownloaded => &whole,
            _ => &short,
        };
        return texts.iter().map(|text| Step { text, class: "done" }).collect();
    }
    let present = present(request.state);
    let confirmed = if present > 1 {
        texts.step_confirmed
    } else {
        texts.step_confirm
    };
    let texts = [texts.step_received, confirmed, work, end, texts.step_closed];
    let steps = texts.into_iter().enumerate();
    steps
        .map(|(index, text)| Step {
            text,
            class: match index.cmp(&present) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "",
            },
        })
        .collect()
}

/// Which of the steps a stage belongs to.
const fn present(stage: StageName) -> usize {
    match stage {
        StageName::PendingVerification => 1,
        StageName::Triage | StageName::Paused | StageName::Collecting | StageName::PendingReview => 2,
        StageName::Grace
        | StageName::Deleting
        | StageName::VerifyingErasure
        | StageName::Notifying
        | StageName::Delivering => 3,
        StageName::Closed => 4,
    }
}
