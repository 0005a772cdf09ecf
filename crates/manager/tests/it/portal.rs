//! The portal's frame: logging in, the start page, the pages about connections.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Method, header};
use jiff::SignedDuration;
use manager::{By, Role, app::NewOperator};

use crate::{
    app::{Answer, TestApp, request},
    vendor::{API, APP, CLIENT_ID, CLIENT_SECRET},
};

pub(crate) const EMAIL: &str = "olga@example.com";
pub(crate) const PASSWORD: &str = "marker-password-91c2";

/// A browser: keeps its cookie, reads forms from pages and sends them.
pub(crate) struct Browser<'a> {
    pub(crate) app: &'a TestApp,
    /// The session's cookie.
    pub(crate) cookie: Option<String>,
    /// All others, by name.
    pub(crate) others: BTreeMap<String, String>,
    /// From where it calls.
    pub(crate) address: [u8; 4],
}

impl<'a> Browser<'a> {
    pub(crate) fn of(app: &'a TestApp) -> Self {
        Self {
            app,
            cookie: None,
            others: BTreeMap::new(),
            address: [192, 0, 2, 1],
        }
    }

    /// One in which somebody of this role is logged in.
    pub(crate) async fn of_role(app: &'a TestApp, role: Role) -> Self {
        let new = NewOperator {
            email: format!("{role}@example.com"),
            role,
            password: PASSWORD.to_owned().into(),
        };
        app.manager.create_operator(new, &By::command_line()).await.unwrap();
        let mut browser = Self::of(app);
        browser
            .log_in(&format!("{role}@example.com"), PASSWORD)
            .await
            .expect(303);
        browser
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// Fills the form of `page` that posts to `action` in, and sends it.
    pub(crate) async fn submit(&mut self, page: &Answer, action: &str, filled: &[(&str, &str)]) -> Answer {
        let form = form(&page.text, action);
        let mut sent: Vec<(String, String)> = hidden(form);
        sent.extend(
            filled
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(sent)
            .finish();
        self.send(Method::POST, action, Some(body)).await
    }

    pub(crate) async fn log_in(&mut self, email: &str, password: &str) -> Answer {
        let page = self.get("/login").await.expect(200);
        self.submit(&page, "/login", &[("email", email), ("password", password)])
            .await
    }

    async fn send(&mut self, method: Method, path: &str, form: Option<String>) -> Answer {
        let mut request = request(method, path).header(header::ACCEPT, "text/html");
        let cookies: Vec<&str> = self
            .cookie
            .iter()
            .chain(self.others.values())
            .map(String::as_str)
            .collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let peer = std::net::SocketAddr::from((self.address, 40_000));
        request = request.extension(axum::extract::ConnectInfo(peer));
        if form.is_some() {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ORIGIN, "https://localhost:8443");
        }
        let answer = self
            .app
            .send(request.body(Body::from(form.unwrap_or_default())).unwrap())
            .await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            assert!(
                set.contains("Secure") && set.contains("HttpOnly") && set.contains("SameSite=Lax"),
                "{set}"
            );
            let pair = set.split(';').next().unwrap().to_owned();
            let name = pair.split('=').next().unwrap().to_owned();
            if name == "__Host-rightful-manager" {
                self.cookie = Some(pair);
            } else if set.contains("Max-Age=0") {
                self.others.remove(&name);
            } else {
                self.others.insert(name, pair);
            }
        }
        answer
    }
}

fn form<'p>(page: &'p str, action: &str) -> &'p str {
    let wanted = format!("action=\"{action}\"");
    let forms = page.split("<form").skip(1);
    let mut found = forms.filter(|form| form.split('>').next().unwrap_or_default().contains(&wanted));
    let form = found
        .next()
        .unwrap_or_else(|| panic!("no form posts to {action}: {page}"));
    form.split("</form>").next().unwrap()
}

fn hidden(form: &str) -> Vec<(String, String)> {
    let inputs = form
        .split("<input")
        .skip(1)
        .map(|input| input.split('>').next().unwrap_or_default());
    let attribute = |input: &str, name: &str| {
        let (_, rest) = input.split_once(&format!("{name}=\""))?;
        Some(rest.split('"').next().unwrap_or_default().to_owned())
    };
    inputs
        .filter(|input| input.contains("type=\"hidden\""))
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}

async fn with_operator() -> TestApp {
    let app = TestApp::start().await;
    let new = NewOperator {
        email: " Olga@Example.com".to_owned(),
        role: Role::SuperAdmin,
        password: PASSWORD.to_owned().into(),
    };
    app.manager.create_operator(new, &By::command_line()).await.unwrap();
    app
}

