//! A provider on a scratch database, with a clock that moves when it is told to.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{body::Body, extract::ConnectInfo, response::Response};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use oauth::{ClientType, Secret};
use provider::{AccountId, Actor, Exports, MIGRATIONS, NewApplication, NewUser, Provider, Registered, Role, Settings};
use rightful_http::serve::{Answers, Limits};
use serde_json::Value;
use store::{MasterKeySource, VirtualClock, scratch::ScratchDatabase};
use tower::ServiceExt as _;
use vault::SeededEntropy;

use crate::browser::Browser;

/// Every user's password.
pub(crate) const PASSWORD: &str = "seven ways to the sea";
/// Where a confidential application of the tests wants its answers.
pub(crate) const CALLBACK: &str = "https://client.test/cb";
/// The provider's own address.
pub(crate) const ISSUER: &str = "https://vendor.test";

/// The vendor, running in memory.
pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) clock: Arc<VirtualClock>,
    answers: Answers,
    pub(crate) database: Arc<ScratchDatabase>,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// A registered application and its secret.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            public_url: ISSUER.parse().unwrap(),
            brand_name: "Vendor & Sons".to_owned(),
            ..Settings::default()
        };
        change(&mut settings);
        let database = Arc::new(ScratchDatabase::new().unwrap());
        let clock = VirtualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
        let provider = open(&database, &clock, settings).await;
        Self {
            answers: provider.answers(),
            provider,
            clock,
            database,
        }
    }

    /// Another replica over the same database, with its own caches.
    pub(crate) async fn replica(&self) -> Self {
        let provider = open(&self.database, &self.clock, self.provider.settings().clone()).await;
        Self {
            answers: provider.answers(),
            provider,
            clock: Arc::clone(&self.clock),
            database: Arc::clone(&self.database),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        use store::Clock as _;
        self.clock.now()
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    pub(crate) async fn account(&self, name: &str) -> AccountId {
        self.provider.create_account(name).await.unwrap()
    }

    pub(crate) async fn user(&self, account: AccountId, email: &str, role: Role) {
        let new = NewUser {
            account,
            email: secret(email),
            role,
            password: secret(PASSWORD),
            first_name: "Ada".to_owned(),
            last_name: "Lovelace".to_owned(),
        };
        self.provider.create_user(new).await.unwrap();
    }

    /// An account with `ada@example.test` as its administrator.
    pub(crate) async fn acme(&self) -> AccountId {
        let account = self.account("Acme").await;
        self.user(account, "ada@example.test", Role::Administrator).await;
        account
    }

    pub(crate) async fn app(&self, account: AccountId, client_type: ClientType) -> App {
        let new = NewApplication {
            name: "Privacy Manager".to_owned(),
            redirect_uris: vec![CALLBACK.to_owned()],
            client_type,
            grants: None,
            pkce_required: false,
        };
        self.register(account, &new).await
    }

    pub(crate) async fn register(&self, account: AccountId, new: &NewApplication) -> App {
        let registered: Registered = self
            .provider
            .create_application(account, new, Actor::COMMAND_LINE)
            .await
            .unwrap();
        App {
            id: registered.client_id.to_string(),
            secret: registered.client_secret.map(Secret::into_revealed),
        }
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A browser in which `email` has logged in.
    pub(crate) async fn logged_in(&self, email: &str) -> Browser<'_> {
        let mut browser = self.browser();
        browser.log_in(email, PASSWORD).await;
        browser
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let nobody = SocketAddr::from(([127, 0, 0, 1], 443));
        let peer = request.extensions().get().map_or(nobody, |ConnectInfo(peer)| *peer);
        let answering = self.answers.clone().answer(request, peer, Limits::default().body);
        let Ok(response) = answering.await;
        Answer::read(response).await
    }

    /// The same without the express way.
    pub(crate) async fn send_through_the_router(&self, request: Request<Body>) -> Answer {
        Answer::read(self.provider.router().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A form without a browser, as applications send it.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(path, fields)).await
    }

    /// A form from some address.
    pub(crate) async fn post_form_from(&self, address: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request = form(path, fields);
        come_from(&mut request, address.parse().unwrap());
        self.send(request).await
    }

    /// An API call with a bearer token.
    pub(crate) async fn api(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Exchanges a code as the confidential application `app`.
    pub(crate) async fn exchange(&self, app: &App, code: &str) -> Answer {
        self.exchange_with(app, code, &[]).await
    }

    /// Exchanges a code with further fields.
    pub(crate) async fn exchange_with(&self, app: &App, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("client_id", app.id.as_str()),
        ];
        fields.extend(app.secret.as_deref().map(|secret| ("client_secret", secret)));
        fields.extend_from_slice(more);
        self.post_form("/oauth2/token", &fields).await
    }

    pub(crate) async fn refresh(&self, app: &App, token: &str) -> Answer {
        let mut fields = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", app.id.as_str()),
        ];
        fields.extend(app.secret.as_deref().map(|secret| ("client_secret", secret)));
        self.post_form("/oauth2/token", &fields).await
    }

    /// The whole dance: `email` authorizes `app`, which exchanges the code.
    pub(crate) async fn connect(&self, email: &str, app: &App) -> Tokens {
        let mut browser = self.logged_in(email).await;
        let code = browser.authorize(app).await;
        self.exchange(app, &code).await.tokens()
    }

    /// What waits to be done, by kind.
    pub(crate) async fn jobs(&self) -> Vec<String> {
        let mut read = self.provider.store().read().await.unwrap();
        let sql =
            "SELECT kind FROM job WHERE kind NOT IN ('tidy', 'mail.shred', 'subject_access.deadline') ORDER BY kind";
        let rows = read.fetch_all(sql, Vec::new()).await.unwrap();
        rows.iter().map(|row| row.get("kind").unwrap()).collect()
    }

    /// The actions in the audit log, oldest first.
    pub(crate) async fn audited(&self) -> Vec<String> {
        let mut read = self.provider.store().read().await.unwrap();
        let events = read.events(None, 0, 1000).await.unwrap();
        events.into_iter().map(|event| event.action).collect()
    }
}

