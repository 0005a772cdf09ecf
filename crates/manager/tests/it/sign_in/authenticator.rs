//! The second factor.

use jiff::SignedDuration;
use manager::{Role, SecondFactorRule, Settings};

use super::{app_of, link, newest_mail, set_up_authenticator};
use crate::{
    app::TestApp,
    portal::{Browser, PASSWORD},
};

const EMAIL: &str = "viewer@example.com";

#[tokio::test]
async fn with_an_authenticator_the_password_alone_lets_nobody_in() {
    // SEC-6
    let app = TestApp::start().await;
    let mut owner = Browser::of_role(&app, Role::Viewer).await;
    let (secret, recovery) = set_up_authenticator(&mut owner).await;
    assert_eq!(recovery.len(), 10);

    let mut browser = Browser::of(&app);
    let asked = browser.log_in(EMAIL, PASSWORD).await.expect(200);
    assert!(asked.text.contains("name=\"totp\""), "{}", asked.text);
    browser.get("/").await.expect(303);
    // The code that confirmed the set-up was used with it.
    let used = secret.code_at(app.manager.store().now());
    let refused = browser.submit(&asked, "/login", &[("totp", &used)]).await.expect(401);
    app.clock.advance(SignedDuration::from_secs(60));
    let fresh = secret.code_at(app.manager.store().now());
    browser
        .submit(&refused, "/login", &[("totp", &fresh)])
        .await
        .expect(303);
    browser.get("/").await.expect(200);

    // Nor does a code work twice, nor one of two steps ago; one of the step before does.
    let mut other = Browser::of(&app);
    let page = other.get("/login").await.expect(200);
    let old = secret.code_at(app.manager.store().now());
    let filled = |code: &str| {
        [("email", EMAIL), ("password", PASSWORD)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain([("totp".to_owned(), code.to_owned())])
            .collect::<Vec<_>>()
    };
    let fields = filled(&old);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    other.submit(&page, "/login", &fields).await.expect(401);
    app.clock.advance(SignedDuration::from_secs(60));
    let two_ago = secret.code_at(app.manager.store().now());
    app.clock.advance(SignedDuration::from_secs(60));
    let before = secret.code_at(app.manager.store().now() - SignedDuration::from_secs(30));
    for (code, status) in [(two_ago, 401), (before, 303)] {
        let fields = filled(&code);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        other.submit(&page, "/login", &fields).await.expect(status);
    }
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_and_new_ones_replace_all() {
    let app = TestApp::start().await;
    let mut owner = Browser::of_role(&app, Role::Viewer).await;
    let (_, recovery) = set_up_authenticator(&mut owner).await;
    let mut browser = Browser::of(&app);
    for (code, status) in [(&recovery[0], 303), (&recovery[0], 401), (&recovery[1], 303)] {
        browser.cookie = None;
        let page = browser.get("/login").await.expect(200);
        let filled = [("email", EMAIL), ("password", PASSWORD), ("totp", code.as_str())];
        browser.submit(&page, "/login", &filled).await.expect(status);
    }
    let page = owner.get("/profile/authenticator").await.expect(200);
    assert!(page.text.contains("8 recovery codes are left"), "{}", page.text);
    owner
        .submit(&page, "/profile/authenticator/recovery-codes", &[])
        .await
        .expect(200);
    browser.cookie = None;
    let page = browser.get("/login").await.expect(200);
    let filled = [("email", EMAIL), ("password", PASSWORD), ("totp", recovery[2].as_str())];
    browser.submit(&page, "/login", &filled).await.expect(401);
}

#[tokio::test]
async fn a_new_password_by_mail_does_not_go_around_the_authenticator() {
    // SEC-8
    let app = TestApp::start().await;
    let mut owner = Browser::of_role(&app, Role::Viewer).await;
    let (secret, _) = set_up_authenticator(&mut owner).await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/password").await.expect(200);
    browser
        .submit(&page, "/password", &[("email", EMAIL)])
        .await
        .expect(200);
    let path = link(&newest_mail(&app).await, "/password/");
    let page = browser.get(&path).await.expect(200);
    browser
        .submit(&page, &path, &[("password", "a better one 17")])
        .await
        .expect(303);
    browser.get("/").await.expect(303);
    let asked = browser.log_in(EMAIL, "a better one 17").await.expect(200);
    app.clock.advance(SignedDuration::from_secs(60));
    let code = secret.code_at(app.manager.store().now());
    browser.submit(&asked, "/login", &[("totp", &code)]).await.expect(303);
}

#[tokio::test]
async fn where_it_is_required_nothing_else_can_be_done_before_it_is_set_up() {
    // SEC-6
    let app = TestApp::with(Settings {
        require_totp: SecondFactorRule::SuperAdmins,
        ..Settings::default()
    })
    .await;
    let mut viewer = Browser::of_role(&app, Role::Viewer).await;
    viewer.get("/requests").await.expect(200);
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let path = "/profile/authenticator";
    for page in ["/", "/requests", "/settings/users", "/audit"] {
        assert_eq!(admin.get(page).await.expect(303).location(), path, "{page}");
    }
    let page = admin.get(path).await.expect(200);
    assert!(page.text.contains("One more step"), "{}", page.text);
    set_up_authenticator(&mut admin).await;
    admin.get("/requests").await.expect(200);
    let refused = admin.get("/profile/authenticator/remove").await.expect(200);
    admin
        .submit(&refused, "/profile/authenticator/remove", &[])
        .await
        .expect(409);
}

#[tokio::test]
async fn what_matters_asks_for_the_password_again_after_ten_minutes() {
    // SEC-12
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    admin.get("/profile/email").await.expect(200);
    app.clock.advance(SignedDuration::from_mins(11));
    for page in ["/profile/email", "/settings/api-keys/new", "/settings/users/invite"] {
        let asked = admin.get(page).await.expect(303);
        assert!(asked.location().starts_with("/confirm?next="), "{}", asked.location());
    }
    let page = admin.get("/profile/authenticator").await.expect(200);
    let asked = admin.submit(&page, "/profile/authenticator", &[]).await.expect(303);
    let page = admin.get(asked.location()).await.expect(200);
    admin
        .submit(&page, "/confirm", &[("password", "wrong")])
        .await
        .expect(422);
    admin.get("/profile/email").await.expect(303);
    let back = admin
        .submit(&page, "/confirm", &[("password", PASSWORD)])
        .await
        .expect(303);
    assert_eq!(back.location(), "/profile/authenticator");
    admin.get("/profile/email").await.expect(200);
}

#[tokio::test]
async fn the_secret_of_an_authenticator_is_not_in_the_database_as_it_is() {
    // CL-27, SEC-29
    let app = TestApp::start().await;
    let mut owner = Browser::of_role(&app, Role::Viewer).await;
    let path = "/profile/authenticator";
    let page = owner.get(path).await.expect(200);
    owner.submit(&page, path, &[]).await.expect(303);
    let secret = app_of(&owner.get(path).await.expect(200));
    if app.database.is_postgres() {
        return;
    }
    app.manager.store().close().await;
    for file in std::fs::read_dir(app.database.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let content = std::fs::read(&path).unwrap();
            let found = content.windows(20).any(|window| window == secret.bytes());
            assert!(!found, "{}", path.display());
        }
    }
}
