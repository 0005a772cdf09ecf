//! Chromium under the control of its driver, by the WebDriver standard. A client of a hundred lines: the crates that
//! speak it bring two dozen others of an older generation.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    sync::{Semaphore, SemaphorePermit},
};

/// How many stories have a browser at once, whatever the machine: more would only make each other wait.
static BROWSERS: Semaphore = Semaphore::const_new(2);

const PROGRAM: &str = "chromedriver";
/// No single answer of the driver takes as long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A driver with a home of its own, in which the local authorities are trusted, as a person would make the browser
/// trust them. Its browsers end with it.
pub(crate) struct Driver {
    client: Client,
    address: String,
    home: TempDir,
    _process: Child,
    _said: Lines<BufReader<ChildStdout>>,
    _permit: SemaphorePermit<'static>,
}

impl Driver {
    /// Starts one whose browsers trust these authorities.
    pub(crate) async fn start(authorities: &[PathBuf]) -> Result<Arc<Self>> {
        let permit = BROWSERS.acquire().await?;
        let home = tempfile::Builder::new().prefix("rightful-browser-").tempdir()?;
        trust(home.path(), authorities).await?;
        let (process, said, port) = listening(home.path()).await?;
        Ok(Arc::new(Self {
            client: client()?,
            address: format!("http://127.0.0.1:{port}"),
            home,
            _process: process,
            _said: said,
            _permit: permit,
        }))
    }

    /// Where the session's files are put that it downloads.
    pub(super) fn downloads(&self, session: &str) -> PathBuf {
        self.home.path().join(session)
    }

    /// A new browser without cookies: the name of its session.
    pub(super) async fn begin(&self) -> Result<String> {
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=en-GB",
            "--window-size=1280,900",
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "prefs": {"intl.accept_languages": "en-GB,en"}},
        }}});
        let begun = self.call(Method::POST, "/session", Some(capabilities)).await?;
        let session = begun["sessionId"].as_str().context("no session")?.to_owned();
        let to = json!({"behavior": "allow", "downloadPath": self.downloads(&session)});
        self.developer(&session, "Browser.setDownloadBehavior", to).await?;
        Ok(session)
    }

    /// A command of Chromium's own protocol, for what the standard lacks.
    pub(super) async fn developer(&self, session: &str, command: &str, parameters: Value) -> Result<Value> {
        let path = format!("/session/{session}/goog/cdp/execute");
        let body = json!({"cmd": command, "params": parameters});
        self.call(Method::POST, &path, Some(body)).await
    }

    /// A command of the standard.
    pub(super) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let mut request = self.client.request(method, format!("{}{path}", self.address));
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await?;
        let status = answer.status();
        let answer: Value = serde_json::from_slice(&answer.bytes().await?)?;
        let value = &answer["value"];
        ensure!(status.is_success(), "{}: {}", value["error"], value["message"]);
        Ok(value.clone())
    }
}

/// A driver that listens, and on which port. It takes one that is free for IPv4, ends where that is taken for IPv6, and is
/// then started again.
async fn listening(home: &Path) -> Result<(Child, Lines<BufReader<ChildStdout>>, String)> {
    let mut heard = String::new();
    for _ in 0..5 {
        let mut process = Command::new(PROGRAM)
            .args(["--port=0", "--log-level=SEVERE"])
            .env("HOME", home)
            .env("TMPDIR", home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver drives the browser: install chromium and chromium-driver")?;
        let mut said = BufReader::new(process.stdout.take().context("no output")?).lines();
        while let Some(line) = said.next_line().await? {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let port = port.trim_end_matches('.').to_owned();
                return Ok((process, said, port));
            }
            heard.push_str(&line);
        }
    }
    bail!("chromedriver does not listen: {heard}")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the guarded client calls no plain address of this machine; the driver has no other"
)]
fn client() -> Result<Client> {
    // An `Err` says that a provider is there already. Nothing here is encrypted, but the client wants one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().no_proxy().timeout(PATIENCE).build()?)
}

/// Puts the authorities' certificates into the store of certificates that browsers of this home read.
async fn trust(home: &Path, authorities: &[PathBuf]) -> Result<()> {
    let folder = home.join(".pki/nssdb");
    std::fs::create_dir_all(&folder)?;
    let store = format!("sql:{}", folder.display());
    certutil(&["-d", &store, "-N", "--empty-password"]).await?;
    for (number, authority) in authorities.iter().enumerate() {
        let (name, file) = (format!("authority {number}"), authority.display().to_string());
        certutil(&["-d", &store, "-A", "-t", "C,,", "-n", &name, "-i", &file]).await?;
    }
    Ok(())
}

async fn certutil(arguments: &[&str]) -> Result<()> {
    let Output { status, stderr, .. } = Command::new("certutil")
        .args(arguments)
        .output()
        .await
        .context("certutil tells the browser whom to trust: install libnss3-tools")?;
    ensure!(status.success(), "certutil: {}", String::from_utf8_lossy(&stderr));
    Ok(())
}
