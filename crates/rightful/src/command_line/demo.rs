//! `rightful demo`.

use std::path::PathBuf;

use clap::Args;

/// What `demo` can be told.
#[derive(Debug, Clone, Default, Args)]
pub struct Demo {
    /// Carry everything out, print what happened, and end (exit status 0, or 1 and the reason)
    #[arg(long)]
    pub once: bool,
    /// Folder of everything the demo keeps; a later start carries on there [default: ./rightful-data/demo, with --once a temporary one]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL instead of SQLite in the data folder
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Where the manager listens; port 0 takes a free one [default: 127.0.0.1:8443, with --once a free port]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub manager_listen: Option<String>,
    /// Where the provider listens; port 0 takes a free one [default: 127.0.0.1:8444, with --once a free port]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub provider_listen: Option<String>,
    /// Answer with one JSON document at the end
    #[arg(long)]
    pub json: bool,
}
