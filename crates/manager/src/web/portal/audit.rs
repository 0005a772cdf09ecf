//! The audit log.

mod words;

use std::{convert::Infallible, fmt::Write as _};

use askama::Template;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use futures_util::stream;
use http::header;
use privacy::audit::Event;
use rightful_http::{
    extract::Query,
    pages::parts::{Choice, Control, Empty, Field, Notice, PostButton, Tone, When},
};
use serde::Deserialize;
use store::ChainReport;

use super::{Operator, PageError, Section, Submitted};
use crate::{
    Manager, Permission,
    app::{AuditFilter, AuditPage, OperatorView},
};

const VERIFY: &str = "/audit/verify";
const EXPORT: &str = "/audit/export";

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/audit", get(page))
        .route(VERIFY, post(verify))
        .route(EXPORT, post(export))
}

/// What is asked for; empty is anything.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    who: String,
    kind: String,
    about: String,
    from: String,
    to: String,
    before: Option<i64>,
}

impl Asked {
    fn narrows(&self) -> bool {
        [&self.who, &self.kind, &self.about, &self.from, &self.to]
            .iter()
            .any(|field| !field.is_empty())
    }

    fn filter(&self) -> AuditFilter {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        // A day's end is the beginning of the next.
        let next = |day: jiff::Timestamp| day.checked_add(jiff::SignedDuration::from_hours(24)).unwrap_or(day);
        AuditFilter {
            actor: given(&self.who),
            action: given(&self.kind),
            object: given(&self.about),
            from: Manager::day(self.from.trim()),
            until: Manager::day(self.to.trim()).map(next),
        }
    }

    fn href(&self, before: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("who", &self.who),
            ("kind", &self.kind),
            ("about", &self.about),
            ("from", &self.from),
            ("to", &self.to),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/audit?{}", query.append_pair("before", &before.to_string()).finish())
    }
}

#[derive(Template)]
#[template(path = "portal/audit.html")]
struct AuditLogPage<'a> {
    asked: &'a Asked,
    people: Vec<Choice<'static>>,
    kinds: Vec<Choice<'static>>,
    rows: Vec<AuditRow>,
    next: Option<String>,
    report: Option<ChainReport>,
    operator: &'a Operator,
}

struct AuditRow {
    seq: i64,
    at: jiff::Timestamp,
    who: String,
    origin: Option<String>,
    what: String,
    action: String,
    is_bad: bool,
    object: String,
    /// What it is called, where it has a name.
    called: Option<String>,
    href: Option<String>,
    facts: String,
}

impl AuditRow {
    fn object_called(&self) -> &str {
        self.called.as_deref().unwrap_or(&self.object)
    }
}

impl AuditLogPage<'_> {
    fn verify(&self) -> PostButton<'_> {
        PostButton::new(VERIFY, "Verify", self.operator.csrf(VERIFY)).quiet()
    }

    fn export(&self) -> PostButton<'_> {
        PostButton::new(EXPORT, "Export", self.operator.csrf(EXPORT)).quiet()
    }

    fn verdict(&self) -> Option<Notice<'static>> {
        Some(match self.report.as_ref()? {
            ChainReport::Whole { events } => Notice::new(
                Tone::Ok,
                format!("All {events} events are as they were written: none was changed, removed or put between."),
            )
            .title("The log is whole"),
            ChainReport::Broken { seq, reason } => Notice::new(
                Tone::Bad,
                format!("Event {seq}: {reason}. Compare with an earlier export to see what was changed."),
            )
            .title("The log was tampered with"),
        })
    }
}

async fn page(
    State(manager): State<Manager>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    operator.require(Permission::ReadAudit)?;
    show(&manager, &operator, &asked, None).await
}

