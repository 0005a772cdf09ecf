//! The manager's API as a program with a key sees it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use oauth::Secret;
use rightful_http::client::SharedTransport;
use serde_json::Value;
use url::Url;

use crate::Failure;

/// How long nothing may happen before the demo gives up.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long the API holds a question about changes.
const HOLD: &str = "20s";
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

pub(super) struct Api<'a> {
    pub(super) transport: &'a SharedTransport,
    pub(super) manager: &'a Url,
    pub(super) key: &'a Secret,
}

impl Api<'_> {
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.json(Method::GET, path, None, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.json(Method::POST, path, Some(body), None).await
    }

    /// A POST that may be repeated: the second time the first answer comes again.
    pub(super) async fn post_once(&self, path: &str, body: Value, key: &str) -> anyhow::Result<Value> {
        self.json(Method::POST, path, Some(body), Some(key)).await
    }

    pub(super) async fn bytes(&self, path: &str) -> anyhow::Result<Bytes> {
        self.call(Method::GET, path, None, None).await
    }

    /// Waits until the request is in one of `states`; every change is heard of at once.
    pub(super) async fn until(&self, id: &str, states: &[&str]) -> anyhow::Result<Value> {
        let path = format!("/api/v1/requests/{id}");
        let mut request = self.get(&path).await?;
        let mut changed = Instant::now();
        loop {
            let state = text(&request, "state");
            if states.contains(&state) {
                return Ok(request);
            }
            if let Some(reason) = stuck(&request) {
                bail!("request {id} stays {state}: {reason}");
            }
            if changed.elapsed() > PATIENCE {
                return Err(
                    Failure::new(format!("request {id} stays {state} for more than a minute"))
                        .hint("RUST_LOG=info shows what the services do meanwhile")
                        .into(),
                );
            }
            let version = request.get("version").and_then(Value::as_i64).unwrap_or_default();
            let next = self.get(&format!("{path}?wait={HOLD}&version={version}")).await?;
            if next.get("version").and_then(Value::as_i64) != Some(version) {
                changed = Instant::now();
            }
            request = next;
        }
    }

    async fn json(&self, method: Method, path: &str, body: Option<Value>, key: Option<&str>) -> anyhow::Result<Value> {
        let answer = self.call(method, path, body, key).await?;
        serde_json::from_slice(&answer).with_context(|| format!("{path}: the answer is no JSON"))
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>, key: Option<&str>) -> anyhow::Result<Bytes> {
        let shown = path.split('?').next().unwrap_or_default();
        let what = format!("{method} {shown}");
        let mut request = Request::builder()
            .method(method)
            .uri(self.manager.join(path)?.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key.reveal()));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let answer = self.transport.send(request.body(Bytes::from(body))?).await?;
        let status = answer.status();
        let body = answer.into_body().read(LONGEST_ANSWER).await?;
        if !status.is_success() {
            bail!("{what}: {}", problem(status, &body));
        }
        Ok(body)
    }
}

/// A member that is text, or nothing.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A member that is a list, or an empty one.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Why the request will not move on by itself.
fn stuck(request: &Value) -> Option<String> {
    if text(request, "state") == "closed" {
        return Some(format!("it was closed as {}", text(request, "outcome")));
    }
    let tasks = list(request, "tasks");
    let failed = tasks.iter().find(|task| text(task, "status") == "failed")?;
    let cause = failed.get("cause").map_or("", |cause| text(cause, "message"));
    Some(format!("a task failed: {cause}"))
}

/// RFC 9457, in one sentence.
fn problem(status: StatusCode, body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let fields = list(&problem, "errors")
        .iter()
        .map(|error| format!("{} {}", text(error, "field"), text(error, "reason")));
    let parts: Vec<String> = [text(&problem, "title").to_owned(), text(&problem, "detail").to_owned()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .chain(fields)
        .collect();
    if parts.is_empty() {
        format!("status {status}")
    } else {
        parts.join(": ")
    }
}
