//! One member of an archive as it is unpacked, under watch.

use std::{
    cell::Cell,
    io::{self, Read},
};

use sha2::{Digest as _, Sha256};

use super::{
    entries::{check_ratio, damaged},
    error::ExportError,
    limits::Limits,
    s3::hex,
};

/// Counts and hashes what is unpacked, and stops at the limits. What stopped it is kept beside the `io::Error` that a
/// parser gets to see, so that a bomb is not mistaken for bad JSON.
pub(super) struct Member<'a, R> {
    inner: R,
    limits: Limits,
    /// Bytes of the members before this one.
    before: u64,
    packed: u64,
    read: u64,
    /// Bytes since the last record ended.
    since_record: &'a Cell<usize>,
    hash: Option<Sha256>,
    fault: Option<ExportError>,
}

impl<'a, R: Read> Member<'a, R> {
    pub(super) fn new(
        inner: R,
        packed: u64,
        before: u64,
        limits: Limits,
        since_record: &'a Cell<usize>,
        hashed: bool,
    ) -> Self {
        let hash = hashed.then(Sha256::new);
        Self {
            inner,
            limits,
            before,
            packed,
            read: 0,
            since_record,
            hash,
            fault: None,
        }
    }

    /// Ends the reading: how many bytes there were and their SHA-256, or what stopped it.
    pub(super) fn finish(self) -> Result<(u64, Option<String>), ExportError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok((self.read, self.hash.map(|hash| hex(&hash.finalize())))),
        }
    }

    fn watch(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.read += bytes.len() as u64;
        if self.before.saturating_add(self.read) > self.limits.max_bytes {
            return Err(ExportError::Limit {
                limit: "export_max_bytes",
                value: self.limits.max_bytes,
            });
        }
        check_ratio(self.read, self.packed, &self.limits)?;
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
        Ok(())
    }
}

impl<R: Read> Read for Member<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fault.is_some() {
            return Err(io::ErrorKind::Other.into());
        }
        // A parser that meets no end of a record in so many bytes has met none: what follows is kept as a file.
        if self.since_record.get() > self.limits.max_record {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = match self.inner.read(buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(_) => {
                self.fault = Some(damaged("a file in it can't be unpacked"));
                return Err(io::ErrorKind::InvalidData.into());
            }
        };
        self.since_record.set(self.since_record.get().saturating_add(length));
        if let Err(fault) = self.watch(buffer.get(..length).unwrap_or_default()) {
            self.fault = Some(fault);
            return Err(io::ErrorKind::Other.into());
        }
        Ok(length)
    }
}
