//! What must be so about mails: one for each event and person, whatever died in between; and what processors say counts
//! once, as they said it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::{Store, Value as Argument};

use super::{
    office::Office,
    post::{Arrived, Post},
    processors::{MAILBOX, Processors, RECORDS},
    template::{ADMINISTRATOR, subject},
};

/// Which events are told by which mail. An event is told as often as it happens, to one person each.
const TOLD: [(&str, &[&str]); 12] = [
    ("verification", &["request.verification_sent"]),
    ("verification_reminder", &["request.verification_reminded"]),
    ("request_unverified", &["request.unverified"]),
    ("delivery", &["request.delivered"]),
    ("extension", &["request.extended"]),
    ("request_closed", &CLOSED),
    ("direct_contact_reminder", &["direct_contact.reminded"]),
    ("direct_contact_withdrawn", &["direct_contact.withdrawn"]),
    ("direct_contact_overdue", &["direct_contact.overdue"]),
    ("direct_contact_asked", &["direct_contact.asked"]),
    ("approval_awaited", &["request.approval_asked"]),
    ("connection_alert", &["connection.alerted"]),
];

/// What ends a request that the subject hears of, unless it never was confirmed.
const CLOSED: [&str; 7] = [
    "request.downloaded",
    "request.download_expired",
    "request.notified",
    "request.cancelled",
    "request.denied",
    "request.marked_nonresponsive",
    "request.marked_duplicate",
];

/// Of a mail that has just arrived: whom it went to, and that nobody is asked to delete what was not approved.
pub(super) async fn may_be_sent(store: &Store, office: &Office, id: &str, mail: &Arrived) -> Result<()> {
    let mut read = store.read().await?;
    let row = read
        .fetch_optional(
            "SELECT event, object FROM mail WHERE message_id = $1",
            vec![Argument::from(id)],
        )
        .await?;
    let row = row.with_context(|| format!("the mail {id} was never posted"))?;
    let (event, object): (String, String) = (row.get("event")?, row.get("object")?);
    let expected = if ["direct_contact_overdue", "approval_awaited", "connection_alert"].contains(&event.as_str()) {
        ADMINISTRATOR.to_owned()
    } else if event.starts_with("direct_contact") {
        MAILBOX.to_owned()
    } else {
        let about = office.taken.iter().find(|taken| {
            let id = taken.id.as_deref().unwrap_or_default();
            object == format!("request:{id}")
        });
        match about {
            Some(taken) => subject(taken.subject),
            // Its answer was lost, and it is handed in again.
            None => return Ok(()),
        }
    };
    ensure!(
        mail.to == expected,
        "a mail {event} about {object} went to somebody else"
    );
    if event == "direct_contact_deletion" {
        let events = read.events(Some(&object), 0, 10_000).await?;
        ensure!(
            events.iter().any(|event| event.action == "request.approved"),
            "somebody was asked to delete for {object}, which was not approved"
        );
    }
    Ok(())
}

/// Every event was told once to everybody it is told to, and everything that was sent has arrived.
pub(super) async fn each_event_is_told_once(store: &Store, post: &Post) -> Result<()> {
    let mut read = store.read().await?;
    let arrived = post.arrived();
    let mut names = BTreeSet::new();
    let mut told: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in read
        .fetch_all("SELECT message_id, event, object, state FROM mail", vec![])
        .await?
    {
        let (id, state): (String, String) = (row.get("message_id")?, row.get("state")?);
        let (event, object): (String, String) = (row.get("event")?, row.get("object")?);
        ensure!(state != "queued", "the mail {id} ({event}) waits for ever");
        ensure!(
            state != "sent" || arrived.contains_key(&id),
            "the mail {id} ({event}) counts as sent and has not arrived"
        );
        names.insert(id);
        let event = match event.as_str() {
            "direct_contact_access" | "direct_contact_deletion" => "direct_contact_asked".to_owned(),
            _ => event,
        };
        *told.entry((object, event)).or_default() += 1;
    }
    for id in arrived.keys() {
        ensure!(names.contains(id), "the mail {id} arrived and is in no outbox");
    }
    if names.is_empty() {
        // A company without a mailer.
        return Ok(());
    }
    let mut happened: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in read
        .fetch_all("SELECT action, object, detail FROM audit", vec![])
        .await?
    {
        let (action, object): (String, String) = (row.get("action")?, row.get("object")?);
        let detail: Value = row.json("detail")?;
        let unconfirmed = CLOSED.contains(&action.as_str()) && detail["from"] == "pending_verification";
        let mail = TOLD.iter().find(|(_, events)| events.contains(&action.as_str()));
        if let Some((mail, _)) = mail.filter(|_| !unconfirmed) {
            *happened.entry((object, (*mail).to_owned())).or_default() += 1;
        }
    }
    told.retain(|(_, event), _| TOLD.iter().any(|(mail, _)| mail == event));
    for (key, times) in &happened {
        let mails = told.remove(key).unwrap_or_default();
        let (object, event) = key;
        ensure!(
            mails == *times,
            "of {object} there are {mails} mails {event} for {times} events"
        );
    }
    let without = told.keys().next();
    ensure!(without.is_none(), "a mail tells of what has not happened: {without:?}");
    Ok(())
}

/// What a processor said is what the task has, once.
pub(super) async fn answers_count_once(store: &Store, processors: &Processors) -> Result<()> {
    let mut read = store.read().await?;
    let mut said: BTreeMap<String, Vec<(&str, bool)>> = BTreeMap::new();
    for (token, answer) in &processors.said {
        let hash = Sha256::digest(BASE64.decode(token)?).to_vec();
        let row = read
            .fetch_optional(
                "SELECT contact FROM contact_link WHERE token_hash = $1",
                vec![Argument::from(hash)],
            )
            .await?;
        let contact: String = row.context("an answer went to no form")?.get("contact")?;
        said.entry(contact).or_default().push((answer.outcome, answer.taken));
    }
    for row in read
        .fetch_all(
            "SELECT contact.id AS id, outcome, task.status AS status, task.state AS state FROM contact \
             JOIN task ON task.id = contact.task",
            vec![],
        )
        .await?
    {
        let (id, outcome): (String, Option<String>) = (row.get("id")?, row.get("outcome")?);
        let answers = said.remove(&id).unwrap_or_default();
        let taken: Vec<&str> = answers
            .iter()
            .filter(|(_, taken)| *taken)
            .map(|(said, _)| *said)
            .collect();
        ensure!(taken.len() <= 1, "the question {id} was answered {} times", taken.len());
        let Some(outcome) = outcome else {
            ensure!(
                taken.is_empty(),
                "the answer to {id} is gone, which its processor was thanked for"
            );
            continue;
        };
        ensure!(
            taken.first().map_or_else(
                || answers.iter().any(|(said, _)| *said == outcome),
                |said| *said == outcome
            ),
            "the answer to {id} is {outcome}, its processor said {taken:?} of {answers:?}"
        );
        if outcome == "found" && row.get::<String>("status")? == "complete" {
            let state: Value = row.json("state")?;
            let records = &state["state"]["found"]["records"];
            ensure!(
                *records == RECORDS,
                "of the {RECORDS} records that were handed in for {id} the task has {records}"
            );
        }
    }
    Ok(())
}
