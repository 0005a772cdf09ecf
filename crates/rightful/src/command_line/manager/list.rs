//! `rightful manager request export`, `rightful manager request import` and `rightful manager import …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `manager import …`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// List what was handed in, newest first
    List {
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show how far an import is, and which rows were refused
    Show {
        /// Which import
        id: String,
    },
    /// End an import; what was taken in stays
    Cancel {
        /// Which import
        id: String,
    },
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
