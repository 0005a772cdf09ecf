//! Rules about what is handed over, and files that staff add.

use http::{Method, header};
use serde_json::{Value, json};

use super::{ADA, members, package};
use crate::app::{Answer, TestApp, request};

fn path(request: &Value, rest: &str) -> String {
    format!("/api/v1/requests/{}{rest}", request["id"].as_str().unwrap())
}

async fn connection(app: &TestApp) -> String {
    let all = app.get("/api/v1/connections").await.json();
    all["connections"][0]["id"].as_str().unwrap().to_owned()
}

async fn put_policy(app: &TestApp, connection: &str, policy: Value) -> Answer {
    let path = format!("/api/v1/connections/{connection}/field-policy");
    app.api(Method::PUT, &path, Some(policy)).await
}

fn object<'a>(dossier: &'a Value, name: &str) -> &'a Value {
    let objects = dossier["objects"].as_array().unwrap();
    objects.iter().find(|object| object["name"] == name).unwrap()
}

async fn handed_over(app: &TestApp, made: &Value) -> String {
    app.decide(made, "approve", Value::Null).await.expect(200);
    let (status, zip) = package(app, made).await;
    assert_eq!(status, 200);
    members(&zip).remove("dossier.json").unwrap()
}

#[tokio::test]
async fn a_rule_holds_for_what_arrives_and_a_person_can_overrule_it() {
    let app = TestApp::with_ada().await;
    let connection = connection(&app).await;
    let policy = json!({"rules": [
        {"object": "events", "field": "ip", "action": "exclude"},
        {"object": "profile", "field": "card", "action": "redact"},
    ], "otherwise": "include"});
    let saved = put_policy(&app, &connection, policy.clone()).await.expect(200).json();
    assert_eq!(
        (&saved["policy"], &saved["connection_id"]),
        (&policy, &json!(connection))
    );

    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    let dossier = app.get(&path(&made, "/dossier")).await.json();
    assert_eq!(
        dossier["policies"],
        json!([{"connection_id": connection, "policy": policy}])
    );
    let field = |object: &Value, name: &str| {
        let fields = object["fields"].as_array().unwrap();
        fields.iter().find(|field| field["path"] == name).unwrap().clone()
    };
    let (events, profile) = (object(&dossier, "events"), object(&dossier, "profile"));
    let ip = field(events, "ip");
    assert_eq!((&ip["included"], &ip["by_policy"]), (&json!(false), &json!(true)));
    let card = field(profile, "card");
    assert_eq!((&card["redacted"], &card["by_policy"]), (&json!(true), &json!(true)));
    assert_eq!(field(profile, "name")["by_policy"], false);

    // A later rule leaves what has arrived alone.
    put_policy(&app, &connection, json!({"otherwise": "exclude"}))
        .await
        .expect(200);
    let change = json!({"changes": [{"object": events["id"], "field": "ip", "action": "include", "reason": "hers"}]});
    app.api(Method::PATCH, &path(&made, "/dossier"), Some(change))
        .await
        .expect(200);
    let text = handed_over(&app, &made).await;
    assert!(
        text.contains("192.0.2.1") && text.contains("[redacted]") && !text.contains("=1+1"),
        "{text}"
    );

    let next = app.make(json!({})).await;
    app.until(&next, "pending_review").await;
    assert!(!handed_over(&app, &next).await.contains(ADA));

    for wrong in [
        json!({"rules": [{"action": "hide"}]}),
        json!({"rules": [{"field": "a..b", "action": "redact"}]}),
        json!({"rule": []}),
    ] {
        put_policy(&app, &connection, wrong).await.expect(400);
    }
    let events = app.events(&format!("connection:{connection}")).await;
    assert_eq!(
        events
            .iter()
            .filter(|event| *event == "connection.policy_changed")
            .count(),
        2
    );
}

