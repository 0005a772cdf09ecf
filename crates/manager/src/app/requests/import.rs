//! Taking many requests in.

use std::{
    collections::{BTreeMap, HashMap},
    io,
};

use privacy::{
    Identities, IdentityType, Personal,
    audit::{Detail, Event},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::StoreError;

use super::{CreateRequestError, ExportFormat, NewRequest, Once};
use crate::{By, ConnectionId, Manager, RequestId};

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

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Requests that were made.
    pub created: u64,
    /// Rows that an earlier import had taken already.
    pub existing: u64,
    /// Rows that were not taken.
    pub refused: u64,
    /// Rows that could be taken (in a dry run).
    pub valid: u64,
    /// Every row.
    pub rows: Vec<ImportedRow>,
}

/// Why an import stopped. The rows before stay taken: importing the same file again goes on.
#[derive(Debug, thiserror::Error)]
pub enum ImportRequestsError {
    /// The file can't be read.
    #[error("row {row} can't be read: {reason}")]
    Unreadable {
        /// Which row, from 1.
        row: u64,
        /// In plain words, without what stands there.
        reason: String,
    },
    /// The database failed.
    #[error("the import stopped at row {row}")]
    Stopped {
        /// Which row, from 1.
        row: u64,
        /// Why.
        #[source]
        source: StoreError,
    },
}

/// A row as it stands in the file.
#[derive(Debug, Default)]
struct Row(BTreeMap<String, Personal<String>>);

/// What a row says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    #[serde(rename = "type")]
    right: String,
    #[serde(default)]
    framework: Option<String>,
    #[serde(default)]
    connections: Option<String>,
    #[serde(default)]
    start: Option<String>,
    #[serde(default)]
    auto_approve: Option<String>,
    #[serde(default)]
    notify: Option<String>,
    #[serde(default)]
    received_at: Option<String>,
}

impl Manager {
    /// Takes every row of a list as a request: CSV with the columns `type`, an identity type each (`email`, …) and, as
    /// wanted, `framework`, `connections` (ids with spaces), `start`, `auto_approve`, `received_at`, `key`; or the same
    /// as NDJSON, where identities may stand under `identities`. Each row is taken once: it is known by its `key`, or
    /// else by its content and how often that stood in the file before, so a file can be imported again after a fault.
    /// A row that is refused stops no other. With `dry_run` nothing is taken.
    pub async fn import_requests(
        &self,
        reader: impl io::Read + Send,
        format: ExportFormat,
        dry_run: bool,
        by: &By,
    ) -> Result<ImportReport, ImportRequestsError> {
        let mut report = ImportReport::default();
        let mut seen: HashMap<String, u64> = HashMap::new();
        let rows = rows(reader, format)?;
        for (row, number) in rows.into_iter().zip(1..) {
            let outcome = match row {
                Err(refused) => refused.at(number),
                Ok(row) => {
                    let content = row.content();
                    let times = seen.entry(content.clone()).or_default();
                    *times += 1;
                    let once = row.once(&content, *times);
                    self.import_row(number, row.read(), (&once, &content), dry_run, by)
                        .await?
                }
            };
            match outcome.result {
                "created" => report.created += 1,
                "existing" => report.existing += 1,
                "valid" => report.valid += 1,
                _ => report.refused += 1,
            }
            report.rows.push(outcome);
        }
        if !dry_run {
            let mut tx = self
                .store()
                .write()
                .await
                .map_err(|source| ImportRequestsError::Stopped { row: 0, source })?;
            tx.audit(by.event(
                Event::ImportFinished,
                "requests".to_owned(),
                [(Detail::Count, report.created.into())],
            ));
            let committed = tx.commit().await;
            committed.map_err(|source| ImportRequestsError::Stopped { row: 0, source })?;
        }
        Ok(report)
    }

