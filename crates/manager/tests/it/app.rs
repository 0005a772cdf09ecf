//! A manager for one test: its own database, a virtual clock, a vendor in memory.

use std::sync::Arc;

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use mail::{Mailer, MailerSettings};
use manager::{By, Manager, ManagerParts, Role, Settings, app::NewOperator};
use oauth::Secret;
use serde_json::Value;
use store::{MasterKeySource, SharedCrashPoints, VirtualClock, scratch::ScratchDatabase};
use tower::ServiceExt as _;
use vault::{SharedEntropy, SystemEntropy};

use crate::{
    documented,
    vendor::{API, APP, CLIENT_ID, CLIENT_SECRET, FakeVendor},
};

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
    /// A fresh one, on 22 November 2026, with a mailbox.
    pub(crate) async fn start() -> Self {
        Self::with(Settings {
            mailbox: true,
            ..Settings::default()
        })
        .await
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
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = manager.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    };
    documented::check(&method, &path, &answer);
    answer
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
        mailer: mailer(&settings),
        settings,
        store,
        vault,
        transport: vendor.clone(),
        data: database.folder().join("blobs"),
    })
}

fn mailer(settings: &Settings) -> Mailer {
    let settings = MailerSettings {
        smtp_url: settings.smtp_url.clone().map(Secret::new),
        mail_from: settings.mail_from.clone(),
        mailbox: settings.mailbox,
        timeout: settings.smtp_timeout.duration(),
        give_up_after: settings.mail_give_up_after.duration(),
        retention: settings.mail_retention.duration(),
        ..MailerSettings::default()
    };
    Mailer::open(&settings).unwrap()
}

impl TestApp {
    /// A new API key for everything.
    pub(crate) async fn api_key(&self) -> String {
        self.api_key_for("all").await
    }

    /// A new API key with these scopes.
    pub(crate) async fn api_key_for(&self, scopes: &str) -> String {
        let made = self
            .manager
            .create_api_key("test", &scopes.parse().unwrap(), &By::command_line())
            .await;
        made.unwrap().api_key.reveal().clone()
    }

    /// Lets an operator in.
    pub(crate) async fn operator(&self, email: &str, role: Role) {
        let new = NewOperator {
            email: email.to_owned(),
            role,
            password: Secret::new("a long enough password".to_owned()),
        };
        self.manager.create_operator(new, &By::command_line()).await.unwrap();
    }

    /// Calls the API with a fresh key.
    pub(crate) async fn api(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let api_key = self.api_key().await;
        self.send(api_request(&api_key, method, path, body)).await
    }

    /// Sets a connection to the vendor up: its id and where to send the browser.
    pub(crate) async fn add_connection(&self, settings: Value) -> (String, String) {
        let answer = self
            .api(Method::POST, "/api/v1/connections", Some(new_connection(settings)))
            .await;
        let json = answer.expect(201).json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        (text("id"), text("authorize_url"))
    }

    /// The vendor sends the browser back with this query.
    pub(crate) async fn callback(&self, query: &str) -> Answer {
        let request = request(Method::GET, &format!("/oauth/callback?{query}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A connection that works; jobs that are due have run.
    pub(crate) async fn connect(&self) -> String {
        let (id, authorize_url) = self.add_connection(Value::Null).await;
        self.callback(&self.vendor.consent(&authorize_url)).await.expect(303);
        self.run_jobs().await;
        assert_eq!(self.connection(&id).await["state"], "connected");
        id
    }

    /// How a connection is.
    pub(crate) async fn connection(&self, id: &str) -> Value {
        let answer = self.api(Method::GET, &format!("/api/v1/connections/{id}"), None).await;
        answer.expect(200).json()
    }

    /// What was recorded about an object, oldest first.
    pub(crate) async fn events(&self, object: &str) -> Vec<String> {
        let mut read = self.manager.store().read().await.unwrap();
        let events = read.events(Some(object), 0, 1000).await.unwrap();
        events.into_iter().map(|event| event.action).collect()
    }
}

/// A call of the API.
pub(crate) fn api_request(api_key: &str, method: Method, path: &str, body: Option<Value>) -> Request<Body> {
    let request = request(method, path).header(header::AUTHORIZATION, format!("Bearer {api_key}"));
    match body {
        Some(body) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

/// What sets a connection to the vendor of these tests up, with `settings` beside its addresses.
#[expect(clippy::needless_pass_by_value, reason = "stories write their settings on the spot")]
pub(crate) fn new_connection(settings: Value) -> Value {
    let mut all = serde_json::json!({"app_url": APP, "api_url": API});
    if let (Some(all), Some(more)) = (all.as_object_mut(), settings.as_object()) {
        all.extend(more.clone());
    }
    serde_json::json!({
        "connector": "optimizely",
        "name": "Optimizely (test)",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "settings": all,
    })
}