#[tokio::test]
async fn nobody_can_log_in_before_somebody_was_made() {
    // SEC-5
    let app = TestApp::start().await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/").await.expect(303);
    assert_eq!(page.location(), "/login");
    let page = browser.get("/login").await.expect(200);
    assert!(page.text.contains("rightful manager user create"), "{}", page.text);
    for (email, password) in [("admin", "admin"), ("admin@example.com", "password"), ("", "")] {
        browser.log_in(email, password).await.expect(401);
    }
}

#[tokio::test]
async fn logging_in_begins_a_new_session_and_logging_out_ends_it() {
    // SEC-9, SEC-11, SEC-13
    let app = with_operator().await;
    let mut browser = Browser::of(&app);
    let asked = browser
        .get("/connections/0190b0a0-0000-7000-8000-000000000000")
        .await
        .expect(303);
    assert_eq!(
        asked.location(),
        "/login?next=%2Fconnections%2F0190b0a0-0000-7000-8000-000000000000"
    );
    let page = browser.get(asked.location()).await.expect(200);
    let planted = browser.cookie.clone();
    let filled = [("email", EMAIL), ("password", PASSWORD)];
    let back = browser.submit(&page, "/login", &filled).await.expect(303);
    assert_eq!(back.location(), "/connections/0190b0a0-0000-7000-8000-000000000000");
    assert_ne!(
        browser.cookie, planted,
        "a cookie from before logging in is worth nothing"
    );

    let home = browser.get("/").await.expect(200);
    assert!(home.text.contains("Connect a system"), "{}", home.text);
    assert!(home.text.contains(EMAIL));
    let session = browser.cookie.clone();
    browser.submit(&home, "/logout", &[]).await.expect(303);
    browser.cookie = session;
    browser.get("/").await.expect(303);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_at_its_term() {
    // SEC-10
    let app = with_operator().await;
    let mut browser = Browser::of(&app);
    browser.log_in(EMAIL, PASSWORD).await.expect(303);
    for _ in 0..14 {
        app.clock.advance(SignedDuration::from_mins(50));
        browser.get("/").await.expect(200);
    }
    app.clock.advance(SignedDuration::from_mins(50));
    browser.get("/").await.expect(303);

    browser.log_in(EMAIL, PASSWORD).await.expect(303);
    app.clock.advance(SignedDuration::from_mins(61));
    browser.get("/").await.expect(303);
}

#[tokio::test]
async fn guessing_passwords_is_slow_and_tells_nothing() {
    // SEC-4, SEC-7
    let app = with_operator().await;
    let mut browser = Browser::of(&app);
    let known = browser.log_in(EMAIL, "wrong").await.expect(401).text;
    let unknown = browser.log_in("nobody@example.com", "wrong").await.expect(401).text;
    assert!(known.contains("the e-mail address or the password is wrong") || known.contains("The e-mail address"));
    assert_eq!(
        unknown.contains("password is wrong"),
        known.contains("password is wrong")
    );
    for _ in 0..8 {
        browser.log_in(EMAIL, "wrong").await.expect(401);
    }
    let refused = browser.log_in(EMAIL, PASSWORD).await.expect(429);
    assert_eq!(refused.headers[header::RETRY_AFTER], "60");
    app.clock.advance(SignedDuration::from_secs(60));
    browser.log_in(EMAIL, PASSWORD).await.expect(303);
}

#[tokio::test]
async fn forms_from_elsewhere_are_not_accepted() {
    // SEC-15
    let app = with_operator().await;
    let mut browser = Browser::of(&app);
    browser.log_in(EMAIL, PASSWORD).await.expect(303);
    let page = browser.get("/connections/new/optimizely").await.expect(200);
    let token = hidden(form(&page.text, "/connections/new/optimizely")).remove(0).1;
    for (body, sent_from) in [
        ("name=x".to_owned(), "https://localhost:8443"),
        ("csrf=AAAA&name=x".to_owned(), "https://localhost:8443"),
        (format!("csrf={token}&name=x"), "https://evil.example"),
    ] {
        let request = request(Method::POST, "/connections/new/optimizely")
            .header(header::COOKIE, browser.cookie.clone().unwrap())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, sent_from);
        app.send(request.body(Body::from(body)).unwrap()).await.expect(403);
    }
    // A token for one form is none for another.
    let request = request(Method::POST, "/logout")
        .header(header::COOKIE, browser.cookie.clone().unwrap())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(format!("csrf={token}"))).unwrap())
        .await
        .expect(403);
}

