//! What a file of a dossier holds, for a look at it.

use super::{DossierError, records::piece};
use crate::{By, Manager, RequestId};

/// A file and the beginning of its content. It may hold anything: it has no `Debug`.
pub struct FileContent {
    /// The object that it belongs to.
    pub object: String,
    /// Its name at the source.
    pub name: String,
    /// What it most likely is, by its name.
    pub media_type: String,
    /// Its whole length.
    pub bytes: u64,
    /// SHA-256 of its whole content.
    pub sha256: String,
    /// Its first bytes, or all of them.
    pub content: Vec<u8>,
}

impl FileContent {
    /// Whether there is more of it.
    pub fn is_cut(&self) -> bool {
        (self.content.len() as u64) < self.bytes
    }
}

impl Manager {
    /// A file with at most `most` bytes of its content. That somebody looked is written down.
    pub async fn dossier_file(
        &self,
        id: RequestId,
        file: &str,
        most: usize,
        by: &By,
    ) -> Result<FileContent, DossierError> {
        let review = self.review(id).await?;
        let mut sought = None;
        for found in &review.objects {
            let known = found.object.files.iter().find(|known| known.id.as_str() == file);
            sought = sought.or(known.map(|known| (found, known)));
        }
        let (found, known) = sought.ok_or(DossierError::NoSuchObject)?;
        let mut tx = self.store().read().await?;
        let mut content = Vec::new();
        for number in 0.. {
            if content.len() >= most {
                break;
            }
            let Some(bytes) = piece(&mut tx, &review.key, file, number).await? else {
                break;
            };
            content.extend(bytes);
        }
        drop(tx);
        content.truncate(most);
        let object = found.object.id.as_str().to_owned();
        self.note_dossier_viewed(id, &object, by).await?;
        Ok(FileContent {
            object,
            name: known.name.reveal().clone(),
            media_type: known.media_type.clone(),
            bytes: known.bytes,
            sha256: known.sha256.clone(),
            content,
        })
    }
}
