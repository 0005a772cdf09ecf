//! Setting a connection up and authorizing it.

use axum::body::Body;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    app::{TestApp, new_connection, request},
    vendor::{API, APP, CLIENT_SECRET, Misbehaviour},
};

#[tokio::test]
async fn a_connection_is_set_up_authorized_and_names_its_account() {
    // CL-2, CL-7, CL-8, CL-9, CL-30
    let app = TestApp::start().await;
    let answer = app
        .api(Method::POST, "/api/v1/connections", Some(new_connection(Value::Null)))
        .await;
    let made = answer.expect(201).json();
    assert_eq!(made["state"], "pending_authorization");
    assert_eq!(made["error"], Value::Null);
    assert_eq!(made["settings"]["app_url"], APP);
    assert_eq!(made["redirect_uri"], "https://localhost:8443/oauth/callback");
    let authorize_url = made["authorize_url"].as_str().unwrap();
    assert!(
        authorize_url.starts_with(&format!("{APP}/oauth2/authorize?")),
        "{authorize_url}"
    );

    let query = app.vendor.consent(authorize_url);
    let back = app.callback(&query).await.expect(303);
    assert!(back.location().starts_with("/oauth/result/"), "{}", back.location());
    assert_eq!(back.headers["referrer-policy"], "no-referrer");

    let page = app
        .send(request(Method::GET, back.location()).body(Body::empty()).unwrap())
        .await
        .expect(200);
    assert!(page.text.contains("Account 10001 (10001)"), "{}", page.text);
    assert!(
        page.text.contains("m•••@example.com") && !page.text.contains("marker-admin"),
        "{}",
        page.text
    );

    let id = made["id"].as_str().unwrap();
    let connection = app.connection(id).await;
    assert_eq!(connection["state"], "connected");
    assert_eq!(connection["account"], json!({"id": "10001", "name": "Account 10001"}));
    assert_eq!(connection["user"]["email"], "marker-admin@example.com");
    assert_eq!(connection["token_expires_at"], "2026-11-22T10:00:00Z");
    assert!(!connection.to_string().contains(CLIENT_SECRET) && !connection.to_string().contains("marker-access"));

    let form = app.vendor.state().token_forms[0].clone();
    let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "grant_type",
            "code",
            "redirect_uri",
            "code_verifier",
            "client_id",
            "client_secret"
        ]
    );
    assert_eq!(
        app.events(&format!("connection:{id}")).await,
        ["connection.created", "connection.authorizing", "connection.connected"]
    );
}

#[tokio::test]
async fn a_callback_that_belongs_to_no_flow_leads_to_no_token_request() {
    // CL-1
    let app = TestApp::start().await;
    let (_, authorize_url) = app.add_connection(Value::Null).await;
    let good = app.vendor.consent(&authorize_url);
    for query in [
        "code=code-1&state=AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        "code=code-1".to_owned(),
        "code=code-1&state=".to_owned(),
        format!("{good}x"),
        format!("{good}&state=AAAAAAAAAAAAAAAAAAAAAA"),
        String::new(),
    ] {
        let answer = app.callback(&query).await.expect(400);
        assert!(answer.text.contains("That did not work"), "{}", answer.text);
    }
    assert_eq!(app.vendor.count("POST"), 0);

    // HEAD looks and does not use it up (CL-29).
    let head = request(Method::HEAD, &format!("/oauth/callback?{good}"))
        .body(Body::empty())
        .unwrap();
    app.send(head).await.expect(405);
    app.callback(&good).await.expect(303);
    // Once.
    app.callback(&good).await.expect(400);
    assert_eq!(app.vendor.count("POST app.vendor.test/oauth2/token"), 1);
}

#[tokio::test]
async fn an_authorization_that_took_too_long_is_begun_again() {
    // CL-1
    let app = TestApp::start().await;
    let (id, authorize_url) = app.add_connection(Value::Null).await;
    let late = app.vendor.consent(&authorize_url);
    app.clock.advance(SignedDuration::from_mins(10));
    app.callback(&late).await.expect(400);
    assert_eq!(app.vendor.count("POST"), 0);

    let path = format!("/api/v1/connections/{id}/authorize");
    let again = app.api(Method::POST, &path, None).await.expect(200).json();
    let again = again["authorize_url"].as_str().unwrap();
    assert_ne!(again, authorize_url);
    app.callback(&app.vendor.consent(again)).await.expect(303);
    assert_eq!(app.connection(&id).await["state"], "connected");
}