    async fn import_row(
        &self,
        number: u64,
        new: Result<NewRequest, Refused>,
        (once, content): (&str, &str),
        dry_run: bool,
        by: &By,
    ) -> Result<ImportedRow, ImportRequestsError> {
        let new = match new {
            Ok(new) => new,
            Err(refused) => return Ok(refused.at(number)),
        };
        let row = |result, id| ImportedRow {
            row: number,
            result,
            id,
            field: None,
            reason: None,
        };
        if dry_run {
            return Ok(match self.check_request(&new).await {
                Ok(()) => row("valid", None),
                Err(CreateRequestError::Store(source)) => {
                    return Err(ImportRequestsError::Stopped { row: number, source });
                }
                Err(error) => Refused::from(error).at(number),
            });
        }
        let once = Once {
            caller: "import",
            key: once,
            asked: content.as_bytes(),
            wait: true,
        };
        match self.create_request(new, by, Some(once)).await {
            Ok(created) => Ok(row(
                if created.replayed { "existing" } else { "created" },
                Some(created.id),
            )),
            Err(CreateRequestError::Store(source)) => Err(ImportRequestsError::Stopped { row: number, source }),
            Err(error) => Ok(Refused::from(error).at(number)),
        }
    }
}

/// Why a row is not taken. What stands in it is not repeated.
#[derive(Debug)]
struct Refused {
    field: Option<String>,
    reason: String,
}

impl Refused {
    fn new(field: &str, reason: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            reason: reason.into(),
        }
    }

    fn at(self, row: u64) -> ImportedRow {
        ImportedRow {
            row,
            result: "refused",
            id: None,
            field: self.field,
            reason: Some(self.reason),
        }
    }
}

impl From<CreateRequestError> for Refused {
    fn from(error: CreateRequestError) -> Self {
        match error {
            CreateRequestError::Invalid { field, reason } => Self::new(field, reason),
            other => Self {
                field: None,
                reason: other.to_string(),
            },
        }
    }
}

impl Row {
    /// The row in one text, for knowing it again. It is hashed, never kept.
    fn content(&self) -> String {
        let cells = self.0.iter().filter(|(name, _)| name.as_str() != "key");
        let cells = cells.map(|(name, value)| (name.as_str(), Value::from(value.reveal().as_str())));
        Value::from(
            cells
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<serde_json::Map<_, _>>(),
        )
        .to_string()
    }

    fn once(&self, content: &str, times: u64) -> String {
        match self.0.get("key").filter(|key| !key.reveal().is_empty()) {
            Some(key) => format!("key {}", key.reveal()),
            None => format!("{times} {content}"),
        }
    }

    fn read(self) -> Result<NewRequest, Refused> {
        let mut identities = Vec::new();
        let mut rest = serde_json::Map::new();
        for (name, value) in self.0 {
            let bare = name.strip_prefix("identities.").unwrap_or(&name);
            let is_identity = bare.parse::<IdentityType>().is_ok();
            if value.reveal().is_empty() {
                continue;
            }
            if is_identity {
                identities.push((bare.to_owned(), value.into_revealed()));
            } else {
                rest.insert(name, value.into_revealed().into());
            }
        }
        if let Some(unknown) = rest.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            // A list without a first line of names has somebody's address there: only what looks like a name is said.
            let is_name = unknown.len() <= 40 && unknown.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let name = if is_name { unknown } else { "columns" };
            return Err(Refused::new(name, "is not a known column"));
        }
        rest.remove("key");
        let known: Known = serde_json::from_value(rest.into()).map_err(|_| Refused::new("type", "is missing"))?;
        let identities =
            Identities::parse(identities).map_err(|error| Refused::new(error.field, error.problem.to_string()))?;
        let right = known
            .right
            .parse()
            .map_err(|_| Refused::new("type", "must be access or deletion"))?;
        Ok(NewRequest {
            framework: known.framework,
            connections: known.connections.map(|ids| connections(&ids)).transpose()?,
            start: flag("start", known.start.as_deref())?,
            auto_approve: flag("auto_approve", known.auto_approve.as_deref())?,
            received_at: known
                .received_at
                .map(|at| {
                    at.parse()
                        .map_err(|_| Refused::new("received_at", "is not a time like 2026-11-22T08:00:00Z"))
                })
                .transpose()?,
            // Nobody is written to by accident: a list may hold what was answered long ago.
            notify: flag("notify", known.notify.as_deref())?,
            ..NewRequest::new(right, identities, "import")
        })
    }
}

