//! Why an export could not be had.

use std::io;

use rightful_http::client::TransportError;

use crate::verdict::{Verdict, backoff};

/// Why an export could not be fetched or read. Nothing of it may be kept then.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The location is none that we go to.
    #[error("the export's location is refused: {reason}")]
    Location {
        /// In plain words, with the host at most.
        reason: String,
    },
    /// More than three redirects, or one that leads nowhere.
    #[error("the export's location leads from one place to the next and to no end")]
    Redirects,
    /// The host refuses: the link may have expired.
    #[error("{host} does not hand out the export: it answers {status}")]
    NotHandedOut {
        /// The export's host.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The host could not be reached or is out of order.
    #[error("the export can't be fetched now: {reason}")]
    Unavailable {
        /// In plain words.
        reason: String,
    },
    /// Longer, more or more tightly packed than the limits allow.
    #[error("the export goes beyond the limit {limit} of {value}")]
    Limit {
        /// The setting that holds the limit.
        limit: &'static str,
        /// Its value.
        value: u64,
    },
    /// Made to hurt, or in a way that we don't read.
    #[error("the export is refused: {reason}")]
    Hostile {
        /// In plain words; never a name from the archive.
        reason: &'static str,
    },
    /// No ZIP archive, or not a whole one.
    #[error("the export is damaged: {reason}")]
    Damaged {
        /// In plain words.
        reason: String,
    },
    /// The archive's own list of members does not fit its members.
    #[error("the export does not agree with its manifest: {reason}")]
    Manifest {
        /// In plain words; never a name from the archive.
        reason: &'static str,
    },
    /// What was read could not be stored.
    #[error("the export could not be stored")]
    Sink(#[source] io::Error),
}

impl ExportError {
    /// What to do after this fault at attempt number `attempt` (the first is 1).
    pub fn verdict(&self, attempt: u32) -> Verdict {
        match self {
            Self::NotHandedOut { .. } | Self::Unavailable { .. } | Self::Damaged { .. } | Self::Sink(_) => {
                Verdict::RetryTask(backoff(attempt))
            }
            Self::Location { .. }
            | Self::Redirects
            | Self::Limit { .. }
            | Self::Hostile { .. }
            | Self::Manifest { .. } => Verdict::GiveUp,
        }
    }

    /// A stable word for the cause, as a task shows it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Location { .. }
            | Self::Redirects
            | Self::Limit { .. }
            | Self::Hostile { .. }
            | Self::Manifest { .. } => "export_refused",
            Self::NotHandedOut { .. } | Self::Unavailable { .. } => "export_unavailable",
            Self::Damaged { .. } => "export_damaged",
            Self::Sink(_) => "export_not_stored",
        }
    }
}

impl From<TransportError> for ExportError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::NotSent { .. } | TransportError::Unknown { .. } => Self::Unavailable {
                reason: error.to_string(),
            },
            TransportError::Forbidden { .. } => Self::Location {
                reason: error.to_string(),
            },
            TransportError::TooLarge { limit } => Self::Limit {
                limit: "export_max_bytes",
                value: limit as u64,
            },
        }
    }
}
