//! Lists of requests, out and in.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use anyhow::Context as _;
use manager::{
    By, ImportId, Manager,
    app::{ExportFormat, ImportReport, ImportState, ImportView, ImportedRow, RequestFilter},
};

use crate::{
    Failure,
    command_line::{ExportRequests, ImportRequests, ListFormat},
    commands::Call,
    progress::Progress,
};

/// Writes all requests, as CSV or one JSON object a line.
pub(super) async fn export(call: &Call, manager: &Manager, options: &ExportRequests) -> anyhow::Result<()> {
    let unwritable = || format!("could not write {}", options.output.display());
    let mut out: Box<dyn Write + Send> = if options.output == Path::new("-") {
        Box::new(io::stdout())
    } else {
        Box::new(BufWriter::new(File::create(&options.output).with_context(unwritable)?))
    };
    let format = if call.output.is_json() {
        ListFormat::Ndjson
    } else {
        options.format
    };
    let count = manager
        .export_requests(&RequestFilter::default(), format.into(), &mut out)
        .await?;
    out.flush().with_context(unwritable)?;
    call.output.remark(&format!("{count} requests written"));
    Ok(())
}

/// Takes requests in. A line that is refused stops no other; taking the same file in again takes what is missing.
pub(super) async fn import(call: &Call, manager: &Manager, options: &ImportRequests) -> anyhow::Result<()> {
    let unreadable = || format!("could not read {}", options.file.display());
    let format = options.format.unwrap_or_else(|| format_of(&options.file)).into();
    let mut reader: Box<dyn Read + Send> = if options.file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(BufReader::new(File::open(&options.file).with_context(unreadable)?))
    };
    if options.dry_run {
        let mut list = Vec::new();
        reader.read_to_end(&mut list).with_context(unreadable)?;
        return tried(call, &manager.try_import(&list, format).await?);
    }
    let mut receiving = manager.receive_import(format, &By::command_line()).await?;
    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        let length = reader.read(&mut buffer).with_context(unreadable)?;
        if length == 0 {
            break;
        }
        receiving.bytes(buffer.get(..length).unwrap_or_default()).await?;
    }
    let import = carried_out(call, manager, receiving.finish().await?).await;
    let import = import.context("a manager that serves goes on with it; so does taking the same file in again")?;
    tell(call, manager, &import).await?;
    if import.state != ImportState::Finished {
        let reason = import.reason.unwrap_or_else(|| "somebody has cancelled it".to_owned());
        return Err(Failure::new(format!("the import ended before its end: {reason}")).into());
    }
    some_refused(import.refused, import.rows_read)
}

/// How far an import is, and which rows were refused.
pub(super) async fn tell(call: &Call, manager: &Manager, import: &ImportView) -> anyhow::Result<()> {
    let refused = refused_rows(manager, import.id).await?;
    let mut answer = serde_json::to_value(import)?;
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("rows".to_owned(), serde_json::to_value(&refused)?);
    }
    call.output.answer(&answer, || describe(import, &refused))?;
    Ok(())
}

/// How much is read of a file at once.
const READ_AT_ONCE: usize = 64 << 10;

/// Takes part in the work that a manager that serves may be at as well, until it has ended.
async fn carried_out(call: &Call, manager: &Manager, mut import: ImportView) -> anyhow::Result<ImportView> {
    let progress = Progress::counting(call.output, "bytes", Some(import.bytes));
    while !import.has_ended() {
        let gone = || anyhow::anyhow!("the import is gone");
        import = manager.import_on(import.id).await?.ok_or_else(gone)?;
        progress.at(import.bytes_read);
    }
    Ok(import)
}

async fn refused_rows(manager: &Manager, id: ImportId) -> anyhow::Result<Vec<ImportedRow>> {
    let mut rows: Vec<ImportedRow> = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row| row.row);
        let page = manager.imported_rows(id, true, after, 1000).await?.unwrap_or_default();
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}

fn tried(call: &Call, report: &ImportReport) -> anyhow::Result<()> {
    call.output.answer(&serde_json::to_value(report)?, || {
        let refused = report.rows.iter().filter(|row| row.result == "refused");
        let mut lines: Vec<String> = refused.map(refusal).collect();
        lines.push(format!(
            "{} rows could be taken, {} could not; nothing was taken",
            report.valid, report.refused
        ));
        lines.join("\n")
    })?;
    some_refused(report.refused, report.rows.len() as u64)
}

fn some_refused(refused: u64, all: u64) -> anyhow::Result<()> {
    if refused == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{refused} of {all} rows were refused"))
        .hint("mend them and take the same file in again: what was taken is not taken twice")
        .into())
}

fn describe(import: &ImportView, refused: &[ImportedRow]) -> String {
    let mut lines: Vec<String> = refused.iter().map(refusal).collect();
    lines.push(format!(
        "{} requests taken in, {} were there already, {} refused",
        import.created, import.existing, import.refused
    ));
    if !import.has_ended() {
        lines.push(format!("{} of {} bytes read so far", import.bytes_read, import.bytes));
    }
    lines.join("\n")
}

fn refusal(row: &ImportedRow) -> String {
    let field = row.field.as_ref().map_or_else(String::new, |field| format!("{field} "));
    format!("row {}: {field}{}", row.row, row.reason.as_deref().unwrap_or_default())
}

fn format_of(path: &Path) -> ListFormat {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("ndjson" | "jsonl") => ListFormat::Ndjson,
        _ => ListFormat::Csv,
    }
}

impl From<ListFormat> for ExportFormat {
    fn from(format: ListFormat) -> Self {
        match format {
            ListFormat::Csv => Self::Csv,
            ListFormat::Ndjson => Self::Ndjson,
        }
    }
}
