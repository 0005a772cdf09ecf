//! What the commands do.

mod audit;
mod key;
mod letter;
mod manager;
mod provider;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory as _, Parser as _};

use crate::{
    command_line::{Command, CommandLine},
    configuration::{self, Configuration, Environment, Flag, KnownKeys, Place},
    demo, failure, logging,
    output::Output,
    panics,
    service::Service,
};

/// Reads the command line, does what it says, and returns the exit status.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    panics::tell_only_where();
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            // Help and version go to standard output and are no errors; clap knows.
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let done = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::new)
        .and_then(|runtime| runtime.block_on(Box::pin(carry_out(line.command))));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&failure::describe(&error));
            ExitCode::from(failure::exit_status(&error))
        }
    }
}

async fn carry_out(command: Command) -> anyhow::Result<()> {
    let environment = Environment::of_process();
    match command {
        Command::Demo(options) => Box::pin(demo::run(&options, &environment)).await,
        Command::Manager { shared, command } => {
            let call = Call::new(Service::Manager, shared, environment);
            Box::pin(manager::run(&call, command)).await
        }
        Command::Provider { shared, command } => {
            let call = Call::new(Service::Provider, shared, environment);
            Box::pin(provider::run(&call, command)).await
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut CommandLine::command(), "rightful", &mut script);
            crate::output::write_line(String::from_utf8_lossy(&script).trim_end())?;
            Ok(())
        }
    }
}

/// One call of a service's command: what all of them need.
pub(crate) struct Call {
    service: Service,
    shared: crate::command_line::Shared,
    pub(crate) environment: Environment,
    pub(crate) output: Output,
}

impl Call {
    fn new(service: Service, shared: crate::command_line::Shared, environment: Environment) -> Self {
        let output = Output::new(shared.json);
        Self {
            service,
            shared,
            environment,
            output,
        }
    }

    /// The settings, from every place they may stand in.
    pub(crate) fn configuration<S: serde::de::DeserializeOwned>(
        &self,
        further: Vec<Flag>,
    ) -> anyhow::Result<Configuration<S>> {
        let keys = KnownKeys::of::<::manager::Settings, ::provider::Settings>();
        let mut flags = self.shared.flags();
        flags.extend(further);
        configuration::load(
            self.service,
            &keys,
            self.shared.config.as_ref(),
            &self.environment,
            flags,
        )
    }
}

/// Log lines of a command that ends by itself: only what is wrong.
fn log_warnings(place: &Place) -> anyhow::Result<()> {
    logging::start("warn", place.log_format)
}

/// Log lines of a server.
fn log_all(place: &Place) -> anyhow::Result<()> {
    logging::start(&place.log, place.log_format)
}

/// Where a server can be reached, once it listens.
fn say_where(call: &Call, listens: std::net::SocketAddr, public_url: &url::Url) -> anyhow::Result<()> {
    let service = call.service.name();
    let public_url = crate::output::address(public_url);
    let answer = serde_json::json!({"service": service, "listen": listens.to_string(), "public_url": public_url});
    call.output.answer(&answer, || {
        format!("{service} listening on {listens}, public URL {public_url}")
    })?;
    Ok(())
}

fn say_migrated(call: &Call, migrations: &[store::Migration]) -> anyhow::Result<()> {
    let service = call.service.name();
    let version = migrations.last().map_or(0, |migration| migration.version);
    call.output
        .answer(&serde_json::json!({"service": service, "version": version}), || {
            format!("the {service}'s database is at version {version}")
        })?;
    Ok(())
}

/// Standard error may be closed; then nobody wants to know.
fn complain(text: &str) {
    use std::io::Write as _;
    write!(std::io::stderr(), "{text}").ok();
}
