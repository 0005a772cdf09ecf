//! Who takes care of requests, notes about them, and what happened to them.

use std::path::Path;

use manager::{
    By, Manager, OperatorId, RequestId,
    app::{NoteView, RequestView},
};
use privacy::Personal;
use serde_json::{Value, json};

use crate::{Failure, commands::Call, file_input, hex::hex, output::Row};

/// Whom requests are given to; none is nobody.
pub(super) async fn whom(manager: &Manager, email: Option<&str>) -> anyhow::Result<Option<OperatorId>> {
    Ok(match email {
        Some(email) => Some(super::super::user::known(manager, email).await?.id),
        None => None,
    })
}

pub(super) async fn assign(
    manager: &Manager,
    id: RequestId,
    operator: Option<OperatorId>,
) -> anyhow::Result<RequestView> {
    Ok(manager.assign(id, operator, &By::command_line()).await?)
}

pub(super) async fn add_note(call: &Call, manager: &Manager, id: RequestId, file: &Path) -> anyhow::Result<()> {
    let text = Personal::new(file_input::text(file)?);
    let note = manager.add_note(id, &text, &By::command_line()).await?;
    call.output
        .answer(&serde_json::to_value(&note)?, || format!("note {} written", note.id))?;
    Ok(())
}

pub(super) async fn notes(call: &Call, manager: &Manager, id: RequestId) -> anyhow::Result<()> {
    let notes = manager.notes(id).await?;
    if call.output.is_json() {
        let rows = notes.iter().map(note_row).collect::<anyhow::Result<Vec<_>>>()?;
        call.output.list(&rows, &[], "")?;
        return Ok(());
    }
    let mut texts = notes
        .iter()
        .map(|note| format!("{} by {}\n{}", note.made_at, note.made_by, note.text))
        .collect::<Vec<_>>();
    if texts.is_empty() {
        texts.push("no notes".to_owned());
    }
    crate::output::write_line(&texts.join("\n\n"))?;
    Ok(())
}

fn note_row(note: &NoteView) -> anyhow::Result<Row> {
    Ok(Row {
        value: serde_json::to_value(note)?,
        cells: Vec::new(),
    })
}

/// How many events are read at once.
const AT_ONCE: i64 = 1000;

pub(super) async fn events(call: &Call, manager: &Manager, id: RequestId) -> anyhow::Result<()> {
    if manager.request(id).await?.is_none() {
        return Err(Failure::new(format!("there is no request {id}")).into());
    }
    let object = format!("request:{id}");
    let (mut rows, mut after) = (Vec::new(), 0);
    loop {
        let events = manager.events(Some(&object), after, AT_ONCE).await?;
        let Some(last) = events.last() else { break };
        after = last.seq;
        rows.extend(events.iter().map(event_row));
    }
    call.output
        .list(&rows, &["at", "who", "what", "details"], "nothing happened")?;
    Ok(())
}

fn event_row(event: &store::Event) -> Row {
    let detail: Value = serde_json::from_str(&event.detail).unwrap_or_default();
    let facts = detail.as_object().into_iter().flatten();
    let facts = facts.map(|(name, value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    let cells = vec![
        event.at.to_string(),
        event.actor.clone(),
        event.action.clone(),
        facts.collect::<Vec<_>>().join(", "),
    ];
    Row {
        value: json!({
            "seq": event.seq, "at": event.at, "actor": event.actor, "origin": event.origin, "action": event.action,
            "object": event.object, "detail": detail, "hash": hex(&event.hash),
        }),
        cells,
    }
}
