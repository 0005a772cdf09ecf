//! The package that is handed over: a ZIP of exactly what is included, written while it is read.

mod cells;
mod names;
mod page;
mod writer;

use bytes::Bytes;
use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use privacy::{
    Actor,
    audit::{Detail, Event, Fact},
    request::{Action, IllegalTransition, Stage},
};
use sha2::{Digest as _, Sha256};
use store::StoreError;
use tokio::sync::mpsc;

use super::{DossierError, review::Review};
use crate::{
    By, Manager, RequestId,
    app::requests::{case::Case, case::MoveError, package_ready},
    hex::hex,
};
pub(crate) use cells::harmless as harmless_cell;
use writer::PackageWriter;

/// A package on its way out.
pub struct PackageStream {
    /// What to call it.
    pub file_name: String,
    body: std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, PackageError>> + Send>>,
}

impl PackageStream {
    /// Its bytes as they are made. It counts as handed over when the last one has been taken.
    pub fn into_stream(self) -> std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, PackageError>> + Send>> {
        self.body
    }
}

/// Why a package is not handed out.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// There is no such request.
    #[error("no such request")]
    NotFound,
    /// Nobody has approved it, or it is not an access request.
    #[error("{0}")]
    NotReady(&'static str),
    /// What was found has been destroyed at the end of its term.
    #[error("what was found has been destroyed at the end of its term")]
    Shredded,
    /// The request moved on while the package was written.
    #[error(transparent)]
    Moved(#[from] IllegalTransition),
    /// The package could not be written.
    #[error("the package could not be written")]
    Write(#[source] std::io::Error),
    /// The database failed.
    #[error("the package could not be read")]
    Store(#[from] StoreError),
}

impl From<DossierError> for PackageError {
    fn from(error: DossierError) -> Self {
        match error {
            DossierError::NotFound | DossierError::NoSuchObject => Self::NotFound,
            DossierError::Shredded => Self::Shredded,
            DossierError::Store(error) => Self::Store(error),
        }
    }
}

impl From<std::io::Error> for PackageError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error)
    }
}

impl Manager {
    /// The package of an approved access request, as a stream. Where no download link was mailed to the subject, whoever
    /// fetches it hands it over: the request is closed as downloaded once the last byte is taken. It can be fetched
    /// again until what was found is destroyed.
    pub async fn package(&self, id: RequestId, by: &By) -> Result<PackageStream, PackageError> {
        let review = self.review(id).await?;
        if review.request.right != privacy::Right::Access {
            return Err(PackageError::NotReady("only an access request has a package"));
        }
        if !package_ready(&review.request) {
            return Err(PackageError::NotReady(match &review.request.stage {
                Stage::Closed { .. } => "the request was closed without being approved",
                _ => "the request has not been approved",
            }));
        }
        let file_name = format!("{}.zip", review.request.reference);
        let (pieces, receiver) = mpsc::channel::<Bytes>(2);
        let (manager, by) = (self.clone(), by.clone());
        let making = async move {
            let mut out = Out {
                pieces,
                hash: Sha256::new(),
                bytes: 0,
            };
            let last = Box::pin(PackageWriter::new(&manager, &review).write(&mut out)).await?;
            // What is left goes out only after the handing over is recorded: whoever has it all finds it recorded.
            out.note(&last);
            manager.package_taken(id, &out, &by).await?;
            out.pass(last).await
        };
        // Both in one stream: when it is dropped, the making ends as well and nothing is recorded.
        let faults = making
            .into_stream()
            .filter_map(|made: Result<(), PackageError>| std::future::ready(made.err().map(Err)));
        let pieces = stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|piece| (Ok(piece), receiver))
        });
        Ok(PackageStream {
            file_name,
            body: stream::select(pieces, faults).boxed(),
        })
    }

    /// Writes the package of an approved access request, as [`Manager::package`] does.
    pub async fn write_package(
        &self,
        id: RequestId,
        by: &By,
        writer: &mut (dyn std::io::Write + Send),
    ) -> Result<(), PackageError> {
        let mut body = self.package(id, by).await?.into_stream();
        while let Some(piece) = body.next().await {
            writer.write_all(&piece?)?;
        }
        Ok(writer.flush()?)
    }

    async fn package_taken(&self, id: RequestId, out: &Out, by: &By) -> Result<(), PackageError> {
        let mut case = Case::open(self, id).await?.ok_or(PackageError::NotFound)?;
        if !package_ready(&case.request) {
            return Err(PackageError::NotReady("the request is not approved any more"));
        }
        let sha256 = hex(&out.hash.clone().finalize());
        let facts = [(Detail::Bytes, out.bytes.into()), (Detail::Sha256, Fact::code(&sha256))];
        case.audit(Event::DossierExported, facts, by);
        let is_subject = by.actor == Actor::Subject;
        if is_subject && !matches!(case.request.stage, Stage::Delivering { .. }) {
            // Another download was whole before this one.
            return Err(PackageError::NotReady("it has been fetched already"));
        }
        if is_subject || matches!(case.request.stage, Stage::Delivering { until: None, .. }) {
            case.act(&Action::Downloaded, by).await.map_err(|error| match error {
                MoveError::Request(error) => PackageError::Moved(error),
                other => PackageError::Store(crate::app::requests::store_error(other)),
            })?;
        }
        Ok(case.commit().await?)
    }
}

/// Where the package goes, and what went there.
pub(super) struct Out {
    pieces: mpsc::Sender<Bytes>,
    hash: Sha256,
    bytes: u64,
}

impl Out {
    fn note(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
    }

    async fn pass(&self, piece: Vec<u8>) -> Result<(), PackageError> {
        if piece.is_empty() {
            return Ok(());
        }
        let gone = |_| PackageError::Write(std::io::ErrorKind::BrokenPipe.into());
        self.pieces.send(piece.into()).await.map_err(gone)
    }

    /// Passes on what was written so far.
    pub(super) async fn send(&mut self, piece: Vec<u8>) -> Result<(), PackageError> {
        self.note(&piece);
        self.pass(piece).await
    }
}

impl Review {
    /// When the request that is answered came in, for the package's own words.
    pub(super) fn received_at(&self) -> jiff::Timestamp {
        self.request.deadline.received_at
    }
}
