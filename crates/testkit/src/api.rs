//! The manager's API, as a program with a key sees it.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use oauth::Secret;
use rightful_http::client::SharedTransport;
use serde_json::Value;
use url::Url;

const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

/// A key, and the way to the manager.
pub struct Api {
    pub(crate) transport: SharedTransport,
    pub(crate) manager: Url,
    pub(crate) key: Secret,
}

impl Api {
    /// GET, any status.
    pub async fn get(&self, path: &str) -> Result<(StatusCode, Value)> {
        self.call(Method::GET, path, None).await
    }

    /// POST of JSON, any status.
    pub async fn post(&self, path: &str, body: Value) -> Result<(StatusCode, Value)> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// GET that must succeed.
    pub async fn read(&self, path: &str) -> Result<Value> {
        succeeded(path, self.get(path).await?)
    }

    /// POST that must succeed.
    pub async fn change(&self, path: &str, body: Value) -> Result<Value> {
        succeeded(path, self.post(path, body).await?)
    }

    /// The bytes of an answer that must succeed.
    pub async fn bytes(&self, path: &str) -> Result<Bytes> {
        let (status, bytes) = self.send(Method::GET, path, None).await?;
        if !status.is_success() {
            bail!("{path}: {status}");
        }
        Ok(bytes)
    }

    /// Waits, hearing of every change, until the request is in `state`; fails once it is closed in another.
    pub async fn until(&self, request: &str, state: &str) -> Result<Value> {
        let path = format!("/api/v1/requests/{request}");
        let mut seen = self.read(&path).await?;
        loop {
            let now = seen["state"].as_str().unwrap_or_default();
            if now == state {
                return Ok(seen);
            }
            if now == "closed" {
                bail!("the request is closed: {}", seen["outcome"]);
            }
            let version = seen["version"].as_i64().unwrap_or_default();
            let next = self.read(&format!("{path}?wait=20s&version={version}")).await?;
            if next["version"] == seen["version"] {
                bail!("the request stays {now}: {}", next["tasks"]);
            }
            seen = next;
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<(StatusCode, Value)> {
        let (status, bytes) = self.send(method, path, body).await?;
        if bytes.is_empty() {
            return Ok((status, Value::Null));
        }
        let value = serde_json::from_slice(&bytes).with_context(|| format!("{path}: {status}, and no JSON"))?;
        Ok((status, value))
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<(StatusCode, Bytes)> {
        let request = Request::builder()
            .method(method)
            .uri(self.manager.join(path)?.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key.reveal()))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.map(|body| body.to_string()).unwrap_or_default()))?;
        let answer = self.transport.send(request).await?;
        Ok((answer.status(), answer.into_body().read(LONGEST_ANSWER).await?))
    }
}

fn succeeded(path: &str, (status, value): (StatusCode, Value)) -> Result<Value> {
    if !status.is_success() {
        bail!("{path}: {status} {value}");
    }
    Ok(value)
}
