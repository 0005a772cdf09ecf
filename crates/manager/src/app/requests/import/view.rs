//! What can be told of an import.

use jiff::Timestamp;
use serde::Serialize;
use store::StoreError;

use super::{ImportState, ImportedRow};
use crate::{
    ImportId, Manager,
    rows::{
        self,
        import::{ImportRow, OutcomeRow},
    },
};

/// An import: how far it is, and what came of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportView {
    /// Its id.
    pub id: ImportId,
    /// Where it stands.
    #[serde(serialize_with = "word")]
    pub state: ImportState,
    /// `csv` or `ndjson`.
    pub format: String,
    /// Who handed it in: an actor, as the audit log names it.
    pub made_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long the list is.
    pub bytes: u64,
    /// How much of it was read.
    pub bytes_read: u64,
    /// How many rows were read.
    pub rows_read: u64,
    /// Requests that were made.
    pub created: u64,
    /// Rows that an earlier import had taken already.
    pub existing: u64,
    /// Rows that were not taken.
    pub refused: u64,
    /// Why it stopped.
    pub reason: Option<String>,
}

/// Some imports, the newest first.
#[derive(Debug, Clone, Serialize)]
pub struct ImportPage {
    /// These.
    pub imports: Vec<ImportView>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<ImportId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn word<S: serde::Serializer>(state: &ImportState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.name())
}

impl ImportView {
    /// Whether nothing more will happen.
    pub fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    pub(super) fn of(row: &ImportRow) -> Self {
        Self {
            id: row.id,
            state: row.state,
            format: row.format.clone(),
            made_by: row.made_by.clone(),
            created_at: row.created_at,
            ended_at: row.ended_at,
            bytes: row.bytes,
            bytes_read: row.position,
            rows_read: row.rows_read,
            created: row.created,
            existing: row.existing,
            refused: row.refused,
            reason: row.reason.clone(),
        }
    }
}

impl Manager {
    /// An import.
    pub async fn import(&self, id: ImportId) -> Result<Option<ImportView>, StoreError> {
        let row = rows::import::by_id(&mut self.store().read().await?, id).await?;
        Ok(row.as_ref().map(ImportView::of))
    }

    /// The newest imports, from `before` on where that is given.
    pub async fn imports(&self, before: Option<ImportId>, limit: u32) -> Result<ImportPage, StoreError> {
        let rows = rows::import::newest(&mut self.store().read().await?, before, i64::from(limit) + 1).await?;
        let more = rows.len() > limit as usize;
        let imports: Vec<ImportView> = rows.iter().take(limit as usize).map(ImportView::of).collect();
        Ok(ImportPage {
            next_cursor: imports.last().filter(|_| more).map(|last| last.id),
            imports,
        })
    }

    /// What became of the rows of an import behind the row `after`, in their order; none where there is no such import.
    pub async fn imported_rows(
        &self,
        id: ImportId,
        refused: bool,
        after: u64,
        limit: u32,
    ) -> Result<Option<Vec<ImportedRow>>, StoreError> {
        let mut read = self.store().read().await?;
        if rows::import::by_id(&mut read, id).await?.is_none() {
            return Ok(None);
        }
        let found = rows::import::outcomes(&mut read, id, refused, after, i64::from(limit)).await?;
        Ok(Some(found.into_iter().map(shown).collect()))
    }
}

fn shown(row: OutcomeRow) -> ImportedRow {
    ImportedRow {
        row: row.number,
        result: match row.result.as_str() {
            "created" => "created",
            "existing" => "existing",
            _ => "refused",
        },
        id: row.request,
        field: row.field,
        reason: row.reason,
    }
}
