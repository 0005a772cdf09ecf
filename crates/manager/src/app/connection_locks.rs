//! One at a time for each connection, within this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::ConnectionId;

/// Whoever holds a connection's lock does something alone that others would do in vain at the same time. Nothing
/// depends on it but effort: what holds across processes stands in the database.
#[derive(Default)]
pub(crate) struct ConnectionLocks(Mutex<HashMap<ConnectionId, Arc<tokio::sync::Mutex<()>>>>);

impl ConnectionLocks {
    /// The lock of a connection.
    pub(crate) fn of(&self, id: ConnectionId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(id).or_default())
    }
}
