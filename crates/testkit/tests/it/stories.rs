//! The main job, and what can come between.

use http::StatusCode;
use serde_json::json;
use testkit::World;

const SUBJECTS: &str = r#"{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "ada@example.com", "object": "profile", "record": {"name": "Ada"}}
{"data_source": "app_backend", "data_type": "visitor", "identifier_type": "email", "identifier": "grace@example.com", "object": "profile", "record": {"name": "Grace"}}
"#;

#[tokio::test]
async fn what_is_found_is_handed_over_and_then_deleted() {
    let world = World::start().await.unwrap();
    let customer = world.customer("Acme").await.unwrap();
    assert_eq!(world.import(&customer, SUBJECTS).await.unwrap(), 2);
    let api = world.api_key().await.unwrap();
    world.connect(&customer, &api).await.unwrap();

    let ask = json!({"type": "access", "identities": {"email": "ada@example.com"}, "start": true});
    let request = api.change("/api/v1/requests", ask.clone()).await.unwrap();
    let id = request["id"].as_str().unwrap();
    api.until(id, "pending_review").await.unwrap();
    let dossier = api.read(&format!("/api/v1/requests/{id}/dossier")).await.unwrap();
    assert_eq!(dossier["objects"][0]["name"], "profile");
    assert_eq!(dossier["objects"][0]["records"], 1);
    api.change(&format!("/api/v1/requests/{id}/approve"), json!({}))
        .await
        .unwrap();
    assert!(
        api.bytes(&format!("/api/v1/requests/{id}/package"))
            .await
            .unwrap()
            .starts_with(b"PK")
    );

    let delete =
        json!({"type": "deletion", "identities": {"email": "ada@example.com"}, "start": true, "auto_approve": true});
    let request = api.change("/api/v1/requests", delete).await.unwrap();
    let request = api.until(request["id"].as_str().unwrap(), "closed").await.unwrap();
    assert_eq!(request["outcome"], "completed");

    let request = api.change("/api/v1/requests", ask).await.unwrap();
    let id = request["id"].as_str().unwrap();
    api.until(id, "pending_review").await.unwrap();
    let dossier = api.read(&format!("/api/v1/requests/{id}/dossier")).await.unwrap();
    assert_eq!(dossier["objects"], json!([]));
    world.end().await.unwrap();
}

#[tokio::test]
async fn a_user_who_says_no_leaves_the_connection_waiting() {
    let world = World::start().await.unwrap();
    let customer = world.customer("Acme").await.unwrap();
    let api = world.api_key().await.unwrap();
    let new = json!({
        "connector": "optimizely",
        "name": "Acme",
        "client_id": customer.client_id,
        "client_secret": customer.client_secret.reveal(),
        "settings": world.connection_settings(),
    });
    let added = api.change("/api/v1/connections", new).await.unwrap();
    let url = added["authorize_url"].as_str().unwrap().parse().unwrap();
    let page = world
        .authorize(&world.browser(), &url, &customer, "deny")
        .await
        .unwrap();
    assert!(page.url.as_str().starts_with(world.manager_url.as_str()));
    assert!(
        !page.url.as_str().contains("error="),
        "the code and the error are gone from the address"
    ); // CL-7
    let (status, connection) = api
        .get(&format!("/api/v1/connections/{}", added["id"].as_str().unwrap()))
        .await
        .unwrap();
    assert_eq!(
        (status, &connection["state"]),
        (StatusCode::OK, &json!("pending_authorization"))
    );
    world.end().await.unwrap();
}

#[tokio::test]
async fn a_vendor_that_deactivates_the_user_stops_nothing_for_good() {
    let world = World::start().await.unwrap();
    let customer = world.customer("Acme").await.unwrap();
    world.import(&customer, SUBJECTS).await.unwrap();
    let api = world.api_key().await.unwrap();
    let connection = world.connect(&customer, &api).await.unwrap();
    let email = oauth::Secret::new(customer.email.clone());
    world.provider.deactivate_user(&email).await.unwrap();

    let (status, checked) = api
        .post(&format!("/api/v1/connections/{connection}/check"), json!({}))
        .await
        .unwrap();
    assert_eq!((status, &checked["state"]), (StatusCode::OK, &json!("needs_reconnect"))); // CL-17
    let ask = json!({"type": "access", "identities": {"email": "ada@example.com"}, "start": true});
    let request = api.change("/api/v1/requests", ask).await.unwrap();
    assert_ne!(request["state"], "closed");
    world.end().await.unwrap();
}
