//! The manager's handle, and its way out.

use std::sync::Arc;

use anyhow::Context as _;
use mail::{Mailer, MailerSettings};
use manager::{Manager, ManagerParts, Settings};
use oauth::Secret;
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
    // The manager itself would go on with its form closed.
    settings.captcha()?;
    let transport = Arc::new(GuardedClient::new(&client_settings(&settings))?);
    let mailer = Mailer::open(&mailer_settings(&settings)?)?;
    Ok(Manager::open(ManagerParts {
        settings,
        store: opened.store.clone(),
        vault: opened.vault.clone(),
        transport,
        mailer,
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

/// Where mails go, and in whose name.
pub fn mailer_settings(settings: &Settings) -> anyhow::Result<MailerSettings> {
    let extra_ca = match &settings.extra_ca {
        Some(path) if settings.smtp_url.is_some() => {
            let pem = std::fs::read(path).with_context(|| format!("could not read extra_ca, {}", path.display()))?;
            vec![pem]
        }
        _ => Vec::new(),
    };
    Ok(MailerSettings {
        smtp_url: settings.smtp_url.clone().map(Secret::new),
        mail_from: settings.mail_from.clone(),
        mailbox: settings.mailbox,
        host: settings.public_url.host_str().unwrap_or("localhost").to_owned(),
        extra_ca,
        timeout: settings.smtp_timeout.duration(),
        give_up_after: settings.mail_give_up_after.duration(),
        retention: settings.mail_retention.duration(),
    })
}
