//! Set-up, invitations, forgotten and changed passwords.

use jiff::SignedDuration;
use manager::{By, Role, Settings};

use super::{link, newest_mail};
use crate::{
    app::TestApp,
    portal::{Browser, EMAIL, PASSWORD},
};

#[tokio::test]
async fn a_fresh_manager_is_set_up_through_a_link_that_works_once() {
    // SEC-5
    let app = TestApp::start().await;
    let made = app.manager.begin_set_up().await.unwrap().unwrap();
    let path = link(made.link.reveal(), "/setup/");
    let mut browser = Browser::of(&app);
    browser
        .get("/setup/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        .await
        .expect(404);
    let page = browser.get(&path).await.expect(200);
    let weak = [("email", EMAIL), ("password", "password")];
    let again = browser.submit(&page, &path, &weak).await.expect(422);
    assert!(again.text.contains("most common"), "{}", again.text);
    browser
        .submit(&page, &path, &[("email", EMAIL), ("password", PASSWORD)])
        .await
        .expect(303);
    let users = browser.get("/settings/users").await.expect(200);
    assert!(
        users.text.contains(EMAIL) && users.text.contains("Super admin"),
        "{}",
        users.text
    );

    // Nobody else becomes the first one, by this link or another.
    let mut other = Browser::of(&app);
    other.get(&path).await.expect(404);
    assert!(app.manager.begin_set_up().await.unwrap().is_none());
}

#[tokio::test]
async fn a_set_up_link_dies_after_an_hour_and_with_the_first_user() {
    // SEC-5
    let app = TestApp::start().await;
    let first = app.manager.begin_set_up().await.unwrap().unwrap();
    let path = link(first.link.reveal(), "/setup/");
    app.clock.advance(SignedDuration::from_mins(61));
    let mut browser = Browser::of(&app);
    browser.get(&path).await.expect(404);

    let second = app.manager.begin_set_up().await.unwrap().unwrap();
    let path = link(second.link.reveal(), "/setup/");
    let page = browser.get(&path).await.expect(200);
    Browser::of_role(&app, Role::SuperAdmin).await;
    let filled = [("email", EMAIL), ("password", PASSWORD)];
    browser.submit(&page, &path, &filled).await.expect(404);
}

#[tokio::test]
async fn an_invitation_is_mailed_and_works_once() {
    let app = TestApp::start().await;
    let mut admin = Browser::of_role(&app, Role::SuperAdmin).await;
    let page = admin.get("/settings/users/invite").await.expect(200);
    let action = "/settings/users/invite";
    let filled = [("email", "grace@example.com"), ("role", "approver")];
    let sent = admin.submit(&page, action, &filled).await.expect(303);
    let users = admin.get(sent.location()).await.expect(200);
    assert!(
        users.text.contains("An invitation was mailed to grace@example.com"),
        "{}",
        users.text
    );
    assert!(users.text.contains("Invited"), "{}", users.text);
    assert!(
        !admin.get("/settings/users").await.text.contains("was mailed"),
        "told once"
    );
    let twice = admin.submit(&page, action, &filled).await.expect(422);
    assert!(twice.text.contains("belongs to another user"), "{}", twice.text);

    let path = link(&newest_mail(&app).await, "/invitation/");
    let mut grace = Browser::of(&app);
    grace.log_in("grace@example.com", "").await.expect(401);
    let page = grace.get(&path).await.expect(200);
    assert!(
        page.text.contains("grace@example.com") && page.text.contains("Approver"),
        "{}",
        page.text
    );
    grace.submit(&page, &path, &[("password", "short")]).await.expect(422);
    grace.submit(&page, &path, &[("password", PASSWORD)]).await.expect(303);
    grace.get("/requests").await.expect(200);
    grace.get("/settings/users").await.expect(403);
    Browser::of(&app).get(&path).await.expect(404);
    Browser::of(&app)
        .log_in("grace@example.com", PASSWORD)
        .await
        .expect(303);
}

#[tokio::test]
async fn an_invitation_dies_after_three_days_or_with_the_next_one() {
    let app = TestApp::with(Settings::default()).await;
    let by = By::command_line();
    let first = app
        .manager
        .invite("grace@example.com", Role::Viewer, &by)
        .await
        .unwrap();
    let first_link = first.link.expect("there is no mailer, so the link is handed over");
    let second = app.manager.invite_again(first.id, &by).await.unwrap();
    let (one, two) = (
        link(first_link.reveal(), "/invitation/"),
        link(second.link.unwrap().reveal(), "/invitation/"),
    );
    let mut browser = Browser::of(&app);
    browser.get(&one).await.expect(404);
    browser.get(&two).await.expect(200);
    app.clock.advance(SignedDuration::from_hours(73));
    browser.get(&two).await.expect(404);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail_and_tells_nobody_who_is_known() {
    // SEC-7, SEC-8, SEC-11
    let app = TestApp::start().await;
    let mut olga = Browser::of_role(&app, Role::Viewer).await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/password").await.expect(200);
    let known = browser
        .submit(&page, "/password", &[("email", "viewer@example.com")])
        .await
        .expect(200);
    let mail = newest_mail(&app).await;
    let before = app.mails().await.len();
    let unknown = browser
        .submit(&page, "/password", &[("email", "nobody@example.com")])
        .await
        .expect(200);
    app.run_jobs().await;
    assert_eq!(known.text, unknown.text);
    assert_eq!(app.mails().await.len(), before);

    let path = link(&mail, "/password/");
    let page = browser.get(&path).await.expect(200);
    browser
        .submit(&page, &path, &[("password", "12345678")])
        .await
        .expect(422);
    let done = browser
        .submit(&page, &path, &[("password", "a better one 17")])
        .await
        .expect(303);
    assert_eq!(done.location(), "/login");
    assert!(browser.get("/login").await.text.contains("Your password was changed"));
    browser.get(&path).await.expect(404);
    olga.get("/").await.expect(303);
    browser.log_in("viewer@example.com", PASSWORD).await.expect(401);
    browser
        .log_in("viewer@example.com", "a better one 17")
        .await
        .expect(303);
}

#[tokio::test]
async fn a_password_link_lives_for_an_hour_and_the_newest_alone_works() {
    // SEC-8
    let app = TestApp::start().await;
    Browser::of_role(&app, Role::Viewer).await;
    let mut browser = Browser::of(&app);
    let page = browser.get("/password").await.expect(200);
    let mut links = Vec::new();
    for _ in 0..2 {
        browser
            .submit(&page, "/password", &[("email", "viewer@example.com")])
            .await
            .expect(200);
        app.clock.advance(SignedDuration::from_secs(1));
        links.push(link(&newest_mail(&app).await, "/password/"));
    }
    browser.get(&links[0]).await.expect(404);
    browser.get(&links[1]).await.expect(200);
    app.clock.advance(SignedDuration::from_mins(60));
    browser.get(&links[1]).await.expect(404);
}

#[tokio::test]
async fn changing_a_password_needs_the_old_one_and_ends_other_sessions() {
    // SEC-3, SEC-11
    let app = TestApp::start().await;
    let mut here = Browser::of_role(&app, Role::Viewer).await;
    let mut there = Browser::of(&app);
    there.log_in("viewer@example.com", PASSWORD).await.expect(303);
    let profile = here.get("/profile").await.expect(200);
    let change = "/profile/password";
    let new = "a better one 17";
    let wrong = [("old_password", "wrong"), ("password", new)];
    here.submit(&profile, change, &wrong).await.expect(422);
    let common = [("old_password", PASSWORD), ("password", "12345678")];
    here.submit(&profile, change, &common).await.expect(422);
    there.get("/").await.expect(200);
    let right = [("old_password", PASSWORD), ("password", new), ("end_others", "yes")];
    let done = here.submit(&profile, change, &right).await.expect(303);
    assert!(
        here.get(done.location())
            .await
            .expect(200)
            .text
            .contains("Your password was changed")
    );
    there.get("/").await.expect(303);
    there.log_in("viewer@example.com", PASSWORD).await.expect(401);
    there.log_in("viewer@example.com", new).await.expect(303);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner() {
    // SEC-11
    let app = TestApp::start().await;
    let mut here = Browser::of_role(&app, Role::Viewer).await;
    let mut there = Browser::of(&app);
    there.log_in("viewer@example.com", PASSWORD).await.expect(303);
    let profile = here.get("/profile").await.expect(200);
    assert!(
        profile.text.contains("This one") && profile.text.contains("192.0.2.1"),
        "{}",
        profile.text
    );
    let (_, button) = profile.text.rsplit_once("name=\"session\" value=\"").unwrap();
    let id = button.split('"').next().unwrap();
    // `submit` sends the hidden fields of the first such form, which ends all others.
    assert!(id.len() == 36, "{id}");
    here.submit(&profile, "/profile/sessions/end", &[]).await.expect(303);
    there.get("/").await.expect(303);
    here.get("/").await.expect(200);
}
