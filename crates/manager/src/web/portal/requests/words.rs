//! The words of the pages for states, reasons and causes: one word for one thing, as in the API, but readable.

mod events;

use privacy::{
    IdentityType, Right,
    framework::DeadlineState,
    request::{DenialGround, Outcome, PauseReason, StageName},
    task::{TaskKind, TaskStatus, WaitingFor},
};
use rightful_http::pages::parts::Tone;

pub(in crate::web::portal) use events::happened;

/// What a request asks for.
pub(super) const fn right(right: Right) -> &'static str {
    match right {
        Right::Access => "Access",
        Right::Deletion => "Deletion",
    }
}

/// Where a request stands, and how good the news is: a warning is somebody's turn.
pub(super) const fn stage(stage: StageName, outcome: Option<Outcome>) -> (Tone, &'static str) {
    match stage {
        StageName::PendingVerification => (Tone::Neutral, "To be verified"),
        StageName::Triage => (Tone::Warn, "Triage"),
        StageName::Paused => (Tone::Neutral, "Paused"),
        StageName::Collecting => (Tone::Info, "Collecting"),
        StageName::PendingReview => (Tone::Warn, "Review"),
        StageName::Grace => (Tone::Info, "Grace period"),
        StageName::Deleting => (Tone::Info, "Deleting"),
        StageName::VerifyingErasure => (Tone::Info, "Verifying erasure"),
        StageName::Delivering => (Tone::Info, "Delivering"),
        StageName::Notifying => (Tone::Info, "Notifying"),
        StageName::Closed => match outcome {
            Some(outcome) => ended(outcome),
            None => (Tone::Neutral, "Closed"),
        },
    }
}

const fn ended(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Downloaded => (Tone::Ok, "Closed: downloaded"),
        Outcome::NotDownloaded => (Tone::Neutral, "Closed: not downloaded"),
        Outcome::Completed => (Tone::Ok, "Closed: completed"),
        Outcome::Unverified => (Tone::Neutral, "Closed: unverified"),
        Outcome::Denied => (Tone::Neutral, "Closed: denied"),
        Outcome::Spam => (Tone::Neutral, "Closed: spam"),
        Outcome::Nonresponsive => (Tone::Neutral, "Closed: nonresponsive"),
        Outcome::Cancelled => (Tone::Neutral, "Closed: cancelled"),
        Outcome::Duplicate => (Tone::Neutral, "Closed: duplicate"),
    }
}

/// A state by itself, for lists of filters.
pub(super) const fn stage_name(name: StageName) -> &'static str {
    stage(name, None).1
}

/// How far a task is.
pub(super) const fn status(status: TaskStatus) -> (Tone, &'static str) {
    match status {
        TaskStatus::NotStarted => (Tone::Neutral, "Not started"),
        TaskStatus::Waiting => (Tone::Neutral, "Waiting"),
        TaskStatus::Submitting => (Tone::Info, "Submitting"),
        TaskStatus::Processing => (Tone::Info, "Processing"),
        TaskStatus::Fetching => (Tone::Info, "Fetching"),
        TaskStatus::Complete => (Tone::Ok, "Complete"),
        TaskStatus::Skipped => (Tone::Neutral, "Skipped"),
        TaskStatus::Stopped => (Tone::Neutral, "Stopped"),
        TaskStatus::Expired => (Tone::Neutral, "Expired"),
        TaskStatus::Failed => (Tone::Bad, "Failed"),
    }
}

/// What a task does.
pub(super) const fn kind(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Access => "Access",
        TaskKind::Deletion => "Deletion",
        TaskKind::Verification => "Verification",
    }
}

/// What a task waits for, after "waits".
pub(super) const fn waiting_for(reason: WaitingFor) -> &'static str {
    match reason {
        WaitingFor::Pause => "while the request is paused",
        WaitingFor::Grace => "for the grace period to end",
        WaitingFor::Reconnect => "for the connection to be connected again",
        WaitingFor::Confirmation => "for somebody to confirm whose account the connection is",
        WaitingFor::Disabled => "for the connection to be enabled again",
        WaitingFor::RateLimit => "because the vendor asked us to slow down",
        WaitingFor::Retry => "for the next try",
        WaitingFor::Processor => "for a person to answer",
    }
}

/// Why a request rests.
pub(super) const fn pause_reason(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::InternalDiscussion => "Internal discussion",
        PauseReason::LegalHold => "Legal hold",
        PauseReason::NeedsClarification => "Needs clarification by the subject",
        PauseReason::Other => "Another reason",
    }
}

/// What somebody asks for, in the middle of a sentence.
pub(in super::super) const fn right_served(right: Right) -> &'static str {
    match right {
        Right::Access => "access requests",
        Right::Deletion => "deletion requests",
    }
}

/// Why a request was denied.
pub(super) const fn denial_ground(ground: DenialGround) -> &'static str {
    match ground {
        DenialGround::NotIdentified => "The person could not be identified",
        DenialGround::Unfounded => "Manifestly unfounded",
        DenialGround::Excessive => "Excessive, in particular repetitive",
        DenialGround::LegalObligation => "A law demands that the data be kept or withheld",
        DenialGround::RightsOfOthers => "It would harm the rights of others",
        DenialGround::NotApplicable => "No law gives this person this right here",
        DenialGround::Other => "Another ground",
    }
}

/// How a deadline stands.
pub(super) const fn deadline(state: DeadlineState) -> (&'static str, &'static str) {
    match state {
        DeadlineState::OnTime => ("", "on time"),
        DeadlineState::DueSoon => ("warn", "due soon"),
        DeadlineState::PastDue => ("bad", "past due"),
    }
}

/// The name of an identifier's type.
pub(super) const fn identifier(kind: IdentityType) -> &'static str {
    match kind {
        IdentityType::Email => "E-mail address",
        IdentityType::OptimizelyEndUserId => "Optimizely end user ID",
        IdentityType::DcpId => "DCP ID",
        IdentityType::FullstackId => "Full Stack user ID",
        IdentityType::Other => "Other identifier",
    }
}

/// The same in the middle of a sentence.
pub(super) const fn identifier_in_text(kind: IdentityType) -> &'static str {
    match kind {
        IdentityType::Email => "e-mail address",
        IdentityType::Other => "other identifier",
        kind => identifier(kind),
    }
}

/// The vendor's word for a kind of data, readable.
pub(super) fn data_type(word: &str) -> &str {
    match word {
        "visitor" => "visitors",
        "user" => "account users",
        other => other,
    }
}

/// A number of things: "1 record", "2 records".
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A number as people read it: 1,000,000.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
    }
}
