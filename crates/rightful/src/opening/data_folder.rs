//! The folder where a service keeps what is its own.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// A folder of one owner.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// Makes the folder where it is missing, and closes an empty one to others. One that is in use and open to others is
    /// taken as it is, with a warning: what lies in it is readable by its owner alone, file by file.
    pub fn open_or_create(path: &Path) -> anyhow::Result<Self> {
        let create = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        create.with_context(|| format!("could not make the data folder {}", path.display()))?;
        let open = is_open(path).with_context(|| format!("could not look at the data folder {}", path.display()))?;
        if open == Some(Holding::Nothing) {
            // Where it is not ours to close, it is as one that is in use.
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).ok();
        } else if open.is_some() {
            let folder = path.display();
            tracing::warn!("the data folder {folder} is open to others than its owner: chmod 700 {folder}");
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

#[derive(PartialEq, Eq)]
enum Holding {
    Nothing,
    Files,
}

/// Whether others can enter the folder, and if so, whether there is something in it.
fn is_open(path: &Path) -> io::Result<Option<Holding>> {
    if mode(path)? & !0o700 == 0 {
        return Ok(None);
    }
    let empty = fs::read_dir(path)?.next().is_none();
    Ok(Some(if empty { Holding::Nothing } else { Holding::Files }))
}

/// The permission bits of a file or folder.
pub(crate) fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o777)
}
