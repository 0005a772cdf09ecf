//! Requests, from their making to their end.

mod access;
mod approvers;
mod audit;
mod crashes;
mod deletion;
mod faults;
mod importing;
mod making;
mod policy;
mod review;
mod sealed;
mod staff;

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp};

/// A marker that must be found nowhere but where the subject's data belongs.
pub(crate) const ADA: &str = "marker-ada@example.com";

impl TestApp {
    /// A connected vendor with visitor data alone, that holds two records about Ada.
    pub(crate) async fn with_ada() -> Self {
        Self::with_ada_and(json!({"data_types": ["visitor"]})).await
    }

    /// The same with these settings of the connection.
    pub(crate) async fn with_ada_and(settings: Value) -> Self {
        let app = Self::start().await;
        app.connect_with(settings).await;
        app.hold_ada();
        app
    }

    /// The vendor holds something about Ada, and about somebody else.
    pub(crate) fn hold_ada(&self) {
        let mut vendor = self.vendor.state();
        let ada = json!({"email": ADA, "name": "Ada", "tags": ["a", "b"], "card": "=1+1"});
        vendor.holds("visitor", ADA, "profile", ada);
        vendor.holds("visitor", ADA, "events", json!({"event": "click", "at": 1}));
        vendor.holds(
            "visitor",
            ADA,
            "events",
            json!({"event": "buy", "at": 2, "ip": "192.0.2.1"}),
        );
        vendor.holds("visitor", "bob@example.com", "profile", json!({"email": "marker-bob"}));
    }

    /// A connection that works, with these settings.
    pub(crate) async fn connect_with(&self, settings: Value) -> String {
        let (id, authorize_url) = self.add_connection(settings).await;
        self.callback(&self.vendor.consent(&authorize_url)).await.expect(303);
        self.run_jobs().await;
        id
    }

    /// Makes a request about Ada, who is not written to.
    pub(crate) async fn make(&self, more: Value) -> Value {
        let mut body = json!({"type": "access", "identities": {"email": ADA}, "start": true, "notify": false});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/api/v1/requests", body).await.expect(201).json()
    }

    /// Posts to the API.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.api(Method::POST, path, Some(body)).await
    }

    /// Gets from the API.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.api(Method::GET, path, None).await
    }

    /// Decides about a request.
    pub(crate) async fn decide(&self, request: &Value, decision: &str, body: Value) -> Answer {
        let id = request["id"].as_str().unwrap();
        self.post(&format!("/api/v1/requests/{id}/{decision}"), body).await
    }

    /// The request as it is now.
    pub(crate) async fn again(&self, request: &Value) -> Value {
        let id = request["id"].as_str().unwrap();
        self.get(&format!("/api/v1/requests/{id}")).await.expect(200).json()
    }

    /// Lets time pass until the request is in this state.
    pub(crate) async fn until(&self, request: &Value, state: &str) -> Value {
        for _ in 0..60 {
            self.run_jobs().await;
            let now = self.again(request).await;
            if now["state"] == state {
                return now;
            }
            self.clock.advance(SignedDuration::from_mins(1));
        }
        panic!("it never came to {state}: {:#}", self.again(request).await);
    }

    /// Lets time pass until the request's only task has this status.
    pub(crate) async fn until_task(&self, request: &Value, status: &str) -> Value {
        for _ in 0..200 {
            self.run_jobs().await;
            let now = self.again(request).await;
            if now["tasks"][0]["status"] == status {
                return now["tasks"][0].clone();
            }
            self.clock.advance(SignedDuration::from_mins(1));
        }
        panic!("it never was {status}: {:#}", self.again(request).await);
    }

    /// What the vendor was asked to do.
    pub(crate) fn posted(&self) -> Vec<Value> {
        self.vendor.state().jobs.posted.clone()
    }

    /// The actions that were recorded about a request.
    pub(crate) async fn history(&self, request: &Value) -> Vec<String> {
        self.events(&format!("request:{}", request["id"].as_str().unwrap()))
            .await
    }
}

/// The body of an answer as bytes; the text of an answer can't hold a ZIP.
pub(crate) async fn package(app: &TestApp, request: &Value) -> (http::StatusCode, Vec<u8>) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let path = format!("/api/v1/requests/{}/package", request["id"].as_str().unwrap());
    let api_key = app.api_key().await;
    let asked = crate::app::api_request(&api_key, Method::GET, &path, None);
    let response = app.manager.router().oneshot(asked).await.unwrap();
    let status = response.status();
    (
        status,
        response.into_body().collect().await.unwrap().to_bytes().to_vec(),
    )
}

/// The members of a ZIP, by name.
pub(crate) fn members(zip: &[u8]) -> std::collections::BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let mut members = std::collections::BTreeMap::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut member, &mut bytes).unwrap();
        members.insert(
            member.name().unwrap().into_owned(),
            String::from_utf8_lossy(&bytes).into_owned(),
        );
    }
    members
}
