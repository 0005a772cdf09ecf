//! Rows of a list, read portion by portion, so that it does not matter how long the list is.

use std::collections::BTreeMap;

use privacy::{Identities, IdentityType, Personal};
use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{CreateRequestError, ExportFormat, NewRequest},
    ImportedRow,
};
use crate::ConnectionId;

/// A row as it stands in the file.
#[derive(Debug, Default)]
pub(super) struct Row(BTreeMap<String, Personal<String>>);

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

/// Some of a list's rows.
#[derive(Debug, Default)]
pub(super) struct Portion {
    pub(super) rows: Vec<Result<Row, Refused>>,
    /// How many bytes they took up.
    pub(super) used: usize,
}

/// Up to `most` rows at the beginning of `text`. Where more of the list comes behind it (`at_end` is false), a row that
/// may go on there is left for the next portion.
pub(super) fn rows(format: ExportFormat, text: &[u8], names: &[String], at_end: bool, most: usize) -> Portion {
    match format {
        ExportFormat::Csv => csv_rows(text, names, at_end, most),
        ExportFormat::Ndjson => ndjson_rows(text, at_end, most),
    }
}

/// The names in the first line of a CSV, and how many bytes that took; none where it is not whole yet.
pub(super) fn csv_names(text: &[u8], at_end: bool) -> Result<Option<(Vec<String>, usize)>, &'static str> {
    let mut reader = csv_reader(text);
    let mut record = csv::ByteRecord::new();
    let found = reader
        .read_byte_record(&mut record)
        .map_err(|_| "the first line is not CSV")?;
    let used = position(&reader);
    if !found || (!at_end && used >= text.len()) {
        return if at_end { Err("the list is empty") } else { Ok(None) };
    }
    let names = csv::StringRecord::from_byte_record(record).map_err(|_| "the first line is not UTF-8")?;
    let names = names.iter();
    let names = names.map(|name| name.trim_start_matches('\u{feff}').to_ascii_lowercase());
    Ok(Some((names.collect(), used)))
}

fn csv_rows(text: &[u8], names: &[String], at_end: bool, most: usize) -> Portion {
    let mut reader = csv_reader(text);
    let mut portion = Portion::default();
    let mut record = csv::ByteRecord::new();
    while portion.rows.len() < most {
        // From memory, and of any length: nothing is left that could fail.
        let found = reader.read_byte_record(&mut record).unwrap_or(false);
        let after = position(&reader);
        if found && !at_end && after >= text.len() {
            break;
        }
        portion.used = after;
        if !found {
            break;
        }
        portion.rows.push(csv_row(names, &record));
    }
    portion
}

fn csv_row(names: &[String], record: &csv::ByteRecord) -> Result<Row, Refused> {
    if record.len() != names.len() {
        return Err(Refused::whole("it has more or fewer cells than there are columns"));
    }
    let cells = names.iter().zip(record.iter()).map(|(name, cell)| {
        let cell = std::str::from_utf8(cell).map_err(|_| Refused::whole("it is not UTF-8"))?;
        Ok((name.clone(), Personal::new(cell.to_owned())))
    });
    cells.collect::<Result<_, Refused>>().map(Row)
}

fn csv_reader(text: &[u8]) -> csv::Reader<&[u8]> {
    let mut builder = csv::ReaderBuilder::new();
    builder.trim(csv::Trim::All).has_headers(false).flexible(true);
    builder.from_reader(text)
}

fn position(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

fn ndjson_rows(text: &[u8], at_end: bool, most: usize) -> Portion {
    let mut portion = Portion::default();
    let mut left = text;
    while portion.rows.len() < most && !left.is_empty() {
        let (line, rest) = match left.iter().position(|byte| *byte == b'\n') {
            Some(end) => left.split_at(end + 1),
            None if at_end => (left, &[][..]),
            None => break,
        };
        portion.used += line.len();
        left = rest;
        match std::str::from_utf8(line).map(|line| line.trim_start_matches('\u{feff}').trim()) {
            Ok("") => {}
            Ok(line) => portion.rows.push(ndjson_row(line)),
            Err(_) => portion.rows.push(Err(Refused::whole("it is not UTF-8"))),
        }
    }
    portion
}

/// Why a row is not taken. What stands in it is not repeated.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) field: Option<String>,
    pub(super) reason: String,
}

impl Refused {
    fn new(field: &str, reason: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            reason: reason.into(),
        }
    }

    fn whole(reason: &str) -> Self {
        Self {
            field: None,
            reason: reason.to_owned(),
        }
    }

    pub(super) fn at(self, row: u64) -> ImportedRow {
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
    pub(super) fn content(&self) -> String {
        let cells = self.0.iter().filter(|(name, _)| name.as_str() != "key");
        let cells = cells.map(|(name, value)| (name.as_str(), Value::from(value.reveal().as_str())));
        Value::from(
            cells
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<serde_json::Map<_, _>>(),
        )
        .to_string()
    }

    /// The name by which the list itself knows the row.
    pub(super) fn key(&self) -> Option<&str> {
        self.0
            .get("key")
            .map(|key| key.reveal().as_str())
            .filter(|key| !key.is_empty())
    }

    /// By what it is known again: its own key, or what it says and how often that stood in the list by then.
    pub(super) fn once(&self, content: &str, times: u64) -> String {
        match self.key() {
            Some(key) => format!("key {key}"),
            None => format!("{times} {content}"),
        }
    }

    pub(super) fn read(self) -> Result<NewRequest, Refused> {
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

fn ndjson_row(line: &str) -> Result<Row, Refused> {
    // The parser's own words could quote what stands there.
    let value: Value = serde_json::from_str(line).map_err(|_| Refused::whole("it is not JSON"))?;
    let Value::Object(members) = value else {
        return Err(Refused::whole("it is not an object"));
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
