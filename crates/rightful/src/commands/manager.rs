//! `rightful manager …`

mod api_key;
mod connection;
mod dossier;
mod import;
mod mailbox;
mod package;
mod policy;
mod request;
mod settings;
mod template;
mod transfer;
mod user;
mod webhook;

use ::manager::{MIGRATIONS, Manager, Settings};
use serde_json::json;

use super::{Call, audit, key};
use crate::{
    command_line::{KeyCommand, ManagerCommand, Serve},
    configuration::Configuration,
    doctor,
    opening::{self, DataFolder, PublicAddress, open_database, open_manager},
    service::Service,
    serving::{Running, stop_signal},
};

pub(super) async fn run(call: &Call, command: ManagerCommand) -> anyhow::Result<()> {
    match command {
        ManagerCommand::Serve(options) => serve(call, &options).await,
        ManagerCommand::Worker { extra_ca } => {
            let options = Serve {
                extra_ca,
                ..Serve::default()
            };
            worker(call, &options).await
        }
        ManagerCommand::Migrate => migrate(call).await,
        ManagerCommand::Doctor(options) => {
            let configuration = call.configuration(options.flags())?;
            super::log_warnings(&configuration.place)?;
            doctor::manager(&configuration, &call.environment)
                .await
                .report(call.output)
        }
        ManagerCommand::Openapi => openapi(call),
        ManagerCommand::User(command) => user::run(call, &open(call).await?, command).await,
        ManagerCommand::ApiKey(command) => api_key::run(call, &open(call).await?, command).await,
        ManagerCommand::Connection(command) => connection::run(call, &open(call).await?, command).await,
        ManagerCommand::Request(command) => request::run(call, &open(call).await?, command).await,
        ManagerCommand::Policy(command) => policy::run(call, &open(call).await?, command).await,
        ManagerCommand::Dossier(command) => dossier::run(call, &open(call).await?, command).await,
        ManagerCommand::Import(command) => import::run(call, &open(call).await?, command).await,
        ManagerCommand::Mailbox(command) => mailbox::run(call, &open(call).await?, command).await,
        ManagerCommand::Template(command) => template::run(call, &open(call).await?, command).await,
        ManagerCommand::Webhook(command) => webhook::run(call, &open(call).await?, command).await,
        ManagerCommand::Settings(command) => settings::run(call, &open(call).await?, command).await,
        ManagerCommand::Key(KeyCommand::Rotate) => {
            let configuration: Configuration<Settings> = call.configuration(Vec::new())?;
            key::rotate(call, &configuration.place, MIGRATIONS).await
        }
        ManagerCommand::Audit(command) => {
            audit::run(call, command, async || Ok(open(call).await?.store().clone())).await
        }
    }
}

/// The manager for one command, beside a server or without one.
async fn open(call: &Call) -> anyhow::Result<Manager> {
    let configuration = call.configuration(Vec::new())?;
    super::log_warnings(&configuration.place)?;
    open_without_listener(call, configuration).await
}

async fn open_without_listener(call: &Call, configuration: Configuration<Settings>) -> anyhow::Result<Manager> {
    let address = public_address(&configuration);
    let Configuration {
        place, mut settings, ..
    } = configuration;
    let opened = open_database(Service::Manager, &place, MIGRATIONS, &call.environment).await?;
    settings.public_url = address.url_without_listener(Service::Manager, &place, &opened.folder)?;
    open_manager(&opened, settings)
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
    let opened = open_database(Service::Manager, &place, MIGRATIONS, &call.environment).await?;
    let manager = open_manager(&opened, settings)?;
    let public_url = manager.settings().public_url.clone();
    opening::remember(Service::Manager, &opened.folder, &public_url);
    super::say_where(call, server.address(), &public_url)?;
    if let Some(set_up) = manager.begin_set_up().await? {
        call.output.remark(&format!(
            "Nobody can log in yet. Set the first user up here, once, until {}: {}",
            set_up.until.strftime("%H:%M UTC"),
            set_up.link.reveal()
        ));
        call.output
            .remark("or: rightful manager user create --email YOU@EXAMPLE.COM --role super_admin --password-stdin");
    }
    let running = Running {
        server: Some((server, manager.router().into())),
        runner: manager.runner(),
        store: opened.store,
    };
    running.until(stop, std::future::ready(())).await
}

async fn worker(call: &Call, options: &Serve) -> anyhow::Result<()> {
    let configuration: Configuration<Settings> = call.configuration(options.flags())?;
    super::log_all(&configuration.place)?;
    let stop = stop_signal()?;
    let manager = open_without_listener(call, configuration).await?;
    call.output
        .answer(&json!({"service": "manager", "working": true}), || {
            "manager worker: working off jobs".to_owned()
        })?;
    let running = Running {
        server: None,
        runner: manager.runner(),
        store: manager.store().clone(),
    };
    running.until(stop, std::future::ready(())).await
}

async fn migrate(call: &Call) -> anyhow::Result<()> {
    let configuration: Configuration<Settings> = call.configuration(Vec::new())?;
    super::log_warnings(&configuration.place)?;
    let opened = open_database(Service::Manager, &configuration.place, MIGRATIONS, &call.environment).await?;
    opened.store.close().await;
    super::say_migrated(call, MIGRATIONS)
}

fn openapi(call: &Call) -> anyhow::Result<()> {
    let configuration: Configuration<Settings> = call.configuration(Vec::new())?;
    let document = ::manager::openapi(&configuration.settings);
    crate::output::write_line(&serde_json::to_string_pretty(&document)?)?;
    Ok(())
}

fn public_address(configuration: &Configuration<Settings>) -> PublicAddress {
    let given = configuration
        .public_url_given
        .then(|| configuration.settings.public_url.clone());
    PublicAddress::new(given, None)
}
