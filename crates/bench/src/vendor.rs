//! A provider with an account, an application and subjects, and tokens that came of the real flow.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Method, Request, header};
use rightful::browser::Browser;
use rightful_http::client::{ClientSettings, ExtraCa, GuardedClient, SharedTransport};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;

use crate::process::{Server, answer, rightful};

const EMAIL: &str = "admin@vendor.example";
const PASSWORD: &str = "a long password for a bench";
/// Nobody listens there: the code is read from the redirect.
const REDIRECT: &str = "https://localhost:1/callback";
/// Browsers that consent at once.
const BROWSERS: usize = 8;

pub(crate) struct Vendor {
    data: tempfile::TempDir,
    database: Option<String>,
    pub(crate) access_token: String,
    /// The body of a refresh.
    pub(crate) refresh_form: String,
    application: Application,
    pub(crate) account: i64,
}

/// An application of the vendor's.
#[derive(Clone, Default)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl Vendor {
    pub(crate) async fn prepare(database: Option<&str>) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let mut vendor = Self {
            data,
            database: database.map(str::to_owned),
            access_token: String::new(),
            refresh_form: String::new(),
            application: Application::default(),
            account: 0,
        };
        let account = vendor
            .tell(&["provider", "account", "create", "--name", "Bench"], "")
            .await?;
        vendor.account = account["account_id"].as_i64().context("no account id")?;
        let id = vendor.account.to_string();
        let user = [
            "provider",
            "user",
            "create",
            "--account",
            &id,
            "--email",
            EMAIL,
            "--role",
            "administrator",
            "--password-stdin",
        ];
        vendor.tell(&user, PASSWORD).await?;
        vendor.application = vendor.application(REDIRECT).await?;
        vendor.authorize().await?;
        Ok(vendor)
    }

    /// Registers an application.
    pub(crate) async fn application(&self, redirect_uri: &str) -> Result<Application> {
        let id = self.account.to_string();
        let create = [
            "provider",
            "app",
            "create",
            "--account",
            &id,
            "--name",
            "Bench",
            "--redirect-uri",
            redirect_uri,
            "--type",
            "confidential",
        ];
        let app = self.tell(&create, "").await?;
        let text = |name: &str| {
            app[name]
                .as_str()
                .map(str::to_owned)
                .context("an application without credentials")
        };
        Ok(Application {
            client_id: text("client_id")?,
            client_secret: text("client_secret")?,
        })
    }

    /// Imports `count` subjects, two records each.
    pub(crate) async fn import_subjects(&self, count: usize) -> Result<()> {
        let mut lines = String::new();
        for n in 0..count {
            for object in ["profile", "events"] {
                let record = json!({ "number": n, "page": "/pricing", "tags": ["a", "b"] });
                let line = json!({
                    "data_source": "app_backend", "data_type": "visitor", "identifier_type": "email",
                    "identifier": subject(n), "object": object, "record": record,
                });
                lines.push_str(&line.to_string());
                lines.push('\n');
            }
        }
        let file = self.data.path().join("subjects.ndjson");
        std::fs::write(&file, lines)?;
        let (id, file) = (self.account.to_string(), file.display().to_string());
        self.tell(&["provider", "subject", "import", "--account", &id, &file], "")
            .await?;
        Ok(())
    }

    /// Serves plain HTTP, as behind a proxy that ends TLS.
    pub(crate) async fn serve_plain(&self) -> Result<Server> {
        self.serve(&["--tls", "off"]).await
    }

    /// Serves HTTPS with the local CA.
    pub(crate) async fn serve_tls(&self) -> Result<Server> {
        self.serve(&["--tls", "auto"]).await
    }

    /// Serves a manager with the same data folder, which may call this vendor.
    pub(crate) async fn serve_manager(&self) -> Result<Server> {
        let mut command = self.command()?;
        command
            .args(["manager", "serve", "--listen", "127.0.0.1:0"])
            .env("RIGHTFUL_ALLOW_PRIVATE_HOSTS", "localhost")
            .env("RIGHTFUL_EXTRA_CA", self.ca());
        Server::start(command).await
    }

    async fn serve(&self, tls: &[&str]) -> Result<Server> {
        let mut command = self.command()?;
        let serve = ["provider", "serve", "--listen", "127.0.0.1:0"];
        command
            .args(serve)
            .args(tls)
            .env("RIGHTFUL_RATE_LIMIT", "1000000/s")
            .env("RIGHTFUL_RATE_BURST", "1000000");
        command.env("RIGHTFUL_OAUTH_RATE_LIMIT", "1000000/s");
        Server::start(command).await
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.data.path()
    }

    /// The PostgreSQL server, where it is not SQLite.
    pub(crate) fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The CA that its certificates come from.
    pub(crate) fn ca(&self) -> PathBuf {
        self.data.path().join("ca.pem")
    }

    /// A way to call it.
    pub(crate) fn transport(&self) -> Result<SharedTransport> {
        let settings = ClientSettings {
            allow_private_hosts: vec!["localhost".into()],
            extra_ca: vec![ExtraCa::File(self.ca())],
            ..ClientSettings::default()
        };
        Ok(Arc::new(GuardedClient::new(&settings)?))
    }

    pub(crate) fn command(&self) -> Result<tokio::process::Command> {
        rightful(self.data.path(), self.database.as_deref())
    }

    async fn tell(&self, arguments: &[&str], input: &str) -> Result<Value> {
        answer(self.command()?, arguments, input).await
    }

    /// Bodies of `count` code exchanges, each of a consent of its own.
    pub(crate) async fn exchanges(&self, count: usize) -> Result<Vec<String>> {
        let server = self.serve_tls().await?;
        let (transport, url) = (self.transport()?, self.authorize_url(&server)?);
        let mut browsers = JoinSet::new();
        for browser in 0..BROWSERS {
            let (transport, url) = (Arc::clone(&transport), url.clone());
            let share = count / BROWSERS + usize::from(browser < count % BROWSERS);
            browsers.spawn(async move {
                let (browser, mut codes) = (Browser::new(transport), Vec::new());
                for _ in 0..share {
                    codes.push(consent(&browser, &url).await?);
                }
                anyhow::Ok(codes)
            });
        }
        let mut forms = Vec::new();
        while let Some(codes) = browsers.join_next().await {
            forms.extend(codes??.iter().map(|code| self.application.exchange(code)));
        }
        Ok(forms)
    }

    fn authorize_url(&self, server: &Server) -> Result<Url> {
        let base = Url::parse(&format!("https://localhost:{}", server.address.port()))?;
        let mut url = base.join("/oauth2/authorize")?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.application.client_id)
            .append_pair("redirect_uri", REDIRECT)
            .append_pair("response_type", "code")
            .append_pair("scopes", "all")
            .append_pair("state", "bench");
        Ok(url)
    }

    async fn authorize(&mut self) -> Result<()> {
        let server = self.serve_tls().await?;
        let (transport, url) = (self.transport()?, self.authorize_url(&server)?);
        let code = consent(&Browser::new(Arc::clone(&transport)), &url).await?;
        let request = Request::post(url.join("/oauth2/token")?.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(self.application.exchange(&code)))?;
        let answer = transport.send(request).await?.into_body().read(1 << 20).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let access_token = answer["access_token"].as_str().context("no access token")?;
        access_token.clone_into(&mut self.access_token);
        let refresh_token = answer["refresh_token"].as_str().context("no refresh token")?;
        let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.refresh_form = self.application.form(&grant);
        Ok(())
    }
}

