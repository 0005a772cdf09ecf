//! Single sign-on with a real OpenID Connect provider (npm's `oidc-provider`, in `tests/oidc`), over HTTP.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{Request, StatusCode, header};
use manager::{By, Manager, ManagerParts, Role, Settings};
use oauth::Secret;
use rightful_http::client::{ClientSettings, GuardedClient, Timeouts, Transport as _};
use store::{Clock as _, SystemClock};

use crate::{
    app::{Answer, TestApp},
    portal::{Browser, PASSWORD},
};

const CALLBACK: &str = "https://localhost:8443/login/single-sign-on/callback";
const BEGIN: &str = "/login/single-sign-on";

/// The identity provider, while it runs.
struct IdentityProvider {
    issuer: String,
    process: Child,
    calls: GuardedClient,
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// One test fetches the package, the others wait for it.
static FETCHED: Mutex<()> = Mutex::new(());

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oidc")
}

fn fetch() {
    let _one = FETCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if folder().join("node_modules/oidc-provider").is_dir() {
        return;
    }
    let fetched = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder())
        .output()
        .unwrap_or_else(|error| panic!("npm fetches the identity provider: install nodejs and npm: {error}"));
    assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
}

impl IdentityProvider {
    fn start() -> Self {
        fetch();
        let mut process = Command::new("node")
            .args(["server.mjs", CALLBACK])
            .current_dir(folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("node runs the identity provider: install nodejs: {error}"));
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let issuer = lines.find(|line| line.starts_with("http://127.0.0.1:")).unwrap();
        Self {
            issuer,
            process,
            calls: client(),
        }
    }

    async fn call(&self, request: Request<Bytes>) -> http::Response<String> {
        let (parts, body) = self.calls.send(request).await.unwrap().into_parts();
        let text = String::from_utf8_lossy(&body.read(1 << 20).await.unwrap()).into_owned();
        http::Response::from_parts(parts, text)
    }

