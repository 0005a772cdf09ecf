//! `rightful manager settings …`.

use std::path::PathBuf;

use clap::Subcommand;

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
