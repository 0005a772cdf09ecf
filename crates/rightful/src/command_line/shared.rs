//! Options that many commands have.

use std::path::PathBuf;

use clap::Args;

use crate::configuration::Flag;

const HEADING: &str = "Shared options";

/// Where a service lives and how it answers.
#[derive(Debug, Clone, Default, Args)]
pub struct Shared {
    /// Folder of the database, master key, local certificate authority and sealed files [default: ./rightful-data]
    #[arg(long, global = true, value_name = "DIR", help_heading = HEADING)]
    pub data: Option<PathBuf>,
    /// Configuration file (TOML; config.example.toml shows every setting)
    #[arg(long, global = true, value_name = "FILE", help_heading = HEADING)]
    pub config: Option<PathBuf>,
    /// PostgreSQL instead of SQLite in the data folder, such as postgres://USER@HOST/NAME
    #[arg(long, global = true, value_name = "URL", help_heading = HEADING)]
    pub database: Option<String>,
    /// Where browsers and other servers reach the service
    #[arg(long, global = true, value_name = "URL", help_heading = HEADING)]
    pub public_url: Option<String>,
    /// Answer in JSON on standard output: one document, or one per line for lists
    #[arg(long, global = true, help_heading = HEADING)]
    pub json: bool,
}

/// How a service is served.
#[derive(Debug, Clone, Default, Args)]
pub struct Serve {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// `auto` (certificate of a local CA in the data folder), `CERTIFICATE,KEY` (PEM files), `off` (behind a TLS proxy)
    #[arg(long, value_name = "auto|CERT,KEY|off")]
    pub tls: Option<String>,
    /// Trust the certificate authorities in this PEM file too, for outgoing calls
    #[arg(long, value_name = "FILE")]
    pub extra_ca: Option<PathBuf>,
}

impl Shared {
    /// The settings among them.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let path = |path: &PathBuf| path.display().to_string();
        [
            flag("--data", "data", self.data.as_ref().map(path)),
            flag("--database", "database", self.database.clone()),
            flag("--public-url", "public_url", self.public_url.clone()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Serve {
    /// The settings among them.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        [
            flag("--listen", "listen", self.listen.clone()),
            flag("--tls", "tls", self.tls.clone()),
            flag(
                "--extra-ca",
                "extra_ca",
                self.extra_ca.as_ref().map(|path| path.display().to_string()),
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn flag(name: &'static str, key: &'static str, value: Option<String>) -> Option<Flag> {
    value.map(|value| Flag { name, key, value })
}
