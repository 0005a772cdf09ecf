//! The command line, as clap reads it.

mod demo;
mod manager;
mod provider;
mod records;
mod shared;
mod words;

use clap::{Parser, Subcommand};

pub use demo::Demo;
pub use manager::{
    ApiKeyCommand, ChangeConnection, ChangeRequest, ChangeWebhook, ClosedWithout, ConnectionCommand, CreateRequest,
    DossierCommand, ExportRequests, Identity, ImportCommand, ImportRequests, ListFormat, ManagerCommand,
    ManagerMailboxCommand, OperatorRole, PolicyCommand, RequestCommand, RequestType, Requests, SettingsCommand, Tasks,
    TemplateCommand, UserCommand as OperatorCommand, WebhookCommand, WhichTemplate,
};
pub use provider::{
    AccountCommand, AppCommand, ApplicationType, CreateUser, MailboxCommand, ProviderCommand, SubjectCommand,
    TokenCommand, UserCommand, UserRole,
};
pub use records::{AuditCommand, KeyCommand};
pub use shared::{Serve, Shared};

/// Carries out data subject requests where the data lies: the request manager of a company, and the vendor's side.
#[derive(Debug, Parser)]
#[command(
    name = "rightful",
    version,
    max_term_width = 100,
    after_help = "`rightful demo` shows what it does, with both services and no other software."
)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start both services and carry out an access request, a deletion and the proof that nothing is left
    Demo(Demo),
    /// The request manager: takes privacy requests in, connects to vendors, collects, deletes, keeps the proof
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Manager {
        /// Where it lives.
        #[command(flatten)]
        shared: Shared,
        /// What to do.
        #[command(subcommand)]
        command: ManagerCommand,
    },
    /// The vendor's side: OAuth 2.0 authorization server, REST API v2, subject access and deletion jobs
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Provider {
        /// Where it lives.
        #[command(flatten)]
        shared: Shared,
        /// What to do.
        #[command(subcommand)]
        command: ProviderCommand,
    },
    /// Print a completion script for a shell
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_tree_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn shared_options_may_stand_anywhere() {
        for line in [
            "rightful provider account create --data D --name Acme --json",
            "rightful provider --data D account --json create --name Acme",
        ] {
            let parsed = CommandLine::try_parse_from(line.split(' ')).unwrap();
            let Command::Provider { shared, .. } = parsed.command else {
                panic!("another command");
            };
            assert_eq!(shared.data.as_deref(), Some(std::path::Path::new("D")));
            assert!(shared.json);
        }
    }

    #[test]
    fn no_option_takes_a_secret() {
        // Every option that is named for a secret only says where to read it.
        fn walk(command: &clap::Command) {
            for argument in command.get_arguments() {
                let name = argument.get_long().unwrap_or_default();
                let secret = ["password", "secret", "token", "key"]
                    .iter()
                    .any(|word| name.contains(word));
                let harmless = ["-stdin", "-file"].iter().any(|end| name.ends_with(end)) || name == "idempotency-key";
                assert!(!secret || harmless, "--{name}");
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&CommandLine::command());
    }
}
