//! Users of an account: invitations, roles, deactivation; what asks for the password once more.

use http::StatusCode;
use oauth::ClientType;
use provider::Role;

use crate::world::{PASSWORD, World};

const USERS: &str = "/accountsettings/users";
const BOB: [(&str, &str); 2] = [("email", "bob@example.test"), ("role", "user")];

#[tokio::test]
async fn an_invited_person_chooses_a_password_and_works_in_the_account() {
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    assert_eq!(ada.fill_in(USERS, USERS, &BOB).await.status, StatusCode::SEE_OTHER);
    assert!(ada.get(USERS).await.text.contains("bob@example.test"));
    let letter = world.newest_mail().await;
    assert_eq!(letter.to, "bob@example.test");
    assert!(letter.subject.contains("Vendor & Sons (Acme)"), "{}", letter.subject);
    let link = letter.link();

    let mut bob = world.browser();
    let page = bob.get(&link).await;
    assert!(page.text.contains("Join Acme") && page.text.contains("bob@example.test"));
    let weak = bob.submit(&page.form(&link), &[("new_password", "short")]).await;
    assert_eq!(weak.status, StatusCode::BAD_REQUEST);
    let fields = [("first_name", "Bob"), ("last_name", "Bell"), ("new_password", PASSWORD)];
    let joined = bob.submit(&page.form(&link), &fields).await;
    assert_eq!(joined.location(), "/login?done=joined");
    bob.log_in("bob@example.test", PASSWORD).await;
    let home = bob.get("/").await;
    assert!(home.text.contains("Welcome, Bob") && home.text.contains("a user"));
    assert_eq!(bob.get(USERS).await.status, StatusCode::FORBIDDEN);
    assert!(ada.get(USERS).await.text.contains("Bob Bell"));
    assert_eq!(world.browser().get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_invitation_lasts_three_days_and_the_newest_one_counts() {
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    ada.fill_in(USERS, USERS, &BOB).await;
    let first = world.newest_mail().await.link();
    world.later(1);
    ada.fill_in(USERS, USERS, &BOB).await;
    let second = world.newest_mail().await.link();
    assert_eq!(world.browser().get(&first).await.status, StatusCode::GONE);
    world.later(72 * 3600 - 1);
    assert_eq!(world.browser().get(&second).await.status, StatusCode::OK);
    world.later(1);
    assert_eq!(world.browser().get(&second).await.status, StatusCode::GONE);

    let mut ada = world.logged_in("ada@example.test").await;
    assert!(ada.get(USERS).await.text.contains("run out"));
    ada.fill_in(USERS, USERS, &BOB).await;
    let third = world.newest_mail().await.link();
    let withdrawn = ada.fill_in(USERS, "/accountsettings/invitations/", &[]).await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER);
    assert_eq!(world.browser().get(&third).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn somebody_known_joins_another_account_and_keeps_the_password() {
    let world = World::start().await;
    world.acme().await;
    let beta = world.account("Beta").await;
    world.user(beta, "bob@example.test", Role::Administrator).await;
    let mut ada = world.logged_in("ada@example.test").await;
    ada.fill_in(USERS, USERS, &BOB).await;
    let link = world.newest_mail().await.link();
    let mut browser = world.browser();
    let page = browser.get(&link).await;
    assert!(page.text.contains("You have that log-in already") && !page.text.contains("new_password"));
    browser
        .submit(&page.form(&link), &[("new_password", "another one altogether")])
        .await;
    assert_eq!(
        browser.get("/").await.location(),
        "/login",
        "the link alone logs nobody in"
    );
    let mut bob = world.logged_in("bob@example.test").await;
    let home = bob.get("/").await;
    assert!(home.text.contains("Acme (") && home.text.contains("Beta ("));
    let member = ada.fill_in(USERS, USERS, &BOB).await;
    assert!(member.text.contains("belongs to the account already"));
}

#[tokio::test]
async fn faulty_invitations_come_back_as_they_were_filled_in() {
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    for (email, role, text) in [
        ("nonsense", "user", "Enter an e-mail address"),
        ("bob@example.test", "owner", "Choose a role"),
        ("a@b\r\nBcc: eve@example.test", "user", "Enter an e-mail address"),
    ] {
        let page = ada.fill_in(USERS, USERS, &[("email", email), ("role", role)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{email}");
        assert!(page.text.contains(text), "{}", page.text);
    }
    assert_eq!(world.mails().await, 0);
}

#[tokio::test]
async fn a_role_changes_at_the_next_click_and_somebody_stays_administrator() {
    // SEC-17
    let world = World::start().await;
    let account = world.acme().await;
    world.later(1);
    world.user(account, "bob@example.test", Role::User).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let mut bob = world.logged_in("bob@example.test").await;
    let action = async |ada: &mut crate::browser::Browser<'_>, end: &str, nth: usize| {
        let forms = ada.get(USERS).await.forms();
        let form = forms
            .into_iter()
            .filter(|form| form.action.ends_with(end))
            .nth(nth)
            .unwrap();
        ada.submit(&form, &[]).await
    };
    let refused = action(&mut ada, "/role", 0).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("needs an administrator"));
    assert_eq!(action(&mut ada, "/remove", 0).await.status, StatusCode::CONFLICT);
    assert_eq!(bob.get(USERS).await.status, StatusCode::FORBIDDEN);
    action(&mut ada, "/role", 1).await;
    assert_eq!(bob.get(USERS).await.status, StatusCode::OK);
    action(&mut ada, "/role", 0).await;
    assert_eq!(ada.get(USERS).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_deactivated_member_loses_this_account_and_no_other() {
    // SEC-11, SEC-16, AS-52
    let world = World::start().await;
    let acme = world.acme().await;
    world.later(1);
    let beta = world.account("Beta").await;
    world.user(acme, "bob@example.test", Role::User).await;
    world.user(beta, "bob@example.test", Role::User).await;
    world.user(acme, "cleo@example.test", Role::User).await;
    let app = world.app(acme, ClientType::Confidential).await;
    let mut bob = world.logged_in("bob@example.test").await;
    let mut cleo = world.logged_in("cleo@example.test").await;
    let account = acme.to_string();
    let code = bob.authorize_with(&app, &[("account_id", &account)]).await;
    let granted = world.exchange(&app, &code).await.tokens();
    let token = |account| world.token("bob@example.test", account);
    let (here, there) = (token(acme).await, token(beta).await);
    assert_eq!(world.api(&granted.access, "/v2/me").await.status, StatusCode::OK);

    let mut ada = world.logged_in("ada@example.test").await;
    for _ in 0..2 {
        let forms = ada.get(USERS).await.forms();
        let form = forms
            .into_iter()
            .filter(|form| form.action.ends_with("/remove"))
            .nth(1)
            .unwrap();
        assert_eq!(ada.submit(&form, &[]).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(world.api(&granted.access, "/v2/me").await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.api(&here, "/v2/me").await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.api(&there, "/v2/me").await.status, StatusCode::OK);
    assert!(bob.get("/").await.text.contains("Beta"));
    assert_eq!(cleo.get("/").await.location(), "/login");
    assert_eq!(
        cleo.try_log_in("cleo@example.test", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );

    // Somebody else's user is nobody here.
    world.user(beta, "dora@example.test", Role::Administrator).await;
    let mut dora = world.logged_in("dora@example.test").await;
    let forms = dora.get(USERS).await.forms();
    let foreign = forms.into_iter().find(|form| form.action.ends_with("/remove")).unwrap();
    assert_eq!(ada.submit(&foreign, &[]).await.status, StatusCode::FORBIDDEN);
    ada.fill_in(USERS, USERS, &[("email", "cleo@example.test"), ("role", "user")])
        .await;
    let link = world.newest_mail().await.link();
    let mut browser = world.browser();
    browser.fill_in(&link, &link, &[]).await;
    browser.log_in("cleo@example.test", PASSWORD).await;
}

#[tokio::test]
async fn what_a_borrowed_browser_must_not_do_asks_for_the_password_again() {
    // SEC-12
    const CONFIRM: &str = "/accountsettings/confirm";
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    world.later(15 * 60);
    let asked = ada.fill_in(USERS, USERS, &BOB).await;
    assert_eq!(
        asked.location(),
        "/accountsettings/confirm?return_to=%2Faccountsettings%2Fusers"
    );
    assert_eq!(world.mails().await, 0);
    let page = ada.get(asked.location()).await;
    let wrong = ada.submit(&page.form(CONFIRM), &[("current_password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let back = ada
        .submit(&wrong.form(CONFIRM), &[("current_password", PASSWORD)])
        .await;
    assert_eq!(back.location(), USERS);
    assert_eq!(ada.fill_in(USERS, USERS, &BOB).await.location(), USERS);
    assert_eq!(world.mails().await, 1);
}

#[tokio::test]
async fn other_browsers_can_be_logged_out_at_any_time_or_kept() {
    // SEC-11
    const PATH: &str = "/accountsettings/password";
    const NEW: &str = "a new one altogether";
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    assert!(ada.get(PATH).await.text.contains("In this browser only."));
    let mut other = world.logged_in("ada@example.test").await;
    let fields = [
        ("current_password", PASSWORD),
        ("new_password", NEW),
        ("other_sessions", "keep"),
    ];
    let page = ada.fill_in(PATH, PATH, &fields).await;
    assert!(page.text.contains("Your password is changed") && page.text.contains("in 1 other:"));
    assert_eq!(other.get("/").await.status, StatusCode::OK);
    ada.fill_in(PATH, "/accountsettings/sessions/end", &[]).await;
    assert_eq!(other.get("/").await.location(), "/login");
    assert_eq!(ada.get("/").await.status, StatusCode::OK);
}
