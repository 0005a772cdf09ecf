//! Durable work about a connection, put on its lane.

use jiff::Timestamp;
use serde_json::json;
use store::{Tx, jobs::NewJob};

use crate::{ConnectionId, steps};

/// A job about a connection; there is one of each kind at a time.
pub(crate) fn job(kind: &'static str, lane: String, id: ConnectionId, run_at: Timestamp) -> NewJob {
    NewJob {
        kind,
        lane,
        run_at,
        payload: json!({"connection": id}),
        key: Some(format!("{kind}:{id}")),
    }
}

/// Tells the tasks of a connection that it stopped working.
pub(crate) fn park(tx: &mut Tx, id: ConnectionId) {
    tell(tx, steps::connection::PARKED, id);
}

/// Tells the tasks of a connection that it works again.
pub(crate) fn resumed(tx: &mut Tx, id: ConnectionId) {
    tell(tx, steps::connection::RESUMED, id);
}

/// Asks those whom a connection names about what waits already.
pub(crate) fn approvers_named(tx: &mut Tx, id: ConnectionId) {
    tell(tx, steps::connection::APPROVERS_NAMED, id);
}

/// Without a key: one that is being carried out may have looked before this commit.
fn tell(tx: &mut Tx, kind: &'static str, id: ConnectionId) {
    let now = tx.now();
    tx.enqueue(NewJob {
        key: None,
        ..job(kind, steps::INTERNAL.to_owned(), id, now)
    });
}