#[tokio::test]
async fn an_error_callback_is_told_in_words_and_escaped() {
    // CL-6
    let app = TestApp::start().await;
    let (id, authorize_url) = app.add_connection(Value::Null).await;
    let state = state_of(&authorize_url);
    let back = app
        .callback(&format!("error=access_denied&state={state}"))
        .await
        .expect(303);
    let page = app
        .send(request(Method::GET, back.location()).body(Body::empty()).unwrap())
        .await
        .expect(400);
    assert!(page.text.contains("declined the authorization"), "{}", page.text);
    assert_eq!(app.connection(&id).await["error"]["code"], "denied");

    let path = format!("/api/v1/connections/{id}/authorize");
    let again = app.api(Method::POST, &path, None).await.json();
    let state = state_of(again["authorize_url"].as_str().unwrap());
    let evil = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let query = format!("error=strange{evil}&error_description={evil}&state={state}");
    let back = app.callback(&query).await.expect(303);
    let page = app
        .send(request(Method::GET, back.location()).body(Body::empty()).unwrap())
        .await
        .expect(400);
    assert!(!page.text.contains("<script>"), "{}", page.text);
    assert_eq!(app.vendor.count("POST"), 0);
    assert_eq!(app.connection(&id).await["state"], "pending_authorization");
}

#[tokio::test]
async fn an_announced_issuer_must_be_the_one_that_answers() {
    // CL-3, CL-4, CL-5
    let app = TestApp::start().await;
    app.vendor.state().announces = true;
    for (tamper, code) in [
        ("&iss=https%3A%2F%2Fevil.example", "wrong_issuer"),
        ("", "wrong_issuer"),
    ] {
        let (id, authorize_url) = app.add_connection(Value::Null).await;
        let query = app.vendor.consent(&authorize_url);
        let (bare, _) = query.split_once("&iss=").unwrap();
        app.callback(&format!("{bare}{tamper}")).await.expect(303);
        assert_eq!(app.connection(&id).await["error"]["code"], code);
    }
    assert_eq!(app.vendor.count("POST"), 0);
    let (id, authorize_url) = app.add_connection(Value::Null).await;
    app.callback(&app.vendor.consent(&authorize_url)).await.expect(303);
    assert_eq!(app.connection(&id).await["state"], "connected");
}

#[tokio::test]
async fn metadata_of_somebody_else_is_not_believed() {
    // CL-5
    let app = TestApp::start().await;
    let body = r#"{"issuer": "https://evil.example", "authorization_endpoint": "https://evil.example/a",
        "token_endpoint": "https://evil.example/t"}"#;
    app.vendor.next(
        "GET app.vendor.test/.well-known",
        Misbehaviour::Answers(200, "application/json", body),
    );
    let answer = app
        .api(Method::POST, "/api/v1/connections", Some(new_connection(Value::Null)))
        .await;
    let made = answer.expect(201).json();
    assert_eq!(made["authorize_url"], Value::Null);
    assert_eq!(made["state"], "pending_authorization");
    let message = made["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("Optimizely") && message.contains("another issuer"),
        "{message}"
    );
}

#[tokio::test]
async fn a_vendor_that_cannot_be_reached_is_named() {
    let app = TestApp::start().await;
    app.vendor.next("GET app.vendor.test", Misbehaviour::Unreachable);
    let answer = app
        .api(Method::POST, "/api/v1/connections", Some(new_connection(Value::Null)))
        .await;
    let made = answer.expect(201).json();
    assert_eq!(made["error"]["code"], "vendor_unavailable");
    app.vendor.next("GET app.vendor.test", Misbehaviour::Unreachable);
    let path = format!("/api/v1/connections/{}/authorize", made["id"].as_str().unwrap());
    let problem = app.api(Method::POST, &path, None).await.expect(502).json();
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("app.vendor.test could not be reached"), "{detail}");
}

