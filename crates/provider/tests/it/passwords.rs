//! Passwords, from outside: which can be chosen, and what of them counts.

#[path = "../../../http/tests/shared/comparing.rs"]
mod comparing;

use http::StatusCode;
use provider::Role;

use self::comparing::Comparing;
use crate::world::{PASSWORD, World, secret};

const CHANGE: &str = "/accountsettings/password";
const USERS: &str = "/accountsettings/users";
/// 64 characters of every kind.
const LONG: &str = "  Zwölf Boxkämpfer jagen \u{202e}Viktor quer % + & = \"<'>\\ über 日本語 d. ";

#[tokio::test]
async fn every_character_of_a_password_counts() {
    // SEC-1, SEC-27
    assert_eq!(LONG.chars().count(), 64);
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let fields = [("current_password", PASSWORD), ("new_password", LONG)];
    let changed = ada.fill_in(CHANGE, CHANGE, &fields).await;
    assert!(changed.text.contains("Your password is changed"), "{}", changed.text);
    let but_last: String = LONG.chars().take(63).collect();
    for wrong in [
        format!("{but_last}!"),
        format!("{LONG}!"),
        but_last.clone(),
        LONG.trim().to_owned(),
        LONG.to_lowercase(),
        LONG.replace('ö', "o\u{308}"),
    ] {
        let refused = world.browser().try_log_in("ada@example.test", &wrong).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    world.browser().log_in("ada@example.test", LONG).await;
    let mut read = world.provider.store().read().await.unwrap();
    let row = read.fetch_one("SELECT password_hash FROM app_user", Vec::new()).await;
    let hash: String = row.unwrap().get("password_hash").unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}

#[tokio::test]
async fn what_everybody_tries_is_refused_wherever_a_password_is_chosen() {
    // SEC-2
    let world = World::start().await;
    let account = world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    ada.fill_in(USERS, USERS, &[("email", "bob@example.test"), ("role", "user")])
        .await;
    let invitation = world.newest_mail().await.link();
    let forgotten = "/login/forgotten";
    ada.fill_in(forgotten, forgotten, &[("email", "ada@example.test")])
        .await;
    world.later(1);
    let reset = world.newest_mail().await.link();
    for common in ["password123", "QWERTYUIOP", "iloveyou", "1q2w3e4r", "aaaaaaaaaaaa"] {
        let change = [("current_password", PASSWORD), ("new_password", common)];
        let joining = [("first_name", "Bob"), ("last_name", "Bell"), ("new_password", common)];
        for page in [
            ada.fill_in(CHANGE, CHANGE, &change).await,
            world.browser().fill_in(&invitation, &invitation, &joining).await,
            world
                .browser()
                .fill_in(&reset, &reset, &[("new_password", common)])
                .await,
        ] {
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{common}");
            assert!(page.text.contains("among the most common"), "{common}: {}", page.text);
        }
        let new = provider::NewUser {
            account,
            email: secret("eve@example.test"),
            role: Role::User,
            password: secret(common),
            first_name: String::new(),
            last_name: String::new(),
        };
        let refused = world.provider.create_user(new).await.unwrap_err();
        assert!(refused.to_string().contains("among the most common"), "{refused}");
    }
    world.browser().log_in("ada@example.test", PASSWORD).await;
}

#[tokio::test]
async fn a_log_in_costs_one_comparison_whoever_it_is_for() {
    // SEC-7
    let world = World::start().await;
    let account = world.acme().await;
    world.user(account, "bob@example.test", Role::User).await;
    let bob = secret("bob@example.test");
    world.provider.deactivate_user(&bob).await.unwrap();
    let mut browser = world.browser();
    let form = browser.get("/login").await.form("/login");
    let comparing = Comparing::begin();
    for (email, password) in [
        ("ada@example.test", "wrong"),
        ("eve@example.test", "wrong"),
        ("bob@example.test", "wrong"),
        ("bob@example.test", PASSWORD),
        ("nonsense", "wrong"),
        ("ada@example.test", "x"),
    ] {
        let refused = browser.submit(&form, &[("email", email), ("password", password)]).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{email}");
        assert_eq!(comparing.since(), 1, "{email}");
    }
}

#[tokio::test]
async fn guesses_that_come_together_are_counted_like_others() {
    // SEC-4
    let world = World::start().await;
    world.acme().await;
    let mut browser = world.browser().at("9.9.9.9");
    let form = browser.get("/login").await.form("/login");
    let comparing = Comparing::begin();
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let many = 200 + 20 * cores;
    let mut guessing: Vec<_> = (0..many).map(|_| world.browser().at("9.9.9.9")).collect();
    for one in &mut guessing {
        one.take_cookies_of(&browser);
    }
    let tried = guessing
        .iter_mut()
        .map(|one| one.submit(&form, &[("email", "ada@example.test"), ("password", "guess")]));
    futures_util::future::join_all(tried).await;
    // Ten, and those that were being compared when the tenth was found to be wrong.
    let compared = comparing.since();
    assert!(compared >= 10 && compared < many / 2, "{compared} of {many} guesses");
    let closed = browser
        .submit(&form, &[("email", "ada@example.test"), ("password", PASSWORD)])
        .await;
    assert_eq!(closed.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_fresh_provider_knows_nobody() {
    // SEC-5
    let world = World::start().await;
    world.account("Acme").await;
    for (email, password) in [
        ("admin", "admin"),
        ("admin@vendor.test", "admin"),
        ("root@localhost", "password"),
        ("", ""),
    ] {
        let refused = world.browser().try_log_in(email, password).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{email}");
    }
    let mut read = world.provider.store().read().await.unwrap();
    for table in ["app_user", "application", "personal_token", "service_token"] {
        let sql = format!("SELECT COUNT(*) AS count FROM {table}");
        let row = read.fetch_one(store::AssertSqlSafe(sql), Vec::new()).await.unwrap();
        assert_eq!(row.get::<i64>("count").unwrap(), 0, "{table}");
    }
}
