//! Why a call to a vendor failed, in words that name the system, and what to do about it.

use std::{collections::BTreeMap, fmt, time::Duration};

use rightful_http::client::TransportError;

use crate::verdict::{StillRefused, Verdict, backoff};

/// Why a call to a vendor failed. No variant holds an identifier, a token or a URL; what the vendor said is scrubbed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// HTTP 429: the organisation has used up its rate.
    #[error("{system} asks for fewer calls")]
    Throttled {
        /// The vendor's title.
        system: &'static str,
        /// How long to wait, where the vendor says so.
        retry_after: Option<Duration>,
    },
    /// The vendor could not be reached or is out of order; what was asked for certainly has no effect (or needs none).
    #[error("{system} is not available: {reason}")]
    Unavailable {
        /// The vendor's title.
        system: &'static str,
        /// In plain words.
        reason: String,
        /// How long to wait, where the vendor says so.
        retry_after: Option<Duration>,
    },
    /// A submitted job went out and no clear answer came: the vendor may have it.
    #[error("it is unknown whether {system} took the job: {reason}")]
    OutcomeUnknown {
        /// The vendor's title.
        system: &'static str,
        /// In plain words.
        reason: String,
    },
    /// The access token is no longer good, or (`marked` is false) the vendor refused without a reason.
    #[error("{system} refuses our access token{said}")]
    Unauthorized {
        /// The vendor's title.
        system: &'static str,
        /// Whether the vendor said that it is the token (401, `invalid_token`, `authentication_failed`).
        marked: bool,
        /// What the vendor said.
        said: Box<Said>,
    },
    /// The user who connected us lacks a permission; authorizing again would not help.
    #[error("{system} says that the user who connected it lacks a permission{said}")]
    Forbidden {
        /// The vendor's title.
        system: &'static str,
        /// What the vendor said.
        said: Box<Said>,
    },
    /// The vendor understood and refused (any other 4xx).
    #[error("{system} refused{said}")]
    Refused {
        /// The vendor's title.
        system: &'static str,
        /// What the vendor said.
        said: Box<Said>,
    },
    /// The vendor took a job and does not know it any more (404 after 201).
    #[error("{system} no longer knows job {id}")]
    LostJob {
        /// The vendor's title.
        system: &'static str,
        /// The vendor's id of the job.
        id: String,
    },
    /// The answer is about something else than what was sent.
    #[error("the answer of {system} is not about our job: another {field}")]
    Mismatch {
        /// The vendor's title.
        system: &'static str,
        /// Which field differs.
        field: &'static str,
    },
    /// The answer cannot be read.
    #[error("the answer of {system} can't be read: {reason}")]
    Unreadable {
        /// The vendor's title.
        system: &'static str,
        /// In plain words, without the answer.
        reason: String,
    },
    /// Our own guard refuses to call that address.
    #[error("{system} may not be called: {reason}")]
    Blocked {
        /// The vendor's title.
        system: &'static str,
        /// In plain words, with the setting that would allow it.
        reason: String,
    },
    /// The grant is for another account than the settings name.
    #[error("{system} was connected for account {actual}, the settings name account {expected}")]
    WrongAccount {
        /// The vendor's title.
        system: &'static str,
        /// The account of the settings.
        expected: String,
        /// The account of the grant.
        actual: String,
    },
    /// The job holds a word that this connector does not know; nothing was sent.
    #[error("{system} knows no such {field}")]
    Unsupported {
        /// The vendor's title.
        system: &'static str,
        /// Which field.
        field: &'static str,
    },
}

/// What a vendor said about its refusal, scrubbed of personal values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The HTTP status.
    pub status: u16,
    /// The vendor's code for it, such as `not_found`.
    pub code: Option<String>,
    /// The vendor's message.
    pub message: Option<String>,
    /// What is wrong with which field.
    pub fields: BTreeMap<String, String>,
    /// The vendor's own number for the event: what its support asks for.
    pub uuid: Option<String>,
}

