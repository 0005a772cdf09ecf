//! From the application's link over log-in and consent back to the application.

use http::StatusCode;
use oauth::ClientType;
use provider::Role;

use crate::{
    browser::authorize_path,
    world::{CALLBACK, ISSUER, PASSWORD, World},
};

#[tokio::test]
async fn a_user_logs_in_and_accepts_and_the_application_gets_tokens() {
    let world = World::start().await;
    let account = world.acme().await;
    let app = world.app(account, ClientType::Confidential).await;
    let mut ada = world.browser();

    let page = ada.get(&authorize_path(&app, &[("state", "a b&c=%26+😀")])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Privacy Manager"));
    let answer = ada
        .submit(
            &page.form("/login"),
            &[("email", "ada@example.test"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER); // AS-16
    let consent = ada.get(answer.location()).await;
    assert_eq!(consent.status, StatusCode::OK);
    // SEC-24: who asks, for what account, whose rights, for how long
    for part in [
        "Privacy Manager",
        "Acme",
        &account.to_string(),
        "read",
        "write",
        "offline access",
        "until you revoke it",
    ] {
        assert!(consent.text.contains(part), "{part}");
    }
    let answer = ada.decide(&consent, "accept").await;

    assert_eq!(answer.status, StatusCode::SEE_OTHER); // AS-16
    assert!(answer.location().starts_with(&format!("{CALLBACK}?")));
    assert_eq!(answer.answered("state").unwrap(), "a b&c=%26+😀"); // AS-10
    assert_eq!(answer.answered("iss").unwrap(), ISSUER); // AS-12
    let code = answer.answered("code").unwrap();
    let tokens = world.exchange(&app, &code).await;
    assert_eq!(tokens.status, StatusCode::OK);
    let json = tokens.json();
    assert_eq!(
        (&json["token_type"], &json["expires_in"]),
        (&"bearer".into(), &7200.into())
    ); // AS-41
    assert_eq!(tokens.header("cache-control"), "no-store");
    let me = world.api(&tokens.tokens().access, "/v2/me").await;
    assert_eq!(me.status, StatusCode::OK, "{}", me.text);
    assert_eq!(me.json()["current_account"]["id"], account.0);
}

#[tokio::test]
async fn a_denial_is_told_to_the_application() {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.asked_by(&app).await;
    let answer = ada.decide(&page, "deny").await;
    assert_eq!(answer.answered("error").unwrap(), "access_denied");
    assert_eq!(answer.answered("state").unwrap(), "xyz");
    assert_eq!(answer.answered("iss").unwrap(), ISSUER);
    assert_eq!(answer.answered("code"), None);
    // A decision is made once.
    assert_eq!(ada.decide(&page, "accept").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_wrong_password_keeps_the_request_that_waits() {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let mut ada = world.browser();
    let page = ada.asked_by(&app).await;
    let again = ada
        .submit(
            &page.form("/login"),
            &[("email", "ada@example.test"), ("password", "wrong")],
        )
        .await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.text.contains("Privacy Manager") && again.text.contains("ada@example.test"));
    let answer = ada
        .submit(
            &again.form("/login"),
            &[("email", "ada@example.test"), ("password", PASSWORD)],
        )
        .await;
    assert!(
        answer.location().starts_with("/oauth2/authorize?client_id="),
        "{}",
        answer.location()
    );
}

#[tokio::test]
async fn consent_needs_the_token_of_this_session_and_this_request() {
    // AS-14
    let world = World::start().await;
    let account = world.acme().await;
    world.user(account, "bob@example.test", Role::User).await;
    let app = world.app(account, ClientType::Confidential).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let (one, other) = (ada.asked_by(&app).await, ada.asked_by(&app).await);
    let action = one.form("/oauth2/consent/").action;
    let csrf = |page: &crate::world::Answer| page.form("/oauth2/consent/").fields[0].1.clone();

    let mut bob = world.logged_in("bob@example.test").await;
    let bobs = csrf(&bob.asked_by(&app).await);
    for forged in ["", "AAAA", &csrf(&other), &bobs] {
        let answer = ada.post(&action, &[("csrf", forged), ("decision", "accept")]).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::FORBIDDEN, ""),
            "{forged}"
        );
    }
    // Nor can Bob decide for Ada, with whatever token.
    let answer = bob
        .post(&action, &[("csrf", &csrf(&one)), ("decision", "accept")])
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(bob.get(&action).await.status, StatusCode::BAD_REQUEST);
    // Another site's form is refused by what the browser says of it.
    let mut forged = crate::world::form(&action, &[("csrf", &csrf(&one)), ("decision", "accept")]);
    forged
        .headers_mut()
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(ada.send(forged).await.status, StatusCode::FORBIDDEN);
    assert!(ada.decide(&one, "accept").await.answered("code").is_some());
}

#[tokio::test]
async fn what_the_form_says_about_the_request_does_not_count() {
    // AS-15
    let world = World::start().await;
    let account = world.acme().await;
    let app = world.app(account, ClientType::Confidential).await;
    let other = world.app(account, ClientType::Confidential).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.asked_by(&app).await;
    let answer = ada
        .submit(
            &page.form("/oauth2/consent/"),
            &[
                ("decision", "accept"),
                ("client_id", &other.id),
                ("redirect_uri", "https://evil.test/"),
                ("scopes", "more"),
                ("account_id", "1"),
                ("state", "changed"),
            ],
        )
        .await;
    assert!(answer.location().starts_with(CALLBACK));
    assert_eq!(answer.answered("state").unwrap(), "xyz");
    let code = answer.answered("code").unwrap();
    assert_eq!(
        world.exchange(&other, &code).await.refusal(),
        (400, "invalid_grant".to_owned())
    );
    world.exchange(&app, &code).await.tokens();
}

#[tokio::test]
async fn a_user_of_several_accounts_chooses_one() {
    let world = World::start().await;
    let acme = world.acme().await;
    let beta = world.account("Beta").await;
    world.user(beta, "ada@example.test", Role::User).await;
    let app = world.app(acme, ClientType::Confidential).await;
    let mut ada = world.logged_in("ada@example.test").await;

    let picker = ada.asked_by(&app).await;
    assert!(picker.text.contains("Acme") && picker.text.contains("Beta"));
    let form = picker.form("/oauth2/consent/");
    let refused = ada.submit(&form, &[("account_id", "99999")]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let chosen = ada.submit(&form, &[("account_id", &beta.to_string())]).await;
    let consent = ada.get(chosen.location()).await;
    assert!(consent.text.contains("Beta"));
    let code = ada.decide(&consent, "accept").await.answered("code").unwrap();
    let tokens = world.exchange(&app, &code).await.tokens();
    let me = world.api(&tokens.access, "/v2/me").await.json();
    assert_eq!(me["current_account"]["id"], beta.0); // AS-28

    // Named in the request, nobody is asked.
    let code = ada.authorize_with(&app, &[("account_id", &acme.to_string())]).await;
    let tokens = world.exchange(&app, &code).await.tokens();
    assert_eq!(
        world.api(&tokens.access, "/v2/me").await.json()["current_account"]["id"],
        acme.0
    );
}

#[tokio::test]
async fn nobody_authorizes_for_an_account_they_do_not_belong_to() {
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let beta = world.account("Beta").await;
    let mut ada = world.logged_in("ada@example.test").await;
    let answer = ada
        .get(&authorize_path(&app, &[("account_id", &beta.to_string())]))
        .await;
    assert_eq!(answer.answered("error").unwrap(), "access_denied");
    assert!(answer.location().starts_with(CALLBACK));
}

#[tokio::test]
async fn a_request_waits_an_hour_and_ends_with_what_it_stands_on() {
    let world = World::start().await;
    let account = world.acme().await;
    let app = world.app(account, ClientType::Confidential).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.asked_by(&app).await;
    world.later(3599);
    assert_eq!(
        ada.get(&page.form("/oauth2/consent/").action).await.status,
        StatusCode::OK
    );
    world.later(1);
    assert_eq!(ada.decide(&page, "accept").await.status, StatusCode::BAD_REQUEST);

    let page = ada.asked_by(&app).await;
    let id = app.id.parse().unwrap();
    world
        .provider
        .delete_application(None, id, provider::Actor::COMMAND_LINE)
        .await
        .unwrap();
    let answer = ada.decide(&page, "accept").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""));
}

#[tokio::test]
async fn consent_and_log_in_cannot_be_framed_and_leak_no_address() {
    // AS-13, AS-18, AS-19
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Confidential).await;
    let mut ada = world.browser();
    let log_in = ada.asked_by(&app).await;
    ada.log_in("ada@example.test", PASSWORD).await;
    let consent = ada.asked_by(&app).await;
    for page in [log_in, consent] {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"));
        // Chromium applies form-action to the redirect that follows.
        assert!(policy.contains("form-action 'self' https://client.test"), "{policy}");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("access-control-allow-origin"), "");
        assert!(!page.text.contains("<script") && !page.text.contains("src=\"http"));
    }
}

