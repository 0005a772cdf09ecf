//! `rightful manager request …`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use privacy::request::{DenialGround, PauseReason, StageName};

use super::{ExportRequests, ImportRequests};
use crate::command_line::words::one_of;

/// `manager request …`
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Take a request in
    Create(CreateRequest),
    /// List requests, newest first
    List {
        /// In this state only
        #[arg(long, value_parser = one_of::<StageName>(StageName::ALL.iter().map(|state| state.name())))]
        state: Option<StageName>,
        /// Taken care of by this person only, by their e-mail address
        #[arg(long, value_name = "EMAIL", conflicts_with = "unassigned")]
        assignee: Option<String>,
        /// Taken care of by nobody only
        #[arg(long)]
        unassigned: bool,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// List the requests of one person, newest first
    Search(Identity),
    /// Show a request and its tasks
    Show {
        /// Which request
        id: String,
    },
    /// Show everything that happened to a request, oldest first
    Events {
        /// Which request
        id: String,
    },
    /// Put right what is asked, while the request is in triage
    Change(ChangeRequest),
    /// Say who takes care of requests
    #[command(group(ArgGroup::new("whom").required(true).args(["to", "nobody"])))]
    Assign {
        /// Which requests
        #[arg(required = true)]
        ids: Vec<String>,
        /// This person, by their e-mail address
        #[arg(long, value_name = "EMAIL")]
        to: Option<String>,
        /// Nobody
        #[arg(long)]
        nobody: bool,
    },
    /// Write a note about a request; it is sealed
    Note {
        /// About which request
        id: String,
        /// A file with the text; `-` reads standard input
        file: PathBuf,
    },
    /// Show the notes about a request, oldest first
    Notes {
        /// About which request
        id: String,
    },
    /// Vouch for the subjects: the requests count as confirmed, which can not be taken back
    Verify(Requests),
    /// Begin to collect, or to delete
    Start(Requests),
    /// Approve what was found, or that it is deleted
    Approve(Requests),
    /// Let requests rest
    Pause {
        /// Which requests
        #[command(flatten)]
        requests: Requests,
        /// Why
        #[arg(long, default_value = "other",
            value_parser = one_of::<PauseReason>(PauseReason::ALL.iter().map(|reason| reason.name())))]
        reason: PauseReason,
    },
    /// Go on with requests that rest
    Resume(Requests),
    /// Put the deadline off, once
    Extend {
        /// Which requests
        #[command(flatten)]
        requests: Requests,
        /// A file with the reason, for the mail to the subject; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        reason_file: Option<PathBuf>,
    },
    /// Refuse what is asked
    Deny {
        /// Which requests
        #[command(flatten)]
        requests: Requests,
        /// Why
        #[arg(long, value_parser = one_of::<DenialGround>(DenialGround::ALL.iter().map(|ground| ground.name())))]
        ground: DenialGround,
        /// A file with more words, for the mail to the subject; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        explanation_file: Option<PathBuf>,
    },
    /// Close requests without an answer
    Close {
        /// Which requests
        #[command(flatten)]
        requests: Requests,
        /// As what
        #[arg(long = "as", value_name = "WHAT")]
        outcome: ClosedWithout,
    },
    /// Cancel requests
    Cancel(Requests),
    /// Delete again what a deletion has left
    RepeatDeletion(Requests),
    /// Accept what a deletion has left
    AcceptRemains(Requests),
    /// Try failed tasks again
    Retry(Tasks),
    /// Go on without failed or waiting tasks
    Skip(Tasks),
    /// End tasks for good, failed or not: what they would have brought is missing
    Stop(Tasks),
    /// Remind processors who have not answered
    Remind(Tasks),
    /// Ask processors again, with a new link and the whole time to answer
    AskAgain(Tasks),
    /// Mail the subject the link again: to confirm the request, or to fetch the copy
    SendLinkAgain(Requests),
    /// Write a request's package (ZIP), or without an id the list of requests
    Export(ExportRequests),
    /// Take many requests in, from CSV or NDJSON
    Import(ImportRequests),
}

/// Which requests are decided about.
#[derive(Debug, Args)]
pub struct Requests {
    /// Which requests
    #[arg(required = true)]
    pub ids: Vec<String>,
}

/// Which of their tasks are meant.
#[derive(Debug, Args)]
pub struct Tasks {
    /// Which requests
    #[arg(required = true)]
    pub ids: Vec<String>,
    /// This task only [default: every one that it can be]
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
}

/// How a request is closed that nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClosedWithout {
    /// Nobody meant it
    Spam,
    /// The subject does not answer
    Nonresponsive,
    /// Another request asks the same
    Duplicate,
}

/// Whose requests are looked for.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Identity {
    /// Known by this e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// Known by another identifier, such as `dcp_id=4711`
    #[arg(long, value_name = "TYPE=VALUE")]
    pub identity: Option<String>,
    /// Read `TYPE=VALUE` from standard input, so that it stands in no list of processes
    #[arg(long)]
    pub identity_stdin: bool,
}

/// `manager request change`
#[derive(Debug, Args)]
pub struct ChangeRequest {
    /// Which request
    pub id: String,
    /// The law whose deadline applies, such as `gdpr` or `cpra`
    #[arg(long)]
    pub framework: Option<String>,
    /// Another value of an identifier, such as `email=ada@example.com`, or with nothing behind `=` none any more;
    /// may be repeated
    #[arg(long, value_name = "TYPE=VALUE")]
    pub identity: Vec<String>,
    /// Read the identifiers to change from standard input as a JSON object; `null` is none any more
    #[arg(long, conflicts_with = "identity")]
    pub identities_stdin: bool,
    /// Only this connection takes part; may be repeated
    #[arg(long, value_name = "ID")]
    pub connection: Vec<String>,
    /// Every connection takes part that can
    #[arg(long, conflicts_with = "connection")]
    pub every_connection: bool,
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
