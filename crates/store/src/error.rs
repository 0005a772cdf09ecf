//! What can go wrong between us and the database.

use rusqlite::ffi;

/// A statement or a transaction did not take effect.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or could not be reached.
    #[error("the database failed")]
    Database(#[source] DatabaseError),
    /// A row says something that no code of ours writes.
    #[error("the database holds a {what} that means nothing: {reason}")]
    Corrupt {
        /// The table or thing.
        what: &'static str,
        /// Why, without the value.
        reason: String,
    },
    /// The job's lease has run out and somebody else may hold it: whatever this transaction did is not kept.
    #[error("the job's lease was lost")]
    LeaseLost,
    /// The row has changed since it was read.
    #[error("the {what} has changed meanwhile")]
    Stale {
        /// The table or thing.
        what: &'static str,
    },
    /// A crash that a test or a simulation asked for.
    #[error("crashed on purpose")]
    Crashed,
}

impl StoreError {
    /// True where the same work, begun again on what is stored now, may well succeed.
    pub fn is_stale(&self) -> bool {
        match self {
            Self::LeaseLost | Self::Stale { .. } => true,
            Self::Database(_) => self.is_contended(),
            Self::Corrupt { .. } | Self::Crashed => false,
        }
    }

    /// True where the database gave the transaction up for the sake of another one: nothing of it was kept, and it can
    /// be carried out again as it is.
    pub fn is_contended(&self) -> bool {
        match self {
            Self::Database(error) => error.is_contended(),
            _ => false,
        }
    }

    /// True where a unique key was already taken.
    pub fn is_duplicate(&self) -> bool {
        match self {
            Self::Database(DatabaseError::Postgres(sqlx::Error::Database(error))) => error.is_unique_violation(),
            Self::Database(DatabaseError::Sqlite(error)) => matches!(
                error.sqlite_error().map(|error| error.extended_code),
                Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
            ),
            _ => false,
        }
    }

    pub(crate) fn corrupt(what: &'static str, reason: &dyn std::fmt::Display) -> Self {
        Self::Corrupt {
            what,
            reason: reason.to_string(),
        }
    }
}

/// What a driver says.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// SQLite's own.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL's own, or the connection's to it.
    #[error(transparent)]
    Postgres(#[from] sqlx::Error),
    /// The database's file could not be made.
    #[error(transparent)]
    File(std::io::Error),
    /// A query that always has a row had none.
    #[error("the query brought no row")]
    NoRow,
    /// The commit that several transactions share did not happen.
    #[error("the commit failed for all transactions that shared it")]
    SharedCommit,
    /// Something was to be written with a connection that reads.
    #[error("this connection does not write")]
    ReadOnly,
    /// The handle was closed.
    #[error("the database was closed")]
    Closed,
}

impl DatabaseError {
    /// True where PostgreSQL ended the transaction for the sake of another one.
    pub(crate) fn is_contended(&self) -> bool {
        match self {
            Self::Postgres(sqlx::Error::Database(error)) => {
                matches!(error.code().as_deref(), Some("40001" | "40P01"))
            }
            _ => false,
        }
    }
}

impl<E: Into<DatabaseError>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}