#[tokio::test]
async fn a_wrong_client_secret_is_a_fault_of_the_settings() {
    // CL-18
    let app = TestApp::start().await;
    app.vendor.state().client_secret = "another".to_owned();
    let (id, authorize_url) = app.add_connection(Value::Null).await;
    app.callback(&app.vendor.consent(&authorize_url)).await.expect(303);
    let connection = app.connection(&id).await;
    assert_eq!(connection["state"], "misconfigured");
    assert_eq!(connection["error"]["code"], "client_refused");

    let path = format!("/api/v1/connections/{id}");
    let changed = app
        .api(Method::PATCH, &path, Some(json!({"client_secret": "another"})))
        .await
        .expect(200)
        .json();
    assert_eq!(changed["state"], "pending_authorization");
    let again = app.api(Method::POST, &format!("{path}/authorize"), None).await.json();
    app.callback(&app.vendor.consent(again["authorize_url"].as_str().unwrap()))
        .await
        .expect(303);
    assert_eq!(app.connection(&id).await["state"], "connected");
}

#[tokio::test]
async fn a_connection_for_one_account_refuses_another() {
    // CL-30
    let app = TestApp::start().await;
    app.vendor.state().account_id = 666;
    let (id, authorize_url) = app.add_connection(json!({"account_id": 10001})).await;
    assert!(authorize_url.contains("account_id=10001"), "{authorize_url}");
    let back = app.callback(&app.vendor.consent(&authorize_url)).await.expect(303);
    let page = app
        .send(request(Method::GET, back.location()).body(Body::empty()).unwrap())
        .await
        .expect(400);
    assert!(
        page.text.contains("666") && page.text.contains("10001"),
        "{}",
        page.text
    );
    assert_eq!(app.connection(&id).await["error"]["code"], "wrong_account");
}

#[tokio::test]
async fn authorizing_again_for_another_account_waits_for_a_confirmation() {
    // CL-30
    let app = TestApp::start().await;
    let id = app.connect().await;
    app.vendor.state().account_id = 666;
    let path = format!("/api/v1/connections/{id}");
    let again = async || {
        let again = app.api(Method::POST, &format!("{path}/authorize"), None).await.json();
        app.callback(&app.vendor.consent(again["authorize_url"].as_str().unwrap()))
            .await
            .expect(303);
        app.connection(&id).await
    };
    let waiting = again().await;
    assert_eq!(waiting["state"], "needs_confirmation");
    assert_eq!(waiting["account"]["id"], "10001");
    assert!(
        waiting["error"]["message"].as_str().unwrap().contains("666"),
        "{waiting}"
    );
    // Jobs do not move it meanwhile.
    app.after(SignedDuration::from_hours(2)).await;
    assert_eq!(app.connection(&id).await["state"], "needs_confirmation");

    let kept = app
        .api(Method::POST, &format!("{path}/confirm"), Some(json!({"accept": false})))
        .await
        .expect(200);
    assert_eq!(kept.json()["state"], "connected");
    assert_eq!(kept.json()["account"]["id"], "10001");
    app.run_jobs().await;
    let checked = app
        .api(Method::POST, &format!("{path}/check"), None)
        .await
        .expect(200)
        .json();
    assert_eq!(checked["state"], "connected");

    again().await;
    let taken = app
        .api(Method::POST, &format!("{path}/confirm"), None)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&taken["state"], &taken["account"]["id"]),
        (&json!("connected"), &json!("666"))
    );
    app.api(Method::POST, &format!("{path}/confirm"), None)
        .await
        .expect(409);
    let checked = app
        .api(Method::POST, &format!("{path}/check"), None)
        .await
        .expect(200)
        .json();
    assert_eq!(checked["account"]["id"], "666");
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let app = TestApp::start().await;
    let with = |name: &str, value: Value| {
        let mut body = new_connection(Value::Null);
        body[name] = value;
        body
    };
    for (body, field) in [
        (with("connector", json!("nobody")), "connector"),
        (with("name", json!("  ")), "name"),
        (with("client_id", json!("")), "client_id"),
        (with("client_secret", json!("")), "client_secret"),
        (with("client_secret", Value::Null), "client_secret"),
        (
            with("settings", json!({"app_url": "http://app.vendor.test"})),
            "settings.app_url",
        ),
        (with("settings", json!({"colour": "blue"})), "settings.colour"),
        (with("settings", json!([])), "settings"),
        (with("colour", json!("blue")), "colour"),
    ] {
        let problem = app
            .api(Method::POST, "/api/v1/connections", Some(body))
            .await
            .expect(400)
            .json();
        assert_eq!(problem["field"], field, "{problem}");
        assert!(
            problem["type"]
                .as_str()
                .unwrap()
                .starts_with("https://localhost:8443/problems/"),
            "{problem}"
        );
    }
    let listed = app
        .api(Method::GET, "/api/v1/connections", None)
        .await
        .expect(200)
        .json();
    assert_eq!(listed, json!({"connections": []}));
    app.api(
        Method::GET,
        "/api/v1/connections/0190b0a0-0000-7000-8000-000000000000",
        None,
    )
    .await
    .expect(404);
    app.api(Method::GET, "/api/v1/connections/7", None).await.expect(404);
}

