//! Passwords, from outside: which can be chosen, and what of them counts.

#[path = "../../../../http/tests/shared/comparing.rs"]
mod comparing;

use jiff::SignedDuration;
use manager::{By, Role, app::NewOperator};

use self::comparing::Comparing;
use super::{link, newest_mail};
use crate::{
    app::TestApp,
    portal::{Browser, PASSWORD},
};

const EMAIL: &str = "viewer@example.com";
/// 64 characters of every kind.
const LONG: &str = "  Zwölf Boxkämpfer jagen \u{202e}Viktor quer % + & = \"<'>\\ über 日本語 d. ";

#[tokio::test]
async fn every_character_of_a_users_password_counts() {
    // SEC-1, SEC-27
    assert_eq!(LONG.chars().count(), 64);
    let app = TestApp::start().await;
    let mut olga = Browser::of_role(&app, Role::Viewer).await;
    let profile = olga.get("/profile").await.expect(200);
    let filled = [("old_password", PASSWORD), ("password", LONG)];
    olga.submit(&profile, "/profile/password", &filled).await.expect(303);
    let but_last: String = LONG.chars().take(63).collect();
    for wrong in [
        format!("{but_last}!"),
        format!("{LONG}!"),
        but_last.clone(),
        LONG.trim().to_owned(),
        LONG.to_lowercase(),
        LONG.replace('ö', "o\u{308}"),
    ] {
        Browser::of(&app).log_in(EMAIL, &wrong).await.expect(401);
    }
    Browser::of(&app).log_in(EMAIL, LONG).await.expect(303);
    let mut read = app.manager.store().read().await.unwrap();
    let row = read.fetch_one("SELECT password_hash FROM operator", Vec::new()).await;
    let hash: String = row.unwrap().get("password_hash").unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}

#[tokio::test]
async fn what_everybody_tries_is_refused_wherever_a_user_chooses_a_password() {
    // SEC-2
    let app = TestApp::start().await;
    let set_up = app.manager.begin_set_up().await.unwrap().unwrap();
    let set_up = link(set_up.link.reveal(), "/setup/");
    let common = ["password123", "QWERTYUIOP", "iloveyou", "1q2w3e4r", "aaaaaaaaaaaa"];
    let mut browser = Browser::of(&app);
    for common in common {
        let page = browser.get(&set_up).await.expect(200);
        let filled = [("email", "root@example.com"), ("password", common)];
        browser.submit(&page, &set_up, &filled).await.expect(422);
    }
    let mut olga = Browser::of_role(&app, Role::Viewer).await;
    app.manager
        .invite("grace@example.com", Role::Viewer, &By::command_line())
        .await
        .unwrap();
    let invitation = link(&newest_mail(&app).await, "/invitation/");
    app.clock.advance(SignedDuration::from_secs(1));
    let page = browser.get("/password").await.expect(200);
    browser
        .submit(&page, "/password", &[("email", EMAIL)])
        .await
        .expect(200);
    let reset = link(&newest_mail(&app).await, "/password/");
    for common in common {
        for path in [&invitation, &reset] {
            let page = browser.get(path).await.expect(200);
            let told = browser.submit(&page, path, &[("password", common)]).await.expect(422);
            assert!(told.text.contains("most common"), "{}", told.text);
        }
        let profile = olga.get("/profile").await.expect(200);
        let filled = [("old_password", PASSWORD), ("password", common)];
        olga.submit(&profile, "/profile/password", &filled).await.expect(422);
        let new = NewOperator {
            email: "eve@example.com".to_owned(),
            role: Role::Viewer,
            password: common.to_owned().into(),
        };
        assert!(app.manager.create_operator(new, &By::command_line()).await.is_err());
    }
    Browser::of(&app).log_in(EMAIL, PASSWORD).await.expect(303);
}

#[tokio::test]
async fn a_log_in_to_the_portal_costs_one_comparison_whoever_it_is_for() {
    // SEC-7
    let app = TestApp::start().await;
    Browser::of_role(&app, Role::Viewer).await;
    let by = By::command_line();
    let invited = app
        .manager
        .invite("grace@example.com", Role::Viewer, &by)
        .await
        .unwrap();
    let gone = app.manager.invite("gone@example.com", Role::Viewer, &by).await.unwrap();
    app.manager.deactivate(gone.id, &by).await.unwrap();
    assert_ne!(invited.id, gone.id);
    let mut browser = Browser::of(&app);
    let page = browser.get("/login").await.expect(200);
    let comparing = Comparing::begin();
    for (email, password) in [
        (EMAIL, "wrong"),
        ("nobody@example.com", "wrong"),
        ("grace@example.com", "wrong"),
        ("grace@example.com", ""),
        ("gone@example.com", "wrong"),
        ("nonsense", "wrong"),
    ] {
        let filled = [("email", email), ("password", password)];
        browser.submit(&page, "/login", &filled).await.expect(401);
        assert_eq!(comparing.since(), 1, "{email}");
    }
}

#[tokio::test]
async fn guesses_at_a_user_that_come_together_are_counted_like_others() {
    // SEC-4
    let app = TestApp::start().await;
    Browser::of_role(&app, Role::Viewer).await;
    let mut first = Browser::of(&app);
    first.address = [198, 51, 100, 7];
    let page = first.get("/login").await.expect(200);
    let comparing = Comparing::begin();
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let many = 200 + 20 * cores;
    let mut guessing: Vec<_> = (0..many)
        .map(|_| Browser {
            app: &app,
            cookie: first.cookie.clone(),
            others: first.others.clone(),
            address: first.address,
        })
        .collect();
    let tried = guessing
        .iter_mut()
        .map(|one| one.submit(&page, "/login", &[("email", EMAIL), ("password", "guess")]));
    futures_util::future::join_all(tried).await;
    // Ten, and those that were being compared when the tenth was found to be wrong.
    let compared = comparing.since();
    assert!(compared >= 10 && compared < many / 2, "{compared} of {many} guesses");
    let filled = [("email", EMAIL), ("password", PASSWORD)];
    first.submit(&page, "/login", &filled).await.expect(429);
}
