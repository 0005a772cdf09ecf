//! What every seed begins with, made once: both databases with accounts, people and records.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use mail::Mailer;
use manager::{By, Manager, ManagerParts, app::NewOperator};
use oauth::{ClientType, Secret};
use provider::{AccountId, Actor, DataSource, Exports, NewApplication, NewUser, Provider, Role};
use serde_json::json;
use store::{MasterKeySource, Migration, OpenStore, SharedClock, SharedCrashPoints, Store};
use tempfile::TempDir;
use url::Url;
use vault::{SharedEntropy, Vault};

use super::{
    dice::SimulatedEntropy,
    time::{ServiceClock, WorldTime},
    wire::{Network, VENDOR, Wire},
};
use crate::ADMINISTRATOR_PASSWORD;

/// How many accounts the vendor has, each with two administrators.
pub(super) const ACCOUNTS: usize = 3;
/// How many data subjects there are.
pub(super) const SUBJECTS: usize = 40;
/// Who looks after the manager.
pub(super) const ADMINISTRATOR: &str = "admin@company.test";
/// When everything begins.
pub(super) const BEGIN: &str = "2026-11-22T08:00:00Z";

/// Both services' folders, to be copied for each seed.
pub struct Template {
    folder: TempDir,
    pub(super) vendor_url: Url,
    pub(super) company_url: Url,
    pub(super) accounts: Vec<Account>,
    pub(super) api_key: Secret,
    pub(super) team_token: Secret,
}

/// An account at the vendor.
pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) administrators: [String; 2],
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
}

/// The n-th data subject.
pub(super) fn subject(n: usize) -> String {
    format!("subject-{n}@example.com")
}

/// How many records each account holds about the n-th subject; about some there is nothing.
pub(super) const fn records(n: usize) -> usize {
    n % 4
}

/// The data source that a team of people answers for, where the seed has one.
pub(super) const TEAMS_SOURCE: DataSource = DataSource::ExternalSystems;

impl Template {
    /// Makes both.
    pub async fn make() -> Result<Self> {
        let folder = scratch()?;
        let time = WorldTime::at(BEGIN.parse()?);
        let clock: SharedClock = ServiceClock::new(&time, SignedDuration::ZERO);
        let entropy: SharedEntropy = SimulatedEntropy::new(0);
        let vendor_url: Url = format!("https://{VENDOR}/").parse()?;
        let company_url: Url = "https://company.test/".parse()?;

        let place = Folder(folder.path().join("provider"));
        let (store, vault) = place.open(provider::MIGRATIONS, &clock, &entropy, None).await?;
        let settings = provider::Settings {
            public_url: vendor_url.clone(),
            ..provider::Settings::default()
        };
        let provider = place.provider(settings, &store, &vault)?;
        let mut accounts = Vec::new();
        for number in 0..ACCOUNTS {
            accounts.push(account(&provider, number, &company_url).await?);
        }
        let team_token = provider.create_service_token("Team", &[TEAMS_SOURCE]).await?.token;
        let router = provider.router();
        drop(provider);
        finish(store).await?;

        let place = Folder(folder.path().join("manager"));
        let (store, vault) = place.open(manager::MIGRATIONS, &clock, &entropy, None).await?;
        let settings = manager::Settings {
            public_url: company_url.clone(),
            ..manager::Settings::default()
        };
        let network = Network::new(router, &time, 0, false);
        let mailer = Mailer::none();
        let manager = place.manager(settings, &store, &vault, network, mailer, "template");
        let administrator = NewOperator {
            email: ADMINISTRATOR.to_owned(),
            role: manager::Role::SuperAdmin,
            password: Secret::new(ADMINISTRATOR_PASSWORD.to_owned()),
        };
        manager.create_operator(administrator, &By::command_line()).await?;
        let key = manager
            .create_api_key("simulation", &"all".parse()?, &By::command_line())
            .await?;
        drop(manager);
        finish(store).await?;
        Ok(Self {
            folder,
            vendor_url,
            company_url,
            accounts,
            api_key: key.api_key,
            team_token,
        })
    }

