//! `rightful manager mailbox …` and `rightful manager template …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use mail::{Event, Language, State};

use crate::command_line::words::one_of;

/// `manager mailbox …`
#[derive(Debug, Subcommand)]
pub enum ManagerMailboxCommand {
    /// List mails, newest first, without what they say
    List {
        /// About this request only
        #[arg(long, value_name = "ID")]
        request: Option<String>,
        /// In this state only
        #[arg(long, value_parser = one_of::<State>(State::ALL.iter().map(|state| state.name())))]
        state: Option<State>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show a mail with what it says; that it was read is written down
    Show {
        /// Which mail [default: the newest]
        id: Option<String>,
    },
    /// Try a mail again that could not be sent
    SendAgain {
        /// Which mail
        id: String,
    },
}

/// `manager template …`
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// List the mails and their languages
    List,
    /// Show the words of a mail
    Show(WhichTemplate),
    /// Use other words for a mail
    Set {
        /// Of which mail
        #[command(flatten)]
        which: WhichTemplate,
        /// A file with a subject in the first line, then paragraphs; `-` reads standard input
        file: PathBuf,
    },
    /// Use the words again that it came with
    Reset(WhichTemplate),
    /// Show the mail that words would make of an example; nothing is stored
    Preview {
        /// Of which mail
        #[command(flatten)]
        which: WhichTemplate,
        /// A file with the words; `-` reads standard input [default: those in use]
        file: Option<PathBuf>,
    },
}

/// Which mail, in which language.
#[derive(Debug, Clone, Copy, Args)]
pub struct WhichTemplate {
    /// Which mail
    #[arg(value_parser = one_of::<Event>(Event::ALL.iter().filter(|event| !event.is_vendors()).map(|event| event.name())), hide_possible_values = true)]
    pub event: Event,
    /// In which language
    #[arg(value_parser = one_of::<Language>(Language::ALL.iter().map(|language| language.name())))]
    pub language: Language,
}