    /// From now on whoever comes is this person.
    async fn person(&self, sub: &str, email: &str, verified: bool) {
        let url = format!("{}/person?sub={sub}&email={email}&verified={verified}", self.issuer);
        let answer = self.call(Request::post(url).body(Bytes::new()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }

    /// Logs in at the provider as a browser does, until it sends the browser back to us: the path with its query.
    async fn log_in(&self, authorize: &str) -> String {
        let mut cookies: BTreeMap<String, String> = BTreeMap::new();
        let mut url = authorize.to_owned();
        for _ in 0..8 {
            let jar: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = Request::get(&url).header(header::COOKIE, jar.join("; "));
            let answer = self.call(request.body(Bytes::new()).unwrap()).await;
            for set in answer.headers().get_all(header::SET_COOKIE) {
                let (name, value) = set
                    .to_str()
                    .unwrap()
                    .split(';')
                    .next()
                    .unwrap()
                    .split_once('=')
                    .unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let location = answer.headers().get(header::LOCATION);
            let location = location.unwrap_or_else(|| panic!("{}: {}", answer.status(), answer.body()));
            let location = location.to_str().unwrap();
            if let Some(path) = location.strip_prefix("https://localhost:8443") {
                return path.to_owned();
            }
            url = if location.starts_with('/') {
                format!("{}{location}", self.issuer)
            } else {
                location.to_owned()
            };
        }
        panic!("the provider never sent the browser back: {url}")
    }
}

fn client() -> GuardedClient {
    GuardedClient::new(&ClientSettings {
        allow_private_hosts: vec!["127.0.0.1".to_owned()],
        allow_plain_http: true,
        extra_ca: Vec::new(),
        timeouts: Timeouts::default(),
        http_proxy: None,
    })
    .unwrap()
}

/// A manager that trusts the provider; people of `domains` need no invitation.
async fn manager_of(provider: &IdentityProvider, domains: &str) -> TestApp {
    let mut app = TestApp::with(Settings {
        oidc_issuer: Some(provider.issuer.clone()),
        oidc_client_id: Some("rightful".to_owned()),
        oidc_client_secret: Some(Secret::new("marker-oidc-secret-7f31".to_owned())),
        oidc_domains: domains.to_owned(),
        ..Settings::default()
    })
    .await;
    // The provider's clock is the machine's.
    app.clock.set(SystemClock.now());
    app.manager = Manager::open(ManagerParts {
        settings: app.manager.settings().clone(),
        store: app.manager.store().clone(),
        vault: app.manager.vault().clone(),
        transport: Arc::new(client()),
        mailer: app.manager.mailer().clone(),
        data: app.database.folder().join("blobs"),
    });
    app
}

async fn comes(browser: &mut Browser<'_>, provider: &IdentityProvider) -> Answer {
    let sent = browser.get(BEGIN).await.expect(303);
    let back = provider.log_in(sent.location()).await;
    browser.get(&back).await
}

#[tokio::test]
async fn an_invited_person_comes_in_through_the_identity_provider_and_is_known_by_subject_from_then_on() {
    // SEC-23
    let provider = IdentityProvider::start();
    let app = manager_of(&provider, "").await;
    let by = By::command_line();
    app.manager
        .invite("grace@example.com", Role::Approver, &by)
        .await
        .unwrap();
    let mut browser = Browser::of(&app);
    let page = browser.get("/login?next=%2Frequests").await.expect(200);
    assert!(page.text.contains("Log in with single sign-on"), "{}", page.text);
    provider.person("grace-1", "Grace@Example.com", true).await;
    let sent = browser.get("/login/single-sign-on?next=%2Frequests").await.expect(303);
    for asked in [
        "code_challenge_method=S256",
        "nonce=",
        "state=",
        "response_type=code",
        "scope=openid",
    ] {
        assert!(sent.location().contains(asked), "{asked}: {}", sent.location());
    }
    let back = provider.log_in(sent.location()).await;
    let inside = browser.get(&back).await.expect(303);
    assert_eq!(inside.location(), "/requests");
    browser.get("/requests").await.expect(200);
    // The same answer once more is worth nothing.
    browser.get(&back).await.expect(403);

    // Renamed at the provider she is still she; somebody else who gets her old address is not.
    provider.person("grace-1", "hopper@example.com", true).await;
    let mut again = Browser::of(&app);
    comes(&mut again, &provider).await.expect(303);
    assert!(
        again
            .get("/profile")
            .await
            .expect(200)
            .text
            .contains("grace@example.com")
    );
    provider.person("mallory-9", "grace@example.com", true).await;
    let mut mallory = Browser::of(&app);
    let refused = comes(&mut mallory, &provider).await.expect(403);
    assert!(
        refused.text.contains("There is no account for you here"),
        "{}",
        refused.text
    );

    // Whoever is deactivated stays out, whatever the provider says.
    let grace = app
        .manager
        .operator_by_email("grace@example.com")
        .await
        .unwrap()
        .unwrap();
    app.manager.deactivate(grace.id, &by).await.unwrap();
    provider.person("grace-1", "grace@example.com", true).await;
    again.get("/requests").await.expect(303);
    comes(&mut Browser::of(&app), &provider).await.expect(403);
}

#[tokio::test]
async fn without_an_invitation_only_the_companys_own_domains_come_in_and_only_with_a_verified_address() {
    let provider = IdentityProvider::start();
    let app = manager_of(&provider, "acme.example, acme.test").await;
    for (sub, email, verified, status) in [
        ("a", "ada@elsewhere.example", true, 403),
        ("b", "bob@notacme.example", true, 403),
        ("c", "carl@acme.example", false, 403),
        ("refuses", "x@acme.example", true, 403),
        ("d", "dora@ACME.example", true, 303),
    ] {
        provider.person(sub, email, verified).await;
        comes(&mut Browser::of(&app), &provider).await.expect(status);
    }
    let users = app.manager.operators().await.unwrap();
    let known: Vec<_> = users.iter().map(|user| (user.email.as_str(), user.role)).collect();
    assert_eq!(known, [("dora@acme.example", Role::Viewer)]);
}

#[tokio::test]
async fn an_answer_that_was_begun_elsewhere_is_not_accepted() {
    // CL-1: the state belongs to the browser that began.
    let provider = IdentityProvider::start();
    let app = manager_of(&provider, "acme.example").await;
    provider.person("d", "dora@acme.example", true).await;
    let mut attacker = Browser::of(&app);
    let sent = attacker.get(BEGIN).await.expect(303);
    let planted = provider.log_in(sent.location()).await;
    let mut victim = Browser::of(&app);
    victim.get("/login").await.expect(200);
    victim.get(&planted).await.expect(403);
    victim.get("/requests").await.expect(303);
    for wrong in [
        "",
        "?code=x",
        "?state=x",
        "?code=x&state=x",
        "?error=access_denied&state=x",
    ] {
        victim.get(&format!("{BEGIN}/callback{wrong}")).await.expect(403);
    }
    // Another issuer's answer, mixed up.
    let sent = victim.get(BEGIN).await.expect(303);
    let back = provider.log_in(sent.location()).await;
    let (before, _) = back.split_once("&iss=").unwrap();
    victim
        .get(&format!("{before}&iss=https%3A%2F%2Fevil.example"))
        .await
        .expect(403);
}

#[tokio::test]
async fn who_has_a_password_may_use_both_and_proves_themselves_again_at_the_provider() {
    // SEC-12
    let provider = IdentityProvider::start();
    let app = manager_of(&provider, "").await;
    let mut browser = Browser::of_role(&app, Role::SuperAdmin).await;
    provider.person("root-1", "super_admin@example.com", true).await;
    comes(&mut Browser::of(&app), &provider).await.expect(303);
    Browser::of(&app)
        .log_in("super_admin@example.com", PASSWORD)
        .await
        .expect(303);

    app.clock.advance(jiff::SignedDuration::from_mins(11));
    let asked = browser.get("/settings/users/invite").await.expect(303);
    let page = browser.get(asked.location()).await.expect(200);
    assert!(page.text.contains("Confirm with single sign-on"), "{}", page.text);
    app.clock.set(SystemClock.now());
    let sent = browser
        .get("/login/single-sign-on?next=%2Fsettings%2Fusers%2Finvite")
        .await
        .expect(303);
    assert!(sent.location().contains("prompt=login") && sent.location().contains("max_age=0"));
    let back = provider.log_in(sent.location()).await;
    assert_eq!(
        browser.get(&back).await.expect(303).location(),
        "/settings/users/invite"
    );
    browser.get("/settings/users/invite").await.expect(200);
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_named_and_passwords_still_work() {
    let issuer = {
        let provider = IdentityProvider::start();
        provider.issuer.clone()
    };
    let gone = IdentityProvider::start();
    let mut app = manager_of(&gone, "").await;
    let settings = Settings {
        oidc_issuer: Some(issuer),
        ..app.manager.settings().clone()
    };
    app.manager = Manager::open(ManagerParts {
        settings,
        store: app.manager.store().clone(),
        vault: app.manager.vault().clone(),
        transport: Arc::new(client()),
        mailer: app.manager.mailer().clone(),
        data: app.database.folder().join("blobs"),
    });
    let mut browser = Browser::of_role(&app, Role::Viewer).await;
    browser.cookie = None;
    let page = browser.get(BEGIN).await.expect(502);
    assert!(page.text.contains("can&#39;t be used just now"), "{}", page.text);
    browser.log_in("viewer@example.com", PASSWORD).await.expect(303);
}
