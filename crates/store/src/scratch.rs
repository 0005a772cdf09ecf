//! A database for one test: an SQLite file of its own, or, where `RIGHTFUL_TEST_DATABASE` names a PostgreSQL server, a
//! schema of its own there. It is gone when dropped.

use std::path::{Path, PathBuf};

use vault::{SharedEntropy, SystemEntropy, random_bytes};

use crate::{Migration, OpenStore, OpenStoreError, SharedClock, SharedCrashPoints, Store};

/// A place where stores can be opened, again and again, as by a process that is restarted.
#[derive(Debug)]
pub struct ScratchDatabase {
    folder: PathBuf,
    url: String,
    schema: String,
}

impl ScratchDatabase {
    /// An empty one.
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration but this")]
    pub fn new() -> std::io::Result<Self> {
        let name = crate::migrate::hex(&random_bytes::<8>(&SystemEntropy));
        let folder = std::env::temp_dir().join(format!("rightful-test-{name}"));
        std::fs::create_dir_all(&folder)?;
        let url = std::env::var("RIGHTFUL_TEST_DATABASE")
            .ok()
            .filter(|url| url.starts_with("postgres"))
            .unwrap_or_else(|| format!("sqlite:{}", folder.join("test.db").display()));
        Ok(Self {
            folder,
            url,
            schema: format!("test_{name}"),
        })
    }

    /// A folder that goes with it, for files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What to open it by.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The PostgreSQL schema that is its own.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// True on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Opens it.
    pub async fn open(
        &self,
        migrations: &'static [Migration],
        clock: SharedClock,
        entropy: SharedEntropy,
        crash_points: Option<SharedCrashPoints>,
    ) -> Result<Store, OpenStoreError> {
        Store::open(OpenStore {
            url: &self.url,
            schema: &self.schema,
            migrations,
            clock,
            entropy,
            crash_points,
        })
        .await
    }
}

impl Drop for ScratchDatabase {
    fn drop(&mut self) {
        // Schemas of a throw-away server go with the server.
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// A migration's text with the differences between the two dialects taken out: equal for two files that make the same
/// tables. For parity tests.
pub fn shape(sql: &str) -> String {
    let mut shape = sql.to_owned();
    for (dialect, common) in [
        (" STRICT, WITHOUT ROWID;", ";"),
        (" STRICT;", ";"),
        ("INTEGER", "BIGINT"),
        ("BOOLEAN", "BIGINT"),
        ("BLOB", "BYTEA"),
        ("zeroblob(32)", "decode(repeat('00', 32), 'hex')"),
    ] {
        shape = shape.replace(dialect, common);
    }
    shape.split_whitespace().collect::<Vec<_>>().join(" ")
}
