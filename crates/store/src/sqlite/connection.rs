//! One connection, and statements on it.

use std::{path::Path, time::Duration};

use rusqlite::{CachedStatement, ErrorCode, OpenFlags, StatementStatus, types::ToSqlOutput};

use super::row::{self, SqliteRow};
use crate::{Value, error::DatabaseError};

/// How long a thread that may wait waits for another process.
const PATIENCE: Duration = Duration::from_secs(10);
/// Statements that are kept prepared.
const STATEMENTS: usize = 512;
/// A read that takes more steps of SQLite's machine than this, some milliseconds' worth, is a long one.
const LONG: i32 = 200_000;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

pub(super) struct Connection(rusqlite::Connection);

impl Connection {
    pub(super) fn open(path: &Path, access: Access) -> Result<Self, DatabaseError> {
        let flags = match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        let connection = rusqlite::Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // What readers share is in the system's cache; of their own they keep little, for there may be many. The log is
        // moved into the file when it has 16 MiB: pages that every commit changes are then moved once for many of them.
        connection.execute_batch(match access {
            Access::Read => "PRAGMA cache_size = -2000",
            Access::Write => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA secure_delete = ON; PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000"
            }
        })?;
        Ok(Self(connection))
    }

    /// Whether a call may wait for another process. It may not in place.
    pub(super) fn set_patient(&self, patient: bool) -> Result<(), DatabaseError> {
        Ok(self.0.busy_timeout(if patient { PATIENCE } else { Duration::ZERO })?)
    }

    /// Whether a call gives up, as [`is_long`], once it has turned out to be a long one.
    pub(super) fn set_brief(&self, brief: bool) -> Result<(), DatabaseError> {
        Ok(self.0.progress_handler(LONG, brief.then_some(|| true))?)
    }

    /// Whether a transaction is open.
    pub(super) fn in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    /// Runs a statement without parameters whose rows nobody wants.
    pub(super) fn run(&self, sql: &'static str) -> Result<(), DatabaseError> {
        self.execute(sql, &[]).map(drop)
    }

    /// Runs many statements, once.
    pub(super) fn run_all(&self, sql: &str) -> Result<(), DatabaseError> {
        Ok(self.0.execute_batch(sql)?)
    }

    /// Runs a statement and returns how many rows it changed.
    pub(super) fn execute(&self, sql: &str, args: &[Value]) -> Result<u64, DatabaseError> {
        let mut statement = self.prepared(sql, args)?;
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        Ok(self.0.changes())
    }

    /// Runs a statement and returns its rows, `most` of them at most.
    pub(super) fn fetch(&self, sql: &str, args: &[Value], most: usize) -> Result<Vec<SqliteRow>, DatabaseError> {
        row::collect(&mut *self.prepared(sql, args)?, most)
    }

    /// The number that a query brings, if it brings one.
    pub(super) fn number(&self, sql: &str, args: &[Value]) -> Result<Option<i64>, DatabaseError> {
        let mut statement = self.prepared(sql, args)?;
        let mut rows = statement.raw_query();
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    fn prepared(&self, sql: &str, args: &[Value]) -> Result<CachedStatement<'_>, DatabaseError> {
        let mut statement = self.0.prepare_cached(sql)?;
        // SQLite counts a statement's steps through all its runs: a short one would be taken for long every so often.
        statement.reset_status(StatementStatus::VmStep);
        for place in 1..=statement.parameter_count() {
            // SQLite numbers `$2, $1` in the order in which they come; PostgreSQL, and we, by their names.
            let name = statement.parameter_name(place).and_then(|name| name.get(1..));
            let number = name.and_then(|number| number.parse::<usize>().ok());
            let value = number.and_then(|number| args.get(number.checked_sub(1)?));
            let value = value.ok_or(rusqlite::Error::InvalidParameterCount(place, args.len()))?;
            statement.raw_bind_parameter(place, Bound(value))?;
        }
        Ok(statement)
    }
}

struct Bound<'a>(&'a Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self.0 {
            Value::Int(value) => value.to_sql(),
            Value::Text(value) => value.to_sql(),
            Value::Bytes(value) => value.to_sql(),
            Value::Bool(value) => value.to_sql(),
        }
    }
}

/// Another process is writing.
pub(super) fn is_busy(error: &DatabaseError) -> bool {
    code(error) == Some(ErrorCode::DatabaseBusy)
}

/// The read was a long one and was given up.
pub(super) fn is_long(error: &DatabaseError) -> bool {
    code(error) == Some(ErrorCode::OperationInterrupted)
}

fn code(error: &DatabaseError) -> Option<ErrorCode> {
    match error {
        DatabaseError::Sqlite(error) => error.sqlite_error_code(),
        _ => None,
    }
}
