//! Audit events in plain words.

use privacy::{
    audit::Event,
    request::{DenialGround, Outcome, PauseReason},
    task::{TaskKind, WaitingFor},
};
use serde_json::Value;

use super::{count, denial_ground, pause_reason, waiting_for};

/// An event as a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::web::portal) struct Happened {
    /// What happened; about a task without its subject, which is the connection.
    pub(in crate::web::portal) sentence: String,
    /// Somebody should know.
    pub(in crate::web::portal) is_bad: bool,
}

/// The event called `action` with its facts; one that we do not know is named as it is.
pub(in crate::web::portal) fn happened(action: &str, facts: &Value) -> Happened {
    let facts = Facts(facts);
    let sentence = match action.parse() {
        Ok(event) => sentence(event, &facts),
        Err(_) => action.to_owned(),
    };
    let is_bad = matches!(
        action.parse(),
        Ok(Event::TaskFailed
            | Event::TaskExpired
            | Event::RequestRemainsFound
            | Event::RequestErasureUnproven
            | Event::RequestDenied
            | Event::MailFailed)
    );
    Happened { sentence, is_bad }
}

struct Facts<'a>(&'a Value);

impl<'a> Facts<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }

    fn word<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// The day of an instant.
    fn day(&self, name: &str) -> Option<String> {
        let at: jiff::Timestamp = self.word(name)?;
        Some(at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d %b %Y").to_string())
    }
}

fn sentence(event: Event, facts: &Facts<'_>) -> String {
    let with = |sentence: &str, more: Option<&str>| match more {
        Some(more) => format!("{sentence}: {more}"),
        None => sentence.to_owned(),
    };
    match event {
        Event::RequestPaused => with("Paused", facts.word::<PauseReason>("reason").map(pause_reason)),
        Event::RequestDenied => with("Denied", facts.word::<DenialGround>("reason").map(denial_ground)),
        Event::RequestExtended => match facts.day("deadline") {
            Some(day) => format!("The deadline was extended to {day}"),
            None => "The deadline was extended".to_owned(),
        },
        Event::RequestDownloaded if facts.word::<Outcome>("outcome").is_none() => {
            "The dossier was downloaded".to_owned()
        }
        Event::TaskHeld => match facts.word::<WaitingFor>("reason") {
            Some(reason) => format!("waits {}", waiting_for(reason)),
            None => "waits".to_owned(),
        },
        Event::TaskSubmitted => with("the vendor has the job", facts.text("vendor_job_id")),
        Event::TaskAdopted => with(
            "the vendor had the job already; it was found and not sent again",
            facts.text("vendor_job_id"),
        ),
        Event::TaskVendorStatus => with("the vendor's word for the job changed", facts.text("vendor_code")),
        Event::TaskCompleted => completed(facts),
        Event::TaskFailed => failed(facts),
        Event::RequestApprovalAsked if facts.number("count").is_some_and(|people| people > 0) => format!(
            "{} asked by mail to approve",
            count(facts.number("count").unwrap_or_default(), "person was", "people were")
        ),
        Event::DossierChanged => match facts.number("count") {
            Some(changes) => format!(
                "What is handed over was changed ({})",
                count(changes, "change", "changes")
            ),
            None => "What is handed over was changed".to_owned(),
        },
        other => fixed(other).to_owned(),
    }
}

fn completed(facts: &Facts<'_>) -> String {
    match (facts.number("objects"), facts.number("records")) {
        (Some(objects), Some(records)) => format!(
            "found {}, {}",
            count(objects, "object", "objects"),
            count(records, "record", "records")
        ),
        _ if facts.word::<TaskKind>("kind") == Some(TaskKind::Deletion) => "deletion complete".to_owned(),
        _ => "nothing found".to_owned(),
    }
}

fn failed(facts: &Facts<'_>) -> String {
    let cause = facts.text("cause").unwrap_or("unknown cause");
    let attempts = facts.number("attempts").filter(|attempts| *attempts > 1);
    match (facts.text("vendor_code"), attempts) {
        (Some(code), Some(attempts)) => format!("failed: {cause} (vendor's code {code}), {attempts} attempts"),
        (Some(code), None) => format!("failed: {cause} (vendor's code {code})"),
        (None, Some(attempts)) => format!("failed: {cause}, {attempts} attempts"),
        (None, None) => format!("failed: {cause}"),
    }
}

