//! What goes wrong between the two is said where it is seen, and changes nothing.

use http::{Method, StatusCode};
use provider::{Actor, Exports, NewApplication};
use serde_json::{Value, json};
use store::{SystemClock, VirtualClock};
use testkit::{Api, Customer, Setup, World};
use url::Url;

const SUBJECT: &str = r#"{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "profile", "record": {"name": "Ada"}}"#;

/// Adds a connection with these credentials; returns its id and where it is authorized.
async fn add(world: &World, api: &Api, client_id: &str, secret: &str) -> (String, Url) {
    let new = json!({
        "connector": "optimizely",
        "name": "Acme",
        "client_id": client_id,
        "client_secret": secret,
        "settings": world.connection_settings(),
    });
    let added = api.change("/api/v1/connections", new).await.unwrap();
    let url = added["authorize_url"].as_str().unwrap().parse().unwrap();
    (added["id"].as_str().unwrap().to_owned(), url)
}

async fn connection(api: &Api, id: &str) -> Value {
    api.read(&format!("/api/v1/connections/{id}")).await.unwrap()
}

async fn world() -> (World, Customer, Api) {
    let world = World::start().await.unwrap();
    let customer = world.customer("Acme").await.unwrap();
    let api = world.api_key().await.unwrap();
    (world, customer, api)
}

#[tokio::test]
async fn an_unknown_application_gets_a_page_and_no_redirect() {
    // AS-4
    let (world, _, api) = world().await;
    let (id, url) = add(&world, &api, "4711", "a secret").await;
    let page = world.browser().open(&url).await.unwrap();
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.url.as_str().starts_with(world.provider_url.as_str()));
    assert_eq!(connection(&api, &id).await["state"], "pending_authorization");
    world.end().await.unwrap();
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_gets_a_page_and_no_redirect() {
    // AS-4, AS-5
    let (world, customer, api) = world().await;
    let registered = NewApplication {
        name: "Elsewhere".to_owned(),
        redirect_uris: vec!["https://elsewhere.example/oauth/callback".to_owned()],
        client_type: oauth::ClientType::Confidential,
        grants: None,
        pkce_required: false,
    };
    let registered = world
        .provider
        .create_application(customer.account, &registered, Actor::COMMAND_LINE)
        .await
        .unwrap();
    let secret = registered.client_secret.unwrap();
    let (id, url) = add(&world, &api, &registered.client_id.to_string(), secret.reveal()).await;
    let page = world.browser().open(&url).await.unwrap();
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(connection(&api, &id).await["state"], "pending_authorization");
    world.end().await.unwrap();
}

#[tokio::test]
async fn a_wrong_client_secret_is_a_fault_of_the_configuration() {
    // CL-18
    let (world, customer, api) = world().await;
    let (id, url) = add(&world, &api, &customer.client_id, "not the secret").await;
    let page = world
        .authorize(&world.browser(), &url, &customer, "accept")
        .await
        .unwrap();
    assert!(page.url.as_str().starts_with(world.manager_url.as_str()));
    let connection = connection(&api, &id).await;
    assert_eq!(connection["state"], "misconfigured", "{connection}");
    assert!(connection["error"]["message"].is_string(), "{connection}");
    assert!(!page.body.contains("not the secret"));
    world.end().await.unwrap();
}

