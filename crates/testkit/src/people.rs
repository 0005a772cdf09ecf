//! People who use the services: a customer of the vendor, and whoever works with the manager.

use anyhow::{Context as _, Result, bail};
use manager::By;
use oauth::{ClientType, Secret};
use provider::{AccountId, Actor, NewApplication, NewUser, Role};
use serde_json::{Value, json};
use url::Url;

use crate::{Api, Browser, World};

/// The password of every administrator.
pub const ADMINISTRATOR_PASSWORD: &str = "correct horse battery staple";

/// An account at the vendor, its administrator, and the manager registered there.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The account.
    pub account: AccountId,
    /// The administrator's address.
    pub email: String,
    /// The application's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

impl World {
    /// A customer of the vendor called `name`.
    pub async fn customer(&self, name: &str) -> Result<Customer> {
        let account = self.provider.create_account(name).await?;
        let email = format!("admin-{account}@example.test");
        self.provider
            .create_user(NewUser {
                account,
                email: Secret::new(email.clone()),
                role: Role::Administrator,
                password: Secret::new(ADMINISTRATOR_PASSWORD.to_owned()),
                first_name: String::new(),
                last_name: String::new(),
            })
            .await?;
        let application = NewApplication {
            name: "Request manager".to_owned(),
            redirect_uris: vec![self.manager.settings().redirect_uri()],
            client_type: ClientType::Confidential,
            grants: None,
            pkce_required: false,
        };
        let registered = self
            .provider
            .create_application(account, &application, Actor::COMMAND_LINE)
            .await?;
        Ok(Customer {
            account,
            email,
            client_id: registered.client_id.to_string(),
            client_secret: registered.client_secret.context("no client secret")?,
        })
    }

    /// Records of data subjects, one JSON object a line.
    pub async fn import(&self, customer: &Customer, ndjson: &str) -> Result<u64> {
        let imported = self
            .provider
            .import_subjects(customer.account, ndjson.as_bytes(), |_| {})
            .await?;
        Ok(imported.new)
    }

    /// A key for everything.
    pub async fn api_key(&self) -> Result<Api> {
        let key = self
            .manager
            .create_api_key("tests", &"all".parse()?, &By::command_line())
            .await?;
        Ok(Api {
            transport: self.transport.clone(),
            manager: self.manager_url.clone(),
            key: key.api_key,
        })
    }

    /// A connection to the customer's account, authorized by its administrator. Returns its id.
    pub async fn connect(&self, customer: &Customer, api: &Api) -> Result<String> {
        let added = api
            .change(
                "/api/v1/connections",
                json!({
                    "connector": "optimizely",
                    "name": format!("Account {}", customer.account),
                    "client_id": customer.client_id,
                    "client_secret": customer.client_secret.reveal(),
                    "settings": self.connection_settings(),
                }),
            )
            .await?;
        let url: Url = added["authorize_url"].as_str().context("no authorize_url")?.parse()?;
        self.authorize(&self.browser(), &url, customer, "accept").await?;
        let id = added["id"].as_str().context("no id")?.to_owned();
        let connection = api.read(&format!("/api/v1/connections/{id}")).await?;
        if connection["state"] != "connected" {
            bail!("the connection is {connection}");
        }
        Ok(id)
    }

    /// The settings of a connection to the vendor of this world.
    pub fn connection_settings(&self) -> Value {
        let provider = self.provider_url.as_str().trim_end_matches('/');
        json!({
            "app_url": provider,
            "api_url": format!("{provider}/v2"),
            "identifier_types": ["email"],
            "rate_limit": "100/s",
            "poll_initial": "50ms",
            "poll_max": "500ms",
        })
    }

    /// Logs in at the vendor where that is asked for, and answers the consent form.
    pub async fn authorize(
        &self,
        browser: &Browser,
        url: &Url,
        customer: &Customer,
        decision: &str,
    ) -> Result<crate::Page> {
        let mut page = browser.open(url).await?;
        if page.form_with("password").is_ok() {
            let form = page
                .form_with("password")?
                .set("email", &customer.email)?
                .set("password", ADMINISTRATOR_PASSWORD)?;
            page = browser.submit(&page, &form).await?;
        }
        let consent = page.form_with("decision")?.set("decision", decision)?;
        browser.submit(&page, &consent).await
    }
}
