//! One symmetric key, and how others are derived from it.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Entropy;

/// The length of every key, in bytes.
pub(crate) const KEY_BYTES: usize = 32;

/// Which key sealed something: four bytes computed from the key, written as eight hexadecimal digits. Not secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub(crate) [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// 32 secret bytes, wiped when dropped, and the id of the drawn key they come from.
#[derive(Clone)]
pub(crate) struct Key {
    id: KeyId,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl Key {
    /// A new random key.
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        entropy.fill(bytes.as_mut());
        Self::from_bytes(bytes)
    }

    /// The key of these bytes. Its id follows from them, so that a key copied wrongly is noticed.
    pub(crate) fn from_bytes(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let [a, b, c, d, ..] = *derive(&bytes, "id");
        Self {
            id: KeyId([a, b, c, d]),
            bytes,
        }
    }

    /// The key for `purpose`. It keeps the id, which names the drawn key behind it.
    pub(crate) fn derive(&self, purpose: &str) -> Self {
        Self {
            id: self.id,
            bytes: derive(&self.bytes, purpose),
        }
    }

    pub(crate) fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }

    /// HMAC-SHA256 (RFC 2104) under this key, ready to take the message.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    pub(crate) fn hmac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(self.bytes()).expect("HMAC takes keys of every length")
    }
}

/// `HMAC-SHA256(key, "rightful/v1/" + purpose)`: the expand step of HKDF (RFC 5869) for a single block. The extract
/// step is left out, because every key here is uniformly random already.
#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn derive(key: &[u8; KEY_BYTES], purpose: &str) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    hmac.update(b"rightful/v1/");
    hmac.update(purpose.as_bytes());
    Zeroizing::new(hmac.finalize().into_bytes().into())
}