#[tokio::test]
async fn an_administrator_connects_a_vendor_from_the_portal() {
    // CL-1, CL-31
    let app = with_operator().await;
    let mut browser = Browser::of(&app);
    browser.log_in(EMAIL, PASSWORD).await.expect(303);
    let page = browser.get("/connections/new/optimizely").await.expect(200);
    assert!(page.text.contains("https://localhost:8443/oauth/callback"));
    assert!(page.text.contains("Registered Apps"));
    let filled = |client_id: &'static str, api: &'static str| {
        [
            ("name", "Optimizely (EU)"),
            ("client_id", client_id),
            ("client_secret", CLIENT_SECRET),
            ("data_types", "visitor"),
            ("identifier_types", "email"),
            ("app_url", APP),
            ("api_url", api),
            ("rate_limit", "10/s"),
        ]
    };
    let wrong = browser
        .submit(&page, "/connections/new/optimizely", &filled("", API))
        .await
        .expect(422);
    assert!(
        wrong.text.contains("The client ID is missing.") && wrong.text.contains("Optimizely (EU)"),
        "{}",
        wrong.text
    );
    assert!(!wrong.text.contains(CLIENT_SECRET));
    let wrong = browser
        .submit(&page, "/connections/new/optimizely", &filled(CLIENT_ID, "http://x"))
        .await
        .expect(422);
    assert!(wrong.text.contains("https URL"), "{}", wrong.text);
    let made = browser
        .submit(&page, "/connections/new/optimizely", &filled(CLIENT_ID, API))
        .await
        .expect(303);
    let path = made.location().to_owned();

    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("One step is left") && page.text.contains("offline access"),
        "{}",
        page.text
    );
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("form-action 'self' https://app.vendor.test"),
        "{policy}"
    );
    let sent = browser
        .submit(&page, &format!("{path}/authorize"), &[])
        .await
        .expect(303);
    let query = app.vendor.consent(sent.location());

    // In another browser the answer is worth nothing, and it is used up.
    let stolen = app.callback(&query).await.expect(400);
    assert!(stolen.text.contains("another browser"), "{}", stolen.text);
    assert_eq!(app.vendor.count("POST"), 0);
    let page = browser.get(&path).await.expect(200);
    let sent = browser
        .submit(&page, &format!("{path}/authorize"), &[])
        .await
        .expect(303);
    let query = app.vendor.consent(sent.location());
    let back = browser.get(&format!("/oauth/callback?{query}")).await.expect(303);
    let result = browser.get(back.location()).await.expect(200);
    assert!(result.text.contains("Connected"), "{}", result.text);

    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("Account 10001 (10001)") && page.text.contains("marker-admin@example.com"));
    let checked = browser.submit(&page, &format!("{path}/check"), &[]).await.expect(303);
    assert_eq!(checked.location(), path);
    let list = browser.get("/connections").await.expect(200);
    assert!(
        list.text.contains("Optimizely (EU)") && list.text.contains("Connected"),
        "{}",
        list.text
    );

    let page = browser.get(&format!("{path}/edit")).await.expect(200);
    let changes = [
        ("name", "Optimizely"),
        ("client_id", CLIENT_ID),
        ("client_secret", ""),
        ("data_types", "visitor"),
        ("data_types", "user"),
        ("identifier_types", "email"),
        ("app_url", APP),
        ("api_url", API),
    ];
    browser
        .submit(&page, &format!("{path}/edit"), &changes)
        .await
        .expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("visitors, collaborators"), "{}", page.text);

    let ask = browser.get(&format!("{path}/remove")).await.expect(200);
    let removed = browser.submit(&ask, &format!("{path}/remove"), &[]).await.expect(200);
    assert!(removed.text.contains("One thing is left to do"), "{}", removed.text);
    browser.get(&path).await.expect(404);
}

