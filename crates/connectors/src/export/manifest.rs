//! The list of members that our own provider puts into its archives. Other vendors' archives have none, or another.

use std::{collections::HashMap, io::Read};

use serde::Deserialize;
use serde_json::Value;

use super::error::ExportError;

/// The member that holds it.
pub(super) const MEMBER: &str = "manifest.json";

/// A manifest is not read beyond this; a longer one is a member like others.
const LONGEST: u64 = 32 << 20;

/// What an archive says about itself.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) request_id: Option<String>,
    pub(super) members: HashMap<String, Listed>,
}

/// What it says about one member.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    name: String,
    pub(super) object: Option<String>,
    pub(super) data_source: Option<String>,
    pub(super) format: Option<String>,
    records: Option<u64>,
    pub(super) sha256: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    version: u64,
    request_id: Option<Value>,
    members: Vec<Listed>,
}

impl Manifest {
    /// Reads a manifest; `None` if the text is none of version 1.
    pub(super) fn read(member: impl Read) -> Option<Result<Self, ExportError>> {
        let mut text = Vec::new();
        member.take(LONGEST + 1).read_to_end(&mut text).ok()?;
        if text.len() as u64 > LONGEST {
            return None;
        }
        let written: Written = serde_json::from_slice(&text).ok()?;
        (written.version == 1).then(|| Self::of(written))
    }

    fn of(written: Written) -> Result<Self, ExportError> {
        let request_id = match written.request_id {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id),
            Some(id) => Some(id.to_string()),
        };
        let length = written.members.len();
        let members: HashMap<_, _> = written
            .members
            .into_iter()
            .map(|listed| (listed.name.clone(), listed))
            .collect();
        if members.len() == length {
            Ok(Self { request_id, members })
        } else {
            Err(wrong("it lists a member twice"))
        }
    }

    /// Checks that the archive is for the job `request_id` and that it holds every member listed.
    pub(super) fn check<'a>(
        &self,
        request_id: Option<&str>,
        members: impl Iterator<Item = &'a str>,
    ) -> Result<(), ExportError> {
        if let (Some(theirs), Some(ours)) = (&self.request_id, request_id)
            && theirs != ours
        {
            return Err(wrong("it is for another job"));
        }
        let present = members.filter(|member| self.members.contains_key(*member)).count();
        if present == self.members.len() {
            Ok(())
        } else {
            Err(wrong("a member that it lists is missing"))
        }
    }
}

impl Listed {
    /// Checks what a member turned out to be; `records` is `None` for a file.
    pub(super) fn check(&self, records: Option<u64>, sha256: Option<&str>) -> Result<(), ExportError> {
        let differs = |listed: &str| !sha256.is_some_and(|sha256| listed.eq_ignore_ascii_case(sha256));
        if self.sha256.as_deref().is_some_and(differs) {
            return Err(wrong("a member has another SHA-256"));
        }
        match (self.records, records) {
            (Some(listed), Some(found)) if listed != found => Err(wrong("a member has another number of records")),
            _ => Ok(()),
        }
    }
}

const fn wrong(reason: &'static str) -> ExportError {
    ExportError::Manifest { reason }
}
