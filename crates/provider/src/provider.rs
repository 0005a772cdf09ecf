//! The handle.

use std::sync::Arc;

use mail::Mailer;
use rightful_http::{TrustedProxies, passwords::Passwords};
use store::{SharedClock, Store, StoreError};
use vault::{MacKey, Vault};

use crate::{
    CheckedSource, Exports, Settings, SettingsError,
    app::{authority::Authority, present::Present, throttles::Throttles, tokens::TokenKeys, usage::Usage},
    sources::sql::SqlSources,
};

/// The provider: use cases, durable work and HTTP over one database. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    store: Store,
    vault: Vault,
    exports: Exports,
    mailer: Mailer,
    authority: Authority,
    tokens: TokenKeys,
    csrf: MacKey,
    passwords: Passwords,
    throttles: Throttles,
    usage: Usage,
    trusted_proxies: TrustedProxies,
    sql_sources: SqlSources,
}

impl Provider {
    /// The provider over `store` (opened with [`crate::MIGRATIONS`]), its unlocked `vault` and the store for exports.
    pub fn open(settings: Settings, store: Store, vault: Vault, exports: Exports) -> Result<Self, SettingsError> {
        settings.check()?;
        let present = Present::new(store.clone());
        let inner = Inner {
            authority: Authority::new(store.clone(), vault.clone(), present.clone()),
            tokens: TokenKeys::new(&vault),
            csrf: vault.mac("csrf"),
            passwords: Passwords::new(Arc::clone(store.entropy())),
            throttles: Throttles::new(&settings, &store, &present),
            usage: Usage::new(store.clone()),
            trusted_proxies: settings.trusted_proxies()?,
            mailer: settings.mailer()?,
            sql_sources: SqlSources::open(&settings.data_sources).map_err(SettingsError::DataSource)?,
            settings,
            store,
            vault,
            exports,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The settings it was opened with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The vault of the database.
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// Where exports lie.
    pub fn exports(&self) -> &Exports {
        &self.inner.exports
    }

    /// The way that mails take.
    pub fn mailer(&self) -> &Mailer {
        &self.inner.mailer
    }

    /// The clock.
    pub fn clock(&self) -> &SharedClock {
        self.inner.store.clock()
    }

    /// Everything over HTTP: log-in, OAuth, settings pages, the API.
    pub fn router(&self) -> axum::Router {
        crate::web::router(self)
    }

    /// The same as a server answers it: what is asked most often without the router's layers.
    pub fn answers(&self) -> rightful_http::serve::Answers {
        crate::web::answers(self)
    }

    /// Waits until what runs beside requests (notes of last use) has ended. Call it before the store is closed.
    pub async fn settle(&self) {
        self.inner.usage.settle().await;
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.inner.authority
    }

    pub(crate) fn tokens(&self) -> &TokenKeys {
        &self.inner.tokens
    }

    pub(crate) fn csrf(&self) -> &MacKey {
        &self.inner.csrf
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    pub(crate) fn throttles(&self) -> &Throttles {
        &self.inner.throttles
    }

    /// Asks the database for an answer.
    pub(crate) async fn is_reachable(&self) -> Result<(), StoreError> {
        crate::rows::ping(&mut self.store().read().await?).await
    }

    pub(crate) fn trusted_proxies(&self) -> &TrustedProxies {
        &self.inner.trusted_proxies
    }

    pub(crate) fn usage(&self) -> &Usage {
        &self.inner.usage
    }

    pub(crate) fn sql_sources(&self) -> &SqlSources {
        &self.inner.sql_sources
    }

    /// Has the database of every data source look at the statements that are meant for it.
    pub async fn check_data_sources(&self) -> Vec<CheckedSource> {
        self.inner.sql_sources.check().await
    }

    /// The API's OpenAPI 3.0 document.
    pub fn openapi(&self) -> serde_json::Value {
        crate::web::api::openapi(self.settings())
    }
}
