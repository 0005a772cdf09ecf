//! A list arrives: it is sealed as it comes, and nothing of it ever lies in the open.

use jiff::SignedDuration;
use privacy::audit::Event;
use serde_json::json;
use store::{StoreError, Tx, jobs::NewJob, retried};
use vault::{DataKey, Place, WrappedKey};

use super::{
    ImportState, ImportView,
    portion::{by_of, end},
};
use crate::{
    By, ImportId, Manager,
    app::requests::ExportFormat,
    rows::{self, import::ImportRow},
    steps::{INTERNAL, requests::IMPORT},
};

/// A list is sealed in pieces of this many bytes.
pub(super) const PIECE_BYTES: usize = 128 << 10;

/// The longest list.
const LARGEST: u64 = 256 << 20;

/// After this long a list that has not arrived to its end never will.
const TORN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Why a list was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HandInError {
    /// It is too long.
    #[error("a list has at most 256 MiB")]
    TooLarge,
    /// It was not waited for any longer.
    #[error("the list took too long to arrive")]
    TooLate,
    /// The database failed.
    #[error("the list could not be stored")]
    Store(#[from] StoreError),
}

/// A list that is arriving. One that is dropped is forgotten later.
pub struct ReceivingImport {
    manager: Manager,
    id: ImportId,
    key: DataKey,
    pending: Vec<u8>,
    pieces: u64,
    bytes: u64,
}

impl Manager {
    /// A list of requests begins to arrive: CSV with the columns `type`, an identity type each (`email`, …) and, as
    /// wanted, `framework`, `connections` (ids with spaces), `start`, `auto_approve`, `notify`, `received_at`, `key`; or
    /// the same as NDJSON, where identities may stand under `identities`. Each row is taken once: it is known by its
    /// `key`, or else by its content and how often that stood in the list before, so that a list can be handed in again.
    /// A row that is refused stops no other.
    pub async fn receive_import(&self, format: ExportFormat, by: &By) -> Result<ReceivingImport, StoreError> {
        let id = ImportId::from(self.store().new_id());
        let (key, wrapped) = self.vault().new_data_key(&key_place(&id.to_string()));
        let wrapped = wrapped.into_bytes();
        retried(|| async {
            let mut tx = self.store().write().await?;
            forget_torn(&mut tx).await?;
            let row = ImportRow {
                id,
                state: ImportState::Receiving,
                format: format.name().to_owned(),
                made_by: by.actor.to_string(),
                origin: by.origin.clone(),
                created_at: tx.now(),
                ended_at: None,
                bytes: 0,
                position: 0,
                names: None,
                rows_read: 0,
                created: 0,
                existing: 0,
                refused: 0,
                reason: None,
                data_key: Some(wrapped.clone()),
            };
            rows::import::insert(&mut tx, &row).await?;
            tx.commit().await
        })
        .await?;
        Ok(ReceivingImport {
            manager: self.clone(),
            id,
            key,
            pending: Vec::new(),
            pieces: 0,
            bytes: 0,
        })
    }

    /// The key of what a list says; none once it has ended.
    pub(super) fn import_key(&self, row: &ImportRow) -> Result<Option<DataKey>, StoreError> {
        let Some(wrapped) = &row.data_key else { return Ok(None) };
        let damaged = |reason: String| StoreError::Corrupt { what: "import", reason };
        let wrapped = WrappedKey::from_bytes(wrapped.clone()).map_err(|error| damaged(error.to_string()))?;
        let key = self.vault().unwrap(&key_place(&row.id.to_string()), &wrapped);
        key.map(Some).map_err(|error| damaged(error.to_string()))
    }
}

impl ReceivingImport {
    /// The next bytes of the list.
    pub async fn bytes(&mut self, bytes: &[u8]) -> Result<(), HandInError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > LARGEST {
            return Err(HandInError::TooLarge);
        }
        self.pending.extend_from_slice(bytes);
        while self.pending.len() >= PIECE_BYTES {
            self.seal_piece().await?;
        }
        Ok(())
    }

    /// The list is whole: it is taken in from now on.
    pub async fn finish(mut self) -> Result<ImportView, HandInError> {
        if !self.pending.is_empty() {
            self.seal_piece().await?;
        }
        let (store, id) = (self.manager.store(), self.id);
        let taken = retried(|| async {
            let mut tx = store.write().await?;
            let row = rows::import::locked(&mut tx, id).await?;
            let Some(mut row) = row.filter(|row| row.state == ImportState::Receiving) else {
                return Ok::<_, StoreError>(None);
            };
            tx.audit(by_of(&row).event(Event::ImportHandedIn, id.object(), []));
            row.state = ImportState::Running;
            row.bytes = self.bytes;
            rows::import::save(&mut tx, &row).await?;
            let run_at = tx.now();
            tx.enqueue(NewJob {
                kind: IMPORT,
                lane: INTERNAL.to_owned(),
                run_at,
                payload: json!({ "import": id }),
                key: Some(id.object()),
            });
            tx.commit().await?;
            Ok(Some(ImportView::of(&row)))
        });
        taken.await?.ok_or(HandInError::TooLate)
    }

    async fn seal_piece(&mut self) -> Result<(), HandInError> {
        let length = PIECE_BYTES.min(self.pending.len());
        let content: Vec<u8> = self.pending.drain(..length).collect();
        let place = format!("{}/{}", self.id, self.pieces);
        let sealed = self.key.seal(&piece_place(&place), &content);
        let (store, id, number) = (self.manager.store(), self.id, self.pieces);
        let added = retried(|| async {
            let mut tx = store.write().await?;
            let added = rows::import::add_piece(&mut tx, id, number, sealed.clone()).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(added)
        });
        if !added.await? {
            return Err(HandInError::TooLate);
        }
        self.pieces += 1;
        Ok(())
    }
}

async fn forget_torn(tx: &mut Tx) -> Result<(), StoreError> {
    let now = tx.now();
    let before = now.saturating_sub(TORN_AFTER).unwrap_or(now);
    for id in rows::import::torn(tx, before).await? {
        let Some(mut row) = rows::import::locked(tx, id).await? else {
            continue;
        };
        row.reason = Some("the list did not arrive to its end".to_owned());
        end(tx, &mut row, ImportState::Stopped, &By::automation()).await?;
        rows::import::save(tx, &row).await?;
    }
    Ok(())
}

pub(super) fn key_place(row: &str) -> Place<'_> {
    Place {
        table: "import",
        column: "data_key",
        row,
    }
}

pub(super) fn names_place(row: &str) -> Place<'_> {
    Place {
        table: "import",
        column: "names",
        row,
    }
}

pub(super) fn piece_place(row: &str) -> Place<'_> {
    Place {
        table: "import_piece",
        column: "content",
        row,
    }
}
