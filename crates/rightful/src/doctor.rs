//! `doctor`: looks at everything a service needs, and says what to do about what is wrong.

mod address;
mod data_sources;
mod findings;
mod mail;
mod storage;

use std::sync::Arc;

use store::{Clock as _, Migration, Store, SystemClock};

use crate::{
    configuration::{Configuration, Environment, Place},
    failure,
    opening::{DataFolder, Opened, client_settings, mailer_settings, mode, open_database},
    service::Service,
};
pub(crate) use findings::Findings;

/// Looks at a manager's needs.
pub(crate) async fn manager(configuration: &Configuration<manager::Settings>, environment: &Environment) -> Findings {
    let mut findings = Findings::default();
    let settings = &configuration.settings;
    let opened = common(
        &mut findings,
        Service::Manager,
        configuration,
        environment,
        manager::MIGRATIONS,
    )
    .await;
    match rightful_http::client::GuardedClient::new(&client_settings(settings)) {
        Ok(_) => findings.ok("outgoing calls", "the system's certificate authorities are there"),
        Err(error) => findings.failed("outgoing calls", &error.into()),
    }
    let mailer = mailer_settings(settings).and_then(|settings| Ok(::mail::Mailer::open(&settings)?));
    mail::look(&mut findings, Service::Manager, mailer, settings.smtp_url.as_deref()).await;
    match settings.captcha() {
        Ok(None) => {}
        Ok(Some(captcha)) => findings.ok(
            "captcha",
            &format!("{} is asked", captcha.verify_url.host_str().unwrap_or_default()),
        ),
        Err(error) => findings.failed("captcha", &error.into()),
    }
    address::look(
        &mut findings,
        Service::Manager,
        &configuration.place,
        &settings.public_url,
        configuration.public_url_given,
    )
    .await;
    close(opened).await;
    findings
}

/// Looks at a provider's needs.
pub(crate) async fn provider(configuration: &Configuration<provider::Settings>, environment: &Environment) -> Findings {
    let mut findings = Findings::default();
    let settings = &configuration.settings;
    if let Err(error) = settings.check() {
        findings.failed("settings", &error.into());
    }
    let mailer = settings.mailer().map_err(anyhow::Error::from);
    let smtp_url = settings.smtp_url.as_ref().map(|url| url.reveal().as_str());
    mail::look(&mut findings, Service::Provider, mailer, smtp_url).await;
    let opened = common(
        &mut findings,
        Service::Provider,
        configuration,
        environment,
        provider::MIGRATIONS,
    )
    .await;
    if let Some(opened) = &opened {
        storage::look(&mut findings, opened, settings).await;
        data_sources::look(&mut findings, opened, settings).await;
    }
    address::look(
        &mut findings,
        Service::Provider,
        &configuration.place,
        &settings.public_url,
        configuration.public_url_given,
    )
    .await;
    close(opened).await;
    findings
}

/// What both need: folder, key, database, clock.
async fn common<S>(
    findings: &mut Findings,
    service: Service,
    configuration: &Configuration<S>,
    environment: &Environment,
    migrations: &'static [Migration],
) -> Option<Opened> {
    let place = &configuration.place;
    folder(findings, place)?;
    let opened = match open_database(service, place, migrations, environment).await {
        Ok(opened) => opened,
        Err(error) => {
            findings.failed("database and master key", &error);
            return None;
        }
    };
    let own = migrations
        .iter()
        .rfind(|migration| migration.component == service.name());
    let version = own.map_or(0, |migration| migration.version);
    findings.ok("database and master key", &format!("open, at version {version}"));
    match opened.store.verify_audit().await {
        Ok(store::ChainReport::Whole { events }) => {
            findings.ok("audit log", &format!("{events} events, whole"));
            clock(findings, &opened.store, events).await;
        }
        Ok(store::ChainReport::Broken { seq, reason }) => {
            let detail = format!("broken at event {seq}: {reason}");
            findings.bad("audit log", &detail, "compare with an earlier `audit export`");
        }
        Err(error) => findings.failed("audit log", &error.into()),
    }
    Some(opened)
}

fn folder(findings: &mut Findings, place: &Place) -> Option<()> {
    let path = place.data.display();
    match mode(&place.data) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            findings.note("data folder", &format!("{path} does not exist yet"), "it is made now");
        }
        Err(error) => {
            findings.failed(
                "data folder",
                &anyhow::Error::new(error).context(format!("could not look at {path}")),
            );
            return None;
        }
        Ok(_) => {}
    }
    match DataFolder::open_or_create(&place.data) {
        Ok(_) => match mode(&place.data) {
            Ok(mode) if mode & !0o700 != 0 => findings.bad(
                "data folder",
                &format!("{path} is open to others than its owner (mode {mode:03o})"),
                &format!("chmod 700 {path}"),
            ),
            _ => findings.ok("data folder", &format!("{path}, closed to others")),
        },
        Err(error) => {
            findings.failed("data folder", &error);
            return None;
        }
    }
    Some(())
}

/// The clock must not be behind what was written under it; deadlines and tokens depend on it.
async fn clock(findings: &mut Findings, store: &Store, events: i64) {
    let now = SystemClock.now();
    let newest = async { store.read().await?.events(None, events - 1, 1).await };
    match newest.await {
        Ok(newest) if newest.iter().any(|event| event.at > now) => findings.bad(
            "clock",
            &format!("it says {now}, but the audit log has been written later than that"),
            "set the machine's clock (chrony or systemd-timesyncd keep it right)",
        ),
        Ok(_) => findings.ok("clock", &now.to_string()),
        Err(error) => findings.failed("clock", &error.into()),
    }
}

async fn close(opened: Option<Opened>) {
    if let Some(opened) = opened {
        opened.store.close().await;
    }
}

/// A finding's words for an error.
fn words(error: &anyhow::Error) -> (String, Option<String>) {
    let text = failure::describe(error);
    let mut lines = text.lines();
    let what = lines
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned();
    (
        what,
        lines.find_map(|line| line.strip_prefix("hint: ")).map(str::to_owned),
    )
}

/// The clock that everything here is dated by.
fn system_clock() -> store::SharedClock {
    Arc::new(SystemClock)
}
