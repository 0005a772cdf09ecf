//! Files that staff add to a dossier, and take away again.

use bytes::Bytes;
use privacy::{
    Personal,
    audit::{Detail, Event, Fact},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::{StoreError, retried};

use super::{
    head::{FileHeadJson, ObjectHeadJson, media_type},
    review::Review,
};
use crate::{
    By, Manager, RequestId,
    app::requests::case::Case,
    hex::hex,
    rows::{self, dossier::FileRow},
};

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 25 << 20;
/// All files that staff add to one dossier, in bytes.
const LARGEST_TOTAL: u64 = 100 << 20;
/// Content is sealed in pieces of this many bytes.
const PIECE_BYTES: usize = 256 << 10;
const LONGEST_NAME: usize = 200;

/// A file that was added.
#[derive(Debug, Clone, Serialize)]
pub struct AddedFile {
    /// The object that it is in the dossier.
    pub object: String,
    /// What it most likely is.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// Why a file was not added or taken away.
#[derive(Debug, thiserror::Error)]
pub enum DossierFileError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// There is no such file, or a vendor brought it: then it can be excluded.
    #[error("no such file was added to this dossier")]
    NoSuchFile,
    /// A file has a name.
    #[error("name must have 1 to {LONGEST_NAME} printable characters")]
    Name,
    /// A file has content.
    #[error("the file is empty")]
    Empty,
    /// It is too large, or all of them are.
    #[error("the file is too large: 25 MB a file, 100 MB all together")]
    TooLarge,
    /// Only access requests have a dossier, and the review must not be over.
    #[error("{0}")]
    NotNow(&'static str),
    /// What was found has been destroyed at the end of its term.
    #[error("what was found has been destroyed at the end of its term")]
    Shredded,
    /// The database failed.
    #[error("the file could not be stored")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Adds a file to a dossier, sealed like what was found. It is handed over unless it is excluded.
    pub async fn add_dossier_file(
        &self,
        id: RequestId,
        name: &Personal,
        content: &Bytes,
        by: &By,
    ) -> Result<AddedFile, DossierFileError> {
        let plain = name.reveal().trim();
        if plain.is_empty() || plain.chars().count() > LONGEST_NAME || plain.chars().any(char::is_control) {
            return Err(DossierFileError::Name);
        }
        if content.is_empty() {
            return Err(DossierFileError::Empty);
        }
        if content.len() > LARGEST_FILE {
            return Err(DossierFileError::TooLarge);
        }
        retried(|| self.add_file_once(id, plain, content, by)).await
    }

    async fn add_file_once(
        &self,
        id: RequestId,
        name: &str,
        content: &Bytes,
        by: &By,
    ) -> Result<AddedFile, DossierFileError> {
        let (mut case, review) = self.reviewed(id).await?;
        let added = review.objects.iter().filter(|found| found.task.is_none());
        let bytes: u64 = added.flat_map(|found| &found.object.files).map(|file| file.bytes).sum();
        if bytes + content.len() as u64 > LARGEST_TOTAL {
            return Err(DossierFileError::TooLarge);
        }
        let key = &review.key;
        let object = case.tx.new_id().to_string();
        let head = ObjectHeadJson {
            name: name.to_owned(),
            data_source: None,
            member: String::new(),
            catalog: privacy::dossier::FieldCatalog::default(),
        };
        let sealed = key.seal("dossier_object", "head", &object, &head.to_bytes());
        let position = u64::try_from(case.tx.now().as_microsecond()).unwrap_or_default();
        rows::dossier::add_object(&mut case.tx, &object, id, position, sealed).await?;
        let file = case.tx.new_id().to_string();
        let head = FileHeadJson { name: name.to_owned() };
        let row = FileRow {
            head: key.seal("dossier_file", "head", &file, &head.to_bytes()),
            id: file.clone(),
            object: object.clone(),
            media_type: media_type(name).to_owned(),
            bytes: content.len() as u64,
            sha256: hex(&Sha256::digest(content)),
        };
        rows::dossier::begin_file(&mut case.tx, &row).await?;
        for (piece, number) in content.chunks(PIECE_BYTES).zip(0..) {
            let sealed = key.seal("dossier_piece", "content", &format!("{file}/{number}"), piece);
            rows::dossier::add_piece(&mut case.tx, &file, number, sealed).await?;
        }
        let facts = [
            (Detail::Object, Fact::code(&object)),
            (Detail::Bytes, Fact::Number(row.bytes)),
            (Detail::Sha256, Fact::code(&row.sha256)),
        ];
        case.audit(Event::DossierFileAdded, facts, by);
        case.commit().await?;
        Ok(AddedFile {
            object,
            media_type: row.media_type,
            bytes: row.bytes,
            sha256: row.sha256,
        })
    }

    /// Takes a file away that staff added. What vendors brought stays, and can be excluded.
    pub async fn remove_dossier_file(&self, id: RequestId, object: &str, by: &By) -> Result<(), DossierFileError> {
        retried(|| self.remove_file_once(id, object, by)).await
    }

    async fn remove_file_once(&self, id: RequestId, object: &str, by: &By) -> Result<(), DossierFileError> {
        let (mut case, review) = self.reviewed(id).await?;
        let found = review.object(object).filter(|found| found.task.is_none());
        found.ok_or(DossierFileError::NoSuchFile)?;
        rows::dossier::drop_object(&mut case.tx, object).await?;
        case.audit(Event::DossierFileRemoved, [(Detail::Object, Fact::code(object))], by);
        case.commit().await?;
        self.store().forget_deleted().await?;
        Ok(())
    }

    /// The dossier of a request whose review is not over.
    async fn reviewed(&self, id: RequestId) -> Result<(Case, Review), DossierFileError> {
        let mut case = Case::open(self, id).await?.ok_or(DossierFileError::NotFound)?;
        if case.request.key.is_none() || case.request.dossier_shredded_at.is_some() {
            return Err(DossierFileError::Shredded);
        }
        if case.request.right != privacy::Right::Access {
            return Err(DossierFileError::NotNow("only an access request has a dossier"));
        }
        if let Some(reason) = super::change::refusal(&case.request.stage) {
            return Err(DossierFileError::NotNow(reason));
        }
        let review = Review::open(self, &mut case.tx, case.request.clone()).await?;
        Ok((case, review))
    }
}
