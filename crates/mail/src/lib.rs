//! Mail out, for both services: what is said, the outbox, the way to the mail server.
//!
//! [`Letter::compose`] makes a [`Mail`] from a template in the reader's language. [`post`] seals it into the outbox in
//! the transaction of whatever caused it, at most once for an event; the step [`send`] hands it to the mail server and
//! records the answer, tries again later, or says why it can't be sent. Without a server the outbox is a mailbox to
//! look into ([`list`], [`read`]). What a mail said is shredded after a while ([`shred`]); that it was sent stays.
//!
//! A mail is handed over at least once. Its `Message-ID` is made when it is posted, so that a mail that goes out twice
//! because a process died in between is one mail to whoever receives it.

#[macro_use]
mod words;

mod address;
mod cause;
mod dates;
mod error;
mod id;
mod language;
mod letter;
mod mail;
mod mailer;
mod message;
mod outbox;
mod server;
mod smtp;
mod smtp_url;

pub use address::MailAddress;
pub use cause::{Cause, UnknownCause};
pub use error::MailError;
pub use id::{MailId, MailIdError};
pub use language::{Language, UnknownLanguage};
pub use letter::{
    ClosedAs, Event, Letter, Preview, Right, TemplateError, UnknownClosedAs, UnknownEvent, UnknownRight,
    check_template, preview, template,
};
pub use mail::Mail;
pub use mailer::{Mailer, MailerError, MailerKind, MailerSettings};
pub use outbox::{
    Filter, GivenUp, LANE, Listed, PostError, ReadError, ReadMail, SEND, SHRED, State, UnknownState, forget, is_posted,
    list, post, read, send, send_again, send_or_tell, shred,
};
pub use server::{Accepted, MailServer, Outgoing, Trouble};

/// The outbox's tables. They stand in the list of the service that opens the database, after its own.
pub const OUTBOX: store::Migration = store::migration!("mail", 1, "0001_outbox");

/// The same as a list.
pub const MIGRATIONS: &[store::Migration] = &[OUTBOX];