#[tokio::test]
async fn removing_a_connection_revokes_and_erases() {
    // CL-28
    let app = TestApp::start().await;
    let silent = app.connect().await;
    let gone = app
        .api(Method::DELETE, &format!("/api/v1/connections/{silent}"), None)
        .await
        .expect(200)
        .json();
    assert_eq!(gone["revoked_at_vendor"], false);
    assert!(gone["advice"].as_str().unwrap().contains("API Access"), "{gone}");

    app.vendor.state().announces = true;
    let path = format!("/api/v1/connections/{}", app.connect().await);
    let gone = app.api(Method::DELETE, &path, None).await.expect(200).json();
    assert_eq!(gone, json!({"revoked_at_vendor": true, "advice": null}));
    assert_eq!(app.vendor.count("POST app.vendor.test/oauth2/revoke"), 1);
    app.api(Method::GET, &path, None).await.expect(404);
    app.api(Method::DELETE, &path, None).await.expect(404);

    let calls = app.vendor.state().calls.len();
    app.after(SignedDuration::from_hours(72)).await;
    assert_eq!(app.vendor.state().calls.len(), calls, "nobody is called any more");
    let mut read = app.manager.store().read().await.unwrap();
    let sql = "SELECT key, tokens, client_secret FROM connection";
    for row in read.fetch_all(sql, Vec::new()).await.unwrap() {
        for column in ["key", "tokens", "client_secret"] {
            assert_eq!(row.get::<Option<Vec<u8>>>(column).unwrap(), None);
        }
    }
}

#[tokio::test]
async fn api_url_and_app_url_go_together() {
    let app = TestApp::start().await;
    let mut body = new_connection(Value::Null);
    body["settings"] = json!({"api_url": API});
    let problem = app
        .api(Method::POST, "/api/v1/connections", Some(body))
        .await
        .expect(400)
        .json();
    assert_eq!(problem["field"], "settings.app_url");
}

fn state_of(authorize_url: &str) -> String {
    let url = url::Url::parse(authorize_url).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state");
    state.unwrap().1.into_owned()
}

