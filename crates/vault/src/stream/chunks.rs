//! What writer and reader share: how one chunk is sealed and opened.

use std::io;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::envelope::{self, HEADER_BYTES, Kind, NONCE_BYTES, TAG_BYTES};
use crate::{DataKey, OpenError, Place};

pub(super) const CHUNK_BYTES: usize = 64 * 1024;
pub(super) const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
pub(super) const STREAM_HEADER_BYTES: usize = HEADER_BYTES + PREFIX_BYTES;
const PREFIX_BYTES: usize = NONCE_BYTES - 5;

/// The cipher of one stream.
pub(super) struct Chunks {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX_BYTES],
    bound_to: Vec<u8>,
}

/// Which chunk of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) index: u32,
    pub(super) last: bool,
}

impl Chunks {
    /// For a new stream; its header is to be written first.
    pub(super) fn new(key: &DataKey, place: &Place<'_>) -> (Self, [u8; STREAM_HEADER_BYTES]) {
        let mut header = [0; STREAM_HEADER_BYTES];
        let (front, prefix) = header.split_at_mut(HEADER_BYTES);
        front.copy_from_slice(&envelope::header(Kind::Stream, key.id()));
        key.entropy().fill(prefix);
        (Self::of(key, place, &header), header)
    }

    /// For a stream that begins with `header`.
    pub(super) fn open(
        key: &DataKey,
        place: &Place<'_>,
        header: &[u8; STREAM_HEADER_BYTES],
    ) -> Result<Self, OpenError> {
        match envelope::key_id(Kind::Stream, header)? {
            id if id == key.id() => Ok(Self::of(key, place, header)),
            id => Err(OpenError::OtherKey(id)),
        }
    }

    /// Turns the plaintext in `chunk` into ciphertext and tag.
    pub(super) fn seal(&self, position: Position, chunk: &mut Vec<u8>) -> io::Result<()> {
        self.cipher
            .encrypt_in_place(&self.nonce(position), &self.bound_to, chunk)
            .map_err(|_| io::Error::other("could not seal a chunk"))
    }

    /// Turns ciphertext and tag in `chunk` into the plaintext.
    pub(super) fn unseal(&self, position: Position, chunk: &mut Vec<u8>) -> Result<(), OpenError> {
        self.cipher
            .decrypt_in_place(&self.nonce(position), &self.bound_to, chunk)
            .map_err(|_| OpenError::Damaged)
    }

    fn of(key: &DataKey, place: &Place<'_>, header: &[u8; STREAM_HEADER_BYTES]) -> Self {
        let mut prefix = [0; PREFIX_BYTES];
        for (to, from) in prefix.iter_mut().zip(header.iter().skip(HEADER_BYTES)) {
            *to = *from;
        }
        Self {
            cipher: envelope::cipher(&key.stream_key()),
            prefix,
            bound_to: place.bound_to(header),
        }
    }

    fn nonce(&self, position: Position) -> XNonce {
        let mut nonce = [0; NONCE_BYTES];
        let (prefix, rest) = nonce.split_at_mut(PREFIX_BYTES);
        let (index, last) = rest.split_at_mut(4);
        prefix.copy_from_slice(&self.prefix);
        index.copy_from_slice(&position.index.to_be_bytes());
        last.copy_from_slice(&[u8::from(position.last)]);
        XNonce::from(nonce)
    }
}