#[tokio::test]
async fn a_callback_that_comes_twice_is_used_once() {
    // CL-1, AS-23
    let (world, customer, api) = world().await;
    let (id, url) = add(&world, &api, &customer.client_id, customer.client_secret.reveal()).await;
    let browser = world.browser();
    let page = browser.open(&url).await.unwrap();
    let log_in = page.form_with("password").unwrap();
    let log_in = log_in.set("email", &customer.email).unwrap();
    let log_in = log_in.set("password", testkit::ADMINISTRATOR_PASSWORD).unwrap();
    let page = browser.submit(&page, &log_in).await.unwrap();
    let consent = page.form_with("decision").unwrap().set("decision", "accept").unwrap();
    let target = page.url.join(consent.action()).unwrap();
    let answer = browser
        .once(Method::POST, target, Some((&page, consent.encoded())))
        .await
        .unwrap();
    let callback: Url = answer.headers["location"].to_str().unwrap().parse().unwrap();

    browser.open(&callback).await.unwrap();
    assert_eq!(connection(&api, &id).await["state"], "connected");
    let again = browser.open(&callback).await.unwrap();
    assert!(again.status.is_client_error(), "{}", again.text());
    // The grant still stands: the second call used no code up.
    let checked = api
        .change(&format!("/api/v1/connections/{id}/check"), json!({}))
        .await
        .unwrap();
    assert_eq!(checked["state"], "connected", "{checked}");
    world.end().await.unwrap();
}

#[tokio::test]
async fn an_export_that_is_no_zip_fails_the_task_and_says_so() {
    let clock = VirtualClock::at(store::Clock::now(&SystemClock));
    let setup = Setup {
        clock: clock.clone(),
        works_off_jobs: false,
        ..Setup::default()
    };
    let world = World::start_with(setup).await.unwrap();
    let customer = world.customer("Acme").await.unwrap();
    world.import(&customer, SUBJECT).await.unwrap();
    let api = world.api_key().await.unwrap();
    world.connect(&customer, &api).await.unwrap();
    let ask = json!({"type": "access", "identities": {"email": "ada@example.com"}, "start": true});
    let request = api.change("/api/v1/requests", ask).await.unwrap();
    let path = format!("/api/v1/requests/{}", request["id"].as_str().unwrap());

    world.manager.runner().drain().await.unwrap();
    world.provider.runner().drain().await.unwrap();
    let submitted = api.read(&path).await.unwrap();
    for task in submitted["tasks"].as_array().unwrap() {
        let job = task["vendor_job_id"].as_str().unwrap().parse().unwrap();
        let mut upload = world.provider.exports().upload(&Exports::key(customer.account, job));
        upload.push("this is no archive".into()).await.unwrap();
        upload.finish().await.unwrap();
    }
    // It may have been cut off on the way: it is fetched again before it is given up.
    for _ in 0..20 {
        clock.advance(jiff::SignedDuration::from_mins(16));
        world.manager.runner().drain().await.unwrap();
    }
    let failed = api.read(&path).await.unwrap();
    for task in failed["tasks"].as_array().unwrap() {
        assert_eq!(task["status"], "failed", "{task}");
        assert_eq!(task["cause"]["code"], "export_damaged", "{task}");
        assert!(
            task["cause"]["message"].as_str().unwrap().contains("no ZIP archive"),
            "{task}"
        );
    }
    let dossier = api.read(&format!("{path}/dossier")).await.unwrap();
    assert_eq!(dossier["objects"], json!([]), "nothing is kept of it");
    world.end().await.unwrap();
}

#[tokio::test]
async fn a_vendor_that_is_down_is_waited_for_and_the_request_stays_whole() {
    let (mut world, customer, api) = world().await;
    world.import(&customer, SUBJECT).await.unwrap();
    world.connect(&customer, &api).await.unwrap();
    world.end_provider().await.unwrap();
    let ask = json!({"type": "access", "identities": {"email": "ada@example.com"}, "start": true});
    let request = api.change("/api/v1/requests", ask).await.unwrap();
    let path = format!("/api/v1/requests/{}", request["id"].as_str().unwrap());
    // It has tried, and will try again.
    let mut seen = api.read(&path).await.unwrap();
    while seen["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .any(|task| task["attempts"] == 0)
    {
        let version = &seen["version"];
        seen = api.read(&format!("{path}?wait=20s&version={version}")).await.unwrap();
    }
    assert_eq!(seen["state"], "collecting", "{seen}");
    for task in seen["tasks"].as_array().unwrap() {
        assert_ne!(task["status"], "failed", "{task}");
    }
    world.end().await.unwrap();
}
