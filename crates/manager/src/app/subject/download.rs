//! Handing the copy over to the subject.

use jiff::Timestamp;
use mail::Language;
use privacy::request::{Outcome, Stage};
use store::{StoreError, Tx};

use super::link::hash;
use crate::{
    By, Manager,
    app::dossier::{PackageError, PackageStream},
    rows::{
        self,
        request::RequestRow,
        request_link::{self, Purpose},
    },
};

/// What a download link leads to.
#[derive(Debug, Clone)]
pub struct DownloadPage {
    /// What people call the request.
    pub reference: String,
    /// In which language the subject is written to.
    pub language: Language,
    /// Until when it can be fetched; none: not (any more).
    pub until: Option<Timestamp>,
    /// Whether it was fetched.
    pub is_fetched: bool,
    /// Whether a newer link took this one's place.
    pub is_replaced: bool,
}

/// Why nothing can be fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// There is no such link, or none any more.
    #[error("no such link")]
    NotFound,
    /// The link was used, replaced, or its time is over.
    #[error("the link does not work any more")]
    Gone,
    /// The package can't be made.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The database failed.
    #[error("the link could not be looked up")]
    Store(#[from] StoreError),
}

impl Manager {
    /// What a download link leads to. Looking changes nothing: mail scanners open every link.
    pub async fn download_page(&self, token: &str) -> Result<DownloadPage, DownloadError> {
        let mut tx = self.store().read().await?;
        let (row, is_replaced) = self.linked(&mut tx, token).await?;
        Ok(DownloadPage {
            reference: row.reference.to_string(),
            language: row.language,
            until: open_until(&row, tx.now()).filter(|_| !is_replaced),
            is_fetched: row.stage.outcome() == Some(Outcome::Downloaded),
            is_replaced,
        })
    }

    /// The copy itself. The request is closed as downloaded once the last byte is taken; a download that is torn before
    /// leaves the link as it was.
    pub async fn download(&self, token: &str, by: &By) -> Result<PackageStream, DownloadError> {
        let mut tx = self.store().read().await?;
        let (row, is_replaced) = self.linked(&mut tx, token).await?;
        if is_replaced || open_until(&row, tx.now()).is_none() {
            return Err(DownloadError::Gone);
        }
        drop(tx);
        Ok(self.package(row.id, by).await?)
    }

    async fn linked(&self, tx: &mut Tx, token: &str) -> Result<(RequestRow, bool), DownloadError> {
        let link = request_link::find(tx, &hash(token), Purpose::Download).await?;
        let link = link.ok_or(DownloadError::NotFound)?;
        let row = rows::request::by_id(tx, link.request).await?;
        Ok((row.ok_or(DownloadError::NotFound)?, link.replaced_at.is_some()))
    }
}

/// Until when the copy can be fetched.
fn open_until(row: &RequestRow, now: Timestamp) -> Option<Timestamp> {
    match &row.stage {
        Stage::Delivering { until: Some(until), .. } if now < *until => Some(*until),
        _ => None,
    }
}
