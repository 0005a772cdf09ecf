//! The manager's handle, and its way out.

use std::sync::Arc;

use anyhow::Context as _;
use manager::{Manager, ManagerParts, Settings};
use rightful_http::{
    TrustedProxies,
    client::{ClientSettings, ExtraCa, GuardedClient, Timeouts},
};

use super::Opened;

/// The manager over an opened database.
pub fn open_manager(opened: &Opened, settings: Settings) -> anyhow::Result<Manager> {
    // The manager itself would go on without them, and log every caller as its proxy.
    let proxies = settings.trusted_proxies.parse::<TrustedProxies>();
    proxies.context("trusted_proxies")?;
    let transport = Arc::new(GuardedClient::new(&client_settings(&settings))?);
    Ok(Manager::open(ManagerParts {
        settings,
        store: opened.store.clone(),
        vault: opened.vault.clone(),
        transport,
        data: opened.folder.dossiers(),
    }))
}

/// Where the manager may call, and whom it trusts there.
pub fn client_settings(settings: &Settings) -> ClientSettings {
    ClientSettings {
        allow_private_hosts: settings.private_hosts(),
        allow_plain_http: false,
        extra_ca: settings.extra_ca.iter().cloned().map(ExtraCa::File).collect(),
        timeouts: Timeouts {
            connect: settings.http_connect_timeout.duration(),
            read: settings.http_timeout.duration(),
        },
        http_proxy: settings.http_proxy.clone(),
    }
}
