//! The unlocked vault of one database.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use crate::envelope::{self, Kind};
use crate::key::{KEY_BYTES, Key};
use crate::roots::Roots;
use crate::{DataKey, KeyId, MacKey, MasterKeys, OpenError, Place, SharedEntropy, WrappedKey};

/// Makes and opens data keys, blind indexes and MACs for one database. Cloning is cheap and shares the keys. The master
/// key is needed to unlock and to rotate, and is not kept.
///
/// # Rotation
/// - *The master key*: put [`MasterKeys::with_new_current`] in the file, store [`Vault::rewrap_root`] under it. Nothing
///   else changes, so other running processes need not know.
/// - *The root key*: store the blob of [`Vault::with_new_root`], then [`Vault::rewrap`] each data key and
///   [`Vault::reseal`] each value that needs it. Another running process meets [`OpenError::OtherKey`] and calls
///   [`Vault::reload`] with the stored blob. What it sealed meanwhile under the older root keeps opening.
#[derive(Clone)]
pub struct Vault(Arc<Shared>);

struct Shared {
    roots: RwLock<Arc<Roots>>,
    entropy: SharedEntropy,
}

/// Why a vault could not be unlocked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// The master keys at hand belong to another database, or the one needed was removed.
    #[error("this database was sealed with another master key (key id {needed}; the file has {})", list(.available))]
    OtherMasterKey {
        /// The key that the database needs.
        needed: KeyId,
        /// The keys at hand.
        available: Vec<KeyId>,
    },
    /// The right master key is at hand, but the stored root key is not what it sealed.
    #[error("the root key stored in the database is damaged")]
    Damaged,
    /// On [`Vault::reload`]: the stored root key is another database's.
    #[error("the root key stored in the database belongs to another one")]
    OtherDatabase,
}

impl Vault {
    /// A vault for a new database, and the sealed root key to store in it.
    pub fn create(master: &MasterKeys, entropy: SharedEntropy) -> (Self, WrappedKey) {
        let roots = Roots::generate(entropy.as_ref());
        let wrapped = roots.wrap(master, entropy.as_ref());
        (Self::of(roots, entropy), wrapped)
    }

    /// The vault of a database whose sealed root key is `stored`.
    pub fn unlock(master: &MasterKeys, stored: &WrappedKey, entropy: SharedEntropy) -> Result<Self, UnlockError> {
        Ok(Self::of(unwrap_roots(master, stored)?, entropy))
    }

    /// Takes up the root keys that another process has stored, in this and every cloned handle.
    pub fn reload(&self, master: &MasterKeys, stored: &WrappedKey) -> Result<(), UnlockError> {
        let roots = unwrap_roots(master, stored)?;
        if roots.index().id() != self.roots().index().id() {
            return Err(UnlockError::OtherDatabase);
        }
        *self.0.roots.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(roots);
        Ok(())
    }

    /// A new data key, and its sealed form to store in the owner's row.
    pub fn new_data_key(&self, owner: &Place<'_>) -> (DataKey, WrappedKey) {
        let key = Key::generate(self.0.entropy.as_ref());
        let wrapped = self.wrap(owner, &key);
        (DataKey::new(key, self.0.entropy.clone()), wrapped)
    }

    /// The data key of `owner`.
    pub fn unwrap(&self, owner: &Place<'_>, wrapped: &WrappedKey) -> Result<DataKey, OpenError> {
        let roots = self.roots();
        let root = roots.find(envelope::key_id(Kind::DataKey, wrapped.as_bytes())?)?;
        let plaintext = envelope::open(Kind::DataKey, &root.wrapping, owner, wrapped.as_bytes())?;
        let bytes: &[u8; KEY_BYTES] = plaintext.as_slice().try_into().map_err(|_| OpenError::Damaged)?;
        Ok(DataKey::new(
            Key::from_bytes(Zeroizing::new(*bytes)),
            self.0.entropy.clone(),
        ))
    }

