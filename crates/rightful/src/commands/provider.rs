//! `rightful provider …`

mod account;
mod app;
mod mailbox;
mod subject;
mod token;
mod user;

use ::provider::{MIGRATIONS, Provider, Settings, SourceState};
use mail::MailerKind;
use serde_json::json;

use super::{Call, audit, key};
use crate::{
    command_line::{KeyCommand, ProviderCommand, Serve},
    configuration::Configuration,
    doctor,
    opening::{self, DataFolder, PublicAddress, open_database, open_provider},
    service::Service,
    serving::{Running, stop_signal},
};

pub(super) async fn run(call: &Call, command: ProviderCommand) -> anyhow::Result<()> {
    match command {
        ProviderCommand::Serve(options) => serve(call, &options).await,
        ProviderCommand::Worker => worker(call).await,
        ProviderCommand::Migrate => migrate(call).await,
        ProviderCommand::Doctor(options) => {
            let configuration = call.configuration(options.flags())?;
            super::log_warnings(&configuration.place)?;
            doctor::provider(&configuration, &call.environment)
                .await
                .report(call.output)
        }
        ProviderCommand::Key(KeyCommand::Rotate) => {
            let configuration: Configuration<Settings> = call.configuration(Vec::new())?;
            key::rotate(call, &configuration.place, MIGRATIONS).await
        }
        ProviderCommand::Audit(command) => {
            audit::run(call, command, async || Ok(open(call).await?.store().clone())).await
        }
        ProviderCommand::Openapi => openapi(call),
        ProviderCommand::Account(command) => account::run(call, &open(call).await?, command).await,
        ProviderCommand::User(command) => user::run(call, &open(call).await?, command).await,
        ProviderCommand::App(command) => app::run(call, &open(call).await?, command).await,
        ProviderCommand::Token(command) => token::run(call, &open(call).await?, command).await,
        ProviderCommand::Mailbox(command) => mailbox::run(call, &open(call).await?, command).await,
        ProviderCommand::Subject(command) => subject::run(call, &open(call).await?, command).await,
    }
}

/// The provider for one command, beside a server or without one.
async fn open(call: &Call) -> anyhow::Result<Provider> {
    let configuration = call.configuration(Vec::new())?;
    super::log_warnings(&configuration.place)?;
    open_without_listener(call, configuration).await
}

async fn open_without_listener(call: &Call, configuration: Configuration<Settings>) -> anyhow::Result<Provider> {
    let address = public_address(&configuration);
    let Configuration {
        place, mut settings, ..
    } = configuration;
    let opened = open_database(Service::Provider, &place, MIGRATIONS, &call.environment).await?;
    settings.public_url = address.url_without_listener(Service::Provider, &place, &opened.folder)?;
    open_provider(&opened, settings)
}

async fn serve(call: &Call, options: &Serve) -> anyhow::Result<()> {
    let configuration: Configuration<Settings> = call.configuration(options.flags())?;
    super::log_all(&configuration.place)?;
    let address = public_address(&configuration);
    let Configuration {
        place, mut settings, ..
    } = configuration;
    let stop = stop_signal()?;
    // The port first: two servers on one address should not both come as far as the database.
    let folder = DataFolder::open_or_create(&place.data)?;
    let server = address
        .bind(&place, &folder, std::sync::Arc::new(store::SystemClock))
        .await?;
    settings.public_url = address.url(server.address())?;
    let opened = open_database(Service::Provider, &place, MIGRATIONS, &call.environment).await?;
    let provider = open_provider(&opened, settings)?;
    require_data_sources(&provider).await?;
    opening::remember(Service::Provider, &opened.folder, &provider.settings().public_url);
    super::say_where(call, server.address(), &provider.settings().public_url)?;
    match provider.mailer().kind() {
        MailerKind::Smtp => {}
        MailerKind::Mailbox => call.output.remark(
            "No mail leaves: invitations and forgotten passwords wait in `rightful provider mailbox list` (set smtp_url to send them)",
        ),
        MailerKind::None => call.output.remark("No mail is written: smtp_url is not set, and mailbox = false"),
    }
    let running = Running {
        server: Some((server, provider.answers())),
        runner: provider.runner(),
        store: opened.store,
    };
    running.until(stop, provider.settle()).await
}

async fn worker(call: &Call) -> anyhow::Result<()> {
    let configuration: Configuration<Settings> = call.configuration(Vec::new())?;
    super::log_all(&configuration.place)?;
    let stop = stop_signal()?;
    let provider = open_without_listener(call, configuration).await?;
    require_data_sources(&provider).await?;
    call.output
        .answer(&json!({"service": "provider", "working": true}), || {
            "provider worker: working off jobs".to_owned()
        })?;
    let running = Running {
        server: None,
        runner: provider.runner(),
        store: provider.store().clone(),
    };
    running.until(stop, provider.settle()).await
}

/// A statement that no database accepts is said before the first request, not by its failure. A database that is away may
/// come back, and requests are tried again until then.
async fn require_data_sources(provider: &Provider) -> anyhow::Result<()> {
    for source in provider.check_data_sources().await {
        match source.state {
            SourceState::Fine { .. } => {}
            SourceState::Unreachable(reason) => {
                tracing::warn!(data_source = %source.name, place = source.place, reason, "a data source can't be reached");
            }
            SourceState::Wrong(reason) => {
                let message = format!("data_sources: {} ({}): {reason}", source.name, source.place);
                return Err(crate::Failure::new(message)
                    .hint("docs/guides/answer-from-a-database.md says what statements look like")
                    .into());
            }
        }
    }
    Ok(())
}

async fn migrate(call: &Call) -> anyhow::Result<()> {
    let configuration: Configuration<Settings> = call.configuration(Vec::new())?;
    super::log_warnings(&configuration.place)?;
    let opened = open_database(Service::Provider, &configuration.place, MIGRATIONS, &call.environment).await?;
    opened.store.close().await;
    super::say_migrated(call, MIGRATIONS)
}

fn openapi(call: &Call) -> anyhow::Result<()> {
    let configuration: Configuration<Settings> = call.configuration(Vec::new())?;
    let document = ::provider::openapi(&configuration.settings);
    crate::output::write_line(&serde_json::to_string_pretty(&document)?)?;
    Ok(())
}

fn public_address(configuration: &Configuration<Settings>) -> PublicAddress {
    let given = configuration
        .public_url_given
        .then(|| configuration.settings.public_url.clone());
    PublicAddress::new(given, configuration.settings.api_url.clone())
}

/// An account's number, as the commands take it.
fn account_id(text: &str) -> Result<::provider::AccountId, crate::Failure> {
    text.parse()
        .map_err(|_| crate::Failure::usage("--account: expected the account's number, as `account list` shows it"))
}
