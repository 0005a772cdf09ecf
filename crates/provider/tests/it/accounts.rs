//! Accounts and users, as the command line makes them.

use provider::{CreateUserError, NewUser, Role, UserChangeError};
use store::ChainReport;

use crate::world::{PASSWORD, World, secret};

fn new_user(account: provider::AccountId, email: &str, password: &str) -> NewUser {
    NewUser {
        account,
        email: secret(email),
        role: Role::User,
        password: secret(password),
        first_name: String::new(),
        last_name: String::new(),
    }
}

#[tokio::test]
async fn accounts_have_numbers_and_names() {
    let world = World::start().await;
    let (one, two) = (world.account("Acme").await, world.account("Beta").await);
    assert_eq!(two.0, one.0 + 1);
    for name in ["", " ", "a\nb"] {
        assert!(world.provider.create_account(name).await.is_err());
    }
}

#[tokio::test]
async fn a_known_user_joins_another_account_and_keeps_the_password() {
    let world = World::start().await;
    world.acme().await;
    let beta = world.account("Beta").await;
    let joined = world
        .provider
        .create_user(new_user(beta, "Ada@example.test", "x"))
        .await
        .unwrap();
    assert!(joined.known);
    world.logged_in("ada@example.test").await;
    let again = world
        .provider
        .create_user(new_user(beta, "ada@example.test", PASSWORD))
        .await;
    assert!(matches!(again, Err(CreateUserError::Member)));
    let memberships = world.provider.memberships(joined.user).await.unwrap();
    let names: Vec<_> = memberships
        .iter()
        .map(|membership| membership.account.name.as_str())
        .collect();
    assert_eq!(names, ["Acme", "Beta"]);
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let world = World::start().await;
    let account = world.account("Acme").await;
    let nowhere = provider::AccountId(1);
    for (new, message) in [
        (new_user(account, "ada", PASSWORD), "email: "),
        (
            new_user(account, "ada@example.test", "short"),
            "password: a password has at least 8 characters",
        ),
        (
            new_user(account, "ada@example.test", "password123"),
            "password: that password is among the most common",
        ),
        (
            new_user(nowhere, "ada@example.test", PASSWORD),
            "account: there is no account 1",
        ),
    ] {
        let error = world.provider.create_user(new).await.unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
    }
    let nobody = world
        .provider
        .set_role(account, &secret("eve@example.test"), Role::User)
        .await;
    assert!(matches!(nobody, Err(UserChangeError::Unknown)));
}

#[tokio::test]
async fn what_people_are_called_is_told_by_the_api_and_nowhere_else() {
    let world = World::start().await;
    world.acme().await;
    let token = world
        .provider
        .create_personal_token(&secret("ada@example.test"), None, "x")
        .await
        .unwrap()
        .token;
    let me = world.api(token.reveal(), "/v2/me").await.json();
    assert_eq!(me["profile"]["email"], "ada@example.test");
    assert_eq!(me["profile"]["first_name"], "Ada");
}

#[tokio::test]
async fn everything_that_matters_is_in_the_audit_log() {
    // SEC-44, SEC-45
    let world = World::start().await;
    let app = world.app(world.acme().await, oauth::ClientType::Confidential).await;
    world.browser().try_log_in("ada@example.test", "wrong").await;
    world.connect("ada@example.test", &app).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.get("/accountsettings/apps").await;
    ada.submit(&page.form("/accountsettings/apps/"), &[]).await;
    ada.fill_in("/", "/logout", &[]).await;
    world
        .provider
        .deactivate_user(&secret("ada@example.test"))
        .await
        .unwrap();
    assert_eq!(
        world.audited().await,
        [
            "account.created",
            "user.created",
            "application.registered",
            "session.refused",
            "session.began",
            "authorization.accepted",
            "grant.created",
            "session.began",
            "grant.revoked",
            "session.ended",
            "user.deactivated",
        ]
    );
    let report = world.provider.store().verify_audit().await.unwrap();
    assert_eq!(report, ChainReport::Whole { events: 11 });
    let mut read = world.provider.store().read().await.unwrap();
    for event in read.events(None, 0, 100).await.unwrap() {
        assert!(!format!("{event:?}").contains("example.test"));
    }
}
