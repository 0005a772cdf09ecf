//! The one connection that writes.
//!
//! It stays in an outer transaction while work queues for it. The first [`crate::Tx`] of such a batch is the outer
//! transaction itself, each further one a savepoint in it; a commit releases the savepoint and then queues for the
//! writer once more, behind everybody who was waiting already. Whoever gets there first commits the outer transaction
//! for the whole batch, so that transactions that arrive together share an fsync, and nobody is told "done" before it
//! is. A savepoint costs: SQLite keeps every page that is changed in it a second time, in a file beside.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::{
    Sqlite, SqliteRow, beside,
    connection::{Connection, is_busy},
};
use crate::{StoreError, Value, error::DatabaseError};

/// How many transactions may share one fsync.
const MOST_PER_BATCH: usize = 256;

pub(super) struct Writer {
    connection: Connection,
    /// The batch that the open outer transaction holds, if one is open.
    batch: Option<Batch>,
    /// The transaction of the batch that is under way.
    at_work: Option<Work>,
}

/// How a transaction that is under way can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// It is the first of its batch: all of it.
    Whole,
    /// There are others before it: back to its savepoint.
    Savepoint,
}

struct Batch {
    size: usize,
    outcome: tokio::sync::watch::Sender<Option<bool>>,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            batch: None,
            at_work: None,
        }
    }

    fn begin(&mut self) -> Result<(), DatabaseError> {
        if self.batch.is_some() && !self.connection.in_transaction() {
            // SQLite gave the batch up by itself, as it does when the disk is full.
            self.end_batch(false);
        }
        if self.batch.is_some() {
            self.connection.run("SAVEPOINT work")?;
            self.at_work = Some(Work::Savepoint);
        } else {
            self.connection.run("BEGIN IMMEDIATE")?;
            self.batch = Some(Batch {
                size: 0,
                outcome: tokio::sync::watch::channel(None).0,
            });
            self.at_work = Some(Work::Whole);
        }
        Ok(())
    }

    /// Makes the transaction that is under way one of the batch, which is to be committed.
    fn join_batch(&mut self) -> Result<&Batch, StoreError> {
        if !self.connection.in_transaction() {
            // SQLite gave the batch up by itself, and with it everybody in it.
            self.at_work = None;
            self.end_batch(false);
            return Err(DatabaseError::SharedCommit.into());
        }
        if self.at_work == Some(Work::Savepoint) {
            self.connection.run("RELEASE work")?;
        }
        self.at_work = None;
        let batch = self.batch.as_mut().ok_or(DatabaseError::Closed)?;
        batch.size += 1;
        Ok(batch)
    }

    /// The same on a thread that may wait for another process.
    fn begin_patiently(&mut self) -> Result<(), DatabaseError> {
        self.connection.set_patient(true)?;
        let begun = self.begin();
        self.connection.set_patient(false).and(begun)
    }

    /// Undoes the transaction that is under way, and ends a batch that holds no other one, so that the write lock on
    /// the file goes too.
    fn undo(&mut self) {
        if self.at_work.take() == Some(Work::Savepoint) && self.connection.in_transaction() {
            let undone = self.connection.run("ROLLBACK TO work");
            if undone.and_then(|()| self.connection.run("RELEASE work")).is_err() {
                // Rather nothing of the batch than half of this transaction in it.
                self.connection.run("ROLLBACK").ok();
            }
        }
        if self.batch.as_ref().is_some_and(|batch| batch.size == 0) {
            self.connection.run("ROLLBACK").ok();
            self.batch = None;
        }
    }

    /// Commits the outer transaction, if one is open, and tells everybody in its batch. It waits for the disk.
    pub(super) fn commit_batch(&mut self) -> Result<(), StoreError> {
        if self.batch.is_none() {
            return Ok(());
        }
        let committed = self.connection.run("COMMIT");
        if committed.is_err() {
            // A COMMIT that failed may leave the transaction open; nobody has been told that it is done.
            self.connection.run("ROLLBACK").ok();
        }
        self.end_batch(committed.is_ok());
        Ok(committed?)
    }

    fn end_batch(&mut self, committed: bool) {
        if let Some(batch) = self.batch.take() {
            batch.outcome.send_replace(Some(committed));
        }
    }

    /// Empties the log. It waits for readers of other processes.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection.set_patient(true)?;
        let emptied = self.connection.run("PRAGMA wal_checkpoint(TRUNCATE)");
        self.connection.set_patient(false)?;
        Ok(emptied?)
    }
}

/// The right to write, held by one transaction at a time.
pub(crate) struct WriteGuard {
    writer: Option<OwnedMutexGuard<Writer>>,
    sqlite: Sqlite,
}

impl WriteGuard {
    pub(super) async fn begin(sqlite: &Sqlite) -> Result<Self, StoreError> {
        let mut guard = Self {
            writer: Some(Arc::clone(&sqlite.writer).lock_owned().await),
            sqlite: sqlite.clone(),
        };
        match guard.writer()?.begin() {
            Err(busy) if is_busy(&busy) => guard.beside(Writer::begin_patiently).await??,
            begun => begun?,
        }
        Ok(guard)
    }

    pub(crate) fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, StoreError> {
        Ok(self.writer()?.connection.execute(sql, args)?)
    }

    pub(crate) async fn execute_many(&mut self, sql: &str, args: Vec<Value>) -> Result<u64, StoreError> {
        let sql = sql.to_owned();
        let changed = self
            .beside(move |writer| writer.connection.execute(&sql, &args))
            .await?;
        Ok(changed?)
    }

    pub(crate) fn fetch(&mut self, sql: &str, args: &[Value], most: usize) -> Result<Vec<SqliteRow>, StoreError> {
        Ok(self.writer()?.connection.fetch(sql, args, most)?)
    }

    pub(crate) async fn execute_all(&mut self, sql: &'static str) -> Result<(), StoreError> {
        Ok(self.beside(move |writer| writer.connection.run_all(sql)).await??)
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let batch = self.writer()?.join_batch()?;
        let (outcome, full) = (batch.outcome.subscribe(), batch.size >= MOST_PER_BATCH);
        let held = self.writer.take().filter(|_| full);
        let lock = Arc::clone(&self.sqlite.writer);
        // A task of its own, so that a caller who is dropped now does not leave the batch open.
        let work = self.sqlite.tracker.spawn(async move {
            let mut writer = match held {
                Some(writer) => writer,
                None => lock.lock_owned().await,
            };
            let decided = *outcome.borrow();
            match decided {
                Some(true) => Ok(()),
                Some(false) => Err(DatabaseError::SharedCommit.into()),
                None => beside(move || writer.commit_batch()).await?,
            }
        });
        work.await.map_err(|_| StoreError::Crashed)?
    }

    fn writer(&mut self) -> Result<&mut Writer, DatabaseError> {
        self.writer.as_deref_mut().ok_or(DatabaseError::Closed)
    }

    /// Runs what may take long on a thread that may wait. Where the caller is dropped meanwhile, it is undone there.
    async fn beside<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Writer) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut moved = Self {
            writer: self.writer.take(),
            sqlite: self.sqlite.clone(),
        };
        let (mut moved, done) = beside(move || {
            let done = moved.writer().map(work);
            (moved, done)
        })
        .await?;
        self.writer = moved.writer.take();
        Ok(done?)
    }
}

impl Drop for WriteGuard {
    /// A transaction that was dropped without a commit is undone at once.
    fn drop(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            writer.undo();
        }
    }
}
