//! Writing an export piece by piece.

use bytes::{Bytes, BytesMut};
use object_store::{
    ObjectStoreExt as _, PutPayload,
    multipart::{MultipartStore as _, PartId},
    path::Path,
};

use super::{ExportError, Exports};

/// What goes up at once: above S3's least part of 5 MiB, and 10,000 of them hold 78 GiB.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// An export on its way into the store. A small one is put in one go; a larger one is begun as an upload in parts,
/// whose id the caller keeps ([`Upload::begun`]) so that a later attempt can abort it.
pub struct Upload<'a> {
    exports: &'a Exports,
    key: Path,
    pending: BytesMut,
    begun: Option<String>,
    parts: Vec<PartId>,
    length: u64,
}

impl<'a> Upload<'a> {
    pub(super) fn new(exports: &'a Exports, key: &str) -> Self {
        Self {
            exports,
            key: Path::from(key),
            pending: BytesMut::new(),
            begun: None,
            parts: Vec::new(),
            length: 0,
        }
    }

    /// True when the next [`Upload::push`] needs an upload in parts and none was begun.
    pub fn must_begin(&self) -> bool {
        self.begun.is_none() && self.pending.len() >= PART_BYTES
    }

    /// Begins the upload in parts, and returns its id.
    pub async fn begin(&mut self) -> Result<&str, ExportError> {
        let id = self.exports.s3().create_multipart(&self.key).await?;
        Ok(self.begun.insert(id))
    }

    /// Takes the next bytes; sends a part when there are enough for one.
    pub async fn push(&mut self, bytes: Bytes) -> Result<(), ExportError> {
        while self.begun.is_some() && self.pending.len() >= PART_BYTES {
            let part = self.pending.split_to(PART_BYTES).freeze();
            self.send(part).await?;
        }
        self.length += bytes.len() as u64;
        self.pending.extend_from_slice(&bytes);
        Ok(())
    }

    /// Makes the object whole and visible, in place of an earlier one. Returns its length.
    pub async fn finish(mut self) -> Result<u64, ExportError> {
        let Some(id) = self.begun.clone() else {
            let payload = PutPayload::from_bytes(self.pending.freeze());
            self.exports.s3().put(&self.key, payload).await?;
            return Ok(self.length);
        };
        while !self.pending.is_empty() {
            let part = self.pending.split_to(PART_BYTES.min(self.pending.len())).freeze();
            self.send(part).await?;
        }
        let parts = std::mem::take(&mut self.parts);
        self.exports.s3().complete_multipart(&self.key, &id, parts).await?;
        Ok(self.length)
    }

    /// Gives up; what went up already is removed as far as the store lets us.
    pub async fn abort(self) {
        if let Some(id) = &self.begun {
            self.exports.s3().abort_multipart(&self.key, id).await.ok();
        }
    }

    async fn send(&mut self, part: Bytes) -> Result<(), ExportError> {
        let Some(id) = &self.begun else { return Ok(()) };
        let part = self
            .exports
            .s3()
            .put_part(&self.key, id, self.parts.len(), PutPayload::from_bytes(part))
            .await?;
        self.parts.push(part);
        Ok(())
    }
}
