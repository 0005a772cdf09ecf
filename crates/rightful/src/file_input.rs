//! What a command reads from a file that its caller names; `-` is standard input.

use std::{fs, io::Read as _, path::Path};

use anyhow::Context as _;
use serde::de::DeserializeOwned;

use crate::Failure;

/// The whole text.
pub(crate) fn text(file: &Path) -> anyhow::Result<String> {
    let bytes = bytes(file)?;
    Ok(String::from_utf8(bytes).map_err(|_| Failure::new(format!("{} is not UTF-8", shown(file))))?)
}

/// The whole content.
pub(crate) fn bytes(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes);
        read.context("could not read standard input")?;
        return Ok(bytes);
    }
    fs::read(file).with_context(|| format!("could not read {}", file.display()))
}

/// JSON of a known shape.
pub(crate) fn json<T: DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = text(file)?;
    // Of what stands there, nothing but the place of the fault is repeated: it may be about somebody.
    Ok(serde_json::from_str(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Data => "is not what is expected here",
            _ => "is no JSON",
        };
        Failure::new(format!("{} {what} (line {line}, column {column})", shown(file)))
    })?)
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}
