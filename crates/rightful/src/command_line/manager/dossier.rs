//! `rightful manager dossier …`.

use std::path::PathBuf;

use clap::Subcommand;

/// `manager dossier …`
#[derive(Debug, Subcommand)]
pub enum DossierCommand {
    /// Show what was found for a request, and what of it is handed over
    Show {
        /// For which request
        request: String,
    },
    /// Show the records of an object in the clear; that they were read is written down
    Records {
        /// For which request
        request: String,
        /// Which object
        object: String,
    },
    /// Include, exclude, redact or edit
    Change {
        /// For which request
        request: String,
        /// A file with the changes as JSON, as the API takes them; `-` reads standard input
        file: PathBuf,
    },
    /// Add a file to what is handed over; it is sealed
    AddFile {
        /// For which request
        request: String,
        /// The file
        file: PathBuf,
        /// The name under which it is handed over [default: the file's own]
        #[arg(long)]
        name: Option<String>,
    },
    /// Take a file away that was added
    RemoveFile {
        /// For which request
        request: String,
        /// Which object, as `add-file` answered it
        object: String,
    },
}
