//! The developers' pages and the applications page.

use http::StatusCode;
use oauth::ClientType;
use provider::Role;

use crate::world::{App, CALLBACK, World, secret};

const DEVELOPERS: &str = "/accountsettings/apps/developers";

#[tokio::test]
async fn an_administrator_registers_an_application_and_sees_its_secret_once() {
    // AS-20, AS-45
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let fields = [
        ("name", "Orders <b>"),
        (
            "redirect_uris",
            "https://client.test/cb\r\nhttps://client.test/other\r\n",
        ),
        ("client_type", "confidential"),
        ("client_id", "1"),
    ];
    let page = ada.fill_in(DEVELOPERS, DEVELOPERS, &fields).await;
    assert_eq!(page.status, StatusCode::OK);
    let app = App {
        id: page.shown("client_id"),
        secret: Some(page.shown("client_secret")),
    };
    assert_ne!(app.id, "1");
    assert_eq!(page.header("cache-control"), "no-store");
    let list = ada.get(DEVELOPERS).await;
    assert!(
        list.text.contains("Orders &#60;b&#62;") && list.text.contains(&app.id),
        "{}",
        list.text
    );
    let shown = ada.get(&format!("{DEVELOPERS}/{}", app.id)).await;
    assert!(shown.text.contains("https://client.test/other"));
    assert!(!shown.text.contains(app.secret.as_deref().unwrap()));
    let code = ada.authorize(&app).await;
    world.exchange(&app, &code).await.tokens();
}

#[tokio::test]
async fn every_wrong_field_is_named_and_what_was_typed_stays() {
    // AS-6, AS-7
    let world = World::start().await;
    world.acme().await;
    let mut ada = world.logged_in("ada@example.test").await;
    let fields = [
        ("name", ""),
        (
            "redirect_uris",
            "https://client.test/cb\nhttp://client.test/cb\nhttps://client.test/#f\nrelative",
        ),
        ("client_type", "confidential"),
        ("implicit", "on"),
    ];
    let page = ada.fill_in(DEVELOPERS, DEVELOPERS, &fields).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    for part in [
        "Give the application a name",
        "URI 2: http:// is refused",
        "URI 3: a redirect URI must have no #fragment",
        "URI 4: a redirect URI must be absolute",
        "only for public applications",
        "http://client.test/cb\n",
        "aria-invalid",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let none = ada
        .fill_in(DEVELOPERS, DEVELOPERS, &[("client_type", ""), ("name", "x")])
        .await;
    assert!(none.text.contains("Choose whether the application can keep a secret"));
    assert!(ada.get(DEVELOPERS).await.text.contains("No applications yet"));
}

#[tokio::test]
async fn an_edit_holds_at_the_next_request() {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let mut ada = world.logged_in("ada@example.test").await;
    assert_eq!(ada.asked_by(&app).await.status, StatusCode::OK);
    let path = format!("{DEVELOPERS}/{}", app.id);
    let fields = [
        ("name", "Renamed"),
        ("redirect_uris", "https://client.test/new"),
        ("pkce_required", "on"),
    ];
    let answer = ada.fill_in(&path, &path, &fields).await;
    assert_eq!(answer.location(), DEVELOPERS);
    assert_eq!(ada.asked_by(&app).await.status, StatusCode::BAD_REQUEST);
    let new = crate::browser::authorize_path(&app, &[("redirect_uri", "https://client.test/new")]);
    // AS-29: the application now insists on PKCE.
    assert_eq!(ada.get(&new).await.answered("error").unwrap(), "invalid_request");
    assert!(ada.get(&path).await.text.contains("Renamed"));
}

#[tokio::test]
async fn a_new_secret_replaces_the_old_one_at_once() {
    let world = World::start().await;
    let mut app = world.app(world.acme().await, ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &app).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let path = format!("{DEVELOPERS}/{}", app.id);
    let page = ada.fill_in(&path, &format!("{path}/secret"), &[]).await;
    assert_eq!(
        world.refresh(&app, tokens.refresh()).await.refusal(),
        (401, "invalid_client".to_owned())
    );
    app.secret = Some(page.shown("client_secret"));
    world.refresh(&app, tokens.refresh()).await.tokens();
}

#[tokio::test]
async fn an_old_secret_works_beside_the_new_one_for_as_long_as_was_chosen() {
    let world = World::start().await;
    let old = world.app(world.acme().await, ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &old).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let path = format!("{DEVELOPERS}/{}", old.id);
    let action = format!("{path}/secret");
    let page = ada.fill_in(&path, &action, &[("overlap", "1d")]).await;
    let new = App {
        id: old.id.clone(),
        secret: Some(page.shown("client_secret")),
    };
    assert!(
        ada.get(&path)
            .await
            .text
            .contains("The secret before the last one works until")
    );
    world.later(86_399);
    for app in [&old, &new] {
        world.refresh(app, tokens.refresh()).await.tokens();
    }
    world.later(1);
    let refused = (401, "invalid_client".to_owned());
    assert_eq!(world.refresh(&old, tokens.refresh()).await.refusal(), refused);
    world.refresh(&new, tokens.refresh()).await.tokens();

    let mut ada = world.logged_in("ada@example.test").await;
    assert!(!ada.get(&path).await.text.contains("before the last one"));
    assert_eq!(
        ada.fill_in(&path, &action, &[("overlap", "1y")]).await.status,
        StatusCode::BAD_REQUEST
    );
    // A leaked secret ends with all that came before it.
    ada.fill_in(&path, &action, &[("overlap", "7d")]).await;
    ada.fill_in(&path, &action, &[("overlap", "none")]).await;
    assert_eq!(world.refresh(&new, tokens.refresh()).await.refusal(), refused);
}

#[tokio::test]
async fn a_deleted_application_takes_everything_with_it() {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &app).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let path = format!("{DEVELOPERS}/{}", app.id);
    let answer = ada.fill_in(&path, &format!("{path}/delete"), &[]).await;
    assert_eq!(answer.location(), DEVELOPERS);
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        world.refresh(&app, tokens.refresh()).await.refusal().1,
        "invalid_client"
    );
    assert_eq!(ada.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ada.asked_by(&app).await.status, StatusCode::BAD_REQUEST);
    assert!(
        ada.get("/accountsettings/apps")
            .await
            .text
            .contains("No application acts for you")
    );
}

