//! Logging in and out.

use http::StatusCode;
use oauth::ClientType;
use provider::Role;

use crate::world::{PASSWORD, World, secret};

const COOKIE: &str = "__Host-rightful-provider";

#[tokio::test]
async fn known_and_unknown_users_get_the_same_answer() {
    // SEC-7
    let world = World::start().await;
    world.acme().await;
    let mut browser = world.browser();
    let known = browser.try_log_in("ada@example.test", "wrong").await;
    let unknown = browser.try_log_in("eve@example.test", "wrong").await;
    assert_eq!(
        (known.status, unknown.status),
        (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED)
    );
    assert_eq!(known.text.replace("ada@", "eve@"), unknown.text);
    assert!(!known.text.contains("wrong\""));
    let cookies = browser.cookies().clone();
    assert_eq!(browser.get("/").await.location(), "/login");
    assert_eq!(browser.cookies(), &cookies);
}

#[tokio::test]
async fn a_log_in_takes_a_new_cookie_that_only_our_host_sees() {
    // SEC-9, SEC-13
    let world = World::start().await;
    world.acme().await;
    let mut browser = world.browser();
    let form = browser.get("/login").await.form("/login");
    let before = browser.cookies()[COOKIE].clone();
    let answer = browser
        .submit(&form, &[("email", " ADA@Example.test "), ("password", PASSWORD)])
        .await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"));
    let cookie = answer.header("set-cookie");
    for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_ne!(browser.cookies()[COOKIE], before);
    assert!(browser.get("/").await.text.contains("Welcome, Ada"));
    // The old form is worth nothing in the new session.
    let again = browser
        .submit(&form, &[("email", "ada@example.test"), ("password", PASSWORD)])
        .await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_log_in_form_of_another_site_is_refused() {
    let world = World::start().await;
    world.acme().await;
    let fields = [("email", "ada@example.test"), ("password", PASSWORD)];
    let forged = world.browser().post("/login", &fields).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let mut browser = world.browser();
    browser.get("/login").await;
    let forged = browser
        .post("/login", &[&fields[..], &[("csrf", "AAAA")]].concat())
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn ten_wrong_passwords_in_a_minute_close_the_door_to_that_address_only() {
    // SEC-4
    let world = World::start().await;
    world.acme().await;
    let mut thief = world.browser().at("9.9.9.9");
    for _ in 0..10 {
        assert_eq!(
            thief.try_log_in("ada@example.test", "guess").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let closed = thief.try_log_in("ada@example.test", PASSWORD).await;
    assert_eq!(
        (closed.status, closed.header("retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "60")
    );
    world.browser().at("8.8.8.8").log_in("ada@example.test", PASSWORD).await;
    world.later(60);
    thief.log_in("ada@example.test", PASSWORD).await;
}

#[tokio::test]
async fn logging_out_ends_the_session_on_the_server() {
    // SEC-11
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let mut copy = world.browser();
    copy.take_cookies_of(&ada);
    assert_eq!(copy.get("/").await.status, StatusCode::OK);
    // A link or an image does nothing.
    assert!(ada.get("/logout").await.text.contains("Log out?"));
    let answer = ada.fill_in("/", "/logout", &[]).await;
    assert_eq!(answer.location(), "/login");
    assert_eq!(copy.get("/").await.location(), "/login");
    assert_eq!(
        ada.get("/accountsettings/apps").await.location(),
        "/login?return_to=%2Faccountsettings%2Fapps"
    );
}

#[tokio::test]
async fn whoever_is_sent_to_log_in_comes_back_and_nowhere_else() {
    // AS-17
    let world = World::start().await;
    world.acme().await;
    let log_in = async |path: &str| {
        let mut browser = world.browser();
        let fields = [("email", "ada@example.test"), ("password", PASSWORD)];
        browser.fill_in(path, "/login", &fields).await.location().to_owned()
    };
    assert_eq!(
        log_in("/login?return_to=%2Faccountsettings%2Fapps").await,
        "/accountsettings/apps"
    );
    for evil in [
        "//evil.test",
        "/%5Cevil.test",
        "https:evil.test",
        "https://evil.test/accountsettings/",
    ] {
        assert_eq!(log_in(&format!("/login?return_to={evil}")).await, "/", "{evil}");
    }
}

#[tokio::test]
async fn sessions_end_by_idleness_and_by_age() {
    // SEC-10
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    for _ in 0..14 {
        world.later(43_199);
        assert_eq!(ada.get("/").await.status, StatusCode::OK);
    }
    world.later(43_199); // seven days have passed
    assert_eq!(ada.get("/").await.location(), "/login");
    let mut ada = world.logged_in("ada@example.test").await;
    world.later(43_200);
    assert_eq!(ada.get("/").await.location(), "/login");
}

#[tokio::test]
async fn a_deactivated_user_is_out_and_stays_out() {
    // SEC-11, AS-52
    let world = World::start().await;
    let account = world.acme().await;
    world.user(account, "bob@example.test", Role::User).await;
    let mut bob = world.logged_in("bob@example.test").await;
    world
        .provider
        .deactivate_user(&secret("bob@example.test"))
        .await
        .unwrap();
    assert_eq!(bob.get("/").await.location(), "/login");
    assert_eq!(
        bob.try_log_in("bob@example.test", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_forged_proxy_header_opens_no_door() {
    // AS-74, SEC-36
    let world = World::start().await;
    world.acme().await;
    let mut thief = world.browser().at("9.9.9.9");
    let form = thief.get("/login").await.form("/login");
    for n in 0..11 {
        let fields = [
            ("csrf", form.fields[0].1.as_str()),
            ("email", "ada@example.test"),
            ("password", "guess"),
        ];
        let mut request = crate::world::form("/login", &fields);
        let forged = format!("1.2.3.{n}").parse().unwrap();
        request.headers_mut().insert("x-forwarded-for", forged);
        let expected = if n < 10 { 401 } else { 429 };
        assert_eq!(thief.send(request).await.status.as_u16(), expected);
    }
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it() {
    // SEC-3, SEC-11
    const PATH: &str = "/accountsettings/password";
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let mut other = world.logged_in("ada@example.test").await;
    for (current, new, message) in [
        ("wrong", "a new one altogether", "That is not your password"),
        (PASSWORD, "short", "A password has at least 8 characters"),
        (PASSWORD, "password123", "among the most common"),
    ] {
        let fields = [("current_password", current), ("new_password", new)];
        let page = ada.fill_in(PATH, PATH, &fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.text.contains(message) && !page.text.contains(new), "{message}");
    }
    let fields = [("current_password", PASSWORD), ("new_password", "a new one altogether")];
    let page = ada.fill_in(PATH, PATH, &fields).await;
    assert!(page.text.contains("Your password is changed"));
    assert_eq!(other.get("/").await.location(), "/login");
    assert_eq!(ada.get("/").await.status, StatusCode::OK);
    assert_eq!(
        other.try_log_in("ada@example.test", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    other.log_in("ada@example.test", "a new one altogether").await;
}

#[tokio::test]
async fn what_has_ended_is_forgotten_in_time() {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let code = ada.authorize(&app).await;
    ada.asked_by(&app).await;
    let count = async || {
        let mut read = world.provider.store().read().await.unwrap();
        let tables = ["browser_session", "authorization_request", "authorization_code"];
        let mut counts = Vec::new();
        for table in tables {
            let sql = format!("SELECT COUNT(*) AS count FROM {table}");
            let row = read.fetch_one(store::AssertSqlSafe(sql), Vec::new()).await.unwrap();
            counts.push(row.get::<i64>("count").unwrap());
        }
        counts
    };
    world.exchange(&app, &code).await.tokens();
    assert_eq!(count().await, [1, 1, 1]);
    world.later(3600);
    world.provider.runner().drain().await.unwrap();
    assert_eq!(count().await, [1, 1, 1]); // may still be needed
    world.later(8 * 86_400);
    world.browser().log_in("ada@example.test", PASSWORD).await;
    world.later(3600);
    world.provider.runner().drain().await.unwrap();
    assert_eq!(count().await, [1, 0, 0]);
}
