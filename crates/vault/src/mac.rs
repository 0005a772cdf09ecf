//! Signing bytes so that only this installation's own are accepted.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::key::Key;

/// HMAC-SHA256 (RFC 2104) for one purpose, its key taken in once. From [`crate::Vault::mac`].
#[derive(Clone)]
pub struct MacKey(Hmac<Sha256>);

impl MacKey {
    pub(crate) fn new(key: &Key) -> Self {
        Self(key.hmac())
    }

    /// The tag of `message`.
    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }

    /// Whether `tag` is the whole tag of `message`, compared in time that does not depend on its content.
    pub fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        self.0.clone().chain_update(message).verify_slice(tag).is_ok()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(..)")
    }
}