fn fixed(event: Event) -> &'static str {
    match event {
        Event::RequestCreated => "The request came in",
        Event::RequestDuplicateFound => "An earlier request asks the same",
        Event::RequestImported => "The request was imported",
        Event::RequestVerificationSent => "The verification link was mailed",
        Event::RequestVerificationReminded => "The subject was reminded of the verification link",
        Event::RequestVerified => "The subject was verified",
        Event::RequestUnverified => "The verification link expired",
        Event::RequestAssigned => "Somebody else takes care of it",
        Event::RequestFrameworkChanged => "Another legal framework applies",
        Event::RequestIdentitiesChanged => "Identifiers were added or corrected",
        Event::RequestConnectionsChosen => "The connections that take part were chosen",
        Event::RequestStarted => "Started",
        Event::RequestResumed => "Resumed",
        Event::RequestCollected => "Everything is collected",
        Event::RequestApprovalAsked => "Whoever may approve was asked by mail",
        Event::RequestApproved => "Approved",
        Event::RequestGraceEnded => "The grace period ended; the deletion begins",
        Event::RequestDeleted => "Every connection is done deleting",
        Event::RequestErasureVerified => "A second look found nothing left",
        Event::RequestRemainsFound => "A second look found that something is left",
        Event::RequestErasureUnproven => "Whether something is left could not be told",
        Event::RequestDeletionRepeated => "What is left is deleted once more",
        Event::RequestRemainsAccepted => "It was accepted that something is left",
        Event::RequestDelivered => "The download link was mailed",
        Event::RequestDownloaded => "The dossier was downloaded; the request is closed",
        Event::RequestDownloadExpired => "The download expired; the request is closed",
        Event::RequestNotified => "The subject was told; the request is closed",
        Event::RequestMarkedSpam => "Closed as spam",
        Event::RequestMarkedNonresponsive => "Closed: the subject did not answer",
        Event::RequestMarkedDuplicate => "Closed as a duplicate",
        Event::RequestCancelled => "Cancelled",
        Event::RequestNoted => "A note was added",
        Event::RequestViewed => "The identifiers were looked at in full",
        Event::RequestShredded => "Its personal data was destroyed",
        Event::TaskCreated => "takes part",
        Event::TaskReleased => "goes on",
        Event::TaskSubmitting => "the job is being handed over",
        Event::TaskFetching => "what was found is being read",
        Event::TaskRetried => "tried again",
        Event::TaskSkipped => "skipped",
        Event::TaskStopped => "stopped",
        Event::TaskExpired => "expired",
        Event::DirectContactAsked => "a person was asked by mail",
        Event::DirectContactReminded => "the person was reminded",
        Event::DirectContactOverdue => "the person did not answer in time",
        Event::DirectContactOpened => "the person opened the form",
        Event::DirectContactAnswered => "the person answered",
        Event::DirectContactWithdrawn => "the person was told that the request is withdrawn",
        Event::DossierViewed => "What was found was looked at",
        Event::DossierChangeUndone => "A change of what is handed over was taken back",
        Event::DossierFileAdded => "A file was added",
        Event::DossierFileRemoved => "A file was removed",
        Event::DossierPackaged => "The package was made",
        Event::DossierExported => "The package was downloaded by staff",
        Event::DossierShredded => "What was found was destroyed",
        Event::MailFailed => "A mail could not be sent",
        other => other.name(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_of_requests_tasks_and_dossiers_are_sentences() {
        let about = ["request.", "task.", "dossier.", "direct_contact."];
        let named = Event::ALL
            .iter()
            .filter(|event| about.iter().any(|about| event.name().starts_with(about)));
        for event in named {
            assert_ne!(happened(event.name(), &json!({})).sentence, event.name());
        }
    }

    #[test]
    fn events_tell_what_they_carry() {
        for (action, facts, sentence) in [
            ("request.paused", json!({"reason": "legal_hold"}), "Paused: Legal hold"),
            (
                "request.extended",
                json!({"deadline": "2027-02-20T12:00:00Z"}),
                "The deadline was extended to 20 Feb 2027",
            ),
            (
                "task.completed",
                json!({"kind": "access", "objects": 2, "records": 1}),
                "found 2 objects, 1 record",
            ),
            ("task.completed", json!({"kind": "access"}), "nothing found"),
            ("task.completed", json!({"kind": "deletion"}), "deletion complete"),
            (
                "task.failed",
                json!({"cause": "vendor_failure", "vendor_code": "E17", "attempts": 12}),
                "failed: vendor_failure (vendor's code E17), 12 attempts",
            ),
            ("somebody.sneezed", json!({}), "somebody.sneezed"),
        ] {
            assert_eq!(happened(action, &facts).sentence, sentence);
        }
        assert!(happened("task.failed", &json!({})).is_bad);
        assert!(!happened("task.completed", &json!({})).is_bad);
    }
}
