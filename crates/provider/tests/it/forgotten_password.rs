//! A forgotten password, by mail.

use http::{Request, StatusCode, header};
use provider::Role;

use crate::{
    mails::by_mail_server,
    sink::Sink,
    world::{PASSWORD, World, form},
};

const FORGOTTEN: &str = "/login/forgotten";
const NEW: &str = "a new one altogether";

#[tokio::test]
async fn a_mailed_link_sets_a_new_password_once() {
    // SEC-8, SEC-11
    let world = World::start().await;
    world.acme().await;
    let mut elsewhere = world.logged_in("ada@example.test").await;
    let mut ada = world.browser();
    let asked = ada
        .fill_in(FORGOTTEN, FORGOTTEN, &[("email", "ADA@example.test")])
        .await;
    assert!(
        asked.text.contains("a mail with a link is on its way"),
        "{}",
        asked.text
    );
    let letter = world.newest_mail().await;
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("ada@example.test", "Choose a new password for Vendor & Sons")
    );
    let link = letter.link();

    let weak = ada.fill_in(&link, &link, &[("new_password", "password1")]).await;
    assert_eq!(weak.status, StatusCode::BAD_REQUEST);
    assert!(weak.text.contains("among the most common"));
    let set = ada.fill_in(&link, &link, &[("new_password", NEW)]).await;
    assert_eq!(
        (set.status, set.location()),
        (StatusCode::SEE_OTHER, "/login?done=password")
    );
    assert!(ada.get(set.location()).await.text.contains("Your new password is set"));
    // Nobody is logged in by it, and everybody else is out.
    assert_eq!(ada.get("/").await.location(), "/login");
    assert_eq!(elsewhere.get("/").await.location(), "/login");
    assert_eq!(
        ada.try_log_in("ada@example.test", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    ada.log_in("ada@example.test", NEW).await;

    let again = world.browser().get(&link).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_link_lasts_an_hour_and_ends_with_the_password_it_was_for() {
    // SEC-8
    const CHANGE: &str = "/accountsettings/password";
    let world = World::start().await;
    world.acme().await;
    let ask = async || {
        world
            .browser()
            .fill_in(FORGOTTEN, FORGOTTEN, &[("email", "ada@example.test")])
            .await;
        world.newest_mail().await.link()
    };
    let link = ask().await;
    let form = world.browser().get(&link).await.form(&link);
    world.later(3599);
    assert_eq!(world.browser().get(&link).await.status, StatusCode::OK);
    world.later(1);
    assert_eq!(world.browser().get(&link).await.status, StatusCode::GONE);
    let late = world.browser().post(&form.action, &[("new_password", NEW)]).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN, "another browser's form");

    let link = ask().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let fields = [("current_password", PASSWORD), ("new_password", NEW)];
    ada.fill_in(CHANGE, CHANGE, &fields).await;
    assert_eq!(world.browser().get(&link).await.status, StatusCode::GONE);
    for wrong in ["/login/password/rfl_AAAA", "/login/password/x"] {
        assert_eq!(world.browser().get(wrong).await.status, StatusCode::GONE);
    }
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_after_the_same_work() {
    // SEC-7
    let world = World::start().await;
    let account = world.acme().await;
    world.user(account, "bob@example.test", Role::User).await;
    world
        .provider
        .deactivate_user(&crate::world::secret("bob@example.test"))
        .await
        .unwrap();
    let mut answers = Vec::new();
    for email in ["ada@example.test", "eve@example.test", "bob@example.test", "nonsense"] {
        let before = world.audited().await.len();
        let mut browser = world.browser();
        let page = browser.fill_in(FORGOTTEN, FORGOTTEN, &[("email", email)]).await;
        let written = world.audited().await.split_off(before);
        answers.push((page.status, page.text, written, world.jobs().await));
        world.provider.runner().drain().await.unwrap();
    }
    let first = answers.first().unwrap();
    assert!(answers.iter().all(|answer| answer == first), "{answers:#?}");
    assert_eq!(world.mails().await, 1);
}

#[tokio::test]
async fn nobody_is_flooded_with_links() {
    let world = World::start().await;
    world.acme().await;
    let ask = async |address: &str| {
        let mut browser = world.browser().at(address);
        browser
            .fill_in(FORGOTTEN, FORGOTTEN, &[("email", "ada@example.test")])
            .await
            .status
    };
    for from in 0..6 {
        assert_eq!(ask(&format!("9.9.9.{from}")).await, StatusCode::OK);
        world.provider.runner().drain().await.unwrap();
    }
    assert_eq!(world.mails().await, 3);
    for _ in 0..10 {
        assert_eq!(ask("8.8.8.8").await, StatusCode::OK);
    }
    assert_eq!(ask("8.8.8.8").await, StatusCode::TOO_MANY_REQUESTS);
    world.later(3600);
    assert_eq!(ask("8.8.8.8").await, StatusCode::OK);
    assert_eq!(world.mails().await, 4);
}

#[tokio::test]
async fn the_link_is_mailed_to_a_mail_server_and_names_our_own_host() {
    // SEC-8, SEC-36
    let folder = tempfile::tempdir().unwrap();
    let mut sink = Sink::starttls(folder.path());
    let world = World::start_with(|settings| by_mail_server(settings, &sink, folder.path())).await;
    world.acme().await;
    let mut ada = world.browser();
    let page = ada.get(FORGOTTEN).await.form(FORGOTTEN);
    let csrf = page.fields[0].1.as_str();
    let mut forged: Request<_> = form(FORGOTTEN, &[("csrf", csrf), ("email", "ada@example.test")]);
    forged.headers_mut().insert(header::HOST, "evil.test".parse().unwrap());
    forged
        .headers_mut()
        .insert("x-forwarded-host", "evil.test".parse().unwrap());
    assert_eq!(ada.send(forged).await.status, StatusCode::OK);
    world.provider.runner().drain().await.unwrap();
    let mail = sink.only_mail();
    assert_eq!(mail.recipients(), ["ada@example.test"]);
    assert!(mail.is_encrypted());
    let text = mail.part("text/plain");
    assert!(text.contains("https://vendor.test/login/password/rfl_"), "{text}");
    assert!(!mail.get("raw").contains("evil.test"));
}

#[tokio::test]
async fn without_a_mailer_the_page_says_whom_to_ask() {
    let world = World::start_with(|settings| settings.mailbox = Some(false)).await;
    world.acme().await;
    let page = world.browser().get(FORGOTTEN).await;
    assert!(page.text.contains("No mail can be sent from here") && page.forms().is_empty());
}
