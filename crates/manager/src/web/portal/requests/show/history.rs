//! What has happened to a request, from the audit log, in plain words.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{super::words::happened, Manager, PageError, RequestView};

/// Events on one page.
const PAGE: i64 = 200;

/// The history, or a page of it.
pub(super) struct History {
    pub(super) lines: Vec<Line>,
    /// Where the next page begins, if there is one.
    pub(super) next: Option<i64>,
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

/// The events after place `after` of the log.
pub(super) async fn read(manager: &Manager, view: &RequestView, after: i64) -> Result<History, PageError> {
    let mut tx = manager.store().read().await?;
    let mut events = tx.events(Some(&view.id.object()), after, PAGE + 1).await?;
    drop(tx);
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = events.len() > page;
    events.truncate(page);
    let names = manager
        .actor_names(events.iter().map(|event| event.actor.clone()).collect())
        .await?;
    let connections: BTreeMap<String, String> = view
        .tasks
        .iter()
        .flatten()
        .filter_map(|task| Some((task.connection_id.to_string(), task.connection.clone()?)))
        .collect();
    let next = events.last().filter(|_| more).map(|event| event.seq);
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
        next,
    })
}
