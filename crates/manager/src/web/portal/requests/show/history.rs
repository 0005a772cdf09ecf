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
    pub(super) lines: Vec<Line>,
    /// How many to ask for to see earlier ones, if there are any.
    pub(super) more: Option<i64>,
}

/// Something that happened.
pub(super) struct Line {
    /// Whose task it is about.
    pub(super) connection: Option<String>,
    pub(super) sentence: String,
    pub(super) is_bad: bool,
    pub(super) at: Timestamp,
    pub(super) by: String,
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
    let lines = events.into_iter().map(|event| {
        let facts: Value = serde_json::from_str(&event.detail).unwrap_or_default();
        let happened = happened(&event.action, &facts);
        let about = facts.get("connection").and_then(Value::as_str);
        Line {
            connection: about.and_then(|id| connections.get(id).cloned()),
            sentence: happened.sentence,
            is_bad: happened.is_bad,
            at: event.at,
            by: names.get(&event.actor).cloned().unwrap_or(event.actor),
        }
    });
    Ok(History {
        lines: lines.collect(),
        more,
    })
}
