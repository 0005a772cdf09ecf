//! Lists of requests, out and in.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use anyhow::Context as _;
use manager::{
    By, Manager,
    app::{ExportFormat, ImportReport, ImportedRow, RequestFilter},
};

use crate::{
    Failure,
    command_line::{ExportRequests, ImportRequests, ListFormat},
    commands::Call,
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
    let format = options.format.unwrap_or_else(|| format_of(&options.file));
    let reader: Box<dyn Read + Send> = if options.file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(BufReader::new(File::open(&options.file).with_context(unreadable)?))
    };
    let report = manager
        .import_requests(reader, format.into(), options.dry_run, &By::command_line())
        .await
        .context("taking the same file in again takes what is missing")?;
    call.output
        .answer(&serde_json::to_value(&report)?, || describe(&report, options.dry_run))?;
    if report.refused > 0 {
        let all = report.rows.len();
        return Err(Failure::new(format!("{} of {all} rows were refused", report.refused))
            .hint("mend them and take the same file in again: what was taken is not taken twice")
            .into());
    }
    Ok(())
}

fn describe(report: &ImportReport, dry_run: bool) -> String {
    let mut lines: Vec<String> = report
        .rows
        .iter()
        .filter(|row| row.result == "refused")
        .map(refusal)
        .collect();
    lines.push(if dry_run {
        format!(
            "{} rows could be taken, {} could not; nothing was taken",
            report.valid, report.refused
        )
    } else {
        format!(
            "{} requests taken in, {} were there already, {} refused",
            report.created, report.existing, report.refused
        )
    });
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
