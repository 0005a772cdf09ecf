//! The folder where a service keeps what is its own.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::Failure;

/// A folder that nobody but its owner can enter.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// Makes the folder where it is missing; refuses one that others can enter.
    pub fn open_or_create(path: &Path) -> anyhow::Result<Self> {
        let create = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        create.with_context(|| format!("could not make the data folder {}", path.display()))?;
        let mode = mode(path).with_context(|| format!("could not look at the data folder {}", path.display()))?;
        if mode & 0o077 != 0 {
            return Err(Failure::new(format!(
                "the data folder {} is open to others than its owner (mode {mode:03o})",
                path.display()
            ))
            .hint(format!("chmod 700 {}", path.display()))
            .into());
        }
        Ok(Self(path.to_owned()))
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the master key lies unless it is configured.
    pub fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }

    /// Where files of the manager's dossiers lie, sealed.
    pub fn dossiers(&self) -> PathBuf {
        self.0.join("dossiers")
    }
}

/// The permission bits of a file or folder.
pub(crate) fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o777)
}