#[tokio::test]
async fn an_implicit_grant_answers_in_the_fragment() {
    // AS-56
    let world = World::start().await;
    let account = world.acme().await;
    let public = world.app(account, ClientType::Public).await;
    let mut ada = world.logged_in("ada@example.test").await;
    let page = ada.get(&authorize_path(&public, &[("response_type", "token")])).await;
    assert!(page.text.contains("2 hours"));
    let answer = ada.decide(&page, "accept").await;
    assert!(answer.location().starts_with(&format!("{CALLBACK}#access_token=")));
    assert_eq!(answer.answered("token_type").unwrap(), "bearer");
    assert_eq!(answer.answered("expires_in").unwrap(), "7200");
    assert_eq!(answer.answered("state").unwrap(), "xyz");
    assert_eq!(answer.answered("refresh_token"), None);
    let token = answer.answered("access_token").unwrap();
    world.later(7199);
    assert_eq!(world.api(&token, "/v2/me").await.status, StatusCode::OK);
    world.later(2);
    assert_eq!(world.api(&token, "/v2/me").await.status, StatusCode::FORBIDDEN); // AS-53

    let denied = ada
        .get(&authorize_path(&public, &[("response_type", "token"), ("state", "2")]))
        .await;
    let answer = ada.decide(&denied, "deny").await;
    assert!(
        answer
            .location()
            .starts_with(&format!("{CALLBACK}#error=access_denied"))
    );
    let confidential = world.app(account, ClientType::Confidential).await;
    let answer = ada
        .get(&authorize_path(&confidential, &[("response_type", "token")]))
        .await;
    assert_eq!(answer.answered("error").unwrap(), "unauthorized_client");
}
