//! Guessing passwords and codes.

use jiff::SignedDuration;
use manager::Role;

use super::set_up_authenticator;
use crate::{
    app::TestApp,
    portal::{Browser, PASSWORD},
};

const VICTIM: &str = "viewer@example.com";

#[tokio::test]
async fn who_guesses_is_slowed_down_and_the_victim_gets_in_from_elsewhere() {
    // SEC-4
    let app = TestApp::start().await;
    Browser::of_role(&app, Role::Viewer).await;
    let mut attacker = Browser::of(&app);
    attacker.address = [198, 51, 100, 7];
    for _ in 0..10 {
        attacker.log_in(VICTIM, "wrong").await.expect(401);
    }
    let slowed = attacker.log_in(VICTIM, PASSWORD).await.expect(429);
    assert!(slowed.headers.contains_key("retry-after"));
    let mut victim = Browser::of(&app);
    victim.log_in(VICTIM, PASSWORD).await.expect(303);

    // Patience does not help: after twenty wrong ones in an hour this address does not try this account any more.
    for _ in 0..10 {
        app.clock.advance(SignedDuration::from_mins(2));
        attacker.log_in(VICTIM, "wrong").await.expect(401);
    }
    app.clock.advance(SignedDuration::from_mins(2));
    attacker.log_in(VICTIM, PASSWORD).await.expect(429);
    Browser::of(&app).log_in(VICTIM, PASSWORD).await.expect(303);
}

#[tokio::test]
async fn guessing_from_everywhere_does_not_lock_a_known_browser_out() {
    // SEC-4
    let app = TestApp::start().await;
    let mut victim = Browser::of_role(&app, Role::Viewer).await;
    for guess in 0..200_u8 {
        let mut attacker = Browser::of(&app);
        attacker.address = [203, 0, 113, guess];
        let page = attacker.get("/login").await.expect(200);
        let filled = [("email", VICTIM), ("password", "wrong")];
        attacker.submit(&page, "/login", &filled).await.expect(401);
    }
    let mut stranger = Browser::of(&app);
    stranger.address = [198, 51, 100, 7];
    stranger.log_in(VICTIM, PASSWORD).await.expect(429);
    victim.cookie = None;
    victim.log_in(VICTIM, PASSWORD).await.expect(303);
    app.clock.advance(SignedDuration::from_mins(61));
    stranger.log_in(VICTIM, PASSWORD).await.expect(303);
}

#[tokio::test]
async fn codes_are_guessed_ten_times_an_hour_and_a_recovery_code_still_works() {
    // SEC-6
    let app = TestApp::start().await;
    let mut victim = Browser::of_role(&app, Role::Viewer).await;
    let (secret, recovery) = set_up_authenticator(&mut victim).await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/login").await.expect(200);
    let with = |code: &'static str| [("email", VICTIM), ("password", PASSWORD), ("totp", code)];
    for _ in 0..10 {
        browser.submit(&page, "/login", &with("000000")).await.expect(401);
    }
    app.clock.advance(SignedDuration::from_mins(1));
    let right = secret.code_at(app.manager.store().now());
    let filled = [("email", VICTIM), ("password", PASSWORD), ("totp", right.as_str())];
    browser.submit(&page, "/login", &filled).await.expect(429);
    let filled = [
        ("email", VICTIM),
        ("password", PASSWORD),
        ("totp", recovery[0].as_str()),
    ];
    browser.submit(&page, "/login", &filled).await.expect(303);
}
