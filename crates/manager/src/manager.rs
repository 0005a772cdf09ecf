//! The handle.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use mail::Mailer;
use rightful_http::{client::SharedTransport, metrics::Metrics, passwords::Passwords};
use store::{Store, jobs::Runner};
use vault::Vault;

use crate::{
    Settings,
    app::{
        company::KnownCompany,
        connection_locks::ConnectionLocks,
        requests::{Changes, Running},
        webhooks::Deliveries,
    },
    steps,
};

/// What a manager is made of.
pub struct ManagerParts {
    /// Its settings.
    pub settings: Settings,
    /// Its database, opened with [`crate::MIGRATIONS`].
    pub store: Store,
    /// The vault of that database, unlocked.
    pub vault: Vault,
    /// The way out.
    pub transport: SharedTransport,
    /// The way that mails take.
    pub mailer: Mailer,
    /// A folder for sealed files; it is made when needed.
    pub data: PathBuf,
}

/// A request manager. Cheap to clone; every use case is a method.
#[derive(Clone)]
pub struct Manager(Arc<Inner>);

struct Inner {
    parts: ManagerParts,
    refresh_locks: ConnectionLocks,
    passwords: Passwords,
    changes: Changes,
    metrics: Metrics,
    company: KnownCompany,
    running: Running,
}

impl Manager {
    /// A manager of these parts. It does nothing until its router is served and its runner runs.
    pub fn open(mut parts: ManagerParts) -> Self {
        let metrics = Metrics::default();
        parts.transport = metrics.measuring(parts.transport);
        parts.store.follow_events(Arc::new(Deliveries));
        let passwords = Passwords::new(parts.store.entropy().clone());
        let company = KnownCompany::new(&parts.settings);
        Self(Arc::new(Inner {
            parts,
            company,
            passwords,
            metrics,
            running: Running::default(),
            changes: Changes::default(),
            refresh_locks: ConnectionLocks::default(),
        }))
    }

    /// All pages, the API and the health checks.
    pub fn router(&self) -> axum::Router {
        crate::web::router(self.clone())
    }

    /// What carries out durable work.
    pub fn runner(&self) -> Runner {
        let most = usize::try_from(self.settings().worker_concurrency)
            .unwrap_or(usize::MAX)
            .max(1);
        Runner::new(self.store().clone(), Arc::new(steps::ManagerSteps(self.clone())), most)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// The vault.
    pub fn vault(&self) -> &Vault {
        &self.0.parts.vault
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The way out.
    pub(crate) fn transport(&self) -> &SharedTransport {
        &self.0.parts.transport
    }

    /// The way that mails take; what depends on mails asks whether there is one before it begins.
    pub fn mailer(&self) -> &Mailer {
        &self.0.parts.mailer
    }

    /// The folder for sealed files.
    pub(crate) fn data(&self) -> &std::path::Path {
        &self.0.parts.data
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.store().now()
    }

    /// Who refreshes which connection's token just now.
    pub(crate) fn refresh_locks(&self) -> &ConnectionLocks {
        &self.0.refresh_locks
    }

    /// Who waits for a request to change.
    pub(crate) fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// Which requests are being made just now.
    pub(crate) fn running(&self) -> &Running {
        &self.0.running
    }

    /// The company's settings as last read.
    pub(crate) fn known_company(&self) -> &KnownCompany {
        &self.0.company
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }
}
