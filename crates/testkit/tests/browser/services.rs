//! Both services as processes, as they are after an installation, and the people who work with them.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context as _, Result};
use rightful_http::client::{ClientSettings, ExtraCa, GuardedClient};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{
    Browser, fresh_database,
    process::{Process, Program},
};
use url::Url;

use crate::{driver::Driver, window::until};

/// Everybody's.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Who administers the account at the vendor.
pub(crate) const CUSTOMER: &str = "admin@acme.example";
/// Who works with the manager.
pub(crate) const STAFF: &str = "erin@acme.example";
/// The data subject.
pub(crate) const ADA: &str = "ada@example.com";

const RECORDS: &str = r#"{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "profile", "record": {"name": "Ada Lovelace", "city": "London", "card": "4111 1111 1111 1111", "note": "prefers letters"}}
{"data_source": "data_platform", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "visit", "record": {"page": "/pricing", "ip": "192.0.2.1"}}
{"data_source": "data_platform", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "visit", "record": {"page": "/signup", "ip": "192.0.2.1"}}
{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "grace@example.com", "object": "profile", "record": {"name": "Grace Hopper"}}
"#;

/// The vendor and the company.
pub(crate) struct Services {
    pub(crate) vendor: Program,
    pub(crate) company: Program,
    pub(crate) vendor_url: Url,
    pub(crate) manager_url: Url,
    pub(crate) account: i64,
    pub(super) database: Option<String>,
    _processes: [Process; 2],
    _folder: TempDir,
}

impl Services {
    /// Fresh: the vendor has a customer and records about people, the company has nobody and nothing.
    pub(crate) async fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("rightful-stories-").tempdir()?;
        let database = fresh_database().await?;
        let path = PathBuf::from(env!("CARGO_BIN_EXE_simulate"));
        let program = |name: &str| Program::new(&path, folder.path().join(name), database.as_deref());

        let vendor = program("provider")?
            .setting("RATE_LIMIT", "1000/s")
            .setting("RATE_BURST", "1000")
            .setting("BRAND_NAME", "Sample Vendor");
        let account = vendor.tell("provider account create --name Acme", "").await?;
        let account = account["account_id"].as_i64().context("no account_id")?;
        let user = format!("provider user create --account {account} --email {CUSTOMER} --role administrator");
        vendor.tell(&format!("{user} --password-stdin"), PASSWORD).await?;
        let records = vendor.data().join("records.ndjson");
        std::fs::write(&records, RECORDS)?;
        let import = format!("provider subject import --account {account} {}", records.display());
        vendor.tell(&import, "").await?;
        let serving_vendor = vendor.serve("provider", "127.0.0.1:0").await?;

        let company = program("manager")?
            .setting("ALLOW_PRIVATE_HOSTS", "localhost")
            .setting("EXTRA_CA", &vendor.authority().display().to_string())
            .setting("BRAND", "Acme")
            .setting("MAILBOX", "true");
        let serving_manager = company.serve("manager", "127.0.0.1:0").await?;
        Ok(Self {
            vendor_url: serving_vendor.url.clone(),
            manager_url: serving_manager.url.clone(),
            vendor,
            company,
            account,
            database,
            _processes: [serving_vendor, serving_manager],
            _folder: folder,
        })
    }

    /// With somebody at the company, and the vendor connected.
    pub(crate) async fn connected() -> Result<Self> {
        let services = Self::start().await?;
        services.employ(STAFF, "super_admin").await?;
        services.connect("Sample Vendor", json!({})).await?;
        Ok(services)
    }

    /// A browser's driver that trusts both.
    pub(crate) async fn driver(&self) -> Result<Arc<Driver>> {
        Driver::start(&[self.vendor.authority(), self.company.authority()]).await
    }

    /// Somebody who may log in at the manager.
    pub(crate) async fn employ(&self, email: &str, role: &str) -> Result<()> {
        let create = format!("manager user create --email {email} --role {role} --password-stdin");
        self.company.tell(&create, PASSWORD).await?;
        Ok(())
    }

    /// Connects the vendor by the real flow, without a browser. `more` stands beside the usual settings.
    pub(crate) async fn connect(&self, name: &str, more: Value) -> Result<String> {
        let register = format!(
            "provider app create --account {} --name Manager --type confidential --redirect-uri {}",
            self.account,
            self.manager("/oauth/callback")
        );
        let application = self.vendor.tell(&register, "").await?;
        let text = |name: &str| application[name].as_str().context("no credentials");
        let vendor = self.vendor_url.as_str().trim_end_matches('/');
        let mut settings = json!({
            "app_url": vendor, "api_url": format!("{vendor}/v2"), "data_types": ["visitor"], "identifier_types": ["email"],
            "poll_initial": "100ms", "poll_max": "500ms", "rate_limit": "1000/s", "verify_erasure": true,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            settings[name] = value.clone();
        }
        let said = settings.as_object().into_iter().flatten().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("--setting={name}={text}")
        });
        let said: Vec<String> = said.collect();
        let add = "manager connection add optimizely --client-secret-stdin";
        let mut add: Vec<&str> = add
            .split(' ')
            .chain(["--name", name, "--client-id", text("client_id")?])
            .collect();
        add.extend(said.iter().map(String::as_str));
        let added = self.company.tell_words(&add, text("client_secret")?).await?;
        let authorize = added["authorize_url"].as_str().context("no authorize_url")?.parse()?;
        let browser = Browser::new(Arc::new(GuardedClient::new(&ClientSettings {
            allow_private_hosts: vec!["localhost".to_owned()],
            extra_ca: [self.vendor.authority(), self.company.authority()]
                .map(ExtraCa::File)
                .into(),
            ..ClientSettings::default()
        })?));
        let page = browser.open(&authorize).await?;
        let form = page.form_with("password")?.set("email", CUSTOMER)?;
        let page = browser.submit(&page, &form.set("password", PASSWORD)?).await?;
        let consent = page.form_with("decision")?.set("decision", "accept")?;
        browser.submit(&page, &consent).await?;
        Ok(added["id"].as_str().context("no id")?.to_owned())
    }

    /// The address of a page of the manager.
    pub(crate) fn manager(&self, path: &str) -> String {
        format!("{}{path}", self.manager_url.as_str().trim_end_matches('/'))
    }

    /// The address of a page of the vendor.
    pub(crate) fn vendor(&self, path: &str) -> String {
        format!("{}{path}", self.vendor_url.as_str().trim_end_matches('/'))
    }

    /// The link that the server prints while nobody can log in.
    pub(crate) async fn set_up_link(&self) -> Result<String> {
        let link = until("the link to set the manager up", async || {
            let said = self.company.said()?;
            let link = said.split_whitespace().find(|word| word.contains("/setup/"));
            Ok(link.context("it said no link")?.to_owned())
        });
        link.await
    }
}
