//! Whoever takes mails into their care.

use oauth::Secret;

use crate::{Cause, MailAddress};

/// A mail as it is handed over: whole, and what one has to know of it to hand it on.
pub struct Outgoing {
    /// The name that it keeps, however often it is handed over; without the angle brackets.
    pub message_id: String,
    /// To whom.
    pub to: MailAddress,
    /// What it says, as plain text.
    pub text: Secret,
    /// The mail as it travels (RFC 5322): the same bytes each time.
    pub message: Secret<Vec<u8>>,
    pub(crate) envelope: lettre::address::Envelope,
}

/// The server has taken the mail into its care.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// `250`, or `250 2.0.0`.
    pub status: String,
    /// What it said.
    pub answer: String,
}

/// Why a mail was not handed over, or perhaps not.
#[derive(Clone)]
pub struct Trouble {
    /// What it comes to.
    pub cause: Cause,
    /// The server's codes (`550 5.1.1`), where it answered.
    pub status: Option<String>,
    /// What it said, which may be personal: servers quote addresses.
    pub answer: Option<String>,
}

impl From<Cause> for Trouble {
    fn from(cause: Cause) -> Self {
        Self {
            cause,
            status: None,
            answer: None,
        }
    }
}

/// The one way out that mails have.
#[async_trait::async_trait]
pub trait MailServer: Send + Sync {
    /// Hands one mail over. [`Cause::Broken`] leaves open whether the server has it.
    async fn deliver(&self, mail: &Outgoing) -> Result<Accepted, Trouble>;

    /// Goes as far as one can without handing anything over: to the server, through TLS and log-in, and up to the
    /// question whether it takes mails of `sender`.
    async fn check(&self, sender: &MailAddress) -> Result<(), Trouble>;
}
