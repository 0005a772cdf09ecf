//! What is counted by address and by application, at all servers of one database. On SQLite there is one server, so the
//! stories of two are PostgreSQL's.

use http::StatusCode;
use oauth::ClientType;

use crate::world::{PASSWORD, World};

/// Two servers, where servers can share a database.
async fn two(change: impl FnOnce(&mut provider::Settings)) -> Option<(World, World)> {
    let world = World::start_with(change).await;
    if !world.provider.store().is_shared() {
        return None;
    }
    let other = world.replica().await;
    Some((world, other))
}

async fn log_in(world: &World, address: &str, password: &str) -> StatusCode {
    let mut browser = world.browser().at(address);
    browser.try_log_in("ada@example.test", password).await.status
}

#[tokio::test]
async fn wrong_passwords_count_at_every_server() {
    // SEC-4
    let Some((one, other)) = two(|_| {}).await else { return };
    one.acme().await;
    for n in 0..10 {
        let server = if n % 2 == 0 { &one } else { &other };
        assert_eq!(
            log_in(server, "192.0.2.1", "wrong").await,
            StatusCode::UNAUTHORIZED,
            "{n}"
        );
    }
    for server in [&one, &other] {
        // Not even the right one is looked at.
        assert_eq!(
            log_in(server, "192.0.2.1", PASSWORD).await,
            StatusCode::TOO_MANY_REQUESTS
        );
    }
    assert_eq!(log_in(&other, "192.0.2.2", PASSWORD).await, StatusCode::SEE_OTHER);
    one.later(60);
    assert_eq!(log_in(&other, "192.0.2.1", PASSWORD).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn wrong_client_secrets_count_at_every_server() {
    // AS-43
    let Some((one, other)) = two(|_| {}).await else { return };
    let account = one.acme().await;
    let app = one.app(account, ClientType::Confidential).await;
    let call = async |server: &World, address: &str, secret: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_id", app.id.as_str()),
            ("client_secret", secret),
        ];
        server.post_form_from(address, "/oauth2/token", &fields).await.status
    };
    for n in 0..10 {
        let server = if n % 2 == 0 { &one } else { &other };
        assert_eq!(call(server, "192.0.2.1", "wrong").await, StatusCode::UNAUTHORIZED);
    }
    let right = app.secret.as_deref().unwrap();
    for server in [&one, &other] {
        let refused = call(server, "192.0.2.1", right).await;
        assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(call(&other, "2001:db8::1", right).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_pace_of_an_application_holds_over_all_servers() {
    let Some((one, other)) = two(|settings| settings.oauth_rate_limit = "4/s".parse().unwrap()).await else {
        return;
    };
    let account = one.acme().await;
    let app = one.app(account, ClientType::Confidential).await;
    let refused = async |server: &World| server.refresh(&app, "x").await.status == StatusCode::TOO_MANY_REQUESTS;
    let mut refusals = 0;
    for n in 0..12 {
        refusals += i32::from(refused(if n % 2 == 0 { &one } else { &other }).await);
    }
    assert_eq!(refusals, 8);
    one.later(1);
    assert!(!refused(&other).await);
}

#[tokio::test]
async fn one_network_of_ipv6_is_one_caller() {
    let world = World::start().await;
    world.acme().await;
    for n in 0..10 {
        let address = format!("2001:db8:1:2::{n}");
        assert_eq!(log_in(&world, &address, "wrong").await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(
        log_in(&world, "2001:db8:1:2:3::4", PASSWORD).await,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(log_in(&world, "2001:db8:1:3::1", PASSWORD).await, StatusCode::SEE_OTHER);
}
