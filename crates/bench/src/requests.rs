//! Requests end to end. Access: taken in by API, submitted, polled, fetched from S3, read, approved. Deletion: taken in,
//! approved, submitted, polled until the vendor has deleted.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Method, Request, header};
use jiff::Timestamp;
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

/// How many callers hand requests in.
const CALLERS: usize = 32;

/// The manager's API with a key.
#[derive(Clone)]
struct Api {
    transport: SharedTransport,
    base: Url,
    key: String,
}

/// Carries out `count` access requests and as many deletions, and reports them.
pub(crate) async fn measure(vendor: &Vendor, count: usize, report: &mut Report) -> Result<()> {
    vendor.import_subjects(count).await?;
    let provider = vendor.serve_tls().await?;
    let manager = vendor.serve_manager().await?;
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
    for right in ["access", "deletion"] {
        let services = [("manager", &manager), ("provider", &provider)];
        let used = services.map(|(_, server)| server.processor_time().unwrap_or_default());
        let (elapsed, ids) = carry_out(&api, right, count).await?;
        let used = services
            .map(|(_, server)| server.processor_time().unwrap_or_default())
            .into_iter()
            .zip(used)
            .map(|(after, before)| after.saturating_sub(before))
            .collect::<Vec<_>>();
        let times = checked(&api, right, ids).await?;
        let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
        let per_second = count as f64 / elapsed.as_secs_f64();
        let servers = services.map(|(_, server)| server);
        let mut shares = Vec::new();
        for ((name, server), used) in services.iter().zip(used) {
            shares.push((
                name,
                used / u32::try_from(count)?,
                server.peak_memory().unwrap_or_default(),
            ));
        }
        let both = shares.iter().map(|(_, each, _)| *each).sum();
        report.work(
            &format!("{right} requests, end to end"),
            per_second,
            both,
            p99,
            &servers,
        );
        for (name, each, memory) in shares {
            let value = format!("{:.1} us", each.as_secs_f64() * 1e6);
            report.note(&format!("processor time of the {name}"), &value);
            report.note(&format!("peak memory of the {name}"), &format!("{memory:.0} MiB"));
        }
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

/// Hands in all requests and waits until all are done; how long that took, and their ids.
#[expect(clippy::disallowed_methods, reason = "a bench lives by the machine's clock")]
async fn carry_out(api: &Api, right: &'static str, count: usize) -> Result<(Duration, Vec<String>)> {
    let waiting: Arc<Mutex<VecDeque<usize>>> = Arc::new(Mutex::new((0..count).collect()));
    let (mut callers, begun) = (JoinSet::new(), Instant::now());
    for _ in 0..CALLERS {
        let (api, waiting) = (api.clone(), Arc::clone(&waiting));
        callers.spawn(async move {
            let mut ids = Vec::new();
            while let Some(n) = waiting.lock().ok().and_then(|mut waiting| waiting.pop_front()) {
                ids.push(hand_in(&api, right, n).await?);
            }
            anyhow::Ok(ids)
        });
    }
    let mut ids = Vec::new();
    while let Some(caller) = callers.join_next().await {
        ids.extend(caller??);
    }
    let open = "/api/v1/requests?limit=1&state=triage,collecting,pending_review,grace,deleting,verifying_erasure";
    while api.call(Method::GET, open, Value::Null).await?["requests"] != json!([]) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok((begun.elapsed(), ids))
}

/// How long each request took, sorted; each was carried out.
async fn checked(api: &Api, right: &str, ids: Vec<String>) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for id in ids {
        times.push(took(api, right, &id).await?);
    }
    times.sort_unstable();
    Ok(times)
}

async fn hand_in(api: &Api, right: &str, n: usize) -> Result<String> {
    let body = json!({
        "type": right, "identities": { "email": subject(n) }, "start": true, "auto_approve": true,
        "options": { "access_before_delete": false, "verify_erasure": false, "grace": "0s" },
    });
    let request = api.call(Method::POST, "/api/v1/requests", body).await?;
    Ok(request["id"].as_str().context("no request id")?.to_owned())
}

/// Whether the request was carried out; how long it took.
async fn took(api: &Api, right: &str, id: &str) -> Result<Duration> {
    let request = api
        .call(Method::GET, &format!("/api/v1/requests/{id}"), Value::Null)
        .await?;
    let task = &request["tasks"][0];
    ensure!(task["status"] == "complete", "a task ended {}", task["status"]);
    let objects = task["found"]["objects"].as_i64();
    ensure!(
        right == "deletion" || objects == Some(2),
        "a request brought {objects:?} objects instead of 2"
    );
    let at = |of: &Value, field: &str| of[field].as_str().unwrap_or_default().parse::<Timestamp>();
    let took = at(&request, "since")?.duration_since(at(&request, "created_at")?);
    Ok(Duration::try_from(took).unwrap_or_default())
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
