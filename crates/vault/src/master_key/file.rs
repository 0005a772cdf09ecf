//! The master key file: readable by its owner alone, replaced as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{MasterKeyTextError, MasterKeys};
use crate::{Entropy, KeyId};

/// No file of master keys is longer than this, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Why the master key file could not be read or written. The text names the file and never what it holds.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyFileError {
    /// There is no such file.
    #[error("there is no master key file {}", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file is there and could not be read.
    #[error("could not read the master key file {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may read or write it.
    #[error("the master key file {path} is open to others than its owner (mode {mode:03o})\nhint: chmod 600 {path}", path = .path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It does not hold master keys.
    #[error("the master key file {} is malformed", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which line, and how.
        source: MasterKeyTextError,
    },
    /// A new file was wanted, but there is one.
    #[error("there is a master key file {} already", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file has got another current key since it was loaded, which would be lost.
    #[error("the master key file {} was changed meanwhile (its current key id is {current})", .path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
        /// The key that stands first in it now.
        current: KeyId,
    },
    /// It could not be written. A file that stood there before is still whole.
    #[error("could not write the master key file {}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl MasterKeys {
    /// Makes a new key and the file for it, which must not exist; its folder must. On return it is on disk.
    pub fn create_file(path: &Path, entropy: &dyn Entropy) -> Result<Self, MasterKeyFileError> {
        let keys = Self::generate(entropy);
        let created = private(path, OpenOptions::new().create_new(true)).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => MasterKeyFileError::Exists { path: path.into() },
            _ => MasterKeyFileError::Unwritable {
                path: path.into(),
                source,
            },
        })?;
        let written = write(created, &keys).and_then(|()| folder(path)?.sync_all());
        written.map_err(|source| {
            // Half a key is worth nothing and would stand in the way of the next attempt.
            let _ = fs::remove_file(path);
            MasterKeyFileError::Unwritable {
                path: path.into(),
                source,
            }
        })?;
        Ok(keys)
    }

    /// Reads the file, which nobody but its owner may have access to.
    pub fn load_file(path: &Path) -> Result<Self, MasterKeyFileError> {
        let unreadable = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => MasterKeyFileError::Missing { path: path.into() },
            _ => MasterKeyFileError::Unreadable {
                path: path.into(),
                source,
            },
        };
        let malformed = |source| MasterKeyFileError::Malformed {
            path: path.into(),
            source,
        };

        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyFileError::OpenToOthers {
                path: path.into(),
                mode,
            });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
        file.take(LONGEST).read_to_end(&mut bytes).map_err(unreadable)?;
        let text = std::str::from_utf8(&bytes).map_err(|error| malformed(not_text(&bytes, error.valid_up_to())))?;
        Self::from_text(text).map_err(malformed)
    }

    /// Replaces the file as a whole; after a crash either the old or the new one is there. The current key of the old
    /// file must be among these keys: of two rotations at once the later one is refused instead of losing a key.
    pub fn save_file(&self, path: &Path) -> Result<(), MasterKeyFileError> {
        let unwritable = |source| MasterKeyFileError::Unwritable {
            path: path.into(),
            source,
        };
        // A link stays a link: what it points to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let folder = folder(&target).map_err(unwritable)?;
        // Where the file system has no locks, the check below still catches all but a hair's breadth.
        let _ = folder.lock();
        match Self::load_file(&target) {
            Ok(present) if self.find(present.current_id()).is_none() => {
                let current = present.current_id();
                return Err(MasterKeyFileError::ChangedMeanwhile {
                    path: path.into(),
                    current,
                });
            }
            Ok(_) | Err(MasterKeyFileError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }

        let beside = beside(&target, self.current_id());
        let replaced = private(&beside, OpenOptions::new().create(true).truncate(true)).and_then(|file| {
            keep_owner(&target, &file)?;
            write(file, self)?;
            fs::rename(&beside, &target)?;
            folder.sync_all()
        });
        replaced.map_err(|source| {
            let _ = fs::remove_file(&beside);
            unwritable(source)
        })
    }
}

fn private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.write(true).mode(0o600).open(path)
}

fn write(mut file: File, keys: &MasterKeys) -> io::Result<()> {
    file.write_all(keys.to_text().as_bytes())?;
    file.sync_all()
}

/// A rotation run by the administrator must not take the file away from the service's account.
fn keep_owner(of: &Path, to: &File) -> io::Result<()> {
    let Ok(present) = fs::metadata(of) else { return Ok(()) };
    if present.uid() == to.metadata()?.uid() {
        return Ok(());
    }
    fchown(to, Some(present.uid()), Some(present.gid()))
}

fn folder(of: &Path) -> io::Result<File> {
    match of.parent() {
        Some(parent) if parent != Path::new("") => File::open(parent),
        _ => File::open("."),
    }
}

fn beside(path: &Path, id: KeyId) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{id}.{}.new", std::process::id()));
    path.with_file_name(name)
}

fn not_text(bytes: &[u8], valid_up_to: usize) -> MasterKeyTextError {
    let line = 1 + bytes.iter().take(valid_up_to).filter(|byte| **byte == b'\n').count();
    MasterKeyTextError::Malformed { line }
}