#[tokio::test]
async fn a_disabled_connection_calls_nobody_and_goes_on_when_it_is_enabled() {
    let app = TestApp::with_ada().await;
    let id = app.get("/api/v1/connections").await.json()["connections"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let post = |rest: &str| {
        let path = format!("/api/v1/connections/{id}/{rest}");
        let app = &app;
        async move { app.api(Method::POST, &path, None).await }
    };
    let made = app.make(json!({})).await;
    app.until_task(&made, "processing").await;
    assert_eq!(post("disable").await.expect(200).json()["state"], "disabled");
    post("disable").await.expect(409);
    app.run_jobs().await;
    let task = app.again(&made).await["tasks"][0].clone();
    assert_eq!(
        (&task["status"], &task["waiting_for"]),
        (&json!("waiting"), &json!("disabled"))
    );
    let calls = app.vendor.state().calls.len();
    app.after(jiff::SignedDuration::from_hours(24 * 3)).await;
    assert_eq!(post("check").await.expect(200).json()["state"], "disabled");
    assert_eq!(app.vendor.state().calls.len(), calls, "{:?}", app.vendor.state().calls);
    // New requests leave it out, and say so where it was named.
    let other = app.make(json!({"type": "deletion"})).await;
    assert_eq!(other["tasks"], json!([]));
    let named = app.make(json!({"type": "deletion", "connections": [id]})).await;
    assert_eq!(named["left_out"][0]["reason"], "the connection is disabled");

    assert_eq!(post("enable").await.expect(200).json()["state"], "connected");
    post("enable").await.expect(409);
    app.until(&made, "pending_review").await;
    let events = app.events(&format!("connection:{id}")).await;
    assert!(events.contains(&"connection.disabled".to_owned()) && events.contains(&"connection.enabled".to_owned()));
}

#[tokio::test]
async fn a_connection_that_needs_a_person_still_does_after_it_was_disabled() {
    // CL-30: a grant for another account does not come into use by way of a pause.
    let app = TestApp::start().await;
    let id = app.connect().await;
    let post = |rest: &'static str| {
        let path = format!("/api/v1/connections/{id}/{rest}");
        let app = &app;
        async move { app.api(Method::POST, &path, None).await }
    };
    app.vendor.state().account_id = 10_002;
    let url = post("authorize").await.expect(200).json()["authorize_url"]
        .as_str()
        .unwrap()
        .to_owned();
    app.callback(&app.vendor.consent(&url)).await.expect(303);
    assert_eq!(app.connection(&id).await["state"], "needs_confirmation");
    post("disable").await.expect(200);
    post("confirm").await.expect(409);
    assert_eq!(post("enable").await.expect(200).json()["state"], "needs_confirmation");
    assert_eq!(post("confirm").await.expect(200).json()["state"], "connected");
    let (fresh, _) = app.add_connection(Value::Null).await;
    let path = format!("/api/v1/connections/{fresh}");
    app.api(Method::POST, &format!("{path}/disable"), None)
        .await
        .expect(200);
    app.api(Method::POST, &format!("{path}/authorize"), None)
        .await
        .expect(409);
    let enabled = app.api(Method::POST, &format!("{path}/enable"), None).await.expect(200);
    assert_eq!(enabled.json()["state"], "pending_authorization");
}

#[tokio::test]
async fn two_connections_to_one_organisation_go_at_the_pace_of_the_more_careful_one() {
    // CL-20
    let app = TestApp::start().await;
    let (quick, url) = app.add_connection(json!({"rate_limit": "10/s", "rate_burst": 8})).await;
    app.callback(&app.vendor.consent(&url)).await.expect(303);
    let pace = async || {
        let mut read = app.manager.store().read().await.unwrap();
        let row = read
            .fetch_one(
                "SELECT interval_micros, burst FROM lane WHERE key NOT LIKE 'connection:%' AND key <> 'internal'",
                store::args![],
            )
            .await
            .unwrap();
        (
            row.get::<i64>("interval_micros").unwrap(),
            row.get::<i64>("burst").unwrap(),
        )
    };
    assert_eq!(pace().await, (100_000, 8));
    let (careful, url) = app.add_connection(json!({"rate_limit": "2/s", "rate_burst": 3})).await;
    app.callback(&app.vendor.consent(&url)).await.expect(303);
    assert_eq!(pace().await, (500_000, 3));
    // Whichever is saved last.
    let settings = json!({"app_url": crate::vendor::APP, "api_url": crate::vendor::API, "rate_limit": "20/s"});
    let path = format!("/api/v1/connections/{quick}");
    app.api(Method::PATCH, &path, Some(json!({"settings": settings})))
        .await
        .expect(200);
    assert_eq!(pace().await, (500_000, 3));
    // One that rests or is gone slows nobody down.
    let careful = format!("/api/v1/connections/{careful}");
    app.api(Method::POST, &format!("{careful}/disable"), None)
        .await
        .expect(200);
    assert_eq!(pace().await, (50_000, 10));
    app.api(Method::POST, &format!("{careful}/enable"), None)
        .await
        .expect(200);
    assert_eq!(pace().await, (500_000, 3));
    app.api(Method::DELETE, &careful, None).await.expect(200);
    assert_eq!(pace().await, (50_000, 10));
}