const KNOWN: [&str; 8] = [
    "type",
    "framework",
    "connections",
    "start",
    "auto_approve",
    "notify",
    "received_at",
    "key",
];

fn connections(ids: &str) -> Result<Vec<ConnectionId>, Refused> {
    let ids = ids.split([' ', ',', ';']).filter(|id| !id.is_empty());
    ids.map(|id| {
        id.parse()
            .map_err(|_| Refused::new("connections", "holds something that is not an id"))
    })
    .collect()
}

fn flag(field: &str, value: Option<&str>) -> Result<bool, Refused> {
    match value {
        None | Some("false" | "no" | "0") => Ok(false),
        Some("true" | "yes" | "1") => Ok(true),
        Some(_) => Err(Refused::new(field, "must be true or false")),
    }
}

fn rows(reader: impl io::Read, format: ExportFormat) -> Result<Vec<Result<Row, Refused>>, ImportRequestsError> {
    match format {
        ExportFormat::Csv => csv_rows(reader),
        ExportFormat::Ndjson => ndjson_rows(reader),
    }
}

fn csv_rows(reader: impl io::Read) -> Result<Vec<Result<Row, Refused>>, ImportRequestsError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(reader);
    let unreadable = |row, error: &csv::Error| ImportRequestsError::Unreadable {
        row,
        reason: match error.kind() {
            csv::ErrorKind::UnequalLengths { .. } => "it has more or fewer cells than there are columns".to_owned(),
            csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
            _ => "it is not CSV".to_owned(),
        },
    };
    let names = reader.headers().map_err(|error| unreadable(0, &error))?.clone();
    let names: Vec<String> = names
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_ascii_lowercase())
        .collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let row = rows.len() as u64 + 1;
        match record {
            Ok(record) => {
                let cells = names.iter().cloned().zip(record.iter());
                rows.push(Ok(Row(cells
                    .map(|(name, cell)| (name, Personal::new(cell.to_owned())))
                    .collect())));
            }
            Err(error) if matches!(error.kind(), csv::ErrorKind::Io(_)) => return Err(unreadable(row, &error)),
            Err(error) => rows.push(Err(Refused {
                field: None,
                reason: unreadable(row, &error).to_string(),
            })),
        }
    }
    Ok(rows)
}

fn ndjson_rows(mut reader: impl io::Read) -> Result<Vec<Result<Row, Refused>>, ImportRequestsError> {
    let mut text = String::new();
    reader
        .read_to_string(&mut text)
        .map_err(|_| ImportRequestsError::Unreadable {
            row: 0,
            reason: "the file is not UTF-8".to_owned(),
        })?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(ndjson_row).collect())
}

fn ndjson_row(line: &str) -> Result<Row, Refused> {
    // The parser's own words could quote what stands there.
    let value: Value = serde_json::from_str(line).map_err(|_| Refused {
        field: None,
        reason: "it is not JSON".to_owned(),
    })?;
    let Value::Object(members) = value else {
        return Err(Refused {
            field: None,
            reason: "it is not an object".to_owned(),
        });
    };
    let mut cells = BTreeMap::new();
    let mut put = |name: String, value: Value| {
        let text = match value {
            Value::String(text) => text,
            Value::Null => String::new(),
            Value::Array(list) => {
                let list = list
                    .iter()
                    .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                list.collect::<Vec<_>>().join(" ")
            }
            other => other.to_string(),
        };
        cells.insert(name, Personal::new(text));
    };
    for (name, value) in members {
        match value {
            Value::Object(identities) if name == "identities" => {
                for (kind, value) in identities {
                    put(format!("identities.{kind}"), value);
                }
            }
            value => put(name, value),
        }
    }
    Ok(Row(cells))
}
