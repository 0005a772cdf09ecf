//! The root keys of one database.

use zeroize::Zeroizing;

use crate::envelope::{self, Kind};
use crate::key::{KEY_BYTES, Key};
use crate::{Entropy, KeyId, MasterKeys, OpenError, Place, WrappedKey};

/// Where the root keys stand: once in each database.
const ROOTS: Place<'static> = Place {
    table: "vault",
    column: "roots",
    row: "",
};

/// One generation of the root key, with the keys it is used through.
#[derive(Clone)]
pub(crate) struct Root {
    key: Key,
    pub(crate) wrapping: Key,
    pub(crate) sealing: Key,
}

/// All generations, newest first, never empty. The newest wraps and seals; the first one ever made (the last here)
/// stays the origin of blind indexes and MACs, since those are stored and compared and could not be found otherwise.
#[derive(Clone)]
pub(crate) struct Roots {
    current: Root,
    older: Vec<Root>,
}

impl Root {
    fn new(key: Key) -> Self {
        Self {
            wrapping: key.derive("root/wrap"),
            sealing: key.derive("root/bytes"),
            key,
        }
    }

    pub(crate) fn id(&self) -> KeyId {
        self.key.id()
    }

    /// Derives a key straight from this root.
    pub(crate) fn derive(&self, purpose: &str) -> Key {
        self.key.derive(purpose)
    }
}

impl Roots {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self {
            current: Root::new(Key::generate(entropy)),
            older: Vec::new(),
        }
    }

    pub(crate) fn with_new_current(&self, entropy: &dyn Entropy) -> Self {
        Self {
            current: Root::new(Key::generate(entropy)),
            older: self.iter().cloned().collect(),
        }
    }

    pub(crate) fn current(&self) -> &Root {
        &self.current
    }

    /// The first root ever made.
    pub(crate) fn index(&self) -> &Root {
        self.older.last().unwrap_or(&self.current)
    }

    pub(crate) fn find(&self, id: KeyId) -> Result<&Root, OpenError> {
        self.iter().find(|root| root.id() == id).ok_or(OpenError::OtherKey(id))
    }

    /// Seals all generations, one key after the other, under the current master key.
    pub(crate) fn wrap(&self, master: &MasterKeys, entropy: &dyn Entropy) -> WrappedKey {
        let mut plaintext = Zeroizing::new(Vec::with_capacity(KEY_BYTES * (1 + self.older.len())));
        for root in self.iter() {
            plaintext.extend_from_slice(root.key.bytes());
        }
        let key = master.current().derive("master/wrap");
        WrappedKey::from_envelope(envelope::seal(Kind::Roots, &key, &ROOTS, &plaintext, entropy))
    }

    /// `OtherKey` when no line of the master key file has the id in front.
    pub(crate) fn unwrap(master: &MasterKeys, wrapped: &WrappedKey) -> Result<Self, OpenError> {
        let id = envelope::key_id(Kind::Roots, wrapped.as_bytes())?;
        let key = master.find(id).ok_or(OpenError::OtherKey(id))?.derive("master/wrap");
        let plaintext = envelope::open(Kind::Roots, &key, &ROOTS, wrapped.as_bytes())?;
        let (keys, []) = plaintext.as_chunks::<KEY_BYTES>() else {
            return Err(OpenError::Damaged);
        };
        let mut roots = keys
            .iter()
            .map(|bytes| Root::new(Key::from_bytes(Zeroizing::new(*bytes))));
        let current = roots.next().ok_or(OpenError::Damaged)?;
        Ok(Self {
            current,
            older: roots.collect(),
        })
    }

    fn iter(&self) -> impl Iterator<Item = &Root> {
        std::iter::once(&self.current).chain(&self.older)
    }
}