async fn open(database: &ScratchDatabase, clock: &Arc<VirtualClock>, settings: Settings) -> Provider {
    let entropy = Arc::new(SeededEntropy::new(fresh_seed()));
    let clock: store::SharedClock = Arc::<VirtualClock>::clone(clock);
    let store = database.open(MIGRATIONS, clock, entropy, None).await.unwrap();
    let key = database.folder().join("master.key");
    let vault = store.unlock_vault(MasterKeySource::File(&key)).await.unwrap();
    let exports = Exports::open(&settings, database.folder(), &store, &vault).unwrap();
    Provider::open(settings, store, vault, exports).unwrap()
}

/// Replicas must not draw the same ids.
fn fresh_seed() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

pub(crate) fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(oauth::encode_form(fields.iter().copied())))
        .unwrap()
}

pub(crate) fn come_from(request: &mut Request<Body>, address: IpAddr) {
    let peer = std::net::SocketAddr::new(address, 40_000);
    request.extensions_mut().insert(ConnectInfo(peer));
}

/// What the token endpoint gave.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The redirect's target.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// A parameter of the redirect's query or fragment.
    pub(crate) fn answered(&self, name: &str) -> Option<String> {
        parameter(self.location(), name)
    }

    /// Status and `error` of an OAuth refusal.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let error = self.json()["error"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), error)
    }

    pub(crate) fn tokens(&self) -> Tokens {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        let json = self.json();
        Tokens {
            access: json["access_token"].as_str().unwrap().to_owned(),
            refresh: json["refresh_token"].as_str().map(str::to_owned),
        }
    }
}

impl Tokens {
    pub(crate) fn refresh(&self) -> &str {
        self.refresh.as_deref().unwrap()
    }
}

/// A parameter of a URL's query or fragment.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, encoded) = url.split_once(['?', '#'])?;
    let pairs = url::form_urlencoded::parse(encoded.as_bytes());
    pairs
        .into_iter()
        .find(|(own, _)| own == name)
        .map(|(_, value)| value.into_owned())
}
