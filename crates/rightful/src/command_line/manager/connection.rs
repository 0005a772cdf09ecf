//! `rightful manager connection …` and `rightful manager policy …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
    /// Show a connection with its settings; secrets are left out
    Show {
        /// Which connection
        id: String,
    },
    /// Change a connection's name, client or settings; what is not named stays
    Change(ChangeConnection),
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

/// `manager connection change`
#[derive(Debug, Args)]
pub struct ChangeConnection {
    /// Which connection
    pub id: String,
    /// The name that people see
    #[arg(long)]
    pub name: Option<String>,
    /// The application's client id at the vendor
    #[arg(long)]
    pub client_id: Option<String>,
    /// Read the new client secret from standard input
    #[arg(long)]
    pub client_secret_stdin: bool,
    /// Read the new client secret from a file
    #[arg(long, value_name = "FILE", conflicts_with = "client_secret_stdin")]
    pub client_secret_file: Option<PathBuf>,
    /// A setting to change, such as `poll_max=2h`; `NAME=null` is the default again; may be repeated
    #[arg(long = "setting", value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
}

/// `manager policy …`
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show a connection's policy
    Show {
        /// Which connection
        connection: String,
    },
    /// Say a connection's policy anew; it holds for what arrives from now on
    Set {
        /// Which connection
        connection: String,
        /// A file with the policy as JSON, as `show --json` has it under `policy`; `-` reads standard input
        file: PathBuf,
    },
    /// Hand everything over again, unless a review says otherwise
    Clear {
        /// Which connection
        connection: String,
    },
    /// Make what was chosen in the review of a request the policy of a connection
    FromReview {
        /// Which connection
        connection: String,
        /// Of which request
        request: String,
    },
}
