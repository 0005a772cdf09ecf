//! Lists of requests for other programs.

use std::io;

use store::StoreError;

use super::{RequestFilter, RequestView};
use crate::{Manager, RequestId};

/// Requests that are read at once.
const PAGE: u32 = 200;

words! {
    /// How a list is written.
    ExportFormat, UnknownExportFormat, "a format is csv or ndjson":
    /// Values separated by commas (RFC 4180), names in the first line.
    Csv = "csv",
    /// One JSON object a line.
    Ndjson = "ndjson",
}

/// Why a list was not written to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportRequestsError {
    /// It could not be written.
    #[error("the list could not be written")]
    Write(#[from] io::Error),
    /// The database failed.
    #[error("the requests could not be read")]
    Store(#[from] StoreError),
}

/// A part of a list.
#[derive(Debug)]
pub struct ExportPart {
    /// Its lines.
    pub text: Vec<u8>,
    /// How many requests it tells of.
    pub requests: u64,
    /// Where the next part begins, if there is one.
    pub next: Option<RequestId>,
}

impl Manager {
    /// Writes every request that is meant, newest first, identities masked; returns how many.
    pub async fn export_requests(
        &self,
        filter: &RequestFilter,
        format: ExportFormat,
        writer: &mut (dyn io::Write + Send),
    ) -> Result<u64, ExportRequestsError> {
        let mut filter = filter.clone();
        let mut written = 0;
        loop {
            let part = self.export_part(&filter, format, written == 0).await?;
            writer.write_all(&part.text)?;
            written += part.requests;
            let Some(next) = part.next else { break };
            filter.before = Some(next);
        }
        writer.flush()?;
        Ok(written)
    }

    /// Some of them at once, for who writes them as they are read; the first begins with the names of the columns.
    pub async fn export_part(
        &self,
        filter: &RequestFilter,
        format: ExportFormat,
        first: bool,
    ) -> Result<ExportPart, ExportRequestsError> {
        let page = self.requests(filter, PAGE).await?;
        let mut text = Vec::new();
        if first && format == ExportFormat::Csv {
            text.extend(line(&COLUMNS)?);
        }
        for request in &page.requests {
            match format {
                ExportFormat::Csv => text.extend(line(&cells(request))?),
                ExportFormat::Ndjson => {
                    serde_json::to_writer(&mut text, request).map_err(io::Error::other)?;
                    text.push(b'\n');
                }
            }
        }
        Ok(ExportPart {
            text,
            requests: page.requests.len() as u64,
            next: page.next,
        })
    }
}

const COLUMNS: [&str; 12] = [
    "id",
    "reference",
    "type",
    "state",
    "outcome",
    "framework",
    "created_at",
    "closed_at",
    "deadline",
    "deadline_state",
    "source",
    "identities",
];

fn cells(request: &RequestView) -> [String; 12] {
    let identities = request
        .identities
        .iter()
        .map(|(kind, masked)| format!("{kind}: {masked}"));
    [
        request.id.to_string(),
        request.reference.clone(),
        request.right.to_string(),
        request.state.to_string(),
        request.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        request.framework.clone(),
        request.created_at.to_string(),
        request.closed_at.map(|at| at.to_string()).unwrap_or_default(),
        request.deadline.to_string(),
        request.deadline_state.to_string(),
        request.source.clone(),
        identities.collect::<Vec<_>>().join("; "),
    ]
}

fn line<T: AsRef<str>>(cells: &[T]) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let cells = cells
        .iter()
        .map(|cell| crate::app::dossier::harmless_cell(cell.as_ref()));
    writer.write_record(cells).map_err(io::Error::other)?;
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}
