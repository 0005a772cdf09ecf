//! The outbox: mails that are to be sent, and what became of them.

mod look;
mod post;
mod row;
mod send;
mod shred;

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use vault::Place;

use crate::MailId;

pub use look::{Filter, Listed, ReadError, ReadMail, list, read};
pub use post::{PostError, is_posted, post, send_again};
pub use send::{GivenUp, send, send_or_tell};
pub use shred::{forget, shred};

/// The lane of mails: a few at once, so that a slow mail server never holds up other work.
pub const LANE: &str = "mail";
/// The kind of the job that [`send`] carries out.
pub const SEND: &str = "mail.send";
/// The kind of the job that [`shred`] carries out.
pub const SHRED: &str = "mail.shred";

words! {
    /// What became of a mail.
    State, UnknownState, "not the state of a mail":
    /// It is to be sent.
    Queued = "queued",
    /// The mail server has taken it.
    Sent = "sent",
    /// It stays here: the outbox is the mailbox.
    Kept = "kept",
    /// It could not be sent, for good.
    Failed = "failed",
}

/// The owner of a mail's data key.
fn key_place(row: &str) -> Place<'_> {
    Place {
        table: "mail",
        column: "data_key",
        row,
    }
}

fn contents_place(row: &str) -> Place<'_> {
    Place {
        table: "mail",
        column: "contents",
        row,
    }
}

fn answer_place(row: &str) -> Place<'_> {
    Place {
        table: "mail",
        column: "answer",
        row,
    }
}

fn job_key(id: MailId) -> String {
    format!("{SEND} {id}")
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| now.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}