impl Application {
    fn exchange(&self, code: &str) -> String {
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
        ];
        self.form(&grant)
    }

    fn form(&self, grant: &[(&str, &str)]) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(grant)
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", &self.client_secret)
            .finish()
    }
}

/// The address of the n-th subject.
pub(crate) fn subject(n: usize) -> String {
    format!("subject-{n}@example.com")
}

/// Logs in where that is asked, accepts, and returns the code in the redirect, which is not followed.
async fn consent(browser: &Browser, url: &Url) -> Result<String> {
    let page = accepted(browser, url).await?;
    let location = page
        .headers
        .get(header::LOCATION)
        .context("no redirect after the consent")?
        .to_str()?;
    let location = Url::parse(location)?;
    let code = location.query_pairs().find(|(name, _)| name == "code");
    Ok(code.context("no code in the redirect")?.1.into_owned())
}

/// Logs in where that is asked, and accepts; the answer to the consent, unfollowed.
async fn accepted(browser: &Browser, url: &Url) -> Result<rightful::browser::Page> {
    let mut page = browser.open(url).await?;
    if let Ok(form) = page.form_with("password") {
        let form = form.set("email", EMAIL)?.set("password", PASSWORD)?;
        page = browser.submit(&page, &form).await?;
    }
    let form = page.form_with("decision")?.set("decision", "accept")?;
    let target = page.url.join(form.action())?;
    let answer = browser
        .once(Method::POST, target, Some((&page, form.encoded())))
        .await?;
    ensure!(
        answer.status.is_redirection(),
        "the consent was not accepted: {}",
        answer.heading()
    );
    Ok(answer)
}

/// Logs in and accepts, and lets the browser go where the vendor sends it.
pub(crate) async fn connect(browser: &Browser, url: &Url) -> Result<rightful::browser::Page> {
    let answer = accepted(browser, url).await?;
    let location = answer
        .headers
        .get(header::LOCATION)
        .context("no redirect after the consent")?
        .to_str()?;
    browser.open(&Url::parse(location)?).await
}
