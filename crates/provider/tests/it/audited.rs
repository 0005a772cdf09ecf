//! What the audit log holds about what matters: who, in which account, from where (SEC-44).

use http::{Method, StatusCode};
use oauth::ClientType;
use provider::Role;
use serde_json::json;
use store::Event;

use crate::{
    subjects::{about, at_any_pace, record},
    world::World,
};

const ADA: &str = "ada@example.test";

impl World {
    /// The events of these actions, oldest first.
    async fn events(&self, action: &str) -> Vec<Event> {
        let mut read = self.provider.store().read().await.unwrap();
        let all = read.events(None, 0, 1000).await.unwrap();
        all.into_iter().filter(|event| event.action == action).collect()
    }
}

fn facts(event: &Event) -> serde_json::Value {
    serde_json::from_str(&event.detail).unwrap()
}

#[tokio::test]
async fn what_matters_is_recorded_with_actor_and_account() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    world
        .import(account, &[record("grace@example.test", "profile", json!(1))])
        .await;
    let app = world.app(account, ClientType::Confidential).await;
    let public = world.app(account, ClientType::Public).await;
    let mut ada = world.logged_in(ADA).await;
    let tokens = world.connect(ADA, &app).await;
    // A replaced refresh token comes back after its grace.
    let code = ada
        .authorize_with(
            &public,
            &[
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                ("code_challenge_method", "S256"),
            ],
        )
        .await;
    let verifier = [("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")];
    let old = world.exchange_with(&public, &code, &verifier).await.tokens();
    world.refresh(&public, old.refresh()).await.tokens();
    world.later(60);
    assert_eq!(world.refresh(&public, old.refresh()).await.refusal().1, "invalid_grant");
    // An export is made and read, a deletion carried out.
    let sar = world
        .carry_out(&tokens.access, &about("access", "grace@example.test"))
        .await;
    world.export(&sar).await;
    world
        .carry_out(&tokens.access, &about("delete", "grace@example.test"))
        .await;
    ada.fill_in("/accountsettings/apps", "/accountsettings/apps/", &[])
        .await;
    ada.fill_in("/", "/logout", &[]).await;

    let user = &world.events("session.began").await[0].actor;
    assert!(user.starts_with("user:"), "{user}");
    let client = |app: &crate::world::App| format!("client:{}", app.id);
    for (action, actor) in [
        ("session.began", user.clone()),
        ("authorization.accepted", user.clone()),
        ("grant.created", client(&app)),
        ("grant.revoked", client(&public)),
        ("subject_access.requested", user.clone()),
        ("subject_access.exported", "system".to_owned()),
        ("export.downloaded", "nobody".to_owned()),
        ("subject_access.deleted", "system".to_owned()),
        ("session.ended", user.clone()),
    ] {
        let events = world.events(action).await;
        let first = events.first().unwrap_or_else(|| panic!("no {action}"));
        assert_eq!(first.actor, actor, "{action}");
        assert_eq!(facts(first)["account"], json!(account), "{action}: {}", first.detail);
        assert_eq!(first.origin.is_some(), actor != "system", "{action}");
    }
    let reuse = &world.events("grant.revoked").await[0];
    assert_eq!(facts(reuse)["reason"], "a replaced refresh token was used again");
    assert_eq!(world.events("grant.revoked").await[1].actor, *user);
}

#[tokio::test]
async fn whoever_tries_what_they_may_not_is_recorded() {
    let world = World::start_with(at_any_pace).await;
    let account = world.acme().await;
    world.user(account, "uma@example.test", Role::User).await;
    let token = world.token("uma@example.test", account).await;
    let service = world.service(&[provider::DataSource::Marketing]).await;
    let mut uma = world.logged_in("uma@example.test").await;
    let before = world.audited().await.len();

    assert_eq!(uma.get("/accountsettings/users").await.status, StatusCode::FORBIDDEN);
    let body = about("delete", "grace@example.test");
    for (token, path) in [
        (&token, "/v2/subject-access-requests"),
        (&token, "/v2/internal-subject-access-requests/40000001"),
        (&service, "/v2/subject-access-requests"),
    ] {
        let answer = world.call(Method::POST, token, path, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    // Whoever is nobody leaves no trace but the access log's.
    world.get("/accountsettings/users").await;
    world.api("made-up", "/v2/me").await;

    let denied = world.events("access.denied").await;
    assert_eq!(world.audited().await.len(), before + denied.len());
    let told: Vec<_> = denied
        .iter()
        .map(|event| (event.actor.split(':').next().unwrap(), event.object.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("user", "GET /accountsettings/users"),
            ("user", "POST /v2/subject-access-requests"),
            ("user", "POST /v2/internal-subject-access-requests/{request_id}"),
            ("service", "POST /v2/subject-access-requests"),
        ]
    );
    for event in denied.iter().filter(|event| event.actor.starts_with("user:")) {
        assert_eq!(facts(event)["account"], json!(account));
        assert!(event.origin.is_some());
    }
}
