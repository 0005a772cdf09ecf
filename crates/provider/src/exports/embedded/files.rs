//! Objects as sealed files.
//!
//! ```text
//! objects/<key>            one object
//! uploads/<upload>/<part>  the parts of an upload that is not complete
//! new/<random>             being written
//! ```
//!
//! A file is `"RFO1" | entity tag (16) | length of the wrapped key (2) | wrapped data key | sealed stream`. It is
//! written under another name and renamed once it is whole and on the disk, so that several processes may share the
//! folder and a reader never meets half an object.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read as _, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use vault::{Place, SealedReader, SealedWriter, SharedEntropy, Vault, WrappedKey, random_bytes};

use super::window::Window;
use crate::app::tokens::hex;

const MAGIC: &[u8; 4] = b"RFO1";
const TAG_BYTES: usize = 16;
/// A file name may have 255 bytes, and base64 makes three of a key into four.
const LONGEST_KEY: usize = 180;
/// What was begun longer ago was begun by a process that is gone.
const STALE: Duration = Duration::from_hours(24);

/// A folder of sealed objects.
pub(super) struct Files {
    root: PathBuf,
    vault: Vault,
    entropy: SharedEntropy,
}

/// What a file holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot<'a> {
    /// The object of this key.
    Object(&'a str),
    /// A part of an upload.
    Part { upload: &'a str, number: i32 },
}

/// A file that is being written; gone when dropped before [`NewFile::keep`].
pub(super) struct NewFile {
    writer: Option<SealedWriter<BufWriter<File>>>,
    written_at: PathBuf,
    kept_at: PathBuf,
    tag: String,
}

/// A file that can be read.
pub(super) struct StoredFile {
    /// The content, from anywhere.
    pub(super) content: SealedReader<Window<File>>,
    /// The entity tag: another one whenever the object is written anew.
    pub(super) tag: String,
    /// When it was written.
    pub(super) modified: SystemTime,
}

impl Files {
    /// The folder at `root`, made where it is not there, readable by its owner alone. What dead processes left half
    /// done for a day is swept away.
    pub(super) fn open(root: PathBuf, vault: Vault, entropy: SharedEntropy) -> io::Result<Self> {
        let files = Self { root, vault, entropy };
        for folder in ["objects", "uploads", "new"] {
            make_private(&files.root.join(folder))?;
        }
        files.sweep()?;
        Ok(files)
    }

    /// Begins a file for `slot`.
    pub(super) fn create(&self, slot: Slot<'_>) -> io::Result<NewFile> {
        let kept_at = self.path(slot)?;
        let written_at = self.root.join("new").join(self.random_name());
        let file = private(OpenOptions::new().write(true).create_new(true)).open(&written_at)?;
        let mut new = NewFile {
            writer: None,
            written_at,
            kept_at,
            tag: String::new(),
        };
        let row = row(slot);
        let (key, wrapped) = self.vault.new_data_key(&place(&row));
        let tag = random_bytes::<TAG_BYTES>(&*self.entropy);
        let mut file = BufWriter::with_capacity(128 * 1024, file);
        file.write_all(MAGIC)?;
        file.write_all(&tag)?;
        let length = u16::try_from(wrapped.as_bytes().len()).map_err(io::Error::other)?;
        file.write_all(&length.to_be_bytes())?;
        file.write_all(wrapped.as_bytes())?;
        new.writer = Some(SealedWriter::new(file, &key, &place(&row))?);
        new.tag = hex(&tag);
        Ok(new)
    }

    /// The file in `slot`, if there is one.
    pub(super) fn read(&self, slot: Slot<'_>) -> io::Result<Option<StoredFile>> {
        let mut file = match File::open(self.path(slot)?) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let modified = file.metadata()?.modified()?;

        let (mut magic, mut tag, mut length) = ([0; 4], [0; TAG_BYTES], [0; 2]);
        file.read_exact(&mut magic)?;
        file.read_exact(&mut tag)?;
        file.read_exact(&mut length)?;
        let mut wrapped = vec![0; usize::from(u16::from_be_bytes(length))];
        file.read_exact(&mut wrapped)?;
        if &magic != MAGIC {
            return Err(damaged("it is not one of our objects"));
        }
        let row = row(slot);
        let wrapped = WrappedKey::from_bytes(wrapped).map_err(damaged)?;
        let key = self.vault.unwrap(&place(&row), &wrapped).map_err(damaged)?;
        let content = SealedReader::open(Window::from_here(file)?, &key, &place(&row)).map_err(damaged)?;
        Ok(Some(StoredFile {
            content,
            tag: hex(&tag),
            modified,
        }))
    }

    /// Removes what is in `slot`, for good when this returns.
    pub(super) fn remove(&self, slot: Slot<'_>) -> io::Result<()> {
        let path = self.path(slot)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed?,
        }
        sync_folder(&path)
    }

    /// The keys of all objects, in order.
    pub(super) fn keys(&self) -> io::Result<Vec<String>> {
        let mut keys = Vec::new();
        for entry in fs::read_dir(self.root.join("objects"))? {
            let name = entry?.file_name();
            let key = name.to_str().and_then(|name| URL_SAFE_NO_PAD.decode(name).ok());
            keys.extend(key.and_then(|key| String::from_utf8(key).ok()));
        }
        keys.sort_unstable();
        Ok(keys)
    }

    /// Begins an upload of `key` in parts and names it.
    pub(super) fn begin_upload(&self, key: &str) -> io::Result<String> {
        let upload = self.random_name();
        let folder = self.root.join("uploads").join(&upload);
        make_private(&folder)?;
        fs::write(folder.join("key"), file_name(key)?)?;
        Ok(upload)
    }

    /// Whether `upload` was begun for `key` and is neither complete nor aborted.
    pub(super) fn is_open(&self, upload: &str, key: &str) -> io::Result<bool> {
        let Ok(begun_for) = fs::read_to_string(self.upload_folder(upload)?.join("key")) else {
            return Ok(false);
        };
        Ok(begun_for == file_name(key)?)
    }

    /// Removes an upload and its parts.
    pub(super) fn end_upload(&self, upload: &str) -> io::Result<()> {
        match fs::remove_dir_all(self.upload_folder(upload)?) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn path(&self, slot: Slot<'_>) -> io::Result<PathBuf> {
        match slot {
            Slot::Object(key) => Ok(self.root.join("objects").join(file_name(key)?)),
            Slot::Part { upload, number } => Ok(self.upload_folder(upload)?.join(number.to_string())),
        }
    }

    fn upload_folder(&self, upload: &str) -> io::Result<PathBuf> {
        let ours = !upload.is_empty() && upload.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if ours {
            Ok(self.root.join("uploads").join(upload))
        } else {
            Err(io::ErrorKind::InvalidInput.into())
        }
    }

    fn random_name(&self) -> String {
        hex(&random_bytes::<16>(&*self.entropy))
    }

    fn sweep(&self) -> io::Result<()> {
        // The file system's own time, which is what the times of files are told in.
        let probe = self.root.join("new").join(self.random_name());
        fs::write(&probe, [])?;
        let now = fs::metadata(&probe)?.modified()?;
        fs::remove_file(&probe)?;
        for folder in ["uploads", "new"] {
            for entry in fs::read_dir(self.root.join(folder))? {
                let entry = entry?;
                let Ok(metadata) = entry.metadata() else { continue };
                let age = now.duration_since(metadata.modified()?).unwrap_or_default();
                if age < STALE {
                    continue;
                }
                if metadata.is_dir() {
                    fs::remove_dir_all(entry.path()).ok();
                } else {
                    fs::remove_file(entry.path()).ok();
                }
            }
        }
        Ok(())
    }
}

impl NewFile {
    /// Makes the file whole, durable and visible, in place of an earlier one. Returns its entity tag.
    pub(super) fn keep(mut self) -> io::Result<String> {
        let writer = self.writer.take().ok_or(io::ErrorKind::InvalidInput)?;
        let file = writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&self.written_at, &self.kept_at)?;
        sync_folder(&self.kept_at)?;
        Ok(std::mem::take(&mut self.tag))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.as_mut().ok_or(io::ErrorKind::InvalidInput)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().ok_or(io::ErrorKind::InvalidInput)?.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        fs::remove_file(&self.written_at).ok();
    }
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "s3",
        column: "object",
        row,
    }
}

fn row(slot: Slot<'_>) -> String {
    match slot {
        Slot::Object(key) => format!("object {key}"),
        Slot::Part { upload, number } => format!("part {upload} {number}"),
    }
}

fn file_name(key: &str) -> io::Result<String> {
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(io::ErrorKind::InvalidFilename.into());
    }
    Ok(URL_SAFE_NO_PAD.encode(key))
}

fn damaged(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
