//! Where the demo keeps what it has.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use vault::{SystemEntropy, random_bytes};

use crate::{Failure, command_line::Demo, hex::hex, opening::DataFolder};

/// The usual folder of a demo that stays.
const USUAL: &str = "rightful-data/demo";

/// The demo's folder, held by one process at a time.
pub(super) struct DemoFolder {
    data: DataFolder,
    temporary: bool,
    /// Released by the system, even after `kill -9`.
    _lock: File,
}

impl DemoFolder {
    pub(super) fn open(options: &Demo) -> anyhow::Result<Self> {
        let (path, temporary) = match (&options.data, options.once) {
            (Some(path), _) => (path.clone(), false),
            (None, false) => (PathBuf::from(USUAL), false),
            (None, true) => {
                let name = hex(&random_bytes::<6>(&SystemEntropy));
                (std::env::temp_dir().join(format!("rightful-demo-{name}")), true)
            }
        };
        let data = DataFolder::open_or_create(&path)?;
        let lock = path.join("demo.lock");
        let file = File::options()
            .create(true)
            .append(true)
            .open(&lock)
            .with_context(|| format!("could not open {}", lock.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(format!("a demo is running in {}", path.display()))
                    .hint("end it, or use another folder with --data")
                    .into());
            }
            Err(TryLockError::Error(error)) => {
                return Err(anyhow::Error::new(error).context(format!("could not lock {}", lock.display())));
            }
        }
        Ok(Self {
            data,
            temporary,
            _lock: file,
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.data.path()
    }

    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }

    pub(super) fn how_to_carry_on(&self) -> String {
        if self.temporary {
            "start it again; with --data DIR it would carry on where it was".to_owned()
        } else {
            format!("`rightful demo --data {}` carries on", self.path().display())
        }
    }

    /// Removes a temporary folder.
    pub(super) fn end(self) {
        drop(self);
    }
}

impl Drop for DemoFolder {
    fn drop(&mut self) {
        if self.temporary {
            fs::remove_dir_all(self.data.path()).ok();
        }
    }
}
