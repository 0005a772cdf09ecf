//! Taking in so many rows of a list in one commit.

use std::collections::BTreeMap;

use privacy::audit::{Detail, Event};
use serde::Deserialize;
use store::{
    StoreError, Tx,
    jobs::{Lease, StepError},
};
use vault::DataKey;

use super::{
    super::{CreateRequestError, ExportFormat, Once, create::Prepared},
    ImportState, ImportView,
    list::{self, Portion, Refused, Row},
    receive::{PIECE_BYTES, names_place, piece_place},
};
use crate::{
    By, ImportId, Manager,
    rows::{
        self,
        import::{ImportRow, OutcomeRow},
    },
};

/// Rows in one commit. Meanwhile, on SQLite, nobody else writes.
const AT_ONCE: usize = 50;

/// No row is longer than this, in bytes.
const LONGEST_ROW: usize = 1 << 20;

/// What a list says next.
enum Read {
    Rows(Portion),
    /// It can't be read any further.
    Unreadable(String),
}

/// Why a portion was not taken in.
enum PortionError {
    /// This row can't be taken, which showed only while it was written: everything is done again without it.
    Row(u64, Refused),
    Store(StoreError),
}

impl From<StoreError> for PortionError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[derive(Deserialize)]
struct About {
    import: ImportId,
}

/// The durable work of an import: a portion, and again.
pub(crate) async fn import_step(manager: &Manager, lease: &Lease) -> Result<(), StepError> {
    let About { import } = lease.payload()?;
    manager.import_portion(import, Some(lease)).await?;
    Ok(())
}

impl Manager {
    /// Takes in the next rows of an import at once, beside the durable work that does so; for whoever waits for it. None
    /// where there is no such import.
    pub async fn import_on(&self, id: ImportId) -> Result<Option<ImportView>, StoreError> {
        store::retried(|| self.import_portion(id, None)).await
    }

    /// Ends an import; what was taken in stays.
    pub async fn cancel_import(&self, id: ImportId, by: &By) -> Result<Option<ImportView>, StoreError> {
        store::retried(|| async {
            let mut tx = self.store().write().await?;
            let Some(mut row) = rows::import::locked(&mut tx, id).await? else {
                return Ok(None);
            };
            if row.ended_at.is_none() {
                end(&mut tx, &mut row, ImportState::Cancelled, by).await?;
                rows::import::save(&mut tx, &row).await?;
                tx.cancel_job(&id.object()).await?;
                tx.commit().await?;
            }
            Ok(Some(ImportView::of(&row)))
        })
        .await
    }

    async fn import_portion(&self, id: ImportId, lease: Option<&Lease>) -> Result<Option<ImportView>, StoreError> {
        let mut refused = BTreeMap::new();
        loop {
            match self.try_portion(id, lease, &refused).await {
                Ok(view) => return Ok(view),
                Err(PortionError::Row(number, refusal)) => {
                    refused.insert(number, refusal);
                }
                Err(PortionError::Store(error)) => return Err(error),
            }
        }
    }

    async fn try_portion(
        &self,
        id: ImportId,
        lease: Option<&Lease>,
        refused: &BTreeMap<u64, Refused>,
    ) -> Result<Option<ImportView>, PortionError> {
        let mut tx = self.store().write().await?;
        let row = rows::import::locked(&mut tx, id).await?;
        let key = row.as_ref().map(|row| self.import_key(row)).transpose()?.flatten();
        let running = row.as_ref().is_some_and(|row| row.state == ImportState::Running);
        let (Some(mut row), Some(key), true) = (row.clone(), key, running) else {
            if let Some(lease) = lease {
                tx.finish(lease).await?;
                tx.commit().await?;
            }
            return Ok(row.as_ref().map(ImportView::of));
        };
        let by = by_of(&row);
        match read(&mut tx, &mut row, &key).await? {
            Read::Unreadable(reason) => {
                row.reason = Some(reason);
                end(&mut tx, &mut row, ImportState::Stopped, &by).await?;
            }
            Read::Rows(portion) => {
                row.position += portion.used as u64;
                for content in portion.rows {
                    row.rows_read += 1;
                    let content = match refused.get(&row.rows_read) {
                        Some(refused) => Err(refused.clone()),
                        None => content,
                    };
                    tx = self.import_row(tx, &mut row, content, &by).await?;
                }
                if row.position >= row.bytes {
                    end(&mut tx, &mut row, ImportState::Finished, &by).await?;
                }
            }
        }
        rows::import::save(&mut tx, &row).await?;
        let now = tx.now();
        match lease {
            Some(lease) if row.ended_at.is_some() => tx.finish(lease).await?,
            Some(lease) => tx.reschedule(lease, now).await?,
            None => {}
        }
        tx.commit().await?;
        if row.ended_at.is_some() {
            self.store().forget_deleted().await?;
        }
        Ok(Some(ImportView::of(&row)))
    }

