//! The changes of a request, and taking them back.

use super::Change;

/// The number of a change in its log, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeId(pub u64);

/// The changes of a request in the order they were made. Undoing a change leaves it in the log, as undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeLog(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    id: ChangeId,
    change: Change,
    undone: bool,
}

/// A change that is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UndoError {
    /// There is no such change.
    #[error("no such change")]
    Unknown,
    /// It was taken back before.
    #[error("the change has already been undone")]
    AlreadyUndone,
}

impl ChangeLog {
    /// Writes down a change.
    pub fn push(&mut self, change: Change) -> ChangeId {
        let id = ChangeId(self.0.last().map_or(0, |entry| entry.id.0) + 1);
        self.0.push(Entry {
            id,
            change,
            undone: false,
        });
        id
    }

    /// Takes a change back, whichever came after it.
    pub fn undo(&mut self, id: ChangeId) -> Result<(), UndoError> {
        let entry = self
            .0
            .iter_mut()
            .find(|entry| entry.id == id)
            .ok_or(UndoError::Unknown)?;
        if entry.undone {
            return Err(UndoError::AlreadyUndone);
        }
        entry.undone = true;
        Ok(())
    }

    /// Takes the last change back that still counts.
    pub fn undo_last(&mut self) -> Option<ChangeId> {
        let entry = self.0.iter_mut().rev().find(|entry| !entry.undone)?;
        entry.undone = true;
        Some(entry.id)
    }

    /// The changes that count, in order.
    pub fn active(&self) -> impl Iterator<Item = &Change> {
        self.0.iter().filter(|entry| !entry.undone).map(|entry| &entry.change)
    }

    /// All of them with their ids, and whether each still counts.
    pub fn iter(&self) -> impl Iterator<Item = (ChangeId, &Change, bool)> {
        self.0.iter().map(|entry| (entry.id, &entry.change, !entry.undone))
    }
}
