//! The keys that stay outside the database.

mod file;
mod text;

use std::fmt;

pub use file::MasterKeyFileError;
pub use text::MasterKeyTextError;

use crate::key::Key;
use crate::{Entropy, KeyId};

/// The current master key and older ones. Whoever has it and the database can read everything; without it nobody can,
/// so it is backed up apart from the database. Older keys are kept to open what they sealed, backups among it.
///
/// As text it is one key a line, newest first: `rightful-master-key:v1:<key id>:<base64url of 32 bytes>`.
#[derive(Clone)]
pub struct MasterKeys {
    current: Key,
    older: Vec<Key>,
}

impl MasterKeys {
    /// One new random key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self {
            current: Key::generate(entropy),
            older: Vec::new(),
        }
    }

    /// The same keys behind a new current one.
    #[must_use]
    pub fn with_new_current(&self, entropy: &dyn Entropy) -> Self {
        Self {
            current: Key::generate(entropy),
            older: self.iter().cloned().collect(),
        }
    }

    /// The current key alone: once everything is wrapped by it and no backup needs the older ones.
    #[must_use]
    pub fn without_older(&self) -> Self {
        Self {
            current: self.current.clone(),
            older: Vec::new(),
        }
    }

    /// Names the key that wraps from now on.
    pub fn current_id(&self) -> KeyId {
        self.current.id()
    }

    /// Names all keys, newest first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.iter().map(Key::id)
    }

    pub(crate) fn current(&self) -> &Key {
        &self.current
    }

    pub(crate) fn find(&self, id: KeyId) -> Option<&Key> {
        self.iter().find(|key| key.id() == id)
    }

    fn iter(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKeys(")?;
        for id in self.ids() {
            write!(f, "{id}, ")?;
        }
        f.write_str("..)")
    }
}
