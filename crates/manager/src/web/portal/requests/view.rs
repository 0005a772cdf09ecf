//! What the pages about requests show in more than one place.

use jiff::{Timestamp, tz::TimeZone};
use privacy::{IdentityType, framework::DeadlineState, request::StageName, task::TaskStatus};

use super::{
    approvals,
    words::{self, count},
};
use crate::app::requests::{Progress, RequestView};

/// A deadline in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) class: &'static str,
    pub(super) day: String,
    pub(super) words: String,
}

impl Due {
    pub(super) fn of(view: &RequestView, now: Timestamp) -> Self {
        if view.state == StageName::Closed {
            let words = match view.deadline_state {
                DeadlineState::PastDue => "closed late",
                DeadlineState::OnTime | DeadlineState::DueSoon => "closed in time",
            };
            return Self {
                class: "muted",
                day: day(view.deadline),
                words: words.to_owned(),
            };
        }
        let (class, state) = words::deadline(view.deadline_state);
        Self {
            class,
            day: day(view.deadline),
            words: format!("{state}, {}", left(view.deadline, now)),
        }
    }
}

fn left(deadline: Timestamp, now: Timestamp) -> String {
    let hours = deadline.duration_since(now).as_hours();
    let days = |hours: i64| count(hours.unsigned_abs() / 24, "day", "days");
    match (deadline >= now, hours.unsigned_abs()) {
        (true, 24..) => format!("{} left", days(hours)),
        (true, _) => "less than a day left".to_owned(),
        (false, 24..) => format!("by {}", days(hours)),
        (false, _) => "since today".to_owned(),
    }
}

/// A day as people write it, in UTC like every time on our pages.
pub(super) fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%-d %b %Y").to_string()
}

/// Whom a request is about, in one line, masked.
pub(super) fn subject(view: &RequestView) -> String {
    let identities = &view.identities;
    let first = identities
        .get(&IdentityType::Email)
        .or_else(|| identities.values().next());
    match (first, identities.len()) {
        (None, _) => "destroyed".to_owned(),
        (Some(first), 1) => first.clone(),
        (Some(first), all) => format!("{first} and {} more", all - 1),
    }
}

/// What a request waits for, in a few words.
pub(super) fn waits_for(view: &RequestView, progress: Progress) -> String {
    let until = |text: &str| match view.until {
        Some(until) => format!("{text}, until {}", day(until)),
        None => text.to_owned(),
    };
    match view.state {
        StageName::PendingVerification => until("the subject to confirm"),
        StageName::Triage => "somebody to start it".to_owned(),
        StageName::Paused => "somebody to resume it".to_owned(),
        StageName::Collecting | StageName::Deleting if progress.failed > 0 => {
            format!(
                "a decision about {}",
                count(progress.failed, "failed task", "failed tasks")
            )
        }
        StageName::Collecting | StageName::Deleting => {
            format!("connections, {} of {} done", progress.settled, progress.tasks)
        }
        StageName::VerifyingErasure if view.remains => "a decision about what is left".to_owned(),
        StageName::VerifyingErasure => "a second look".to_owned(),
        StageName::PendingReview => match (view.approved_by.len(), usize::from(view.options.approvals)) {
            (0, _) if view.approvals.is_none() => "review and approval".to_owned(),
            (given, needed) if given > 0 && given < needed => format!("approval {} of {needed}", given + 1),
            (given, _) => approvals::waits_for(view).unwrap_or_else(|| match given {
                0 => "review and approval".to_owned(),
                // A list does not say of whom.
                _ => "the approval of certain people".to_owned(),
            }),
        },
        StageName::Grace => until("the end of the grace period"),
        StageName::Delivering => until("the download"),
        StageName::Notifying => "the notice to the subject".to_owned(),
        StageName::Closed => "nothing".to_owned(),
    }
}

/// How far the tasks of a request are that was read with them.
pub(super) fn progress(view: &RequestView) -> Progress {
    let tasks = view.tasks.as_deref().unwrap_or_default();
    let with = |meant: &[TaskStatus]| tasks.iter().filter(|task| meant.contains(&task.status)).count() as u64;
    Progress {
        tasks: tasks.len() as u64,
        settled: with(&[
            TaskStatus::Complete,
            TaskStatus::Skipped,
            TaskStatus::Stopped,
            TaskStatus::Expired,
        ]),
        failed: with(&[TaskStatus::Failed]),
        waiting: with(&[TaskStatus::Waiting]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_in_days() {
        let deadline = "2026-12-22T08:00:00Z".parse().unwrap();
        for (now, words) in [
            ("2026-11-22T08:00:00Z", "30 days left"),
            ("2026-12-21T08:00:00Z", "1 day left"),
            ("2026-12-21T08:00:01Z", "less than a day left"),
            ("2026-12-22T08:00:00Z", "less than a day left"),
            ("2026-12-22T08:00:01Z", "since today"),
            ("2026-12-23T07:00:00Z", "since today"),
            ("2026-12-23T08:00:00Z", "by 1 day"),
            ("2026-12-30T08:00:00Z", "by 8 days"),
        ] {
            assert_eq!(left(deadline, now.parse().unwrap()), words, "{now}");
        }
    }
}
