//! The package that a subject gets, unpacked.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use anyhow::Result;
use zip::ZipArchive;

/// The names and contents of its files.
pub(crate) fn unpacked(zip: &[u8]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let (name, mut bytes) = (file.name()?.into_owned(), Vec::new());
        file.read_to_end(&mut bytes)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

/// Whether `words` stand in any of them.
pub(crate) fn says(files: &BTreeMap<String, Vec<u8>>, words: &str) -> bool {
    files
        .values()
        .any(|bytes| String::from_utf8_lossy(bytes).contains(words))
}
