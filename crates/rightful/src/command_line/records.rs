//! `rightful … key …` and `rightful … audit …`: the same for both services.

use std::path::PathBuf;

use clap::Subcommand;

/// `… key …`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a new master key and seal everything under it; may run while serving
    Rotate,
}

/// `… audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that no event was changed, removed or added
    Verify {
        /// An exported log, instead of the database
        file: Option<PathBuf>,
    },
    /// Write all events, one JSON object a line
    Export {
        /// Where to write; `-` is standard output
        #[arg(long, short, value_name = "FILE", default_value = "-")]
        output: PathBuf,
    },
}
