//! What is kept of an object or a file beside its content, sealed.

use privacy::dossier::FieldCatalog;
use serde::{Deserialize, Serialize};
use store::StoreError;

/// What is kept of an object. It is written for sealing only.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ObjectHeadJson {
    pub(crate) name: String,
    pub(crate) data_source: Option<String>,
    pub(crate) member: String,
    pub(crate) catalog: FieldCatalog,
}

/// What is kept of a file. It is written for sealing only.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FileHeadJson {
    pub(crate) name: String,
}

impl ObjectHeadJson {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn parse(plain: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(plain).map_err(|_| unreadable("dossier_object"))
    }
}

impl FileHeadJson {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn parse(plain: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(plain).map_err(|_| unreadable("dossier_file"))
    }
}

/// The parser's own words could quote what is personal.
pub(super) fn unreadable(what: &'static str) -> StoreError {
    StoreError::Corrupt {
        what,
        reason: "what was sealed can't be read".to_owned(),
    }
}

/// What a file of that name most likely is. Only for show: nothing is ever opened by it.
pub(crate) fn media_type(name: &str) -> &'static str {
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    match extension.as_str() {
        "json" => "application/json",
        "ndjson" | "jsonl" => "application/x-ndjson",
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "txt" | "log" | "md" => "text/plain",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "xml" => "application/xml",
        "zip" => "application/zip",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}
