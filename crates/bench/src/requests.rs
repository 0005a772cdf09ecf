//! Access requests end to end: taken in by API, submitted, polled, fetched from S3, read, approved.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Method, Request, header};
use rightful::browser::Browser;
use rightful_http::client::SharedTransport;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;

use crate::{
    process::{Server, answer},
    report::Report,
    vendor::{Vendor, connect, subject},
};

/// How many callers hand requests in and wait for them.
const CALLERS: usize = 32;

/// The manager's API with a key.
#[derive(Clone)]
struct Api {
    transport: SharedTransport,
    base: Url,
    key: String,
}

/// Carries out `count` access requests and reports them.
pub(crate) async fn measure(vendor: &Vendor, count: usize, report: &mut Report) -> Result<()> {
    vendor.import_subjects(count).await?;
    let provider = vendor.serve_tls().await?;
    let mut command = vendor.command()?;
    command
        .args(["manager", "serve", "--listen", "127.0.0.1:0"])
        .env("RIGHTFUL_ALLOW_PRIVATE_HOSTS", "localhost")
        .env("RIGHTFUL_EXTRA_CA", vendor.ca());
    let manager = Server::start(command).await?;
    let key = answer(
        vendor.command()?,
        &["manager", "api-key", "create", "--name", "bench", "--scope", "all"],
        "",
    )
    .await?;
    let api = Api {
        transport: vendor.transport()?,
        base: Url::parse(&format!("https://localhost:{}", manager.address.port()))?,
        key: key["api_key"].as_str().context("no API key")?.to_owned(),
    };
    connect_vendor(vendor, &provider, &api).await?;

    let used = |server: &Server| server.processor_time().unwrap_or_default();
    let (before, begun) = (used(&manager) + used(&provider), Instant::now());
    let times = carry_out(&api, count).await?;
    let (elapsed, after) = (begun.elapsed(), used(&manager) + used(&provider));
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    report.work(
        "access requests, end to end",
        count,
        elapsed,
        p99,
        &[&manager, &provider],
    );
    let each = after.saturating_sub(before).as_secs_f64() * 1000.0 / count as f64;
    report.note("processor time each, both services", &format!("{each:.1} ms"));
    for (name, server) in [("manager", &manager), ("provider", &provider)] {
        let memory = server.peak_memory().unwrap_or_default();
        report.note(&format!("peak memory of the {name}"), &format!("{memory:.0} MiB"));
    }
    Ok(())
}

async fn connect_vendor(vendor: &Vendor, provider: &Server, api: &Api) -> Result<()> {
    let callback = api.base.join("/oauth/callback")?;
    let application = vendor.application(callback.as_str()).await?;
    let vendor_url = format!("https://localhost:{}", provider.address.port());
    let connection = api
        .call(
            Method::POST,
            "/api/v1/connections",
            json!({
                "connector": "optimizely", "name": "Bench",
                "client_id": application.client_id, "client_secret": application.client_secret,
                "settings": {
                    "app_url": vendor_url, "api_url": vendor_url, "data_types": ["visitor"],
                    "poll_initial": "20ms", "poll_max": "1s", "rate_limit": "100000/s",
                },
            }),
        )
        .await?;
    let authorize = Url::parse(connection["authorize_url"].as_str().context("no authorize_url")?)?;
    connect(&Browser::new(Arc::clone(&api.transport)), &authorize).await?;
    let id = connection["id"].as_str().context("no connection id")?;
    let connection = api
        .call(Method::GET, &format!("/api/v1/connections/{id}"), Value::Null)
        .await?;
    ensure!(
        connection["state"] == "connected",
        "the connection is {}",
        connection["state"]
    );
    Ok(())
}

/// Hands in all requests and waits until each is answered; how long each took, sorted.
async fn carry_out(api: &Api, count: usize) -> Result<Vec<Duration>> {
    let waiting: Arc<Mutex<VecDeque<usize>>> = Arc::new(Mutex::new((0..count).collect()));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (api, waiting) = (api.clone(), Arc::clone(&waiting));
        callers.spawn(async move {
            let mut times = Vec::new();
            while let Some(n) = waiting.lock().ok().and_then(|mut waiting| waiting.pop_front()) {
                let begun = Instant::now();
                one(&api, n).await?;
                times.push(begun.elapsed());
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(caller) = callers.join_next().await {
        times.extend(caller??);
    }
    times.sort_unstable();
    Ok(times)
}

async fn one(api: &Api, n: usize) -> Result<()> {
    let body = json!({ "type": "access", "identities": { "email": subject(n) }, "start": true, "auto_approve": true });
    let mut request = api.call(Method::POST, "/api/v1/requests", body).await?;
    let id = request["id"].as_str().context("no request id")?.to_owned();
    loop {
        match request["state"].as_str() {
            Some("delivering" | "closed") => break,
            Some("collecting" | "pending_review" | "triage") => {}
            state => anyhow::bail!("a request is {state:?}"),
        }
        let version = &request["version"];
        let path = format!("/api/v1/requests/{id}?wait=30s&version={version}");
        request = api.call(Method::GET, &path, Value::Null).await?;
    }
    let objects = request["tasks"][0]["found"]["objects"].as_i64();
    ensure!(objects == Some(2), "a request brought {objects:?} objects instead of 2");
    Ok(())
}

impl Api {
    async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let body = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        let request = Request::builder()
            .method(method)
            .uri(self.base.join(path)?.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)?;
        let answer = self.transport.send(request).await?;
        let status = answer.status();
        let body = answer.into_body().read(1 << 20).await?;
        ensure!(
            status.is_success(),
            "{path} answered {status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body)?)
    }
}
