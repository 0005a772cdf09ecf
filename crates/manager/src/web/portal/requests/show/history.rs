//! What has happened to a request, from the audit log, in plain words.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{super::words::happened, Manager, PageError, RequestView};

/// Events that are shown at first, and that are added with each look further back.
const STEP: i64 = 40;
/// No page shows more.
const MOST: i64 = 2000;

/// The history, newest first.
pub(super) struct History {
    pub(super) lines: Vec<Repeated>,
    /// How many to ask for to see earlier ones, if there are any.
    pub(super) more: Option<i64>,
}

/// Something that happened.
#[derive(PartialEq)]
pub(super) struct Line {
    /// Whose task it is about.
    pub(super) connection: Option<String>,
    pub(super) sentence: String,
    pub(super) is_bad: bool,
    pub(super) by: String,
}

/// A line, how many times in a row it happened, and when last.
pub(super) struct Repeated {
    pub(super) line: Line,
    pub(super) times: usize,
    pub(super) at: Timestamp,
}

/// The last `wanted` events.
pub(super) async fn read(manager: &Manager, view: &RequestView, wanted: Option<i64>) -> Result<History, PageError> {
    let wanted = wanted.unwrap_or(STEP).clamp(1, MOST);
    let mut events = manager.recent_events(&view.id.object(), wanted + 1).await?;
    let shown = usize::try_from(wanted).unwrap_or(usize::MAX);
    let more = (events.len() > shown && wanted < MOST).then_some(wanted + STEP);
    events.truncate(shown);
    let names = manager
        .actor_names(events.iter().map(|event| event.actor.clone()).collect())
        .await?;
    let connections: BTreeMap<String, String> = view
        .tasks
        .iter()
        .flatten()
        .filter_map(|task| Some((task.connection_id.to_string(), task.connection.clone()?)))
        .collect();
    let mut lines: Vec<Repeated> = Vec::new();
    for event in events {
        let facts: Value = serde_json::from_str(&event.detail).unwrap_or_default();
        let happened = happened(&event.action, &facts);
        let about = facts.get("connection").and_then(Value::as_str);
        let line = Line {
            connection: about.and_then(|id| connections.get(id).cloned()),
            sentence: happened.sentence,
            is_bad: happened.is_bad,
            by: names.get(&event.actor).cloned().unwrap_or(event.actor),
        };
        match lines.last_mut() {
            Some(later) if later.line == line => later.times += 1,
            _ => lines.push(Repeated {
                line,
                times: 1,
                at: event.at,
            }),
        }
    }
    Ok(History { lines, more })
}
