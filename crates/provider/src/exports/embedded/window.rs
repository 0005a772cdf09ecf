//! The rest of a file as a file of its own.

use std::io::{self, Read, Seek, SeekFrom};

/// What follows the place where it was made; position 0 is that place.
pub(super) struct Window<R> {
    inner: R,
    start: u64,
}

impl<R: Seek> Window<R> {
    /// Begins where `inner` stands.
    pub(super) fn from_here(mut inner: R) -> io::Result<Self> {
        let start = inner.stream_position()?;
        Ok(Self { inner, start })
    }
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.inner.read(bytes)
    }
}

impl<R: Seek> Seek for Window<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(position) => {
                SeekFrom::Start(self.start.checked_add(position).ok_or(io::ErrorKind::InvalidInput)?)
            }
            relative => relative,
        };
        self.inner
            .seek(to)?
            .checked_sub(self.start)
            .ok_or(io::ErrorKind::InvalidInput.into())
    }
}
