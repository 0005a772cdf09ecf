//! Who may do what: every role, token and tenant at every route (SEC-16). The routes are those of the router itself; one
//! without a row here fails the test.

#[path = "../../../http/tests/shared/every_route.rs"]
mod every_route;
mod rows;

use std::collections::BTreeSet;

use axum::body::Body;
use http::{HeaderMap, Request, header};
use oauth::ClientType;
use provider::{AccountId, DataSource, Role};
use rightful_http::{csrf, session::SessionCookie};

use self::rows::{ROWS, Row, Who};
use crate::{
    browser::Browser,
    subjects::{about, at_any_pace},
    world::{Answer, App, Tokens, World},
};

const COOKIE: SessionCookie = SessionCookie::named("__Host-rightful-provider");
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn is_served_to_anybody(path: &str) -> bool {
    // The bucket asks for signatures of its own (`exports_s3.rs`).
    path.starts_with("/assets/") || path.starts_with("/rightful-exports")
}

fn is_page(row: &Row) -> bool {
    matches!(row.who, Who::Person | Who::Administrator)
}

/// Logging out and changing what the log-in stands on would end the very session.
fn ends_the_session(row: &Row) -> bool {
    ["/logout", "/login"].contains(&row.path)
}

#[tokio::test]
async fn every_route_of_the_provider_has_a_row_and_every_row_a_route() {
    let world = World::start().await;
    let mut routes = every_route::of(&world.provider.router());
    routes.retain(|(_, path)| !is_served_to_anybody(path));
    let rows: BTreeSet<_> = ROWS
        .iter()
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    let missing: Vec<_> = routes.difference(&rows).collect();
    assert!(missing.is_empty(), "no row in tests/it/matrix/rows.rs for {missing:#?}");
    let gone: Vec<_> = rows.difference(&routes).collect();
    assert!(gone.is_empty(), "no such routes: {gone:#?}");
}

/// A path with an id of nothing.
fn absent(path: &str) -> String {
    let pieces = path.split('/').map(|piece| match piece {
        "{token}" if !path.starts_with("/accountsettings") => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "{client_id}" | "{request_id}" => "77777777",
        "{id}" if path.contains("-requests/") => "37777777",
        piece if piece.starts_with('{') => "0190b0a0-0000-7000-8000-000000000000",
        piece => piece,
    });
    pieces.collect::<Vec<_>>().join("/")
}

impl Browser<'_> {
    /// The token of a form that would be on our own page.
    fn own_csrf(&self, world: &World, path: &str) -> String {
        let Some(cookie) = self.cookies().get("__Host-rightful-provider") else {
            return String::new();
        };
        let cookie = format!("__Host-rightful-provider={cookie}").parse().unwrap();
        let headers: HeaderMap = [(header::COOKIE, cookie)].into_iter().collect();
        csrf::token(
            &world.provider.vault().mac("csrf"),
            &COOKIE.read(&headers).unwrap(),
            path,
        )
    }

    /// Does what `row` does, at `path`, as its page would.
    async fn does(&mut self, world: &World, row: &Row, path: &str) -> Answer {
        if row.method == "GET" {
            return self.get(path).await;
        }
        let token = self.own_csrf(world, path);
        if row.path.ends_with("/complete") {
            let body = format!("--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--XX--\r\n");
            let request = Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
            return self.send(request.body(Body::from(body)).unwrap()).await;
        }
        let fields = [row.fields, &[("csrf", token.as_str())]].concat();
        self.post(path, &fields).await
    }
}

