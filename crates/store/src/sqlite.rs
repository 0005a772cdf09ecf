//! SQLite: many readers, one writer, one fsync for many transactions.
//!
//! Statements are called in place, on the thread that asks: what they do takes microseconds, less than handing them to
//! another thread and back. What may take long goes to a thread that may wait: the fsync, another process's write
//! lock, a read that turns out to be a long one, and [`crate::Tx::execute_many`].

mod connection;
mod reader;
mod row;
mod writer;

use std::{
    fs::File,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

pub(crate) use self::row::SqliteRow;
use self::{
    connection::{Access, Connection},
    reader::{Reader, Readers},
    writer::{WriteGuard, Writer},
};
use crate::{StoreError, Value, error::DatabaseError};

#[derive(Clone)]
pub(crate) struct Sqlite {
    pub(crate) path: PathBuf,
    readers: Readers,
    writer: Arc<Mutex<Writer>>,
    emptied: Arc<Emptied>,
    tracker: TaskTracker,
}

/// How often the log was to be emptied, and which of these the last emptying came after.
#[derive(Default)]
struct Emptied {
    asked: AtomicU64,
    answered: Mutex<u64>,
}

impl Sqlite {
    pub(crate) async fn open(path: &Path) -> Result<Self, DatabaseError> {
        let path = path.to_owned();
        // Another process may be at it: opening waits.
        beside(move || {
            make_private(&path)?;
            let writer = Connection::open(&path, Access::Write)?;
            writer.set_patient(false)?;
            Ok(Self {
                readers: Readers::new(&path)?,
                writer: Arc::new(Mutex::new(Writer::new(writer))),
                emptied: Arc::default(),
                tracker: TaskTracker::new(),
                path,
            })
        })
        .await
        .unwrap_or(Err(DatabaseError::Closed))
    }

    /// Begins a transaction; it waits until no other one is under way.
    pub(crate) async fn begin(&self) -> Result<SqliteConnection, StoreError> {
        WriteGuard::begin(self).await.map(SqliteConnection::Write)
    }

    /// A connection to read with.
    pub(crate) async fn read(&self) -> Result<SqliteConnection, StoreError> {
        self.readers.take().await.map(SqliteConnection::Read)
    }

    /// The same, for short queries that bring a number.
    pub(crate) async fn reader(&self) -> Result<Reader, StoreError> {
        self.readers.take().await
    }

    /// Moves what the log holds into the database file and empties the log, so that no deleted value stays in a file.
    /// Those who ask while the log is being emptied share the next time.
    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        let ticket = self.emptied.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut answered = self.emptied.answered.lock().await;
        if *answered >= ticket {
            return Ok(());
        }
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        let asked = self.emptied.asked.load(Ordering::SeqCst);
        beside(move || {
            writer.commit_batch()?;
            writer.checkpoint()
        })
        .await??;
        *answered = asked;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.tracker.close();
        self.tracker.wait().await;
        self.readers.close().await;
    }
}

/// A connection in use.
pub(crate) enum SqliteConnection {
    Write(WriteGuard),
    Read(Reader),
}

impl SqliteConnection {
    pub(crate) fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, StoreError> {
        self.writer()?.execute(sql, args)
    }

    pub(crate) async fn execute_many(&mut self, sql: &str, args: Vec<Value>) -> Result<u64, StoreError> {
        self.writer()?.execute_many(sql, args).await
    }

    /// Runs the statements of a migration.
    pub(crate) async fn execute_all(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.writer()?.execute_all(sql).await
    }

    /// The rows of a statement, `most` of them at most.
    pub(crate) async fn fetch(
        &mut self,
        sql: &str,
        args: Vec<Value>,
        most: usize,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        match self {
            Self::Write(guard) => guard.fetch(sql, &args, most),
            Self::Read(reader) => reader.fetch(sql, args, most).await,
        }
    }

    /// Durable when this returns.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Write(guard) => guard.commit().await,
            Self::Read(_) => Ok(()),
        }
    }

    fn writer(&mut self) -> Result<&mut WriteGuard, StoreError> {
        match self {
            Self::Write(guard) => Ok(guard),
            Self::Read(_) => Err(DatabaseError::ReadOnly.into()),
        }
    }
}

/// Runs what may take long on a thread that may wait.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    // It fails only where the work panicked, or the process is ending.
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| DatabaseError::Closed.into())
}

/// Makes the file, readable by its owner alone; the log beside it gets the same mode. A file that is there is not
/// opened: closing it would take away the locks that this process may hold on it (POSIX locks belong to the process).
fn make_private(path: &Path) -> Result<(), DatabaseError> {
    match File::options().append(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop).map_err(DatabaseError::File),
    }
}

/// The file that a `sqlite:` URL names.
pub(crate) fn path_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    (!path.is_empty()).then(|| PathBuf::from(path))
}
