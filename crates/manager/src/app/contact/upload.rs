//! Taking files in, sealed as they arrive: nothing of one ever lies in the open, and none is held in memory whole.

use jiff::SignedDuration;
use store::{StoreError, retried};

use super::{
    ContactToken, Upload,
    file_kind::{FileKind, Inspection},
    file_name::{harmless, unlike},
    form::{upload, upload_name},
};
use crate::{
    ContactId, Manager, UploadId,
    app::requests::RequestKey,
    rows::{self, contact_upload::UploadRow},
};

/// A file is sealed in pieces of this many bytes, each in a commit of its own.
const PIECE_BYTES: usize = 512 << 10;

/// After this long a file that has not arrived to its end never will.
const TORN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The link leads to no form that waits.
    #[error("the form is closed")]
    Closed,
    /// A kind of file that is not taken.
    #[error("files of this kind are not taken")]
    Kind,
    /// The content is not what the name says.
    #[error("the file is not what its name says")]
    Disguised,
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is too long.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// How long it may be.
        limit: u64,
    },
    /// All files together are too long.
    #[error("the files together are larger than {limit} bytes")]
    TooMuch {
        /// How long they may be.
        limit: u64,
    },
    /// There are too many files.
    #[error("there are more than {limit} files")]
    TooMany {
        /// How many there may be.
        limit: u32,
    },
    /// There is no such file.
    #[error("no such file")]
    NoSuchFile,
    /// The database failed.
    #[error("the file could not be stored")]
    Store(#[from] StoreError),
}

/// A file that is arriving. End it with [`Receiving::finish`] or [`Receiving::abandon`]; one that is dropped is
/// forgotten later.
pub struct Receiving {
    manager: Manager,
    token: ContactToken,
    key: RequestKey,
    contact: ContactId,
    row: UploadRow,
    inspection: Inspection,
    pending: Vec<u8>,
    pieces: u32,
    /// Bytes of the files that are there.
    others: u64,
}

impl Manager {
    /// A file of this name begins to arrive for the form of a link.
    pub async fn receive_upload(&self, token: &ContactToken, name: &str) -> Result<Receiving, UploadError> {
        retried(|| self.receive_upload_once(token, name)).await
    }

    async fn receive_upload_once(&self, token: &ContactToken, name: &str) -> Result<Receiving, UploadError> {
        let name = harmless(name);
        let mut form = self.open_form(token).await?.ok_or(UploadError::Closed)?;
        let kind = FileKind::of_name(&name).ok_or(UploadError::Kind)?;
        let tx = &mut form.case.tx;
        let before = tx.now().saturating_sub(TORN_AFTER).unwrap_or(tx.now());
        rows::contact_upload::forget_torn(tx, form.contact.id, before).await?;
        let whole = rows::contact_upload::whole(tx, form.contact.id).await?;
        let limit = self.settings().direct_contact_max_files;
        if whole.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(UploadError::TooMany { limit });
        }
        let names = whole.iter().map(|row| upload_name(&form.key, row));
        let names: Vec<String> = names
            .map(|name| name.map(privacy::Personal::into_revealed))
            .collect::<Result<_, _>>()?;
        let id = UploadId::from(tx.new_id());
        let name = unlike(&name, &names);
        let head = form
            .key
            .seal("contact_upload", "head", &id.to_string(), name.as_bytes());
        rows::contact_upload::begin(tx, id, form.contact.id, form.contact.request, head.clone()).await?;
        form.case.commit().await?;
        Ok(Receiving {
            manager: self.clone(),
            token: token.clone(),
            key: form.key,
            contact: form.contact.id,
            row: UploadRow { id, head, bytes: 0 },
            inspection: Inspection::of(kind),
            pending: Vec::new(),
            pieces: 0,
            others: whole.iter().map(|row| row.bytes).sum(),
        })
    }

    /// Takes a file away again.
    pub async fn remove_upload(&self, token: &ContactToken, id: UploadId) -> Result<(), UploadError> {
        retried(|| self.remove_upload_once(token, id)).await
    }

    async fn remove_upload_once(&self, token: &ContactToken, id: UploadId) -> Result<(), UploadError> {
        let mut form = self.open_form(token).await?.ok_or(UploadError::Closed)?;
        let removed = rows::contact_upload::remove(&mut form.case.tx, form.contact.id, id).await?;
        form.case.commit().await?;
        self.store().forget_deleted().await?;
        if removed { Ok(()) } else { Err(UploadError::NoSuchFile) }
    }
}

