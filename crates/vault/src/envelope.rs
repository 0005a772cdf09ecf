//! The layout of everything sealed in one piece: `kind (1) | key id (4) | nonce (24) | ciphertext | tag (16)`,
//! XChaCha20-Poly1305, with kind, key id and place as additional data.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::key::{Key, KeyId};
use crate::{Entropy, Place, random_bytes};

/// Why sealed bytes did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A key was needed that is not at hand. From [`crate::Vault`]: the root key was rotated by another process,
    /// [`crate::Vault::reload`] may help.
    #[error("sealed with another key (key id {0})")]
    OtherKey(KeyId),
    /// Changed, cut short, or moved here from another place.
    #[error("damaged, or moved from another place")]
    Damaged,
    /// Never sealed, sealed as something else, or sealed by a later version.
    #[error("not in a known sealed format")]
    UnknownFormat,
}

/// What was sealed, and in which version of its format: the first byte. A new version takes a new number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Bytes under a data key.
    Bytes = 1,
    /// Bytes under the root key.
    RootBytes = 2,
    /// A data key under the root key.
    DataKey = 3,
    /// The root keys under the master key.
    Roots = 4,
    /// A stream under a data key; its layout is described in `stream`.
    Stream = 5,
}

/// Kind and key id.
pub(crate) const HEADER_BYTES: usize = 5;
pub(crate) const NONCE_BYTES: usize = 24;
pub(crate) const TAG_BYTES: usize = 16;

pub(crate) fn header(kind: Kind, id: KeyId) -> [u8; HEADER_BYTES] {
    let KeyId([a, b, c, d]) = id;
    [kind as u8, a, b, c, d]
}

/// The id of the key that sealed this.
pub(crate) fn key_id(kind: Kind, sealed: &[u8]) -> Result<KeyId, OpenError> {
    match sealed {
        [first, ..] if *first != kind as u8 => Err(OpenError::UnknownFormat),
        [] => Err(OpenError::UnknownFormat),
        [_, a, b, c, d, ..] => Ok(KeyId([*a, *b, *c, *d])),
        _ => Err(OpenError::Damaged),
    }
}

#[expect(
    clippy::expect_used,
    reason = "the cipher's limit of 256 GiB is beyond any value held in memory"
)]
pub(crate) fn seal(kind: Kind, key: &Key, place: &Place<'_>, plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let header = header(kind, key.id());
    let nonce: [u8; NONCE_BYTES] = random_bytes(entropy);
    let ciphertext = cipher(key)
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: plaintext,
                aad: &place.bound_to(&header),
            },
        )
        .expect("values are shorter than 256 GiB");
    [header.as_slice(), &nonce, &ciphertext].concat()
}

pub(crate) fn open(kind: Kind, key: &Key, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let id = key_id(kind, sealed)?;
    if id != key.id() {
        return Err(OpenError::OtherKey(id));
    }
    let (header, rest) = sealed.split_first_chunk::<HEADER_BYTES>().ok_or(OpenError::Damaged)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Damaged)?;
    cipher(key)
        .decrypt(
            &XNonce::from(*nonce),
            Payload {
                msg: ciphertext,
                aad: &place.bound_to(header),
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| OpenError::Damaged)
}

pub(crate) fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}
