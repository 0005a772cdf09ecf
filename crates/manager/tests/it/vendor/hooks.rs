//! A receiver of webhooks.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use rightful_http::client::Body;
use serde_json::Value;

/// Where it is told.
pub(crate) const HOOK: &str = "https://hooks.acme.test/rightful?key=marker-hook-key";

/// What it was told, and how it answers.
#[derive(Default)]
pub(crate) struct Hooks {
    /// Every call that was answered, oldest first.
    pub(crate) told: Vec<Told>,
    /// The status of its answers; none: 204.
    pub(crate) status: Option<u16>,
}

/// One call.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What it tells.
    pub(crate) fn event(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }
}

impl Hooks {
    pub(super) fn take(&mut self, request: &Request<Bytes>) -> Response<Body> {
        self.told.push(Told {
            headers: request.headers().clone(),
            body: String::from_utf8(request.body().to_vec()).unwrap(),
        });
        let status = self.status.unwrap_or(204);
        Response::builder()
            .status(status)
            .body(Body::full("marker-answer-of-the-receiver"))
            .unwrap()
    }
}
