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
    serve::{Limits, Server},
    tls::CERTIFICATE_FILE,
};
use store::{MasterKeySource, Migration, SharedClock, SharedCrashPoints, SystemClock, scratch::ScratchDatabase};
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
    /// Whether jobs are carried out as they come; else by `runner().drain()`, as a test with its own clock wants it.
    pub works_off_jobs: bool,
    /// The manager's settings; the public URL, the hosts it may call and the authority it trusts are set when it listens.
    pub manager: manager::Settings,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            works_off_jobs: true,
            provider: provider::Settings::default(),
            manager: manager::Settings {
                mailbox: true,
                ..manager::Settings::default()
            },
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
    provider_work: Option<Work>,
    manager_work: Option<Work>,
    databases: [ScratchDatabase; 2],
    setup: Setup,
}

/// A service at work.
struct Work {
    stop: CancellationToken,
    tasks: JoinSet<Result<()>>,
}

impl Work {
    fn begin(running: Running, with_jobs: bool, rest: impl Future<Output = ()> + Send + 'static) -> Self {
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let stopping = stop.clone();
        if with_jobs {
            tasks.spawn(running.until(stopping, rest));
        } else if let Some((server, router)) = running.server {
            tasks.spawn(async move { Ok(server.serve(router, Limits::default(), stopping).await?) });
        }
        Self { stop, tasks }
    }

    async fn end(mut self) -> Result<()> {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.context("a service panicked")??;
        }
        Ok(())
    }
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

        let (server, provider_url) = listen(of_provider, &setup).await?;
        let opened = open(of_provider, provider::MIGRATIONS, &setup, None).await?;
        let provider = open_provider(
            &opened,
            provider::Settings {
                public_url: provider_url.clone(),
                ..setup.provider.clone()
            },
        )?;
        let settling = provider.clone();
        let provider_work = Work::begin(
            Running {
                server: Some((server, provider.answers())),
                runner: provider.runner(),
                store: opened.store,
            },
            setup.works_off_jobs,
            async move { settling.settle().await },
        );

        let (server, manager_url) = listen(of_manager, &setup).await?;
        let opened = open(of_manager, manager::MIGRATIONS, &setup, None).await?;
        let manager = open_manager(&opened, manager_settings(&setup, &manager_url, of_provider))?;
        let manager_work = Work::begin(
            Running {
                server: Some((server, manager.router().into())),
                runner: manager.runner(),
                store: opened.store,
            },
            setup.works_off_jobs,
            std::future::ready(()),
        );

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
            provider_work: Some(provider_work),
            manager_work: Some(manager_work),
            databases,
            setup,
        })
    }

    /// Ends the manager that was started, so that others can take its place ([`World::manager_process`]).
    pub async fn end_manager(&mut self) -> Result<()> {
        match self.manager_work.take() {
            Some(work) => work.end().await,
            None => Ok(()),
        }
    }

    /// Ends the provider: from now on nobody answers there.
    pub async fn end_provider(&mut self) -> Result<()> {
        match self.provider_work.take() {
            Some(work) => work.end().await,
            None => Ok(()),
        }
    }

    /// The manager as another process on the same database, which dies where it is told to. Nothing is served, and its
    /// jobs are carried out by `runner().drain()`.
    pub async fn manager_process(&self, crash_points: Option<SharedCrashPoints>) -> Result<Manager> {
        let [of_provider, of_manager] = &self.databases;
        let opened = open(of_manager, manager::MIGRATIONS, &self.setup, crash_points).await?;
        open_manager(&opened, manager_settings(&self.setup, &self.manager_url, of_provider))
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(Arc::clone(&self.transport))
    }

    /// Ends both in good order, and says what went wrong in them.
    pub async fn end(mut self) -> Result<()> {
        self.end_manager().await?;
        self.end_provider().await
    }
}

fn manager_settings(setup: &Setup, url: &Url, of_provider: &ScratchDatabase) -> manager::Settings {
    manager::Settings {
        public_url: url.clone(),
        allow_private_hosts: "localhost".to_owned(),
        extra_ca: Some(authority_of(of_provider)),
        ..setup.manager.clone()
    }
}

async fn listen(database: &ScratchDatabase, setup: &Setup) -> Result<(Server, Url)> {
    let folder = DataFolder::open_or_create(&folder_of(database))?;
    let place = Place {
        data: folder.path().to_owned(),
        listen: "127.0.0.1:0".to_owned(),
        ..Place::default()
    };
    let address = PublicAddress::new(None, None);
    let server = address.bind(&place, &folder, setup.clock.clone()).await?;
    let url = address.url(server.address())?;
    Ok((server, url))
}

async fn open(
    database: &ScratchDatabase,
    migrations: &'static [Migration],
    setup: &Setup,
    crash_points: Option<SharedCrashPoints>,
) -> Result<Opened> {
    let folder = DataFolder::open_or_create(&folder_of(database))?;
    let store = database
        .open(migrations, setup.clock.clone(), setup.entropy.clone(), crash_points)
        .await?;
    let key = folder.master_key();
    let vault = store.unlock_vault(MasterKeySource::File(&key)).await?;
    Ok(Opened { folder, store, vault })
}

fn folder_of(database: &ScratchDatabase) -> PathBuf {
    database.folder().join("data")
}

fn authority_of(database: &ScratchDatabase) -> PathBuf {
    folder_of(database).join(CERTIFICATE_FILE)
}
