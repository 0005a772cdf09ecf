//! Reading a sealed stream, from anywhere.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use zeroize::Zeroizing;

use super::chunks::{CHUNK_BYTES, Chunks, Position, SEALED_CHUNK_BYTES, STREAM_HEADER_BYTES};
use crate::envelope::TAG_BYTES;
use crate::{DataKey, OpenError, Place};

/// Why a sealed stream did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenStreamError {
    /// It is not what was sealed for this place with this key.
    #[error(transparent)]
    Sealed(#[from] OpenError),
    /// It could not be read.
    #[error("could not read the sealed stream")]
    Io(#[from] io::Error),
}

/// Opens a sealed stream chunk by chunk. Its length is certain from the start; a damaged chunk is noticed when it is
/// read, as an [`io::ErrorKind::InvalidData`] that carries an [`OpenError`], and nothing of it is given out.
pub struct SealedReader<R: Read + Seek> {
    inner: R,
    chunks: Chunks,
    length: u64,
    position: u64,
    /// The plaintext of one chunk, and which one.
    opened: Zeroizing<Vec<u8>>,
    opened_index: Option<u32>,
}

impl<R: Read + Seek> SealedReader<R> {
    /// Opens the stream that `inner` holds from its beginning to its end.
    pub fn open(mut inner: R, key: &DataKey, place: &Place<'_>) -> Result<Self, OpenStreamError> {
        let sealed_length = inner.seek(SeekFrom::End(0))?;
        inner.seek(SeekFrom::Start(0))?;
        let mut header = [0; STREAM_HEADER_BYTES];
        read_exact(&mut inner, &mut header)?;
        let chunks = Chunks::open(key, place, &header)?;
        let length = plaintext_length(sealed_length)?;
        // Room for the longest chunk from the start: growing would leave copies behind that nobody wipes.
        let room = usize::try_from(sealed_length)
            .unwrap_or(usize::MAX)
            .min(SEALED_CHUNK_BYTES);
        let opened = Zeroizing::new(Vec::with_capacity(room));
        let mut reader = Self {
            inner,
            chunks,
            length,
            position: 0,
            opened,
            opened_index: None,
        };
        // The last chunk opens only as the last: from here on the length can be trusted.
        reader.open_chunk(last_index(length)?)?;
        Ok(reader)
    }

    /// The length of the plaintext, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn open_chunk(&mut self, index: u32) -> Result<(), OpenStreamError> {
        if self.opened_index == Some(index) {
            return Ok(());
        }
        self.opened_index = None;
        let last = index == last_index(self.length)?;
        let plaintext = if last {
            self.length - u64::from(index) * CHUNK_BYTES as u64
        } else {
            CHUNK_BYTES as u64
        };
        let sealed = usize::try_from(plaintext).map_err(|_| OpenError::Damaged)? + TAG_BYTES;
        let start = STREAM_HEADER_BYTES as u64 + u64::from(index) * SEALED_CHUNK_BYTES as u64;
        self.inner.seek(SeekFrom::Start(start))?;
        self.opened.resize(sealed, 0);
        read_exact(&mut self.inner, &mut self.opened)?;
        self.chunks.unseal(Position { index, last }, &mut self.opened)?;
        self.opened_index = Some(index);
        Ok(())
    }
}

impl<R: Read + Seek> Read for SealedReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length || bytes.is_empty() {
            return Ok(0);
        }
        let chunk_bytes = CHUNK_BYTES as u64;
        let index = u32::try_from(self.position / chunk_bytes).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.open_chunk(index).map_err(into_io)?;
        let within = usize::try_from(self.position % chunk_bytes).map_err(io::Error::other)?;
        let taken = self.opened.get(within..).unwrap_or_default().read(bytes)?;
        self.position += taken as u64;
        Ok(taken)
    }
}

impl<R: Read + Seek> Seek for SealedReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl<R: Read + Seek> fmt::Debug for SealedReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedReader")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// How much plaintext a sealed stream of this length holds, when it is one that the writer can have made.
fn plaintext_length(sealed: u64) -> Result<u64, OpenError> {
    let body = sealed
        .checked_sub(STREAM_HEADER_BYTES as u64)
        .ok_or(OpenError::Damaged)?;
    let (whole, rest) = (body / SEALED_CHUNK_BYTES as u64, body % SEALED_CHUNK_BYTES as u64);
    let tag = TAG_BYTES as u64;
    match (whole, rest) {
        (0, 0) => Err(OpenError::Damaged),
        (_, 0) => Ok(whole * CHUNK_BYTES as u64),
        (0, rest) if rest == tag => Ok(0),
        (_, rest) if rest <= tag => Err(OpenError::Damaged),
        (_, rest) => Ok(whole * CHUNK_BYTES as u64 + rest - tag),
    }
}

fn last_index(length: u64) -> Result<u32, OpenError> {
    u32::try_from(length.saturating_sub(1) / CHUNK_BYTES as u64).map_err(|_| OpenError::Damaged)
}

/// A stream that ends before its end is damaged, not an input or output error.
fn read_exact(inner: &mut impl Read, bytes: &mut [u8]) -> Result<(), OpenStreamError> {
    inner.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => OpenError::Damaged.into(),
        _ => OpenStreamError::Io(error),
    })
}

fn into_io(error: OpenStreamError) -> io::Error {
    match error {
        OpenStreamError::Sealed(error) => io::Error::new(io::ErrorKind::InvalidData, error),
        OpenStreamError::Io(error) => error,
    }
}
