//! A key that is itself sealed.

use std::fmt;

use crate::envelope::{self, HEADER_BYTES, Kind};
use crate::{KeyId, OpenError};

/// A sealed key as it is stored: a data key under the root key, or the root keys under the master key. Deleting every
/// copy of a wrapped data key shreds what it sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey(Vec<u8>);

impl WrappedKey {
    /// Reads back [`WrappedKey::as_bytes`]. Only the first bytes are looked at; opening tells whether the rest is whole.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, OpenError> {
        let bytes = bytes.into();
        envelope::key_id(Kind::DataKey, &bytes).or_else(|_| envelope::key_id(Kind::Roots, &bytes))?;
        Ok(Self(bytes))
    }

    /// The bytes to store. The id of the key that wrapped it stands in front.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The master key or root key that wrapped it.
    pub fn key_id(&self) -> KeyId {
        match self.0.first_chunk::<HEADER_BYTES>() {
            Some([_, a, b, c, d]) => KeyId([*a, *b, *c, *d]),
            None => KeyId([0; 4]),
        }
    }

    pub(crate) fn from_envelope(sealed: Vec<u8>) -> Self {
        Self(sealed)
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey(by {})", self.key_id())
    }
}
