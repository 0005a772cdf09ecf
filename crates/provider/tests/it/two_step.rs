//! Two-step log-in: an authenticator app and recovery codes.

use http::StatusCode;
use oauth::ClientType;
use provider::Role;
use rightful_http::totp::TotpSecret;

use crate::{
    browser::{Browser, authorize_path},
    world::{PASSWORD, World},
};

const PATH: &str = "/accountsettings/two-step";
const CONFIRM: &str = "/accountsettings/two-step/confirm";
const OFF: &str = "/accountsettings/two-step/off";
const RECOVERY: &str = "/accountsettings/two-step/recovery";
const CODE: &str = "/login/code";
const ADA: &str = "ada@example.test";

/// Ada's authenticator app.
struct App(TotpSecret);

impl App {
    fn typed(written: &str) -> Self {
        let letters: Vec<u8> = written.bytes().filter(|letter| *letter != b' ').collect();
        let bytes = data_encoding::BASE32_NOPAD.decode(&letters).unwrap();
        Self(TotpSecret::from_bytes(&bytes).unwrap())
    }

    fn code(&self, world: &World) -> String {
        self.0.code_at(world.now())
    }
}

/// Turns it on; returns the app and the recovery codes.
async fn turned_on(world: &World, ada: &mut Browser<'_>) -> (App, Vec<String>) {
    let page = ada.fill_in(PATH, PATH, &[("current_password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("<svg ") && page.header("cache-control") == "no-store");
    let app = App::typed(&page.shown("totp_secret"));
    let form = page.form(CONFIRM);
    let wrong = ada.submit(&form, &[("totp", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let codes = ada.submit(&wrong.form(CONFIRM), &[("totp", &app.code(world))]).await;
    let codes: Vec<String> = codes.shown("recovery_codes").lines().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10);
    // Each code is for one use: the app has to show the next one.
    world.later(30);
    (app, codes)
}

#[tokio::test]
async fn logging_in_then_asks_for_a_code_once_each() {
    // SEC-6, SEC-9
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in(ADA).await;
    let mut other = world.logged_in(ADA).await;
    let (app, _) = turned_on(&world, &mut ada).await;
    assert_eq!(other.get("/").await.location(), "/login", "it knew the password alone");

    let mut browser = world.browser();
    let asked = browser.try_log_in(ADA, PASSWORD).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert_eq!(browser.get("/").await.location(), "/login", "half is not in");
    let half = browser.cookies().clone();
    let code = app.code(&world);
    let done = browser
        .submit(
            &asked.form(CODE),
            &[("totp", &format!("{} {}", &code[..3], &code[3..]))],
        )
        .await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/"));
    assert_ne!(browser.cookies(), &half);
    assert!(browser.get("/").await.text.contains("Welcome, Ada"));

    // The same code again, within its time.
    let mut thief = world.browser();
    let asked = thief.try_log_in(ADA, PASSWORD).await;
    let again = thief.submit(&asked.form(CODE), &[("totp", &code)]).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    world.later(30);
    let page = again.form(CODE);
    assert_eq!(
        thief.submit(&page, &[("totp", &app.code(&world))]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_code_may_be_a_step_off_and_the_password_counts_for_ten_minutes() {
    // SEC-6
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in(ADA).await;
    let (app, _) = turned_on(&world, &mut ada).await;
    let mut browser = world.browser();
    let form = browser.try_log_in(ADA, PASSWORD).await.form(CODE);
    let code = app.code(&world);
    world.later(60);
    assert_eq!(
        browser.submit(&form, &[("totp", &code)]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let code = app.code(&world);
    world.later(30);
    assert_eq!(browser.submit(&form, &[("totp", &code)]).await.location(), "/");

    let mut browser = world.browser();
    let form = browser.try_log_in(ADA, PASSWORD).await.form(CODE);
    world.later(600);
    assert_eq!(
        browser.submit(&form, &[("totp", &app.code(&world))]).await.location(),
        "/login"
    );
    assert_eq!(browser.get("/").await.location(), "/login");
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_and_a_recovery_code_still_lets_in_once() {
    // SEC-4, SEC-6
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in(ADA).await;
    let (app, codes) = turned_on(&world, &mut ada).await;
    for n in 0..10 {
        let mut thief = world.browser().at(&format!("9.9.{n}.1"));
        let form = thief.try_log_in(ADA, PASSWORD).await.form(CODE);
        assert_eq!(
            thief.submit(&form, &[("totp", "000000")]).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let mut browser = world.browser();
    let form = browser.try_log_in(ADA, PASSWORD).await.form(CODE);
    let right = browser.submit(&form, &[("totp", &app.code(&world))]).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!right.header("retry-after").is_empty());
    let typed = codes[3].to_uppercase().replace('-', " ");
    assert_eq!(browser.submit(&form, &[("totp", &typed)]).await.location(), "/");
    assert!(browser.get(PATH).await.text.contains("9 recovery codes left"));

    let mut again = world.browser();
    let form = again.try_log_in(ADA, PASSWORD).await.form(CODE);
    assert_eq!(
        again.submit(&form, &[("totp", &typed)]).await.status,
        StatusCode::UNAUTHORIZED
    );
    world.later(900);
    let form = again.try_log_in(ADA, PASSWORD).await.form(CODE);
    assert_eq!(
        again.submit(&form, &[("totp", &app.code(&world))]).await.location(),
        "/"
    );
}

#[tokio::test]
async fn turning_it_off_takes_the_password_and_a_code() {
    // SEC-12
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in(ADA).await;
    let wrong = ada.fill_in(PATH, PATH, &[("current_password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let (app, codes) = turned_on(&world, &mut ada).await;
    for (password, code) in [("wrong", app.code(&world)), (PASSWORD, "123456".to_owned())] {
        let fields = [("current_password", password), ("totp", code.as_str())];
        assert_eq!(ada.fill_in(PATH, OFF, &fields).await.status, StatusCode::BAD_REQUEST);
    }
    let code = app.code(&world);
    let fields = [("current_password", PASSWORD), ("totp", code.as_str())];
    let renewed = ada.fill_in(PATH, RECOVERY, &fields).await;
    let fresh: Vec<String> = renewed.shown("recovery_codes").lines().map(str::to_owned).collect();
    let off = async |ada: &mut Browser<'_>, code: &str| {
        let fields = [("current_password", PASSWORD), ("totp", code)];
        ada.fill_in(PATH, OFF, &fields).await.status
    };
    assert_eq!(off(&mut ada, &codes[0]).await, StatusCode::BAD_REQUEST, "replaced");
    assert_eq!(off(&mut ada, &fresh[0]).await, StatusCode::SEE_OTHER);
    world.logged_in(ADA).await;
    let audited = world.audited().await;
    for action in [
        "user.two_step_on",
        "user.recovery_codes_replaced",
        "user.recovery_code_used",
        "user.two_step_off",
    ] {
        assert!(audited.iter().any(|one| one == action), "{action}");
    }
}

#[tokio::test]
async fn a_new_password_by_mail_does_not_go_around_it() {
    // SEC-8
    const FORGOTTEN: &str = "/login/forgotten";
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in(ADA).await;
    let (app, _) = turned_on(&world, &mut ada).await;
    let mut browser = world.browser();
    browser.fill_in(FORGOTTEN, FORGOTTEN, &[("email", ADA)]).await;
    let link = world.newest_mail().await.link();
    browser
        .fill_in(&link, &link, &[("new_password", "a new one altogether")])
        .await;
    let asked = browser.try_log_in(ADA, "a new one altogether").await;
    assert_eq!(browser.get("/").await.location(), "/login");
    let done = browser.submit(&asked.form(CODE), &[("totp", &app.code(&world))]).await;
    assert_eq!(done.location(), "/");
}

#[tokio::test]
async fn an_application_that_waits_is_not_forgotten_between_the_steps() {
    let world = World::start().await;
    let account = world.acme().await;
    let app = world.app(account, oauth::ClientType::Confidential).await;
    let mut ada = world.logged_in(ADA).await;
    let (totp, _) = turned_on(&world, &mut ada).await;
    let mut browser = world.browser();
    let page = browser.get(&authorize_path(&app, &[])).await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    let asked = browser.submit(&page.form("/login"), &fields).await;
    let done = browser.submit(&asked.form(CODE), &[("totp", &totp.code(&world))]).await;
    assert!(
        done.location().starts_with("/oauth2/authorize?client_id="),
        "{}",
        done.location()
    );
    let consent = browser.get(done.location()).await;
    assert!(browser.decide(&consent, "accept").await.answered("code").is_some());
}

const USERS: &str = "/accountsettings/users";
const RULE: &str = "/accountsettings/users/two-step";

#[tokio::test]
async fn an_account_asks_its_administrators_for_it_before_they_do_anything_else() {
    // SEC-6
    let world = World::start().await;
    let account = world.acme().await;
    world.later(1);
    world.user(account, "bob@example.test", Role::Administrator).await;
    world.user(account, "eve@example.test", Role::User).await;
    let app = world.app(account, ClientType::Confidential).await;
    let mut ada = world.logged_in(ADA).await;
    let mut bob = world.logged_in("bob@example.test").await;
    let token = bob
        .fill_in(
            "/accountsettings/apps",
            "/accountsettings/tokens",
            &[("name", "reports")],
        )
        .await;
    let token = token.shown("token");

    // Whoever asks it of others has it.
    let page = ada.get(USERS).await;
    assert!(page.text.contains("Up to each of them") && page.forms().iter().all(|form| form.action != RULE));
    let (totp, _) = turned_on(&world, &mut ada).await;
    let form = ada.get(USERS).await.form(RULE);
    assert_eq!(ada.submit(&form, &[]).await.location(), USERS);
    assert!(ada.get(USERS).await.text.contains("Required"));

    for path in [
        "/",
        USERS,
        "/accountsettings/apps",
        "/accountsettings/password",
        "/accountsettings/privacy-requests",
    ] {
        let led = bob.get(path).await;
        assert_eq!(led.status, StatusCode::SEE_OTHER, "{path}");
        assert!(led.location().starts_with(PATH), "{path}: {}", led.location());
    }
    let led = bob.get(&authorize_path(&app, &[])).await;
    assert!(
        led.location().starts_with("/accountsettings/two-step?authorization="),
        "{}",
        led.location()
    );
    let page = bob.get(led.location()).await;
    assert!(page.text.contains("You need two-step log-in"), "{}", page.text);
    let page = bob.submit(&page.form(PATH), &[("current_password", PASSWORD)]).await;
    let own = App::typed(&page.shown("totp_secret"));
    let done = bob.submit(&page.form(CONFIRM), &[("totp", &own.code(&world))]).await;
    let next = done.text.split("class=\"button\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let consent = bob.get(&next).await;
    assert!(bob.decide(&consent, "accept").await.answered("code").is_some());

    // It stays on; what was given out before goes on working.
    let page = bob.get(PATH).await;
    assert!(page.text.contains("cannot be turned off") && page.forms().iter().all(|form| form.action != OFF));
    assert_eq!(world.api(&token, "/v2/me").await.status, StatusCode::OK);
    let mut eve = world.logged_in("eve@example.test").await;
    assert_eq!(eve.get("/accountsettings/apps").await.status, StatusCode::OK);

    // An open page from before the rule does not go around it.
    let off = ada.get(PATH).await;
    assert!(off.forms().iter().all(|form| form.action != OFF));
    let form = ada.get(USERS).await.form(RULE);
    assert_eq!(ada.submit(&form, &[]).await.location(), USERS);
    let form = ada.get(PATH).await.form(OFF);
    let rule = ada.get(USERS).await.form(RULE);
    assert_eq!(ada.submit(&rule, &[]).await.location(), USERS);
    world.later(30);
    let code = totp.code(&world);
    let fields = [("current_password", PASSWORD), ("totp", code.as_str())];
    assert_eq!(ada.submit(&form, &fields).await.status, StatusCode::BAD_REQUEST);
    let rules = world
        .audited()
        .await
        .into_iter()
        .filter(|action| action == "account.two_step_rule_set");
    assert_eq!(rules.count(), 3);
}

#[tokio::test]
async fn the_rule_for_administrators_takes_the_password_again_and_ones_own_second_step() {
    // SEC-6, SEC-12
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in(ADA).await;
    let (totp, _) = turned_on(&world, &mut ada).await;
    let form = ada.get(USERS).await.form(RULE);
    world.later(15 * 60);
    assert!(
        ada.submit(&form, &[])
            .await
            .location()
            .starts_with("/accountsettings/confirm?")
    );
    let code = totp.code(&world);
    let fields = [("current_password", PASSWORD), ("totp", code.as_str())];
    assert_eq!(ada.fill_in(PATH, OFF, &fields).await.location(), PATH);
    ada.fill_in(
        "/accountsettings/confirm",
        "/accountsettings/confirm",
        &[("current_password", PASSWORD)],
    )
    .await;
    let refused = ada.submit(&form, &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("Turn on your own two-step log-in first"));
}
