//! Both services on loopback, with real TLS, on ports of their own and scratch databases.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context as _, Result};
use manager::Manager;
use provider::Provider;
use rightful::{
    configuration::Place,
    opening::{DataFolder, Opened, PublicAddress, open_manager, open_provider},
    serving::Running,
};
use rightful_http::{
    client::{ClientSettings, ExtraCa, GuardedClient, SharedTransport},
    serve::Server,
    tls::CERTIFICATE_FILE,
};
use store::{MasterKeySource, Migration, SharedClock, SystemClock, scratch::ScratchDatabase};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;
use vault::{SharedEntropy, SystemEntropy};

use crate::Browser;

/// What may differ from one world to the next.
pub struct Setup {
    /// What time it is, for both.
    pub clock: SharedClock,
    /// Randomness, for both.
    pub entropy: SharedEntropy,
    /// The provider's settings; the public URL is set when it listens.
    pub provider: provider::Settings,
    /// The manager's settings; the public URL, the hosts it may call and the authority it trusts are set when it listens.
    pub manager: manager::Settings,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            provider: provider::Settings::default(),
            manager: manager::Settings::default(),
        }
    }
}

/// A vendor and a company, and the network between them. Everything is gone when it is dropped.
pub struct World {
    /// The vendor's side.
    pub provider: Provider,
    /// The company's side.
    pub manager: Manager,
    /// Where the vendor is reached.
    pub provider_url: Url,
    /// Where the company is reached.
    pub manager_url: Url,
    /// A way to both, trusting their local authorities.
    pub transport: SharedTransport,
    stop: CancellationToken,
    running: JoinSet<Result<()>>,
    _databases: [ScratchDatabase; 2],
}

impl World {
    /// Starts both with their usual settings.
    pub async fn start() -> Result<Self> {
        Self::start_with(Setup::default()).await
    }

    /// Starts both.
    pub async fn start_with(setup: Setup) -> Result<Self> {
        let databases = [ScratchDatabase::new()?, ScratchDatabase::new()?];
        let [of_provider, of_manager] = &databases;
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();

        let (server, provider_url, opened) = listen(of_provider, provider::MIGRATIONS, &setup).await?;
        let store = opened.store.clone();
        let provider = open_provider(
            &opened,
            provider::Settings {
                public_url: provider_url.clone(),
                ..setup.provider.clone()
            },
        )?;
        let work = Running {
            server: Some((server, provider.router())),
            runner: provider.runner(),
            store,
        };
        let (settling, stopping) = (provider.clone(), stop.clone());
        running.spawn(async move { work.until(stopping, settling.settle()).await });

        let (server, manager_url, opened) = listen(of_manager, manager::MIGRATIONS, &setup).await?;
        let store = opened.store.clone();
        let manager = open_manager(
            &opened,
            manager::Settings {
                public_url: manager_url.clone(),
                allow_private_hosts: "localhost".to_owned(),
                extra_ca: Some(authority_of(of_provider)),
                ..setup.manager.clone()
            },
        )?;
        let work = Running {
            server: Some((server, manager.router())),
            runner: manager.runner(),
            store,
        };
        running.spawn(work.until(stop.clone(), std::future::ready(())));

        let transport = GuardedClient::new(&ClientSettings {
            allow_private_hosts: vec!["localhost".to_owned()],
            extra_ca: databases
                .iter()
                .map(|database| ExtraCa::File(authority_of(database)))
                .collect(),
            ..ClientSettings::default()
        })?;
        Ok(Self {
            provider,
            manager,
            provider_url,
            manager_url,
            transport: Arc::new(transport),
            stop,
            running,
            _databases: databases,
        })
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(Arc::clone(&self.transport))
    }

    /// Ends both in good order, and says what went wrong in them.
    pub async fn end(mut self) -> Result<()> {
        self.stop.cancel();
        while let Some(ended) = self.running.join_next().await {
            ended.context("a service panicked")??;
        }
        Ok(())
    }
}

async fn listen(
    database: &ScratchDatabase,
    migrations: &'static [Migration],
    setup: &Setup,
) -> Result<(Server, Url, Opened)> {
    let folder = DataFolder::open_or_create(&folder_of(database))?;
    let place = Place {
        data: folder.path().to_owned(),
        listen: "127.0.0.1:0".to_owned(),
        ..Place::default()
    };
    let address = PublicAddress::new(None, None);
    let server = address.bind(&place, &folder, setup.clock.clone()).await?;
    let url = address.url(server.address())?;
    let store = database
        .open(migrations, setup.clock.clone(), setup.entropy.clone(), None)
        .await?;
    let vault = store.unlock_vault(MasterKeySource::File(&folder.master_key())).await?;
    Ok((server, url, Opened { folder, store, vault }))
}

fn folder_of(database: &ScratchDatabase) -> PathBuf {
    database.folder().join("data")
}

fn authority_of(database: &ScratchDatabase) -> PathBuf {
    folder_of(database).join(CERTIFICATE_FILE)
}