    /// A copy of both folders for one seed.
    pub(super) fn copy(&self) -> Result<TempDir> {
        let copy = scratch()?;
        copy_folder(self.folder.path(), copy.path())?;
        Ok(copy)
    }
}

/// Where nothing is as slow as a disk, if there is such a place.
fn scratch() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("rightful-simulation-");
    let folder = builder.tempdir_in(memory).or_else(|_| builder.tempdir());
    folder.context("no folder for the simulation")
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&copy)?;
            copy_folder(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}

/// Everything into the database file, then closed.
async fn finish(store: Store) -> Result<()> {
    store.forget_deleted().await?;
    store.close().await;
    Ok(())
}

async fn account(provider: &Provider, number: usize, company: &Url) -> Result<Account> {
    let id = provider.create_account(&format!("Account {number}")).await?;
    let administrators = ["first", "second"].map(|name| format!("{name}-{number}@vendor.test"));
    for email in &administrators {
        let new = NewUser {
            account: id,
            email: Secret::new(email.clone()),
            role: Role::Administrator,
            password: Secret::new(ADMINISTRATOR_PASSWORD.to_owned()),
            first_name: String::new(),
            last_name: String::new(),
        };
        provider.create_user(new).await?;
    }
    let application = NewApplication {
        name: "Request manager".to_owned(),
        redirect_uris: vec![company.join("/oauth/callback")?.into()],
        client_type: ClientType::Confidential,
        grants: None,
        pkce_required: false,
    };
    let registered = provider
        .create_application(id, &application, Actor::COMMAND_LINE)
        .await?;
    let mut lines = String::new();
    for subject_number in 0..SUBJECTS {
        for record in 0..records(subject_number) {
            let line = json!({
                "data_source": "app_backend", "data_type": "visitor", "identifier_type": "email",
                "identifier": subject(subject_number), "object": "profile",
                "record": {"record": record, "subject": subject_number},
            });
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
    }
    provider.import_subjects(id, lines.as_bytes(), |_| {}).await?;
    Ok(Account {
        id,
        administrators,
        client_id: registered.client_id.to_string(),
        client_secret: registered.client_secret.context("no client secret")?,
    })
}

/// One service's folder: database, master key, files.
#[derive(Debug, Clone)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }

    pub(super) async fn open(
        &self,
        migrations: &'static [Migration],
        clock: &SharedClock,
        entropy: &SharedEntropy,
        crash_points: Option<SharedCrashPoints>,
    ) -> Result<(Store, Vault)> {
        fs::create_dir_all(&self.0)?;
        let store = Store::open(OpenStore {
            url: &store::sqlite_url(&self.0, "service"),
            schema: "unused",
            migrations,
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
            crash_points,
        })
        .await?;
        let vault = store.unlock_vault(MasterKeySource::File(&self.master_key())).await?;
        Ok((store, vault))
    }

    pub(super) fn provider(&self, settings: provider::Settings, store: &Store, vault: &Vault) -> Result<Provider> {
        let exports = Exports::open(&settings, &self.0, store, vault)?;
        Ok(Provider::open(settings, store.clone(), vault.clone(), exports)?)
    }

    pub(super) fn manager(
        &self,
        settings: manager::Settings,
        store: &Store,
        vault: &Vault,
        network: Arc<Network>,
        mailer: Mailer,
        name: &str,
    ) -> Manager {
        Manager::open(ManagerParts {
            mailer,
            settings,
            store: store.clone(),
            vault: vault.clone(),
            transport: Arc::new(Wire {
                network,
                name: name.to_owned(),
            }),
            data: self.0.join("files"),
        })
    }
}

/// When everything begins.
pub(super) fn begin() -> Result<Timestamp> {
    Ok(BEGIN.parse()?)
}