#[tokio::test]
async fn a_review_becomes_the_rule_of_its_connection() {
    let app = TestApp::with_ada().await;
    let connection = connection(&app).await;
    put_policy(
        &app,
        &connection,
        json!({"rules": [{"object": "orders", "action": "exclude"}]}),
    )
    .await
    .expect(200);
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    let dossier = app.get(&path(&made, "/dossier")).await.json();
    let (events, profile) = (
        object(&dossier, "events")["id"].clone(),
        object(&dossier, "profile")["id"].clone(),
    );
    let change = json!({"changes": [
        {"object": events, "action": "exclude"},
        {"object": events, "field": "event", "action": "include"},
        {"object": profile, "field": "name", "action": "redact"},
        {"object": profile, "record": 1, "field": "card", "action": "exclude"},
        // Including the whole again does not uncover what was hidden on purpose.
        {"object": profile, "action": "include"},
    ]});
    app.api(Method::PATCH, &path(&made, "/dossier"), Some(change))
        .await
        .expect(200);
    let saved = app
        .post(&path(&made, "/dossier/policy"), json!({"connection": connection}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        saved["policy"]["rules"],
        json!([
            {"object": "orders", "action": "exclude"},
            {"object": "events", "action": "exclude"},
            {"object": "events", "field": "event", "action": "include"},
            {"object": "profile", "action": "include"},
            {"object": "profile", "field": "name", "action": "redact"},
        ])
    );
    let next = app.make(json!({})).await;
    app.until(&next, "pending_review").await;
    let text = handed_over(&app, &next).await;
    assert!(
        text.contains("click") && !text.contains("192.0.2.1") && !text.contains("\"Ada\""),
        "{text}"
    );
    assert!(text.contains("=1+1"), "a choice about one record is no rule: {text}");
    let elsewhere = json!({"connection": "0198c0de-0000-7000-8000-000000000000"});
    app.post(&path(&made, "/dossier/policy"), elsewhere).await.expect(404);
}

async fn upload(app: &TestApp, made: &Value, disposition: &str, content: Vec<u8>) -> Answer {
    let api_key = app.api_key().await;
    let upload = request(Method::POST, &path(made, "/dossier/files"))
        .header(header::AUTHORIZATION, format!("Bearer {api_key}"))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_DISPOSITION, disposition)
        .body(content.into())
        .unwrap();
    app.send(upload).await
}

#[tokio::test]
async fn files_that_staff_add_are_handed_over_and_can_be_taken_away() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    let letter = b"marker-letter about Ada".repeat(20_000);
    let name = "attachment; filename=\"letter.txt\"";
    let added = upload(&app, &made, name, letter.clone()).await.expect(201).json();
    assert_eq!(
        (&added["media_type"], &added["bytes"]),
        (&json!("text/plain"), &json!(letter.len()))
    );
    let second = "attachment; filename*=UTF-8''Caf%C3%A9.pdf";
    let second = upload(&app, &made, second, b"%PDF".to_vec()).await.expect(201).json();

    let dossier = app.get(&path(&made, "/dossier")).await.json();
    let shown = object(&dossier, "letter.txt");
    assert_eq!((&shown["task_id"], &shown["included"]), (&Value::Null, &json!(true)));
    assert_eq!(shown["files"][0]["sha256"], added["sha256"]);
    object(&dossier, "Café.pdf");
    let vendors = object(&dossier, "profile")["id"].as_str().unwrap().to_owned();

    for (disposition, content, status) in [
        ("attachment", b"x".to_vec(), 422),
        ("attachment; filename=\"\"", b"x".to_vec(), 422),
        (name, Vec::new(), 422),
        (name, vec![0; (25 << 20) + 1], 413),
    ] {
        upload(&app, &made, disposition, content).await.expect(status);
    }
    let delete = |object: &str| {
        let path = path(&made, &format!("/dossier/files/{object}"));
        let app = &app;
        async move { app.api(Method::DELETE, &path, None).await }
    };
    delete(second["object"].as_str().unwrap()).await.expect(204);
    delete(second["object"].as_str().unwrap()).await.expect(404);
    // What a vendor brought is never taken away.
    delete(&vendors).await.expect(404);

    app.decide(&made, "approve", Value::Null).await.expect(200);
    upload(&app, &made, name, b"late".to_vec()).await.expect(409);
    let (_, zip) = package(&app, &made).await;
    let members = members(&zip);
    let found = members.iter().find(|(name, _)| name.ends_with("letter.txt")).unwrap();
    assert_eq!(found.1.as_bytes(), letter);
    assert!(!members.keys().any(|name| name.contains("Caf")));
    let history = app.history(&made).await;
    assert!(history.contains(&"dossier.file_added".to_owned()) && history.contains(&"dossier.file_removed".to_owned()));
}

#[tokio::test]
async fn a_review_that_becomes_a_rule_loses_nothing_that_is_said_meanwhile() {
    let app = TestApp::with_ada().await;
    let connection = connection(&app).await;
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    let (id, by) = (connection.parse().unwrap(), manager::By::command_line());
    let request = made["id"].as_str().unwrap().parse().unwrap();
    let said: privacy::dossier::FieldPolicy =
        serde_json::from_value(json!({"rules": [{"object": "orders", "action": "exclude"}]})).unwrap();
    // Wherever the review is by then, the rule about orders is there in the end.
    for steps in 0..40 {
        app.manager.save_field_policy(id, None, &by).await.unwrap();
        let mut review = Box::pin(app.manager.save_policy_of_review(request, id, &by));
        let mut ended = false;
        for _ in 0..steps {
            if futures_util::poll!(review.as_mut()).is_ready() {
                ended = true;
                break;
            }
            tokio::task::yield_now().await;
        }
        if ended {
            break;
        }
        let (reviewed, saved) = tokio::join!(review, app.manager.save_field_policy(id, Some(&said), &by));
        reviewed.unwrap();
        saved.unwrap();
        let policy = app.manager.field_policy(id).await.unwrap().policy;
        let kept = policy.rules.iter().any(|rule| rule.object.as_str() == "orders");
        assert!(kept, "after {steps} steps");
    }
}
