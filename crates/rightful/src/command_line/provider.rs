//! `rightful provider …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{AuditCommand, KeyCommand, Serve};

/// What the provider can be told.
#[derive(Debug, Subcommand)]
pub enum ProviderCommand {
    /// Serve log-in, OAuth 2.0, the API and the pages, and work off jobs
    Serve(Serve),
    /// Work off jobs without serving anything
    Worker,
    /// Bring the database to this program's version, and end
    Migrate,
    /// Check everything the service needs, and say what to do about what is wrong
    Doctor(Serve),
    /// Accounts: the vendor's customers
    #[command(subcommand)]
    Account(AccountCommand),
    /// Users: the people in the accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Applications that may ask users for access
    #[command(subcommand)]
    App(AppCommand),
    /// Personal tokens of users, service tokens of internal teams
    #[command(subcommand)]
    Token(TokenCommand),
    /// Records of data subjects
    #[command(subcommand)]
    Subject(SubjectCommand),
    /// Mails: those of the local mailbox, and what became of the others
    #[command(subcommand)]
    Mailbox(MailboxCommand),
    /// The master key
    #[command(subcommand)]
    Key(KeyCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print the OpenAPI document
    Openapi,
}

/// `provider account …`
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Create an account
    Create {
        /// The organisation's name
        #[arg(long)]
        name: String,
    },
    /// List all accounts
    List,
}

/// A user's role in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UserRole {
    /// Everything in the account
    Administrator,
    /// Log in and authorize applications
    User,
}

/// `provider user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create a user, or give one that exists another account
    Create(CreateUser),
    /// Deactivate a user in all accounts: sessions and tokens end at once
    Deactivate {
        /// The user's e-mail address
        #[arg(long)]
        email: String,
    },
    /// Turn off the two-step log-in of a user who lost the app and the recovery codes
    ResetTwoStep {
        /// The user's e-mail address
        #[arg(long)]
        email: String,
    },
    /// Change a user's role in an account
    Role {
        /// Which account
        #[arg(long, value_name = "ID")]
        account: String,
        /// The user's e-mail address
        #[arg(long)]
        email: String,
        /// The new role
        #[arg(long)]
        role: UserRole,
    },
}

/// `provider user create`
#[derive(Debug, Args)]
pub struct CreateUser {
    /// In which account
    #[arg(long, value_name = "ID")]
    pub account: String,
    /// The e-mail address to log in with
    #[arg(long)]
    pub email: String,
    /// What the user may do there
    #[arg(long)]
    pub role: UserRole,
    /// First name
    #[arg(long, default_value = "")]
    pub first_name: String,
    /// Last name
    #[arg(long, default_value = "")]
    pub last_name: String,
    /// Read the password from standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// Read the password from a file
    #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
    pub password_file: Option<PathBuf>,
}

/// What kind of client an application is (RFC 6749 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ApplicationType {
    /// Runs on a server and keeps a secret
    Confidential,
    /// Runs at the user's and keeps none
    Public,
}

/// `provider app …`
#[derive(Debug, Subcommand)]
pub enum AppCommand {
    /// Register an application; its secret is shown once
    Create {
        /// In which account
        #[arg(long, value_name = "ID")]
        account: String,
        /// The name that users see
        #[arg(long)]
        name: String,
        /// Where users are sent back to; may be repeated
        #[arg(long, value_name = "URI", required = true)]
        redirect_uri: Vec<String>,
        /// Confidential or public
        #[arg(long = "type", value_name = "TYPE")]
        client_type: ApplicationType,
        /// `code`, `implicit` or both with a comma [default: confidential code, public code,implicit]
        #[arg(long, value_name = "GRANTS")]
        grants: Option<String>,
        /// Refuse authorizations without PKCE
        #[arg(long)]
        pkce_required: bool,
    },
    /// List an account's applications
    List {
        /// Which account
        #[arg(long, value_name = "ID")]
        account: String,
    },
    /// Delete an application: everything authorized for it ends at once
    Delete {
        /// Which application
        client_id: String,
    },
}

/// `provider token …`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token; it is shown once
    Create {
        /// A user's personal token
        #[arg(long, required_unless_present = "service", conflicts_with = "service")]
        email: Option<String>,
        /// In which account, where the user is in several
        #[arg(long, value_name = "ID", requires = "email")]
        account: Option<String>,
        /// What the token is for
        #[arg(long, default_value = "command line", requires = "email")]
        name: String,
        /// An internal team's token, by the team's name
        #[arg(long, value_name = "NAME", requires = "data_source")]
        service: Option<String>,
        /// A data source the team answers for; may be repeated
        #[arg(long, value_name = "SOURCE", requires = "service", num_args = 1..)]
        data_source: Vec<String>,
    },
    /// List the internal teams' tokens
    List,
    /// Revoke an internal team's token: it is refused from the next call on
    Revoke {
        /// Which token, by the id that `list` shows
        id: String,
    },
}

/// `provider mailbox …`
#[derive(Debug, Subcommand)]
pub enum MailboxCommand {
    /// List mails, newest first, without what they say
    List {
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show a mail with what it says
    Show {
        /// Which mail [default: the newest]
        id: Option<String>,
    },
}

/// `provider subject …`
#[derive(Debug, Subcommand)]
pub enum SubjectCommand {
    /// Import records, one JSON object a line; `-` reads standard input
    Import {
        /// Into which account
        #[arg(long, value_name = "ID")]
        account: String,
        /// The file (NDJSON)
        file: PathBuf,
    },
}
