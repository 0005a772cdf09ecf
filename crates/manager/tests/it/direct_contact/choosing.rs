//! Setting it up, and choosing between the vendor's API and a person.

use http::Method;
use manager::Settings;
use serde_json::{Value, json};

use super::{PAUL, says};
use crate::{
    app::{TestApp, new_connection},
    requests::ADA,
};

fn contact() -> Value {
    json!({"processor_email": PAUL})
}

#[tokio::test]
async fn it_is_refused_while_no_mailer_is_configured() {
    let app = TestApp::with(Settings::default()).await;
    let body = json!({"connector": "direct_contact", "name": "W", "settings": contact()});
    let refused = app.post("/api/v1/connections", body).await.expect(400).json();
    assert!(refused["detail"].as_str().unwrap().contains("no mailer"), "{refused}");
    let settings = json!({"access_by": "direct_contact", "direct_contact": contact()});
    let refused = app
        .post("/api/v1/connections", new_connection(settings))
        .await
        .expect(400)
        .json();
    assert_eq!(refused["errors"][0]["field"], "settings.direct_contact");
    // What is there but not used needs no mails.
    app.post(
        "/api/v1/connections",
        new_connection(json!({"direct_contact": contact()})),
    )
    .await
    .expect(201);
}

#[tokio::test]
async fn its_settings_are_checked_and_can_be_changed() {
    let app = TestApp::start().await;
    for (settings, field) in [
        (json!({}), "settings.processor_email"),
        (json!({"processor_email": "nobody"}), "settings.processor_email"),
        (
            json!({"processor_email": PAUL, "on_deadline": "wait"}),
            "settings.on_deadline",
        ),
        (
            json!({"processor_email": PAUL, "capabilities": ["portability"]}),
            "settings.capabilities",
        ),
        (json!({"processor_email": PAUL, "language": "it"}), "settings.language"),
    ] {
        let body = json!({"connector": "direct_contact", "name": "W", "settings": settings});
        let refused = app.post("/api/v1/connections", body).await.expect(400).json();
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let id = app.add_processor(json!({})).await;
    let shown = app.connection(&id).await;
    assert_eq!(shown["settings"]["capabilities"], json!(["access", "deletion"]));
    assert_eq!(
        (&shown["settings"]["on_deadline"], &shown["settings"]["language"]),
        (&json!("block"), &json!("en"))
    );
    let path = format!("/api/v1/connections/{id}");
    let changes = json!({"name": "Storehouse", "settings": {"processor_email": PAUL, "on_deadline": "skip"}});
    let after = app.api(Method::PATCH, &path, Some(changes)).await.expect(200).json();
    assert_eq!(
        (&after["name"], &after["settings"]["on_deadline"]),
        (&json!("Storehouse"), &json!("skip"))
    );
    app.post(&format!("{path}/check"), Value::Null).await.expect(200);
    app.post(&format!("{path}/authorize"), Value::Null).await.expect(409);
    app.api(Method::DELETE, &path, None).await.expect(200);
    app.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_capability_that_is_not_offered_is_left_out_and_said() {
    let app = TestApp::start().await;
    app.add_processor(json!({"capabilities": ["access"]})).await;
    let made = app.make(json!({"type": "deletion"})).await;
    assert_eq!(made["tasks"], json!([]));
    assert_eq!(made["notices"][0]["code"], "no_connection");
    assert!(
        made["left_out"][0]["reason"].as_str().unwrap().contains("do not offer"),
        "{made}"
    );
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn access_by_a_person_and_deletion_by_the_api_on_one_connection() {
    let app = TestApp::start().await;
    let settings = json!({"data_types": ["visitor"], "access_by": "direct_contact", "direct_contact": contact()});
    app.connect_with(settings).await;
    app.hold_ada();
    let (made, path) = app.asked("access").await;
    let task = app.only_task(&made).await;
    assert_eq!(
        (&task["connector"], &task["done_by"]),
        (&json!("optimizely"), &json!("direct_contact"))
    );
    assert_eq!(app.posted(), Vec::<Value>::new());
    app.fill_in(&path, &says("nothing_found")).await.expect(303);
    let deletion = app.make(json!({"type": "deletion", "auto_approve": true})).await;
    app.until(&deletion, "closed").await;
    assert_eq!(app.posted()[0]["request_type"], "delete");
    assert_eq!(app.mailed_to(PAUL).await.len(), 1);
}

#[tokio::test]
async fn deletion_by_a_person_is_verified_by_the_api() {
    let app = TestApp::start().await;
    let settings = json!({"data_types": ["visitor"], "deletion_by": "direct_contact", "verify_erasure": true,
        "direct_contact": contact()});
    app.connect_with(settings).await;
    let (made, path) = app.asked("deletion").await;
    app.fill_in(&path, &says("deleted")).await.expect(303);
    let closed = app.until(&made, "closed").await;
    assert_eq!(closed["erasure"], "erased");
    let kinds: Vec<&str> = closed["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["deletion", "verification"]);
    assert_eq!(app.posted()[0]["request_type"], "access");
}

#[tokio::test]
async fn a_person_is_asked_while_the_connection_itself_is_not_connected() {
    let app = TestApp::start().await;
    let settings = json!({"access_by": "direct_contact", "direct_contact": contact()});
    app.add_connection(settings).await;
    let made = app
        .make(json!({"identities": {"email": ADA, "dcp_id": "marker-dcp"}}))
        .await;
    app.run_jobs().await;
    // One form for everything that the subject is known by.
    assert_eq!(app.only_task(&made).await["waiting_for"], "processor");
    let form = app.open(&app.form_path().await).await.expect(200).text;
    assert!(form.contains(ADA) && form.contains("marker-dcp"), "{form}");
}
