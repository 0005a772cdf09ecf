//! What programs elsewhere are told, and what becomes of it when they do not listen.

mod crashes;
mod failing;
mod making;
mod over_tls;
mod portal;
mod telling;

use http::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    vendor::{HOOK, Told},
};

impl TestApp {
    /// A webhook that is told these events; with its secret.
    pub(crate) async fn webhook(&self, events: &[&str]) -> Value {
        let new = json!({"url": HOOK, "description": "the CRM", "events": events});
        self.post("/api/v1/webhooks", new).await.expect(201).json()
    }

    /// What the receiver was told, oldest first.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.vendor.state().hooks.told.clone()
    }

    /// The types of what it was told.
    pub(crate) fn told_events(&self) -> Vec<String> {
        self.told().iter().map(Told::event).collect()
    }

    /// The deliveries of a webhook, the newest first.
    pub(crate) async fn deliveries(&self, webhook: &Value) -> Vec<Value> {
        let path = format!("{}/deliveries", path(webhook));
        let json = self.get(&path).await.expect(200).json();
        json["deliveries"].as_array().unwrap().clone()
    }

    /// The webhook as it is now.
    pub(crate) async fn webhook_now(&self, webhook: &Value) -> Value {
        self.get(&path(webhook)).await.expect(200).json()
    }

    /// Sends it a test event and lets it go out.
    pub(crate) async fn try_out(&self, webhook: &Value) -> Value {
        let test = format!("{}/test", path(webhook));
        let delivery = self.api(Method::POST, &test, None).await.expect(202).json();
        self.run_jobs().await;
        delivery
    }
}

pub(crate) fn path(webhook: &Value) -> String {
    format!("/api/v1/webhooks/{}", webhook["id"].as_str().unwrap())
}