    /// Seals what has no data key of its own, for instance a setting. Such bytes can be deleted, but not shredded.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Vec<u8> {
        envelope::seal(
            Kind::RootBytes,
            &self.roots().current().sealing,
            place,
            plaintext,
            self.0.entropy.as_ref(),
        )
    }

    /// Opens what [`Vault::seal`] sealed for the same place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let roots = self.roots();
        let root = roots.find(envelope::key_id(Kind::RootBytes, sealed)?)?;
        envelope::open(Kind::RootBytes, &root.sealing, place, sealed)
    }

    /// Finds a value without storing it: the same 32 bytes for the same purpose and value in this database for ever,
    /// which tell nothing to somebody without the key. The caller normalises first, so that equal means equal.
    pub fn blind_index(&self, purpose: &str, normalised: &str) -> [u8; 32] {
        self.index_key("blind-index/", purpose).sign(normalised.as_bytes())
    }

    /// Signs for `purpose`, for instance links. The key lasts as long as the database.
    pub fn mac(&self, purpose: &str) -> MacKey {
        self.index_key("mac/", purpose)
    }

    /// The root keys sealed under the current key of `master`: to be stored in place of the present blob.
    pub fn rewrap_root(&self, master: &MasterKeys) -> WrappedKey {
        self.roots().wrap(master, self.0.entropy.as_ref())
    }

    /// The same vault with a new root key in front of the older ones, and the blob to be stored in place of the present
    /// one. This handle and its clones go on with the older ones until [`Vault::reload`].
    pub fn with_new_root(&self, master: &MasterKeys) -> (Self, WrappedKey) {
        let roots = self.roots().with_new_current(self.0.entropy.as_ref());
        let wrapped = roots.wrap(master, self.0.entropy.as_ref());
        (Self::of(roots, self.0.entropy.clone()), wrapped)
    }

    /// Whether a data key is still wrapped by an older root key.
    pub fn needs_rewrap(&self, wrapped: &WrappedKey) -> bool {
        wrapped.key_id() != self.roots().current().id()
    }

    /// The same data key wrapped by the current root key. What it sealed stays as it is.
    pub fn rewrap(&self, owner: &Place<'_>, wrapped: &WrappedKey) -> Result<WrappedKey, OpenError> {
        Ok(self.wrap(owner, self.unwrap(owner, wrapped)?.key()))
    }

    /// Whether bytes from [`Vault::seal`] are still sealed by an older root key.
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        envelope::key_id(Kind::RootBytes, sealed) != Ok(self.roots().current().id())
    }

    /// The same bytes sealed by the current root key.
    pub fn reseal(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        Ok(self.seal(place, &self.open(place, sealed)?))
    }

    fn of(roots: Roots, entropy: SharedEntropy) -> Self {
        Self(Arc::new(Shared {
            roots: RwLock::new(Arc::new(roots)),
            entropy,
        }))
    }

    fn roots(&self) -> Arc<Roots> {
        self.0.roots.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn wrap(&self, owner: &Place<'_>, key: &Key) -> WrappedKey {
        let (roots, entropy) = (self.roots(), self.0.entropy.as_ref());
        let wrapping = &roots.current().wrapping;
        WrappedKey::from_envelope(envelope::seal(Kind::DataKey, wrapping, owner, key.bytes(), entropy))
    }

    fn index_key(&self, family: &str, purpose: &str) -> MacKey {
        MacKey::new(&self.roots().index().derive(&[family, purpose].concat()))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

fn unwrap_roots(master: &MasterKeys, stored: &WrappedKey) -> Result<Roots, UnlockError> {
    Roots::unwrap(master, stored).map_err(|error| match error {
        OpenError::OtherKey(needed) => UnlockError::OtherMasterKey {
            needed,
            available: master.ids().collect(),
        },
        OpenError::Damaged | OpenError::UnknownFormat => UnlockError::Damaged,
    })
}

fn list(ids: &[KeyId]) -> String {
    ids.iter().map(KeyId::to_string).collect::<Vec<_>>().join(", ")
}