impl Receiving {
    /// The next bytes of the file.
    pub async fn bytes(&mut self, bytes: &[u8]) -> Result<(), UploadError> {
        self.row.bytes += bytes.len() as u64;
        self.check_limits(self.others)?;
        if !self.inspection.pass(bytes) {
            return Err(UploadError::Disguised);
        }
        self.pending.extend_from_slice(bytes);
        while self.pending.len() >= PIECE_BYTES {
            self.seal_piece(PIECE_BYTES).await?;
        }
        Ok(())
    }

    /// The file is whole.
    pub async fn finish(mut self) -> Result<Upload, UploadError> {
        if self.row.bytes == 0 {
            return Err(self.failed(UploadError::Empty).await);
        }
        if !self.inspection.end() {
            return Err(self.failed(UploadError::Disguised).await);
        }
        if !self.pending.is_empty() {
            self.seal_piece(PIECE_BYTES).await?;
        }
        match retried(|| self.count_in()).await {
            Ok(()) => Ok(upload(&self.key, &self.row)?),
            Err(error) => Err(self.failed(error).await),
        }
    }

    /// The file is not wanted after all.
    pub async fn abandon(self) -> Result<(), StoreError> {
        retried(|| async {
            let mut tx = self.manager.store().write().await?;
            rows::contact_upload::remove(&mut tx, self.contact, self.row.id).await?;
            tx.commit().await
        })
        .await
    }

    async fn failed(self, error: UploadError) -> UploadError {
        match self.abandon().await {
            Ok(()) => error,
            Err(error) => error.into(),
        }
    }

    /// Several files may arrive at once: whether they fit together is decided when each is whole, under the lock.
    async fn count_in(&self) -> Result<(), UploadError> {
        let mut form = self.manager.open_form(&self.token).await?.ok_or(UploadError::Closed)?;
        let whole = rows::contact_upload::whole(&mut form.case.tx, self.contact).await?;
        let limit = self.manager.settings().direct_contact_max_files;
        if whole.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(UploadError::TooMany { limit });
        }
        self.check_limits(whole.iter().map(|row| row.bytes).sum())?;
        let made = rows::contact_upload::make_whole(&mut form.case.tx, self.row.id, self.row.bytes).await?;
        if !made {
            return Err(UploadError::Closed);
        }
        Ok(form.case.commit().await?)
    }

    fn check_limits(&self, others: u64) -> Result<(), UploadError> {
        let settings = self.manager.settings();
        if self.row.bytes > settings.direct_contact_max_file {
            return Err(UploadError::TooLarge {
                limit: settings.direct_contact_max_file,
            });
        }
        if others.saturating_add(self.row.bytes) > settings.direct_contact_max_answer {
            return Err(UploadError::TooMuch {
                limit: settings.direct_contact_max_answer,
            });
        }
        Ok(())
    }

    async fn seal_piece(&mut self, most: usize) -> Result<(), UploadError> {
        let content: Vec<u8> = self.pending.drain(..most.min(self.pending.len())).collect();
        let place = format!("{}/{}", self.row.id, self.pieces);
        let sealed = self.key.seal("contact_piece", "content", &place, &content);
        let (store, id, number) = (self.manager.store(), self.row.id, self.pieces);
        let added = retried(|| async {
            let mut tx = store.write().await?;
            let added = rows::contact_upload::add_piece(&mut tx, id, number, sealed.clone()).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(added)
        });
        let added = added.await?;
        self.pieces += 1;
        if added { Ok(()) } else { Err(UploadError::Closed) }
    }
}
