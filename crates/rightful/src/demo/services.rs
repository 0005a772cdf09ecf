//! Both services, each on its own port and database, knowing of each other only what was typed into their settings.

use std::sync::Arc;

use anyhow::Context as _;
use manager::Manager;
use oauth::Secret;
use provider::Provider;
use rightful_http::{serve::Server, tls::CERTIFICATE_FILE};
use store::SystemClock;
use tokio::{sync::Mutex, task::JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{folder::DemoFolder, record::Record};
use crate::{
    Failure,
    command_line::Demo,
    configuration::{Environment, Place},
    opening::{self, PublicAddress, open_database, open_manager, open_provider},
    output::address,
    service::Service,
    serving::Running,
};

pub(super) struct Services {
    pub(super) manager: Manager,
    pub(super) provider: Provider,
    pub(super) manager_url: Url,
    pub(super) provider_url: Url,
    stop: CancellationToken,
    running: Mutex<JoinSet<anyhow::Result<()>>>,
}

impl Services {
    pub(super) async fn start(
        options: &Demo,
        environment: &Environment,
        folder: &DemoFolder,
        record: &mut Record,
    ) -> anyhow::Result<Self> {
        let provider_place = place(
            Service::Provider,
            options,
            folder,
            options.provider_listen.as_deref(),
            record.provider_listen.as_deref(),
        )?;
        let manager_place = place(
            Service::Manager,
            options,
            folder,
            options.manager_listen.as_deref(),
            record.manager_listen.as_deref(),
        )?;
        let (provider_server, provider_url) = listen(&provider_place, folder).await?;
        let (manager_server, manager_url) = listen(&manager_place, folder).await?;
        // The ports become part of redirect URIs and settings: from now on they stay.
        record.provider_listen = Some(provider_server.address().to_string());
        record.manager_listen = Some(manager_server.address().to_string());
        record.provider_url = Some(address(&provider_url).to_owned());
        record.manager_url = Some(address(&manager_url).to_owned());
        record.save()?;

        let opened = open_database(Service::Provider, &provider_place, provider::MIGRATIONS, environment).await?;
        let provider = open_provider(&opened, provider_settings(&provider_url)?)?;
        let opened = open_database(Service::Manager, &manager_place, manager::MIGRATIONS, environment).await?;
        let manager = open_manager(&opened, manager_settings(&manager_url, folder))?;
        opening::remember(Service::Provider, folder.data(), &provider_url);
        opening::remember(Service::Manager, folder.data(), &manager_url);

        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        let running_provider = Running {
            server: Some((provider_server, provider.answers())),
            runner: provider.runner(),
            store: provider.store().clone(),
        };
        let (settling, stopping) = (provider.clone(), stop.clone());
        running.spawn(async move { running_provider.until(stopping, settling.settle()).await });
        let running_manager = Running {
            server: Some((manager_server, manager.router().into())),
            runner: manager.runner(),
            store: manager.store().clone(),
        };
        running.spawn(running_manager.until(stop.clone(), std::future::ready(())));
        Ok(Self {
            manager,
            provider,
            manager_url,
            provider_url,
            stop,
            running: Mutex::new(running),
        })
    }

    /// Returns when one of them has ended by itself, and why.
    pub(super) async fn failed(&self) -> anyhow::Error {
        let mut running = self.running.lock().await;
        match running.join_next().await {
            Some(Ok(Err(error))) => error.context("a service ended"),
            Some(Err(panic)) => anyhow::Error::new(panic).context("a service ended"),
            Some(Ok(Ok(()))) | None => Failure::new("a service ended").into(),
        }
    }

    /// Serves until `stop` fires or one of them fails.
    pub(super) async fn until(self, stop: CancellationToken) -> anyhow::Result<()> {
        tokio::select! {
            () = stop.cancelled() => {}
            error = self.failed() => {
                self.end().await.ok();
                return Err(error);
            }
        }
        self.end().await
    }

    /// Lets both end in good order.
    pub(super) async fn end(self) -> anyhow::Result<()> {
        self.stop.cancel();
        let mut running = self.running.into_inner();
        while let Some(ended) = running.join_next().await {
            ended.context("a service panicked")??;
        }
        Ok(())
    }
}

async fn listen(place: &Place, folder: &DemoFolder) -> anyhow::Result<(Server, Url)> {
    let address = PublicAddress::new(None, None);
    let server = address.bind(place, folder.data(), Arc::new(SystemClock)).await?;
    let url = address.url(server.address())?;
    Ok((server, url))
}

/// The address asked for, else the one of an earlier start, else the usual one. A run that ends by itself takes free
/// ports: nobody has to know them, and it can't be in anybody's way.
fn place(
    service: Service,
    options: &Demo,
    folder: &DemoFolder,
    asked: Option<&str>,
    earlier: Option<&str>,
) -> anyhow::Result<Place> {
    let usual = if options.once {
        "127.0.0.1:0"
    } else {
        service.default_listen()
    };
    let any_port = |listen: &str| listen.ends_with(":0");
    let listen = match (asked, earlier) {
        (Some(asked), Some(earlier)) if asked != earlier && !any_port(asked) => {
            return Err(Failure::new(format!(
                "the {} of the demo in {} listens on {earlier}",
                service.name(),
                folder.path().display()
            ))
            .hint("its address is part of what it registered; begin a new demo in another folder with --data")
            .into());
        }
        (_, Some(earlier)) => earlier,
        (Some(asked), None) => asked,
        (None, None) => usual,
    };
    Ok(Place {
        data: folder.path().to_owned(),
        database: options.database.clone().map(Secret::new),
        listen: listen.to_owned(),
        ..Place::default()
    })
}

fn provider_settings(url: &Url) -> anyhow::Result<provider::Settings> {
    Ok(provider::Settings {
        public_url: url.clone(),
        brand_name: "Sample Vendor".to_owned(),
        // The demo should show the work, not the waiting.
        rate_limit: "100/s".parse()?,
        ..provider::Settings::default()
    })
}

fn manager_settings(url: &Url, folder: &DemoFolder) -> manager::Settings {
    manager::Settings {
        public_url: url.clone(),
        // The vendor is on this machine, behind a certificate of the local authority.
        allow_private_hosts: "localhost".to_owned(),
        extra_ca: Some(folder.path().join(CERTIFICATE_FILE)),
        mailbox: true,
        // Nothing is far away here: what was under way when a process died is looked for soon.
        http_timeout: std::time::Duration::from_secs(5).into(),
        ..manager::Settings::default()
    }
}