    async fn import_row(
        &self,
        mut tx: Tx,
        import: &mut ImportRow,
        row: Result<Row, Refused>,
        by: &By,
    ) -> Result<Tx, PortionError> {
        let number = import.rows_read;
        let outcome = |result: &str, request| OutcomeRow {
            number,
            result: result.to_owned(),
            request,
            field: None,
            reason: None,
        };
        let refusal = |refused: Refused| OutcomeRow {
            field: refused.field,
            reason: Some(refused.reason),
            ..outcome("refused", None)
        };
        let known = match row {
            Ok(row) => {
                let content = row.content();
                let times = if row.key().is_some() {
                    1
                } else {
                    let hash = self.vault().blind_index("import/content", &content);
                    rows::import::count_content(&mut tx, import.id, &hash).await?
                };
                let once = row.once(&content, times);
                row.read().map(|new| (new, once, content))
            }
            Err(refused) => Err(refused),
        };
        let written = match known {
            Err(refused) => refusal(refused),
            Ok((new, once, content)) => {
                let once = Once {
                    caller: "import",
                    key: &once,
                    asked: content.as_bytes(),
                    wait: true,
                };
                let keys = Some((self.hashed(&once), once.wait));
                match self.prepare_request(&mut tx, &new, by, keys).await {
                    Ok(Prepared::Made(made)) => outcome("existing", Some(made.id)),
                    Ok(Prepared::New(prepared)) => {
                        let made = self.make_request(tx, &new, by, keys, *prepared).await;
                        let (back, created) = made.map_err(|error| match error {
                            CreateRequestError::Store(error) => PortionError::Store(error),
                            error => PortionError::Row(number, error.into()),
                        })?;
                        tx = back;
                        outcome("created", Some(created.id))
                    }
                    Err(CreateRequestError::Store(error)) => return Err(error.into()),
                    Err(error) => refusal(error.into()),
                }
            }
        };
        match written.result.as_str() {
            "created" => import.created += 1,
            "existing" => import.existing += 1,
            _ => import.refused += 1,
        }
        rows::import::add_outcome(&mut tx, import.id, &written).await?;
        Ok(tx)
    }
}

/// What comes next in the list; the names of the first line are read and kept on the way.
async fn read(tx: &mut Tx, row: &mut ImportRow, key: &DataKey) -> Result<Read, StoreError> {
    let format: ExportFormat = row.format.parse().map_err(|_| damaged("its format is none"))?;
    let mut pieces = 2;
    loop {
        let (text, at_end) = text(tx, row, key, pieces).await?;
        let mut begin = 0;
        let mut names = Vec::new();
        if format == ExportFormat::Csv {
            names = match (&row.names, row.position) {
                (Some(sealed), _) => open_names(key, row, sealed)?,
                (None, _) => match list::csv_names(&text, at_end) {
                    Ok(Some((names, used))) => {
                        begin = used;
                        let plain = serde_json::to_vec(&names).unwrap_or_default();
                        row.names = Some(key.seal(&names_place(&row.id.to_string()), &plain));
                        names
                    }
                    Ok(None) => Vec::new(),
                    Err(reason) => return Ok(Read::Unreadable(reason.to_owned())),
                },
            };
        }
        let has_begun = format == ExportFormat::Ndjson || row.names.is_some();
        let body = text.get(begin..).unwrap_or_default();
        let mut portion = if has_begun {
            list::rows(format, body, &names, at_end, AT_ONCE)
        } else {
            Portion::default()
        };
        portion.used += begin;
        if at_end || portion.used > 0 {
            return Ok(Read::Rows(portion));
        }
        if text.len() > LONGEST_ROW {
            let number = row.rows_read + 1;
            return Ok(Read::Unreadable(format!(
                "row {number} is longer than a megabyte, or a quotation mark in it is never closed"
            )));
        }
        pieces *= 2;
    }
}

/// The list from where it was read to, at most so many pieces; and whether that is all of it.
async fn text(tx: &mut Tx, row: &ImportRow, key: &DataKey, pieces: u64) -> Result<(Vec<u8>, bool), StoreError> {
    let length = PIECE_BYTES as u64;
    let first = row.position / length;
    let mut text = Vec::new();
    for number in first..first + pieces {
        let Some(sealed) = rows::import::piece(tx, row.id, number).await? else {
            break;
        };
        let place = format!("{}/{number}", row.id);
        let opened = key.open(&piece_place(&place), &sealed);
        text.extend_from_slice(&opened.map_err(|_| damaged("a piece of it does not open"))?);
    }
    let skipped = usize::try_from(row.position % length).unwrap_or_default();
    text.drain(..skipped.min(text.len()));
    let at_end = row.position + text.len() as u64 >= row.bytes;
    Ok((text, at_end))
}

fn open_names(key: &DataKey, row: &ImportRow, sealed: &[u8]) -> Result<Vec<String>, StoreError> {
    let opened = key.open(&names_place(&row.id.to_string()), sealed);
    let opened = opened.map_err(|_| damaged("its names do not open"))?;
    serde_json::from_slice(&opened).map_err(|_| damaged("its names mean nothing"))
}

/// Nothing more is read of the list; what it says is destroyed.
pub(super) async fn end(tx: &mut Tx, row: &mut ImportRow, state: ImportState, by: &By) -> Result<(), StoreError> {
    row.state = state;
    row.ended_at = Some(tx.now());
    row.data_key = None;
    row.names = None;
    rows::import::forget(tx, row.id).await?;
    let count = [(Detail::Count, row.created.into())];
    tx.audit(by.event(Event::ImportFinished, row.id.object(), count));
    Ok(())
}

/// On whose behalf the rows are taken in.
pub(super) fn by_of(row: &ImportRow) -> By {
    let actor = row.made_by.parse().unwrap_or(privacy::Actor::Automation);
    By {
        actor,
        origin: row.origin.clone(),
    }
}

fn damaged(reason: &str) -> StoreError {
    StoreError::Corrupt {
        what: "import",
        reason: reason.to_owned(),
    }
}
