//! Requests that this process is making just now, by their idempotency keys.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// The keys. Other processes are held off by a lock in the database.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashSet<[u8; 32]>>);

/// While it lives, its key is taken.
pub(crate) struct Turn<'a> {
    running: &'a Running,
    key: [u8; 32],
}

impl Running {
    /// Takes a key, unless somebody has it.
    pub(super) fn begin(&self, key: [u8; 32]) -> Option<Turn<'_>> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Made only when it is ours: one that is dropped gives the key back.
        keys.insert(key).then(|| Turn { running: self, key })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut keys = self.running.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}