impl fmt::Display for Said {
    /// `: 400 invalid_identifier, identifier is too long (event 6f1c…)`, ready to follow a word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ": {}", self.status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ", {}", message.trim_end_matches('.'))?;
        }
        for (field, message) in &self.fields {
            write!(f, "; {field}: {}", message.trim_end_matches('.'))?;
        }
        if let Some(uuid) = &self.uuid {
            write!(f, " (event {uuid})")?;
        }
        Ok(())
    }
}

impl ConnectorError {
    /// What to do after this fault at attempt number `attempt` (the first is 1).
    pub fn verdict(&self, attempt: u32) -> Verdict {
        use crate::verdict::Delay::Exactly;
        match self {
            Self::Throttled {
                retry_after: Some(wait),
                ..
            } => Verdict::PauseLane(Exactly(*wait)),
            Self::Throttled { retry_after: None, .. } => Verdict::PauseLane(backoff(attempt)),
            Self::Unavailable {
                retry_after: Some(wait),
                ..
            } => Verdict::RetryTask(Exactly(*wait)),
            Self::Unavailable { retry_after: None, .. } | Self::Unreadable { .. } => {
                Verdict::RetryTask(backoff(attempt))
            }
            Self::OutcomeUnknown { .. } => Verdict::FindBeforeRetry(backoff(attempt)),
            Self::Unauthorized { marked: true, .. } => Verdict::Refresh {
                then: StillRefused::Reconnect,
            },
            Self::Unauthorized { marked: false, .. } => Verdict::Refresh {
                then: StillRefused::Forbidden,
            },
            Self::Forbidden { .. }
            | Self::Refused { .. }
            | Self::LostJob { .. }
            | Self::Mismatch { .. }
            | Self::Blocked { .. }
            | Self::WrongAccount { .. }
            | Self::Unsupported { .. } => Verdict::GiveUp,
        }
    }

    /// A stable word for the cause, as a task shows it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "vendor_throttled",
            Self::Unavailable { .. } => "vendor_unavailable",
            Self::OutcomeUnknown { .. } => "vendor_outcome_unknown",
            Self::Unauthorized { .. } => "vendor_unauthorized",
            Self::Forbidden { .. } => "vendor_forbidden",
            Self::Refused { .. } => "vendor_refused",
            Self::LostJob { .. } => "vendor_lost_job",
            Self::Mismatch { .. } => "vendor_mismatch",
            Self::Unreadable { .. } => "vendor_unreadable",
            Self::Blocked { .. } => "vendor_blocked",
            Self::WrongAccount { .. } => "vendor_wrong_account",
            Self::Unsupported { .. } => "vendor_unsupported",
        }
    }

    /// What the vendor itself said, where it said something.
    pub const fn said(&self) -> Option<&Said> {
        match self {
            Self::Unauthorized { said, .. } | Self::Forbidden { said, .. } | Self::Refused { said, .. } => Some(said),
            _ => None,
        }
    }

    /// The vendor's own code for the fault, such as `not_found`.
    pub fn vendor_code(&self) -> Option<&str> {
        self.said()?.code.as_deref()
    }

    /// A read call that got no (whole) answer: nothing was changed by it, so it may simply be repeated.
    pub fn from_read(system: &'static str, error: &TransportError) -> Self {
        match error {
            TransportError::NotSent { .. } | TransportError::Unknown { .. } => Self::Unavailable {
                system,
                reason: error.to_string(),
                retry_after: None,
            },
            TransportError::Forbidden { .. } => Self::Blocked {
                system,
                reason: error.to_string(),
            },
            TransportError::TooLarge { .. } => Self::Unreadable {
                system,
                reason: error.to_string(),
            },
        }
    }

    /// A call that changes something and got no (whole) answer.
    pub fn from_write(system: &'static str, error: &TransportError) -> Self {
        match error {
            TransportError::NotSent { .. } => Self::Unavailable {
                system,
                reason: error.to_string(),
                retry_after: None,
            },
            TransportError::Forbidden { .. } => Self::Blocked {
                system,
                reason: error.to_string(),
            },
            TransportError::Unknown { .. } | TransportError::TooLarge { .. } => Self::OutcomeUnknown {
                system,
                reason: error.to_string(),
            },
        }
    }
}
