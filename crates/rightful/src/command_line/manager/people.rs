//! `rightful manager user …` and `rightful manager api-key …`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// What a person may do in the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum OperatorRole {
    /// Everything
    SuperAdmin,
    /// Connections
    ConnectionsManager,
    /// Requests
    RequestManager,
    /// Approvals
    Approver,
    /// Look, change nothing
    Viewer,
}

/// `manager user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create a person who may log in to the portal
    Create {
        /// The e-mail address to log in with
        #[arg(long)]
        email: String,
        /// What they may do
        #[arg(long)]
        role: OperatorRole,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        /// Read the password from a file
        #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
        password_file: Option<PathBuf>,
    },
    /// Invite a person: they get a mail with a link, or the link is printed where no mailer is configured
    Invite {
        /// The e-mail address to log in with
        #[arg(long)]
        email: String,
        /// What they may do
        #[arg(long)]
        role: OperatorRole,
    },
    /// Invite once more somebody who has not accepted; the earlier link is worth nothing
    InviteAgain {
        /// Their e-mail address
        #[arg(long)]
        email: String,
    },
    /// List everybody who may log in, is invited, or was deactivated
    List,
    /// Keep a person out: their sessions end at once
    Deactivate {
        /// Their e-mail address
        #[arg(long)]
        email: String,
    },
    /// Let a deactivated person in again
    Reactivate {
        /// Their e-mail address
        #[arg(long)]
        email: String,
    },
    /// Give a person another role
    Role {
        /// Their e-mail address
        #[arg(long)]
        email: String,
        /// What they may do from now on
        #[arg(long)]
        role: OperatorRole,
    },
    /// Take the authenticator of a person away, who lost it and the recovery codes
    ResetAuthenticator {
        /// Their e-mail address
        #[arg(long)]
        email: String,
    },
}

/// `manager api-key …`
#[derive(Debug, Subcommand)]
pub enum ApiKeyCommand {
    /// Create a key; it is shown once
    Create {
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it may be used for (`all`, or see the API's documentation); may be repeated
        #[arg(long, required = true)]
        scope: Vec<String>,
    },
    /// List all keys
    List,
    /// Revoke a key: it is refused from the next call on
    Revoke {
        /// Which key, by the id that `create` answered
        id: String,
    },
}
