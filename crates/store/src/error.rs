//! What can go wrong between us and the database.

/// A statement or a transaction did not take effect.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or could not be reached.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
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
            Self::Database(sqlx::Error::Database(error)) => matches!(error.code().as_deref(), Some("40001" | "40P01")),
            Self::Database(_) | Self::Corrupt { .. } | Self::Crashed => false,
        }
    }

    /// True where a unique key was already taken.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    pub(crate) fn corrupt(what: &'static str, reason: &dyn std::fmt::Display) -> Self {
        Self::Corrupt {
            what,
            reason: reason.to_string(),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