#[tokio::test]
async fn developers_pages_are_for_administrators_of_that_account() {
    // SEC-16
    let world = World::start().await;
    let account = world.acme().await;
    world.user(account, "bob@example.test", Role::User).await;
    let beta = world.account("Beta").await;
    world.user(beta, "eve@example.test", Role::Administrator).await;
    let app = world.app(account, ClientType::Confidential).await;
    let path = format!("{DEVELOPERS}/{}", app.id);
    let forms = [path.clone(), format!("{path}/secret"), format!("{path}/delete")];

    let mut bob = world.logged_in("bob@example.test").await;
    assert_eq!(bob.get(DEVELOPERS).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bob.get(&path).await.status, StatusCode::FORBIDDEN);
    // Another tenant's application and one that is not there look the same.
    let mut eve = world.logged_in("eve@example.test").await;
    let (theirs, nobodys) = (eve.get(&path).await, eve.get(&format!("{DEVELOPERS}/99999999")).await);
    assert_eq!((theirs.status, theirs.text), (StatusCode::NOT_FOUND, nobodys.text));
    // And no form works without our page.
    for form in forms {
        for browser in [&mut bob, &mut eve] {
            let answer = browser.post(&form, &[("name", "x"), ("csrf", "AAAA")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form}");
        }
    }
    let mut nobody = world.browser();
    assert!(nobody.get(DEVELOPERS).await.location().starts_with("/login?return_to="));
    // A role that is taken away is gone at the next click.
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.get(&path).await.form(&format!("{path}/delete"));
    let email = secret("ada@example.test");
    world.provider.set_role(account, &email, Role::User).await.unwrap();
    assert_eq!(ada.submit(&page, &[]).await.status, StatusCode::FORBIDDEN);
    world.connect("ada@example.test", &app).await;
}

#[tokio::test]
async fn nobody_revokes_another_users_authorization() {
    let world = World::start().await;
    let account = world.acme().await;
    world.user(account, "bob@example.test", Role::User).await;
    let app = world.app(account, ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &app).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let adas = ada.get("/accountsettings/apps").await.form("/accountsettings/apps/");
    world.connect("bob@example.test", &app).await;
    let mut bob = world.logged_in("bob@example.test").await;
    let forged = bob.submit(&adas, &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(world.api(&tokens.access, "/v2/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn many_consents_to_one_application_are_one_line_that_ends_them_all() {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let (one, two) = (
        world.connect("ada@example.test", &app).await,
        world.connect("ada@example.test", &app).await,
    );
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.get("/accountsettings/apps").await;
    assert_eq!(page.text.matches("/revoke\"").count(), 1);
    ada.submit(&page.form("/accountsettings/apps/"), &[]).await;
    for tokens in [one, two] {
        assert_eq!(world.api(&tokens.access, "/v2/me").await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_page_says_when_an_application_was_last_used() {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let tokens = world.connect("ada@example.test", &app).await;
    let mut ada = world.logged_in("ada@example.test").await;
    assert!(ada.get("/accountsettings/apps").await.text.contains("never"));
    world.later(86_400);
    let renewed = world.refresh(&app, tokens.refresh()).await.tokens();
    world.api(&renewed.access, "/v2/me").await;
    world.provider.settle().await;
    let mut ada = world.logged_in("ada@example.test").await;
    assert!(ada.get("/accountsettings/apps").await.text.contains("2 Jan 2026"));
    assert!(CALLBACK.starts_with("https"));
}
