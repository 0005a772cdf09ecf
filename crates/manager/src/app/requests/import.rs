//! Taking many requests in. A list is handed in whole, sealed, and taken in by durable work: so many rows in each
//! commit, with what they made, so that nothing is lost and nothing made twice wherever it is cut off.

mod list;
mod portion;
mod receive;
mod view;

use std::collections::HashMap;

use serde::Serialize;
use store::StoreError;

use self::list::Refused;
use super::{CreateRequestError, ExportFormat};
use crate::{Manager, RequestId};

pub(crate) use portion::import_step;
pub use receive::{HandInError, ReceivingImport};
pub use view::{ImportPage, ImportView};

words! {
    /// Where an import stands.
    ImportState, UnknownImportState, "not the state of an import":
    /// The list is arriving.
    Receiving = "receiving",
    /// Its rows are taken in.
    Running = "running",
    /// Every row was read.
    Finished = "finished",
    /// The list can't be read any further.
    Stopped = "stopped",
    /// Somebody ended it.
    Cancelled = "cancelled",
}

/// What happened to one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportedRow {
    /// Which row, from 1; the line with the names is none.
    pub row: u64,
    /// `created`, `existing` (an earlier import took it), `refused`, or, in a dry run, `valid`.
    pub result: &'static str,
    /// The request.
    pub id: Option<RequestId>,
    /// Which field is wrong, where one is.
    pub field: Option<String>,
    /// What is wrong with it.
    pub reason: Option<String>,
}

/// What an import would come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Rows that could be taken.
    pub valid: u64,
    /// Rows that would not be.
    pub refused: u64,
    /// Every row.
    pub rows: Vec<ImportedRow>,
}

/// Why a list was not tried to its end.
#[derive(Debug, thiserror::Error)]
pub enum TryImportError {
    /// The list can't be read.
    #[error("{0}")]
    Unreadable(&'static str),
    /// The database failed.
    #[error("the list could not be tried")]
    Store(#[from] StoreError),
}

impl Manager {
    /// What would become of every row of a list; nothing is taken.
    pub async fn try_import(&self, list: &[u8], format: ExportFormat) -> Result<ImportReport, TryImportError> {
        let mut report = ImportReport::default();
        let (names, begin) = match format {
            ExportFormat::Csv => list::csv_names(list, true)
                .map_err(TryImportError::Unreadable)?
                .unwrap_or_default(),
            ExportFormat::Ndjson => Default::default(),
        };
        let body = list.get(begin..).unwrap_or_default();
        let mut seen: HashMap<String, String> = HashMap::new();
        for (row, number) in list::rows(format, body, &names, true, usize::MAX)
            .rows
            .into_iter()
            .zip(1..)
        {
            let outcome = self.try_row(row, number, &mut seen).await?;
            match outcome.result {
                "valid" => report.valid += 1,
                _ => report.refused += 1,
            }
            report.rows.push(outcome);
        }
        Ok(report)
    }

    async fn try_row(
        &self,
        row: Result<list::Row, Refused>,
        number: u64,
        seen: &mut HashMap<String, String>,
    ) -> Result<ImportedRow, StoreError> {
        let read = row.and_then(|row| {
            let content = row.content();
            if let Some(key) = row.key() {
                let first = seen.entry(key.to_owned()).or_insert_with(|| content.clone());
                if *first != content {
                    return Err(Refused::from(CreateRequestError::OtherAsked));
                }
            }
            row.read()
        });
        let new = match read {
            Ok(new) => new,
            Err(refused) => return Ok(refused.at(number)),
        };
        match self.check_request(&new).await {
            Ok(()) => Ok(ImportedRow {
                row: number,
                result: "valid",
                id: None,
                field: None,
                reason: None,
            }),
            Err(CreateRequestError::Store(error)) => Err(error),
            Err(error) => Ok(Refused::from(error).at(number)),
        }
    }
}
