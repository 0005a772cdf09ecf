//! The key of one subject, request or connection.

use std::fmt;

use zeroize::Zeroizing;

use crate::envelope::{self, Kind};
use crate::key::Key;
use crate::{Entropy, KeyId, OpenError, Place, SharedEntropy};

/// Seals everything that belongs to one owner. It exists in memory only while needed and is wiped when dropped; at rest
/// there is its [`crate::WrappedKey`]. From [`crate::Vault::new_data_key`] or [`crate::Vault::unwrap`].
pub struct DataKey {
    key: Key,
    sealing: Key,
    entropy: SharedEntropy,
}

impl DataKey {
    pub(crate) fn new(key: Key, entropy: SharedEntropy) -> Self {
        let sealing = key.derive("data/bytes");
        Self { key, sealing, entropy }
    }

    /// Seals `plaintext` for `place`. The result is 45 bytes longer, and another one at each call.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Vec<u8> {
        envelope::seal(Kind::Bytes, &self.sealing, place, plaintext, self.entropy())
    }

    /// Opens what [`DataKey::seal`] sealed for the same place. The plaintext is wiped when dropped.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        envelope::open(Kind::Bytes, &self.sealing, place, sealed)
    }

    /// Names the key in errors. Not secret.
    pub fn id(&self) -> KeyId {
        self.key.id()
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) fn stream_key(&self) -> Key {
        self.key.derive("data/stream")
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({}, ..)", self.id())
    }
}
