//! Writing a sealed stream.

use std::fmt;
use std::io::{self, Write};

use zeroize::Zeroizing;

use super::chunks::{CHUNK_BYTES, Chunks, Position, SEALED_CHUNK_BYTES};
use crate::{DataKey, Place, envelope::TAG_BYTES};

/// Room for a small stream, which needs no whole chunk: it would have to be wiped as well.
const FIRST_BYTES: usize = 4 * 1024;

/// Seals what is written to it and hands it on. Only after [`SealedWriter::finish`] is the stream whole; one that was
/// dropped before does not open.
pub struct SealedWriter<W: Write> {
    inner: W,
    chunks: Chunks,
    /// Plaintext of the chunk at `index`, written out only when more comes, since the last one is sealed differently.
    pending: Zeroizing<Vec<u8>>,
    index: u32,
    /// A chunk was handed on in part: what follows could not be read.
    torn: bool,
}

impl<W: Write> SealedWriter<W> {
    /// Begins a stream at `place`, under `key`.
    pub fn new(mut inner: W, key: &DataKey, place: &Place<'_>) -> io::Result<Self> {
        let (chunks, header) = Chunks::new(key, place);
        inner.write_all(&header)?;
        let pending = Zeroizing::new(Vec::with_capacity(FIRST_BYTES + TAG_BYTES));
        Ok(Self {
            inner,
            chunks,
            pending,
            index: 0,
            torn: false,
        })
    }

    /// Seals the last chunk, flushes, and gives back the inner writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.hand_on(true)?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    fn hand_on(&mut self, last: bool) -> io::Result<()> {
        self.refuse_if_torn()?;
        self.torn = true;
        self.chunks.seal(
            Position {
                index: self.index,
                last,
            },
            &mut self.pending,
        )?;
        self.inner.write_all(&self.pending)?;
        self.pending.clear();
        if !last {
            self.index = self.index.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
        }
        self.torn = false;
        Ok(())
    }

    /// Makes room for a whole chunk where what comes needs it. What was there is wiped, as growing by itself would not do.
    fn make_room(&mut self, more: usize) {
        if self.pending.len() + more + TAG_BYTES > self.pending.capacity() {
            let mut whole = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_BYTES));
            whole.extend_from_slice(&self.pending);
            self.pending = whole;
        }
    }

    fn refuse_if_torn(&self) -> io::Result<()> {
        if self.torn {
            Err(io::Error::other("an earlier write to this sealed stream failed"))
        } else {
            Ok(())
        }
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.refuse_if_torn()?;
        if self.pending.len() == CHUNK_BYTES && !bytes.is_empty() {
            self.hand_on(false)?;
        }
        let (taken, _) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.pending.len()));
        self.make_room(taken.len());
        self.pending.extend_from_slice(taken);
        Ok(taken.len())
    }

    /// Flushes what is sealed already. A chunk that is not full stays here until [`SealedWriter::finish`].
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> fmt::Debug for SealedWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedWriter").finish_non_exhaustive()
    }
}