impl World {
    async fn as_program(&self, token: Option<&str>, row: &Row, path: &str) -> Answer {
        let mut request = Request::builder().method(row.method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if row.method != "GET" {
            request = request.header(header::CONTENT_TYPE, JSON);
        }
        let body = match (row.method, row.who) {
            ("GET", _) => String::new(),
            (_, Who::AdministratorsToken) => about("access", "grace@example.test").to_string(),
            _ => "{}".to_owned(),
        };
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

/// What an answer says, without what is different in every answer.
fn told(answer: &Answer, path: &str, id: &str) -> (u16, String) {
    let text = answer.text.replace(path, "PATH").replace(id, "ID");
    let words = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(mut json) => {
            json.as_object_mut().map(|members| members.remove("uuid"));
            json.to_string()
        }
        Err(_) => text,
    };
    (answer.status.as_u16(), words)
}

/// An account with an administrator (Ada) and a user (Uma), and another one with an administrator (Eve).
async fn two_companies() -> (World, AccountId, AccountId) {
    let world = World::start_with(at_any_pace).await;
    let acme = world.acme().await;
    world.user(acme, "uma@example.test", Role::User).await;
    let beta = world.account("Beta").await;
    world.user(beta, "eve@example.test", Role::Administrator).await;
    (world, acme, beta)
}

#[tokio::test]
async fn every_role_may_do_at_every_page_of_the_provider_what_it_may_and_no_more() {
    let (world, ..) = two_companies().await;
    for row in ROWS.iter().filter(|row| is_page(row)) {
        let path = absent(row.path);
        let mut nobody = world.browser();
        nobody.get("/login").await;
        let sent_away = nobody.does(&world, row, &path).await;
        assert!(
            sent_away.status == 303 && sent_away.location().starts_with("/login"),
            "{} {}: {} {}",
            row.method,
            row.path,
            sent_away.status,
            sent_away.text
        );
    }
    for (email, is_administrator) in [("uma@example.test", false), ("ada@example.test", true)] {
        let mut browser = world.logged_in(email).await;
        for row in ROWS.iter().filter(|row| is_page(row)) {
            let answer = browser.does(&world, row, &absent(row.path)).await;
            let refused = answer.status == 403 && answer.text.contains("For administrators");
            assert_eq!(
                refused,
                row.who == Who::Administrator && !is_administrator,
                "{email} {} {}: {} {}",
                row.method,
                row.path,
                answer.status,
                answer.text
            );
            assert!(answer.status.as_u16() < 500, "{email} {} {}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn every_kind_of_token_may_do_at_every_call_what_it_may_and_no_more() {
    // SEC-19
    let (world, acme, _) = two_companies().await;
    let users = world.token("uma@example.test", acme).await;
    let administrators = world.token("ada@example.test", acme).await;
    let service = world.service(&[DataSource::Marketing]).await;
    for row in ROWS
        .iter()
        .filter(|row| row.path.starts_with("/v2/") && row.who != Who::Anybody)
    {
        let path = absent(row.path);
        assert_eq!(world.as_program(None, row, &path).await.status, 401, "{}", row.path);
        assert_eq!(
            world.as_program(Some("made-up"), row, &path).await.status,
            403,
            "{}",
            row.path
        );
        for (token, may) in [
            (&users, row.who == Who::Token),
            (&administrators, row.who != Who::Service),
            (&service, row.who == Who::Service),
        ] {
            let answer = world.as_program(Some(token), row, &path).await;
            assert_eq!(
                answer.status != 403,
                may,
                "{} {}: {}",
                row.method,
                row.path,
                answer.text
            );
            assert!(answer.status.as_u16() < 500, "{} {}", row.method, row.path);
        }
    }
}

/// What Ada's company has: each route's id of it.
struct Possessions {
    app: App,
    tokens: Tokens,
    grant: String,
    token: String,
    user: String,
    invitation: String,
    consent: String,
    ada: std::collections::BTreeMap<String, String>,
}

impl Possessions {
    async fn of(world: &World, acme: AccountId) -> Self {
        let app = world.app(acme, ClientType::Confidential).await;
        let tokens = world.connect("ada@example.test", &app).await;
        let asker = world.token("ada@example.test", acme).await;
        world.service(&[DataSource::Marketing]).await;
        world.ask(&asker, &about("access", "grace@example.test")).await;
        let mut ada = world.logged_in("ada@example.test").await;
        let users = "/accountsettings/users";
        ada.fill_in(users, users, &[("email", "bob@example.test"), ("role", "user")])
            .await;
        let applications = ada.get("/accountsettings/apps").await;
        let users = ada.get(users).await;
        let id = |page: &Answer, before: &str, behind: &str| {
            let forms = page.forms();
            let mut ids = forms
                .iter()
                .filter_map(|form| form.action.strip_prefix(before)?.strip_suffix(behind));
            ids.next()
                .unwrap_or_else(|| panic!("no form to {before}: {}", page.text))
                .to_owned()
        };
        let consent = ada.asked_by(&app).await.form("/oauth2/consent/").action;
        Self {
            grant: id(&applications, "/accountsettings/apps/", "/revoke"),
            token: id(&applications, "/accountsettings/tokens/", "/revoke"),
            user: id(&users, "/accountsettings/users/", "/role"),
            invitation: id(&users, "/accountsettings/invitations/", "/withdraw"),
            consent: consent.rsplit('/').next().unwrap().to_owned(),
            ada: ada.cookies().clone(),
            app,
            tokens,
        }
    }

    /// The id that stands in this path, where it names something of theirs.
    fn id(&self, path: &str) -> Option<&str> {
        Some(match path {
            path if path.contains("{grant}") => &self.grant,
            path if path.contains("{client_id}") => &self.app.id,
            path if path.contains("{user}") => &self.user,
            "/accountsettings/tokens/{token}/revoke" => &self.token,
            "/accountsettings/invitations/{id}/withdraw" => &self.invitation,
            path if path.starts_with("/oauth2/consent/{id}") => &self.consent,
            path if path.contains("privacy-requests/{id}") || path.contains("/v2/subject-access-requests/{") => {
                "30000001"
            }
            path if path.contains("team-requests/{id}") => "40000001",
            _ => return None,
        })
    }
}

/// The same path with another id of the same look.
fn with_id(path: &str, id: &str) -> String {
    let pieces = path
        .split('/')
        .map(|piece| if piece.starts_with('{') { id } else { piece });
    pieces.collect::<Vec<_>>().join("/")
}

fn of_nothing(id: &str) -> String {
    let (front, last) = id.split_at(id.len() - 4);
    let changed = last.chars().map(|c| if c == '7' { '6' } else { '7' });
    format!("{front}{}", changed.collect::<String>())
}

#[tokio::test]
async fn ids_of_another_company_are_answered_like_ids_of_nothing_and_nothing_happens() {
    let (world, acme, beta) = two_companies().await;
    let acmes = Possessions::of(&world, acme).await;
    let program = world.token("eve@example.test", beta).await;
    let mut compared = 0;
    for row in ROWS {
        let Some(id) = acmes.id(row.path) else { continue };
        let other = of_nothing(id);
        let (theirs, nobodys) = (with_id(row.path, id), with_id(row.path, &other));
        let answers = if row.path.starts_with("/v2/") {
            let theirs = (world.as_program(Some(&program), row, &theirs).await, theirs);
            [theirs, (world.as_program(Some(&program), row, &nobodys).await, nobodys)]
        } else {
            let mut eve = world.logged_in("eve@example.test").await;
            let theirs = (eve.does(&world, row, &theirs).await, theirs);
            [theirs, (eve.does(&world, row, &nobodys).await, nobodys)]
        };
        let [theirs, nobodys] =
            [(&answers[0], id), (&answers[1], other.as_str())].map(|((answer, path), id)| told(answer, path, id));
        assert!(
            (400..500).contains(&theirs.0),
            "{} {}: {theirs:?}",
            row.method,
            row.path
        );
        assert_eq!(theirs, nobodys, "{} {}", row.method, row.path);
        compared += 1;
    }
    assert!(compared > 20, "only {compared} routes name something");

    // All of it is still there, as it was.
    assert_eq!(world.api(&acmes.tokens.access, "/v2/me").await.status, 200);
    world.refresh(&acmes.app, acmes.tokens.refresh()).await.tokens();
    let mut ada = world.browser();
    ada.take_cookies(acmes.ada);
    let users = ada.get("/accountsettings/users").await;
    assert!(users.text.contains("bob@example.test"), "{}", users.text);
    let request = ada.get("/accountsettings/privacy-requests/30000001").await;
    assert!(
        request.text.contains("Pending") || request.text.contains("Processing"),
        "{}",
        request.text
    );
    let application = ada
        .get(&format!("/accountsettings/apps/developers/{}", acmes.app.id))
        .await;
    assert!(!application.text.contains("Taken over") && application.status == 200);
    let consent = ada.get(&format!("/oauth2/consent/{}", acmes.consent)).await;
    assert_eq!(consent.status, 200, "{}", consent.text);
}

#[tokio::test]
async fn what_belongs_to_another_person_of_the_company_is_answered_like_nothing() {
    let (world, acme, _) = two_companies().await;
    let adas = Possessions::of(&world, acme).await;
    let mut uma = world.logged_in("uma@example.test").await;
    for row in ROWS.iter().filter(|row| matches!(row.who, Who::Person | Who::Anybody)) {
        let Some(id) = adas.id(row.path) else { continue };
        let other = of_nothing(id);
        let (theirs, nobodys) = (with_id(row.path, id), with_id(row.path, &other));
        let told_theirs = told(&uma.does(&world, row, &theirs).await, &theirs, id);
        let told_nobodys = told(&uma.does(&world, row, &nobodys).await, &nobodys, &other);
        assert_eq!(told_theirs, told_nobodys, "{} {}", row.method, row.path);
        assert!((400..500).contains(&told_theirs.0), "{} {}", row.method, row.path);
    }
    assert_eq!(world.api(&adas.tokens.access, "/v2/me").await.status, 200);
}

#[tokio::test]
async fn every_answer_of_the_provider_is_locked_down_and_what_is_about_people_is_not_kept() {
    // SEC-13, SEC-14, SEC-15, SEC-49
    let (world, acme, _) = two_companies().await;
    let token = world.token("ada@example.test", acme).await;
    let mut ada = world.logged_in("ada@example.test").await;
    for row in ROWS.iter().filter(|row| !ends_the_session(row)) {
        let path = absent(row.path);
        let answer = if row.path.starts_with("/v2/") {
            world.as_program(Some(&token), row, &path).await
        } else {
            ada.does(&world, row, &path).await
        };
        let what = format!("{} {}", row.method, row.path);
        // The button is for other people's pages.
        if !row.path.starts_with("/connect.") {
            every_route::is_locked_down(&answer.headers, &what);
        }
        // What is the same for everybody may be kept.
        if ![
            "/connect.svg",
            "/connect.png",
            "/.well-known/oauth-authorization-server",
            "/v2/openapi.json",
        ]
        .contains(&row.path)
        {
            every_route::is_not_kept(&answer.headers, &what);
        }
    }
    for path in ["/login", "/nowhere", "/assets/nothing"] {
        every_route::is_locked_down(&world.get(path).await.headers, path);
    }
}

#[tokio::test]
async fn no_form_of_the_provider_is_taken_without_its_token_or_from_another_site() {
    // SEC-15
    let (world, ..) = two_companies().await;
    let mut ada = world.logged_in("ada@example.test").await;
    for row in ROWS
        .iter()
        .filter(|row| row.method == "POST" && !row.path.starts_with("/v2/"))
    {
        if ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"].contains(&row.path) {
            continue; // for programs, which prove themselves
        }
        let path = absent(row.path);
        let token = ada.own_csrf(&world, &path);
        let form = |csrf: &str| {
            if row.path.ends_with("/complete") {
                let body = format!("--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--XX--\r\n");
                let request = Request::post(&path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
                return request.body(Body::from(body)).unwrap();
            }
            crate::world::form(&path, &[row.fields, &[("csrf", csrf)]].concat())
        };
        let elsewhere = ada.own_csrf(&world, "/elsewhere");
        for wrong in ["", "AAAA", elsewhere.as_str()] {
            let answer = ada.send(form(wrong)).await;
            assert_eq!(answer.status, 403, "{} {}", row.path, answer.text);
            assert!(
                answer.text.contains("Please send the form again"),
                "{} {}",
                row.path,
                answer.text
            );
        }
        for (name, value) in [
            ("origin", "https://evil.test"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let mut request = form(&token);
            request.headers_mut().insert(name, value.parse().unwrap());
            let answer = ada.send(request).await;
            assert_eq!(answer.status, 403, "{} from {value}", row.path);
        }
    }
    assert_eq!(
        ada.get("/accountsettings/apps").await.status,
        200,
        "the session went on"
    );
}

#[tokio::test]
async fn json_is_taken_as_json_and_every_other_method_is_refused() {
    // SEC-15, SEC-50
    let (world, acme, _) = two_companies().await;
    let token = world.token("ada@example.test", acme).await;
    for content_type in ["text/plain", FORM, "multipart/form-data; boundary=XX", ""] {
        let request = Request::post("/v2/subject-access-requests")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(about("delete", "grace@example.test").to_string()))
            .unwrap();
        assert_eq!(world.send(request).await.status, 415, "{content_type}");
    }
    let methods_of = |path: &str| {
        let methods = ROWS.iter().filter(|row| row.path == path).map(|row| row.method);
        methods.collect::<Vec<_>>()
    };
    let mut ada = world.logged_in("ada@example.test").await;
    for row in ROWS {
        for method in ["TRACE", "PUT", "DELETE", "PATCH", "POST", "GET", "PROPFIND", "OPTIONS"] {
            if methods_of(row.path).contains(&method) {
                continue;
            }
            let request = Request::builder().method(method).uri(absent(row.path));
            let request = request
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .header(header::ORIGIN, "https://evil.test")
                .header("access-control-request-method", "POST")
                .header("x-marker", "marker-of-the-request");
            let answer = ada.send(request.body(Body::empty()).unwrap()).await;
            let refused = [401, 403, 405].contains(&answer.status.as_u16());
            assert!(refused, "{method} {}: {}", row.path, answer.status);
            assert!(!answer.text.contains("marker-of-the-request"), "{method} {}", row.path);
            assert_eq!(
                answer.header("access-control-allow-origin"),
                "",
                "{method} {}",
                row.path
            );
        }
    }
}
