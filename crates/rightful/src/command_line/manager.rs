//! `rightful manager …`.

mod connection;
mod dossier;
mod list;
mod mail;
mod people;
mod request;
mod settings;
mod webhook;

use std::path::PathBuf;

use clap::Subcommand;

use super::{AuditCommand, KeyCommand, Serve};

pub use connection::{ChangeConnection, ConnectionCommand, PolicyCommand};
pub use dossier::DossierCommand;
pub use list::{ExportRequests, ImportCommand, ImportRequests, ListFormat};
pub use mail::{ManagerMailboxCommand, TemplateCommand, WhichTemplate};
pub use people::{ApiKeyCommand, OperatorRole, UserCommand};
pub use request::{
    ChangeRequest, ClosedWithout, CreateRequest, Identity, RequestCommand, RequestType, Requests, Tasks,
};
pub use settings::SettingsCommand;
pub use webhook::{ChangeWebhook, WebhookCommand};

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
    /// What is handed over of a connection as a rule
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Privacy requests
    #[command(subcommand)]
    Request(RequestCommand),
    /// What was found for a request, and what of it is handed over
    #[command(subcommand)]
    Dossier(DossierCommand),
    /// Lists of requests that were handed in
    #[command(subcommand)]
    Import(ImportCommand),
    /// Mails: those of the local mailbox, and what became of the others
    #[command(subcommand)]
    Mailbox(ManagerMailboxCommand),
    /// The words of mails
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Places that are told what happens
    #[command(subcommand)]
    Webhook(WebhookCommand),
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