async fn show(
    manager: &Manager,
    operator: &Operator,
    asked: &Asked,
    report: Option<ChainReport>,
) -> Result<Response, PageError> {
    let AuditPage { events, next } = manager.audit_page(&asked.filter(), asked.before).await?;
    let objects = events.iter().map(|audited| audited.event.object.clone()).collect();
    let names = manager.object_names(objects).await?;
    let rows = events.into_iter().map(|audited| {
        let event = audited.event;
        let facts: serde_json::Value = serde_json::from_str(&event.detail).unwrap_or_default();
        let (what, is_bad) = words::told(&event.action, &facts);
        AuditRow {
            seq: event.seq,
            at: event.at,
            who: who(&event, audited.who),
            called: names.get(&event.object).cloned(),
            what,
            is_bad,
            action: event.action,
            href: place_of(&event.object),
            object: event.object,
            origin: event.origin,
            facts: facts_in_words(&facts),
        }
    });
    let body = AuditLogPage {
        asked,
        people: people(&manager.operators().await?),
        kinds: kinds(),
        rows: rows.collect(),
        next: next.map(|before| asked.href(before)),
        report,
        operator,
    };
    Ok(operator.page(Section::Audit, "Audit log", &body))
}

/// Who is refused at the door is nobody that we know.
fn who(event: &store::Event, name: String) -> String {
    let stranger = event.actor == "automation" && event.origin.is_some();
    if stranger { "somebody".to_owned() } else { name }
}

/// Where an object of the log has its page.
fn place_of(object: &str) -> Option<String> {
    let (kind, id) = object.split_once(':')?;
    match kind {
        "request" => Some(format!("/requests/{id}")),
        "connection" => Some(format!("/connections/{id}")),
        _ => None,
    }
}

fn facts_in_words(facts: &serde_json::Value) -> String {
    let facts = facts.as_object().into_iter().flatten();
    let words = facts.map(|(name, value)| match value.as_str() {
        Some(text) => format!("{name}: {text}"),
        None => format!("{name}: {value}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn people(operators: &[OperatorView]) -> Vec<Choice<'static>> {
    let fixed = [
        ("", "Anybody"),
        ("automation", "Automation"),
        ("command_line", "The command line"),
        ("subject", "Data subjects"),
    ];
    let fixed = fixed.into_iter().map(|(value, label)| Choice::new(value, label));
    let staff = operators
        .iter()
        .map(|operator| Choice::new(format!("person:{}", operator.id), operator.email.clone()));
    fixed.chain(staff).collect()
}

/// All kinds of events there are: everything about one kind of thing, then each by itself.
fn kinds() -> Vec<Choice<'static>> {
    let mut choices = vec![Choice::new("", "Anything")];
    let mut last = "";
    for event in Event::ALL {
        let about = event.name().split('.').next().unwrap_or_default();
        if about != last {
            last = about;
            let words = about.replace('_', " ").replace("api", "API");
            choices.push(Choice::new(format!("{about}."), format!("About: {words}")));
        }
    }
    choices
}

async fn verify(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ReadAudit)?;
    let report = manager.verify_audit(&operator.by).await?;
    show(&manager, operator, &Asked::default(), Some(report)).await
}

/// The whole log, one JSON object a line: what `rightful manager audit verify FILE` reads.
async fn export(State(manager): State<Manager>, submitted: Submitted) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::ReadAudit)?;
    manager.begin_audit_export(&operator.by).await?;
    Ok(as_lines(manager))
}

/// The whole log as NDJSON, read as it is sent.
pub(crate) fn as_lines(manager: Manager) -> Response {
    let lines = stream::unfold((manager, 0), |(manager, after)| async move {
        let events = match manager.audit_after(after).await {
            Ok(events) => events,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the audit log was sent in part only"
                );
                return None;
            }
        };
        let last = events.last()?.seq;
        let text = events.iter().fold(String::new(), |mut text, event| {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{}", event.exported());
            text
        });
        Some((Ok::<_, Infallible>(Bytes::from(text)), (manager, last)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.ndjson\""),
    ];
    (headers, Body::from_stream(lines)).into_response()
}