#[tokio::test]
async fn every_kind_of_system_is_chosen_from_on_one_page() {
    let app = with_operator().await;
    let mut browser = Browser::of(&app);
    browser.log_in(EMAIL, PASSWORD).await.expect(303);
    let listed = app
        .api(Method::GET, "/api/v1/connectors", None)
        .await
        .expect(200)
        .json();
    let listed = listed["connectors"].as_array().unwrap().clone();
    let names: Vec<_> = listed.iter().map(|known| known["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["optimizely", "direct_contact"]);
    assert!(
        browser
            .get("/connections")
            .await
            .expect(200)
            .text
            .contains("href=\"/connections/new\"")
    );
    let page = browser.get("/connections/new").await.expect(200);
    for known in &listed {
        for word in ["title", "summary"] {
            let said = known[word].as_str().unwrap().replace('\'', "&#39;");
            assert!(page.text.contains(&said), "{said}: {}", page.text);
        }
        let url = known["set_up_url"].as_str().unwrap();
        let path = url.strip_prefix("https://localhost:8443").unwrap();
        assert!(page.text.contains(&format!("href=\"{path}\"")), "{}", page.text);
        let form = browser.get(path).await.expect(200);
        assert!(form.text.contains(&format!("action=\"{path}\"")), "{}", form.text);
    }
    assert!(page.text.contains("access requests and deletion requests"));
    browser.get("/connections/new/nobody").await.expect(404);
}

#[tokio::test]
async fn pages_that_say_no_carry_the_brand() {
    let settings = manager::Settings {
        brand: "Acme Privacy".to_owned(),
        ..manager::Settings::default()
    };
    let app = TestApp::with(settings).await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    for (path, status) in [
        ("/connections/new", 403),
        ("/connections/0190b0a0-0000-7000-8000-000000000000", 404),
        ("/connections/7", 404),
        ("/oauth/callback", 400),
    ] {
        let page = viewer.get(path).await.expect(status);
        assert!(
            page.text.contains("Acme Privacy") && !page.text.contains("Rightful"),
            "{path}"
        );
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    }
}

#[tokio::test]
async fn roles_limit_what_people_do() {
    // SEC-16
    let app = with_operator().await;
    let id = app.connect().await;
    let path = format!("/connections/{id}");
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    let page = viewer.get(&path).await.expect(200);
    assert!(
        !page.text.contains("/remove") && !page.text.contains("/authorize"),
        "{}",
        page.text
    );
    viewer.get("/connections/new").await.expect(403);
    viewer.get(&format!("{path}/edit")).await.expect(403);
    viewer.get(&format!("{path}/remove")).await.expect(403);
    let mut manager = Browser::of_role(&app, Role::ConnectionsManager).await;
    manager.get("/connections/new").await.expect(200);
}

#[tokio::test]
async fn what_needs_a_person_stands_on_the_start_page() {
    let app = with_operator().await;
    let mut browser = Browser::of(&app);
    browser.log_in(EMAIL, PASSWORD).await.expect(303);
    let id = app.connect().await;
    let home = browser.get("/").await.expect(200);
    assert!(
        home.text.contains("Enter the first request") && home.text.contains("/requests/new"),
        "{}",
        home.text
    );
    let made = app.make(serde_json::json!({"start": false})).await;
    let late = app
        .make(serde_json::json!({"start": false, "received_at": "2026-09-01T08:00:00Z"}))
        .await;
    let home = browser.get("/").await.expect(200);
    let place = |request: &serde_json::Value| home.text.find(request["reference"].as_str().unwrap()).unwrap();
    assert!(
        place(&late) < place(&made),
        "the first deadline comes first: {}",
        home.text
    );
    assert!(home.text.contains("Check and start") && home.text.contains("deadline=past_due"));
    for request in [&made, &late] {
        app.decide(request, "cancel", serde_json::json!({})).await.expect(200);
    }
    let home = browser.get("/").await.expect(200);
    assert!(home.text.contains("Everything goes on by itself"), "{}", home.text);
    app.vendor.revoke_everything();
    app.after(SignedDuration::from_hours(2)).await;
    browser.log_in(EMAIL, PASSWORD).await.expect(303);
    let home = browser.get("/").await.expect(200);
    assert!(
        home.text.contains("Needs to be reconnected") && home.text.contains(&id),
        "{}",
        home.text
    );
    let page = browser.get(&format!("/connections/{id}")).await.expect(200);
    assert!(
        page.text.contains("Optimizely no longer accepts our authorization"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn an_account_that_changed_is_confirmed_on_its_page() {
    // CL-30
    let app = with_operator().await;
    let mut browser = Browser::of(&app);
    browser.log_in(EMAIL, PASSWORD).await.expect(303);
    let path = format!("/connections/{}", app.connect().await);
    app.vendor.state().account_id = 666;
    let page = browser.get(&path).await.expect(200);
    let sent = browser
        .submit(&page, &format!("{path}/authorize"), &[])
        .await
        .expect(303);
    let query = app.vendor.consent(sent.location());
    let back = browser.get(&format!("/oauth/callback?{query}")).await.expect(303);
    let result = browser.get(back.location()).await.expect(200);
    assert!(result.text.contains("Please confirm the account"), "{}", result.text);
    let page = browser.get(&path).await.expect(200);
    assert!(
        page.text.contains("Is this the right account?") && page.text.contains("666"),
        "{}",
        page.text
    );
    browser.submit(&page, &format!("{path}/confirm"), &[]).await.expect(303);
    let page = browser.get(&path).await.expect(200);
    assert!(page.text.contains("Account 666 (666)"), "{}", page.text);
}
