//! SQLite: many readers, one writer, one fsync for many transactions.
//!
//! The writer's connection stays in an outer transaction while work queues for it. Each [`crate::Tx`] is a savepoint in
//! it; a commit releases the savepoint and then queues for the writer once more, behind everybody who was waiting
//! already. Whoever gets there first commits the outer transaction for the whole batch, so that transactions that
//! arrive together share an fsync, and nobody is told "done" before it is.

use std::{
    fs::File,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::task::TaskTracker;

use crate::StoreError;

/// How many transactions may share one fsync.
const MOST_PER_BATCH: usize = 256;

#[derive(Clone)]
pub(crate) struct Sqlite {
    pub(crate) path: PathBuf,
    pub(crate) readers: SqlitePool,
    writer: Arc<Mutex<Writer>>,
    tracker: TaskTracker,
}

struct Writer {
    connection: SqliteConnection,
    /// The batch that the open outer transaction holds, if one is open.
    batch: Option<Batch>,
    /// A savepoint whose transaction was dropped without a commit, and must be rolled back before anything else.
    abandoned: bool,
}

struct Batch {
    size: usize,
    outcome: tokio::sync::watch::Sender<Option<bool>>,
}

impl Sqlite {
    pub(crate) async fn open(path: &Path) -> Result<Self, sqlx::Error> {
        make_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(512)
            .pragma("secure_delete", "ON")
            .pragma("cache_size", "-16000")
            .disable_statement_logging();
        let connection = options.connect().await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.create_if_missing(false).read_only(true))
            .await?;
        let writer = Writer {
            connection,
            batch: None,
            abandoned: false,
        };
        Ok(Self {
            path: path.to_owned(),
            readers,
            writer: Arc::new(Mutex::new(writer)),
            tracker: TaskTracker::new(),
        })
    }

    pub(crate) async fn begin(&self) -> Result<WriteGuard, StoreError> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        writer.settle().await?;
        // From here until the commit, a future that is dropped leaves something to undo.
        writer.abandoned = true;
        let fresh = writer.batch.is_none();
        if fresh {
            writer.batch = Some(Batch {
                size: 0,
                outcome: tokio::sync::watch::channel(None).0,
            });
        }
        let mut guard = WriteGuard {
            writer: Some(writer),
            sqlite: self.clone(),
        };
        if fresh {
            run(guard.connection()?, "BEGIN IMMEDIATE").await?;
        }
        run(guard.connection()?, "SAVEPOINT work").await?;
        Ok(guard)
    }

    /// Moves what the log holds into the database file and empties the log, so that no deleted value stays in a file.
    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        writer.settle().await?;
        writer.commit_batch().await?;
        run(&mut writer.connection, "PRAGMA wal_checkpoint(TRUNCATE)").await
    }

    pub(crate) async fn close(&self) {
        self.tracker.close();
        self.tracker.wait().await;
        self.readers.close().await;
    }
}

impl Writer {
    /// Rolls back what an abandoned transaction did. It may have been dropped before its first statement reached the
    /// database: then there is nothing to undo, which the database says as an error of its own kind.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if !self.abandoned {
            return Ok(());
        }
        if self.batch.as_ref().is_none_or(|batch| batch.size == 0) {
            undo(&mut self.connection, "ROLLBACK").await?;
            self.batch = None;
        } else {
            undo(&mut self.connection, "ROLLBACK TO work").await?;
            undo(&mut self.connection, "RELEASE work").await?;
        }
        self.abandoned = false;
        Ok(())
    }

    /// Commits the outer transaction, if one is open, and tells everybody in its batch.
    async fn commit_batch(&mut self) -> Result<(), StoreError> {
        let Some(batch) = self.batch.take() else { return Ok(()) };
        let committed = run(&mut self.connection, "COMMIT").await;
        if committed.is_err() {
            // A COMMIT that failed may leave the transaction open; nobody has been told that it is done.
            run(&mut self.connection, "ROLLBACK").await.ok();
        }
        batch.outcome.send_replace(Some(committed.is_ok()));
        committed
    }
}

/// The right to write, held by one transaction at a time.
pub(crate) struct WriteGuard {
    writer: Option<OwnedMutexGuard<Writer>>,
    sqlite: Sqlite,
}

impl WriteGuard {
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.writer
            .as_mut()
            .map(|writer| &mut writer.connection)
            .ok_or(StoreError::Database(sqlx::Error::PoolClosed))
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let Some(mut writer) = self.writer.take() else {
            return Err(StoreError::Database(sqlx::Error::PoolClosed));
        };
        let lock = Arc::clone(&self.sqlite.writer);
        // A task of its own, so that a caller who is dropped now leaves no half of a commit behind.
        let work = self.sqlite.tracker.spawn(async move {
            run(&mut writer.connection, "RELEASE work").await?;
            writer.abandoned = false;
            let Some(batch) = writer.batch.as_mut() else {
                return Err(StoreError::Crashed);
            };
            batch.size += 1;
            let outcome = batch.outcome.subscribe();
            if batch.size >= MOST_PER_BATCH {
                return writer.commit_batch().await;
            }
            drop(writer);
            let mut writer = lock.lock().await;
            let decided = *outcome.borrow();
            match decided {
                Some(true) => Ok(()),
                Some(false) => Err(StoreError::Database(sqlx::Error::WorkerCrashed)),
                None => {
                    writer.settle().await?;
                    writer.commit_batch().await
                }
            }
        });
        work.await.map_err(|_| StoreError::Crashed)?
    }
}

impl Drop for WriteGuard {
    /// A transaction that was dropped without a commit is undone at once, so that the write lock on the file goes too.
    fn drop(&mut self) {
        let Some(mut writer) = self.writer.take() else { return };
        if tokio::runtime::Handle::try_current().is_ok() {
            self.sqlite.tracker.spawn(async move {
                writer.settle().await.ok();
            });
        }
    }
}

/// Runs a statement that undoes, where "there is nothing to undo" is as good.
async fn undo(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    match run(connection, sql).await {
        Err(StoreError::Database(sqlx::Error::Database(error)))
            if error.message().contains("no such savepoint")
                || error.message().contains("no transaction is active") =>
        {
            Ok(())
        }
        done => done,
    }
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::query(sql).execute(connection).await?;
    Ok(())
}

/// Makes the file, readable by its owner alone; the log beside it gets the same mode.
fn make_private(path: &Path) -> Result<(), sqlx::Error> {
    let mut options = File::options();
    options.append(true).create(true).mode(0o600);
    options.open(path).map(drop).map_err(sqlx::Error::Io)
}

/// The file that a `sqlite:` URL names.
pub(crate) fn path_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    (!path.is_empty()).then(|| PathBuf::from(path))
}
