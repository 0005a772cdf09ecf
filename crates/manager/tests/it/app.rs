//! A manager for one test: its own database, a virtual clock, a vendor in memory.

use std::sync::Arc;

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use manager::{Manager, ManagerParts, Settings};
use serde_json::Value;
use store::{MasterKeySource, SharedCrashPoints, VirtualClock, scratch::ScratchDatabase};
use tower::ServiceExt as _;
use vault::{SharedEntropy, SystemEntropy};

use crate::vendor::FakeVendor;

/// A manager and what is around it.
pub(crate) struct TestApp {
    pub(crate) database: ScratchDatabase,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) vendor: Arc<FakeVendor>,
    pub(crate) manager: Manager,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).unwrap().to_str().unwrap()
    }

    /// The same, which must have this status.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

impl TestApp {
    /// A fresh one, on 22 November 2026.
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// A fresh one with these settings.
    pub(crate) async fn with(settings: Settings) -> Self {
        let database = ScratchDatabase::new().unwrap();
        let clock = VirtualClock::at("2026-11-22T08:00:00Z".parse().unwrap());
        let vendor = FakeVendor::new();
        let manager = open(&database, &clock, &vendor, settings, None).await;
        Self {
            database,
            clock,
            vendor,
            manager,
        }
    }

    /// Another process on the same database.
    pub(crate) async fn second_process(&self) -> Manager {
        self.process_that_crashes(None).await
    }

    /// Another process that dies where it is told to.
    pub(crate) async fn process_that_crashes(&self, crash_points: Option<SharedCrashPoints>) -> Manager {
        let settings = self.manager.settings().clone();
        open(&self.database, &self.clock, &self.vendor, settings, crash_points).await
    }

    /// The process is killed and started again.
    pub(crate) async fn restart(&mut self) {
        self.manager = self.second_process().await;
    }

    /// Carries out all that is due.
    pub(crate) async fn run_jobs(&self) -> usize {
        self.manager.runner().drain().await.unwrap()
    }

    /// Lets time pass and carries out all that has become due.
    pub(crate) async fn after(&self, wait: jiff::SignedDuration) -> usize {
        self.clock.advance(wait);
        self.run_jobs().await
    }

    /// Sends a request to the manager.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.manager, request).await
    }
}

/// Sends a request to a manager.
pub(crate) async fn send(manager: &Manager, request: Request<Body>) -> Answer {
    let response = manager.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// A request without a body.
pub(crate) fn request(method: Method, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(format!("https://localhost:8443{path}"))
        .header(header::HOST, "localhost:8443")
}

async fn open(
    database: &ScratchDatabase,
    clock: &Arc<VirtualClock>,
    vendor: &Arc<FakeVendor>,
    settings: Settings,
    crash_points: Option<SharedCrashPoints>,
) -> Manager {
    let entropy: SharedEntropy = Arc::new(SystemEntropy);
    let store = database
        .open(manager::MIGRATIONS, clock.clone(), entropy, crash_points)
        .await
        .unwrap();
    let key_file = database.folder().join("master.key");
    let vault = store.unlock_vault(MasterKeySource::File(&key_file)).await.unwrap();
    Manager::open(ManagerParts {
        settings,
        store,
        vault,
        transport: vendor.clone(),
        data: database.folder().join("blobs"),
    })
}
