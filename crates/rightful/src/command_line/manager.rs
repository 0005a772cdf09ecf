//! `rightful manager …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{AuditCommand, KeyCommand, Serve};

/// What the manager can be told.
#[derive(Debug, Subcommand)]
pub enum ManagerCommand {
    /// Serve the portal, the API and the OAuth callback, and work off jobs
    Serve(Serve),
    /// Work off jobs without serving anything
    Worker {
        /// Trust the certificate authorities in this PEM file too, for outgoing calls
        #[arg(long, value_name = "FILE")]
        extra_ca: Option<PathBuf>,
    },
    /// Bring the database to this program's version, and end
    Migrate,
    /// Check everything the service needs, and say what to do about what is wrong
    Doctor(Serve),
    /// People who work in the portal
    #[command(subcommand)]
    User(UserCommand),
    /// Keys for the API
    #[command(subcommand)]
    ApiKey(ApiKeyCommand),
    /// Connections to vendors
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Privacy requests
    #[command(subcommand)]
    Request(RequestCommand),
    /// The company's settings: frameworks, automation, retention, brand, approvals
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// The master key
    #[command(subcommand)]
    Key(KeyCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print the OpenAPI document
    Openapi,
}

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

/// `manager connection …`
#[derive(Debug, Subcommand)]
pub enum ConnectionCommand {
    /// Add a connection and print the address where it is authorized
    Add {
        /// The kind of system
        #[arg(default_value = "optimizely")]
        connector: String,
        /// The name that people see
        #[arg(long)]
        name: String,
        /// The application's client id at the vendor
        #[arg(long, default_value = "")]
        client_id: String,
        /// Read the client secret from standard input
        #[arg(long)]
        client_secret_stdin: bool,
        /// Read the client secret from a file
        #[arg(long, value_name = "FILE", conflicts_with = "client_secret_stdin")]
        client_secret_file: Option<PathBuf>,
        /// A setting of the connector, such as `app_url=https://…`; lists and numbers as JSON; may be repeated
        #[arg(long = "setting", value_name = "NAME=VALUE")]
        settings: Vec<String>,
    },
    /// List all connections
    List,
    /// Begin the authorization again and print the address for it
    Authorize {
        /// Which connection
        id: String,
    },
    /// Decide about an authorization that is for another account or user than before
    Confirm {
        /// Which connection
        id: String,
        /// Keep the authorization from before
        #[arg(long)]
        refuse: bool,
    },
    /// Ask the vendor who we are there
    Check {
        /// Which connection
        id: String,
    },
    /// Let a connection rest: its tasks wait, new requests leave it out
    Disable {
        /// Which connection
        id: String,
    },
    /// Take a connection into use again
    Enable {
        /// Which connection
        id: String,
    },
    /// Revoke the authorization and erase the credentials
    Remove {
        /// Which connection
        id: String,
        /// Even with open tasks
        #[arg(long)]
        force: bool,
    },
}

/// `manager settings …`
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// List all sections
    List,
    /// Show a section
    Show {
        /// Which section
        section: String,
    },
    /// Say a section anew; what is left out is as the configuration says
    Set {
        /// Which section
        section: String,
        /// A file with the section as JSON; `-` reads standard input
        file: PathBuf,
    },
    /// Take every edit of a section back
    Reset {
        /// Which section
        section: String,
    },
}

/// `manager request …`
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Take a request in
    Create(CreateRequest),
    /// List requests, newest first
    List {
        /// In this state only
        #[arg(long)]
        state: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show a request and its tasks
    Show {
        /// Which request
        id: String,
    },
    /// Begin to collect, or to delete
    Start {
        /// Which requests
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Approve what was found, or that it is deleted
    Approve {
        /// Which requests
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Try failed tasks again
    Retry {
        /// Which requests
        #[arg(required = true)]
        ids: Vec<String>,
        /// This task only
        #[arg(long, value_name = "ID")]
        task: Option<String>,
    },
    /// Go on without failed or waiting tasks
    Skip {
        /// Which requests
        #[arg(required = true)]
        ids: Vec<String>,
        /// This task only
        #[arg(long, value_name = "ID")]
        task: Option<String>,
    },
    /// End tasks for good, failed or not: what they would have brought is missing
    Stop {
        /// Which requests
        #[arg(required = true)]
        ids: Vec<String>,
        /// This task only [default: every failed one]
        #[arg(long, value_name = "ID")]
        task: Option<String>,
    },
    /// Cancel requests
    Cancel {
        /// Which requests
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Write a request's package (ZIP), or without an id the list of requests
    Export(ExportRequests),
    /// Take many requests in, from CSV or NDJSON
    Import(ImportRequests),
}

/// Which right is exercised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RequestType {
    /// What is there about me
    Access,
    /// Delete it
    Deletion,
}

/// `manager request create`
#[derive(Debug, Args)]
pub struct CreateRequest {
    /// Which right
    #[arg(long = "type", value_name = "TYPE")]
    pub request_type: RequestType,
    /// The person's e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// Another identifier, such as `dcp_id=4711`; may be repeated
    #[arg(long, value_name = "TYPE=VALUE")]
    pub identity: Vec<String>,
    /// Read the identities from standard input as a JSON object, so that they stand in no list of processes
    #[arg(long, conflicts_with_all = ["email", "identity"])]
    pub identities_stdin: bool,
    /// The law whose deadline applies, such as `gdpr` or `cpra`
    #[arg(long)]
    pub framework: Option<String>,
    /// Only this connection; may be repeated [default: all that can]
    #[arg(long, value_name = "ID")]
    pub connection: Vec<String>,
    /// Begin at once
    #[arg(long)]
    pub start: bool,
    /// Go through review without a person
    #[arg(long)]
    pub auto_approve: bool,
}

/// `manager request export`
#[derive(Debug, Args)]
pub struct ExportRequests {
    /// The request whose package is wanted; without it, all requests are listed
    pub id: Option<String>,
    /// Where to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// The list's format
    #[arg(long, default_value = "csv")]
    pub format: ListFormat,
}

/// A format of lists of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Comma-separated, with a head line
    Csv,
    /// One JSON object a line
    Ndjson,
}

/// `manager request import`
#[derive(Debug, Args)]
pub struct ImportRequests {
    /// The file; `-` reads standard input
    pub file: PathBuf,
    /// Its format [default: by the file's name, else csv]
    #[arg(long)]
    pub format: Option<ListFormat>,
    /// Check every line and take nothing in
    #[arg(long)]
    pub dry_run: bool,
}
