//! `audit verify` and `audit export`: the same for both services.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Write},
    path::Path,
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ChainReport, Event, Store};

use super::Call;
use crate::{
    Failure,
    command_line::AuditCommand,
    hex::{hex, unhex},
};

/// An event as it is exported: everything its hash covers.
#[derive(Serialize, Deserialize)]
struct ExportedEvent {
    seq: i64,
    at: jiff::Timestamp,
    actor: String,
    origin: Option<String>,
    action: String,
    object: String,
    /// The text that was hashed.
    detail: String,
    hash: String,
}

/// Carries a command out; `open` gives the database, which an exported log does not need.
pub(super) async fn run(
    call: &Call,
    command: AuditCommand,
    open: impl AsyncFnOnce() -> anyhow::Result<Store>,
) -> anyhow::Result<()> {
    match command {
        AuditCommand::Verify { file: Some(file) } => verify_file(call, &file),
        AuditCommand::Verify { file: None } => verify(call, &open().await?).await,
        AuditCommand::Export { output } => export(call, &open().await?, &output).await,
    }
}

/// Checks the log in the database.
async fn verify(call: &Call, store: &Store) -> anyhow::Result<()> {
    report(call, &store.verify_audit().await?, None)
}

/// Checks an exported log; neither a database nor a key is needed.
fn verify_file(call: &Call, path: &Path) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    let (mut seq, mut hash) = (0, [0; 32]);
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| format!("could not read {}", path.display()))?;
        let exported: ExportedEvent = serde_json::from_str(&line).map_err(|_| {
            Failure::new(format!(
                "{} line {}: not an event of an exported log",
                path.display(),
                number + 1
            ))
        })?;
        let event = exported.event().with_context(|| format!("line {}", number + 1))?;
        seq += 1;
        let reason = if event.seq != seq {
            Some("the row is missing")
        } else if event.hash != event.expected_hash(&hash) {
            Some("the row or the one before it was changed")
        } else {
            None
        };
        if let Some(reason) = reason {
            return report(call, &ChainReport::Broken { seq, reason }, None);
        }
        hash = event.hash;
    }
    report(call, &ChainReport::Whole { events: seq }, Some(hash))
}

/// Writes all events, one JSON object a line.
async fn export(call: &Call, store: &Store, output: &Path) -> anyhow::Result<()> {
    let unwritable = || format!("could not write {}", output.display());
    let mut out: Box<dyn Write> = if output == Path::new("-") {
        Box::new(io::stdout())
    } else {
        Box::new(io::BufWriter::new(File::create(output).with_context(unwritable)?))
    };
    let mut last = 0;
    loop {
        let events = store.read().await?.events(None, last, 1000).await?;
        let Some(end) = events.last() else { break };
        last = end.seq;
        for event in events {
            let line = serde_json::to_string(&ExportedEvent::of(event))?;
            writeln!(out, "{line}").with_context(unwritable)?;
        }
    }
    out.flush().with_context(unwritable)?;
    call.output.remark(&format!("{last} events written"));
    Ok(())
}

fn report(call: &Call, report: &ChainReport, last_hash: Option<[u8; 32]>) -> anyhow::Result<()> {
    match report {
        ChainReport::Whole { events } => {
            let hash = last_hash.map(|hash| hex(&hash));
            call.output
                .answer(&json!({"whole": true, "events": events, "last_hash": hash}), || {
                    let end = hash
                        .as_ref()
                        .map_or_else(String::new, |hash| format!("; the last hash is {hash}"));
                    format!("{events} events, none changed, removed or added{end}")
                })?;
            Ok(())
        }
        ChainReport::Broken { seq, reason } => {
            if call.output.is_json() {
                call.output
                    .answer(&json!({"whole": false, "seq": seq, "reason": reason}), String::new)?;
            }
            bail!(
                Failure::new(format!("the audit log is broken at event {seq}: {reason}"))
                    .hint("compare with an earlier export to see what was changed")
            )
        }
    }
}

impl ExportedEvent {
    fn of(event: Event) -> Self {
        Self {
            seq: event.seq,
            at: event.at,
            actor: event.actor,
            origin: event.origin,
            action: event.action,
            object: event.object,
            detail: event.detail,
            hash: hex(&event.hash),
        }
    }

    fn event(self) -> anyhow::Result<Event> {
        Ok(Event {
            seq: self.seq,
            at: self.at,
            actor: self.actor,
            origin: self.origin,
            action: self.action,
            object: self.object,
            detail: self.detail,
            hash: unhex(&self.hash).context("the hash is not 64 hexadecimal digits")?,
        })
    }
}
