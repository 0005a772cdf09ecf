//! Programs that hand requests in and do not give up while the manager comes and goes.

use std::{
    collections::{BTreeSet, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use jiff::SignedDuration;
use rightful::browser::Browser;
use rightful_http::client::{ClientSettings, ExtraCa, GuardedClient, SharedTransport};
use serde_json::{Value, json};
use store::{Clock as _, SystemClock};
use tokio::{sync::watch, task::JoinSet};
use url::Url;

use super::vendor::{EMAIL, PASSWORD, Vendor, subject};
use crate::process::{Process, Program};

/// How many hand requests in and wait for them at once.
const CALLERS: usize = 24;

/// How long somebody who found nobody there waits before the next try.
const PAUSE: SignedDuration = SignedDuration::from_millis(50);

const LONGEST_ANSWER: usize = 16 << 20;

#[derive(Clone)]
pub(super) struct Callers {
    transport: SharedTransport,
    manager: Url,
    key: String,
}

/// A way to servers with these local authorities.
pub(super) fn transport(authorities: impl IntoIterator<Item = PathBuf>) -> Result<SharedTransport> {
    Ok(Arc::new(GuardedClient::new(&ClientSettings {
        allow_private_hosts: vec!["localhost".to_owned()],
        extra_ca: authorities.into_iter().map(ExtraCa::File).collect(),
        ..ClientSettings::default()
    })?))
}

/// Reads JSON that must be there.
pub(super) async fn get(transport: &SharedTransport, url: &Url, token: &str) -> Result<Value> {
    let request = Request::get(url.as_str()).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = transport.send(request.body(Bytes::new())?).await?;
    let status = answer.status();
    ensure!(status.is_success(), "{}: {status}", url.path());
    Ok(serde_json::from_slice(&answer.into_body().read(LONGEST_ANSWER).await?)?)
}

impl Callers {
    pub(super) fn new(company: &Program, vendor: &Vendor, manager: &Process, key: String) -> Result<Self> {
        Ok(Self {
            transport: transport([company.authority(), vendor.authority()])?,
            manager: manager.url.clone(),
            key,
        })
    }

    /// Connects the vendor by the real flow.
    pub(super) async fn connect(&self, vendor: &Vendor) -> Result<()> {
        let (client_id, client_secret) = vendor.register(self.manager.join("/oauth/callback")?.as_str()).await?;
        let url = vendor.url().as_str().trim_end_matches('/');
        let new = json!({
            "connector": "optimizely", "name": "Acme", "client_id": client_id, "client_secret": client_secret,
            "settings": {
                "app_url": url, "api_url": url, "data_types": ["visitor"], "identifier_types": ["email"],
                "poll_initial": "100ms", "poll_max": "1s", "rate_limit": "10000/s", "rate_burst": 1000,
            },
        });
        let (status, added) = self.call(Method::POST, "/api/v1/connections", "", &new).await?;
        let authorize = added["authorize_url"].as_str();
        let authorize = authorize.with_context(|| format!("{status} {added}"))?.parse()?;
        let browser = Browser::new(Arc::clone(&self.transport));
        let page = browser.open(&authorize).await?;
        let form = page.form_with("password")?.set("email", EMAIL)?;
        let page = browser.submit(&page, &form.set("password", PASSWORD)?).await?;
        let consent = page.form_with("decision")?.set("decision", "accept")?;
        browser.submit(&page, &consent).await?;
        let id = added["id"].as_str().context("no id")?;
        let path = format!("/api/v1/connections/{id}");
        let (_, connection) = self.call(Method::GET, &path, "", &Value::Null).await?;
        ensure!(connection["state"] == "connected", "the connection is {connection}");
        Ok(())
    }

    /// Hands all requests in, spread over all kills, and waits until each is answered; the vendor's jobs that the
    /// manager knows of.
    pub(super) async fn carry_out(
        &self,
        requests: usize,
        kills: usize,
        killed: watch::Receiver<usize>,
    ) -> Result<BTreeSet<String>> {
        let waiting: Arc<Mutex<VecDeque<usize>>> = Arc::new(Mutex::new((0..requests).collect()));
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (caller, waiting, mut killed) = (self.clone(), Arc::clone(&waiting), killed.clone());
            callers.spawn(async move {
                let mut jobs = Vec::new();
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(n) = next else { return anyhow::Ok(jobs) };
                    // The last kills must find work too.
                    let due = kills * n / requests;
                    killed.wait_for(|killed| *killed >= due).await?;
                    jobs.push(caller.one(n).await.with_context(|| format!("request {n}"))?);
                }
            });
        }
        drop(killed);
        let mut jobs = BTreeSet::new();
        while let Some(ended) = callers.join_next().await {
            for job in ended?? {
                ensure!(jobs.insert(job.clone()), "two requests have the job {job}");
            }
        }
        ensure!(
            jobs.len() == requests,
            "{} of {requests} requests have a job",
            jobs.len()
        );
        Ok(jobs)
    }

    /// One request, from its beginning to its end; the vendor's job for it.
    async fn one(&self, n: usize) -> Result<String> {
        let right = if n.is_multiple_of(3) { "deletion" } else { "access" };
        let new = json!({
            "type": right, "identities": {"email": subject(n)}, "start": true, "auto_approve": true,
        });
        let key = format!("kill-{n}");
        let mut request = self.stubbornly(Method::POST, "/api/v1/requests", &key, &new).await?;
        let id = request["id"].as_str().context("no id")?.to_owned();
        loop {
            match request["state"].as_str() {
                Some("delivering" | "closed") => break,
                Some("triage" | "collecting" | "pending_review" | "deleting" | "notifying") => {}
                state => bail!("it is {state:?}"),
            }
            let mut tasks = request["tasks"].as_array().into_iter().flatten();
            if let Some(task) = tasks.find(|task| task["status"] == "failed") {
                bail!("a task has failed: {}", task["cause"]);
            }
            let path = format!("/api/v1/requests/{id}?wait=20s&version={}", request["version"]);
            request = self.stubbornly(Method::GET, &path, "", &Value::Null).await?;
        }
        let [task] = request["tasks"].as_array().map(Vec::as_slice).unwrap_or_default() else {
            bail!("it has not one task: {}", request["tasks"]);
        };
        ensure!(task["status"] == "complete", "its task is {}", task["status"]);
        Ok(task["vendor_job_id"].as_str().context("no vendor_job_id")?.to_owned())
    }

    /// Calls until somebody answers.
    async fn stubbornly(&self, method: Method, path: &str, key: &str, body: &Value) -> Result<Value> {
        loop {
            match self.call(method.clone(), path, key, body).await {
                Ok((status, answer)) if status.is_success() => return Ok(answer),
                // Still being taken in, or too busy.
                Ok((StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS, _)) | Err(_) => {}
                Ok((status, _)) if status.is_server_error() => {}
                Ok((status, answer)) => bail!("{path}: {status} {answer}"),
            }
            let clock = SystemClock;
            clock.sleep_until(clock.now() + PAUSE).await;
        }
    }

    async fn call(&self, method: Method, path: &str, key: &str, body: &Value) -> Result<(StatusCode, Value)> {
        let mut request = Request::builder()
            .method(method)
            .uri(self.manager.join(path)?.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::CONTENT_TYPE, "application/json");
        if !key.is_empty() {
            request = request.header("Idempotency-Key", key);
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = self.transport.send(request.body(Bytes::from(body))?).await?;
        let status = answer.status();
        let body = answer.into_body().read(LONGEST_ANSWER).await?;
        Ok((status, serde_json::from_slice(&body)?))
    }
}
