//! Who takes care of requests, what they write, and decisions about many at once.

use http::Method;
use manager::{By, Role, app::NewOperator};
use serde_json::{Value, json};

use super::ADA;
use crate::{
    app::{TestApp, api_request},
    portal::PASSWORD,
};

async fn operator(app: &TestApp) -> String {
    let new = NewOperator {
        email: "carla@example.com".to_owned(),
        role: Role::RequestManager,
        password: PASSWORD.to_owned().into(),
    };
    let made = app.manager.create_operator(new, &By::command_line()).await.unwrap();
    made.to_string()
}

fn path(request: &Value, rest: &str) -> String {
    format!("/api/v1/requests/{}{rest}", request["id"].as_str().unwrap())
}

#[tokio::test]
async fn somebody_takes_care_of_a_request_and_finds_it_again() {
    let app = TestApp::with_ada().await;
    let carla = operator(&app).await;
    let (made, other) = (
        app.make(json!({"start": false})).await,
        app.make(json!({"type": "deletion", "start": false})).await,
    );
    assert_eq!(made["assignee"], Value::Null);
    let given = app
        .api(Method::PUT, &path(&made, "/assignee"), Some(json!({"operator": carla})))
        .await
        .expect(200)
        .json();
    assert_eq!(given["assignee"], json!({"id": carla, "name": "carla@example.com"}));
    let hers = app.get(&format!("/api/v1/requests?assignee={carla}")).await.json();
    assert_eq!(hers["requests"].as_array().unwrap().len(), 1);
    assert_eq!(hers["requests"][0]["id"], made["id"]);
    let nobody = json!({"operator": "0198c0de-0000-7000-8000-000000000000"});
    app.api(Method::PUT, &path(&other, "/assignee"), Some(nobody))
        .await
        .expect(422);
    let freed = app
        .api(Method::PUT, &path(&made, "/assignee"), Some(json!({"operator": null})))
        .await;
    assert_eq!(freed.expect(200).json()["assignee"], Value::Null);
    let assigned = app.history(&made).await;
    assert_eq!(assigned.iter().filter(|event| *event == "request.assigned").count(), 2);
}

#[tokio::test]
async fn notes_are_sealed_and_go_with_the_request() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"start": false})).await;
    let text = "marker-note: she called, her new address is marker-ada-2@example.com";
    let note = app
        .post(&path(&made, "/notes"), json!({"text": text}))
        .await
        .expect(201)
        .json();
    assert_eq!(note["text"], text);
    let notes = app.get(&path(&made, "/notes")).await.expect(200).json();
    assert_eq!(notes["notes"][0], note);
    for (wrong, status) in [
        (json!({"text": " "}), 422),
        (json!({"text": "x".repeat(10_001)}), 422),
        (json!({}), 400),
    ] {
        app.post(&path(&made, "/notes"), wrong).await.expect(status);
    }
    let looks = app.api_key_for("read").await;
    let answer = app
        .send(api_request(&looks, Method::GET, &path(&made, "/notes"), None))
        .await;
    answer.expect(403);

    app.decide(&made, "cancel", Value::Null).await.expect(200);
    app.after(jiff::SignedDuration::from_hours(24 * 731)).await;
    assert_eq!(
        app.get(&path(&made, "/notes")).await.expect(200).json()["notes"],
        json!([])
    );
    app.post(&path(&made, "/notes"), json!({"text": "late"}))
        .await
        .expect(410);
}

#[tokio::test]
async fn a_note_that_would_not_be_shown_is_refused() {
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"start": false})).await;
    let id = made["id"].as_str().unwrap();
    let mut tx = app.manager.store().write().await.unwrap();
    for number in 0..999 {
        let args = store::args![format!("note-{number}"), id, vec![0_u8], "command_line", tx.now()];
        let sql = "INSERT INTO request_note (id, request, content, made_by, made_at) VALUES ($1, $2, $3, $4, $5)";
        tx.execute(sql, args).await.unwrap();
    }
    tx.commit().await.unwrap();
    app.post(&path(&made, "/notes"), json!({"text": "the last one"}))
        .await
        .expect(201);
    let refused = app.post(&path(&made, "/notes"), json!({"text": "one more"})).await;
    assert!(refused.expect(409).text.contains("1000 notes"));
}

#[tokio::test]
async fn one_decision_about_many_requests_answers_for_each() {
    let app = TestApp::with_ada().await;
    let (one, two) = (
        app.make(json!({"start": false})).await,
        app.make(json!({"start": false})).await,
    );
    app.decide(&two, "cancel", Value::Null).await.expect(200);
    let unknown = "0198c0de-0000-7000-8000-000000000000";
    let body = json!({"ids": [one["id"], two["id"], unknown], "action": "start"});
    let results = app.post("/api/v1/requests/bulk", body).await.expect(200).json();
    let of = |index: usize, name: &str| results["results"][index][name].clone();
    assert_eq!((of(0, "result"), of(0, "state")), (json!("done"), json!("collecting")));
    assert_eq!(of(1, "result"), json!("refused"));
    assert!(of(1, "reason").as_str().unwrap().contains("closed"));
    assert_eq!(
        (of(2, "result"), of(2, "reason")),
        (json!("refused"), json!("no such request"))
    );

    let body = json!({"ids": [one["id"]], "action": "pause", "reason": "legal_hold"});
    let paused = app.post("/api/v1/requests/bulk", body).await.expect(200).json();
    assert_eq!(paused["results"][0]["state"], "paused");
    let carla = operator(&app).await;
    let body = json!({"ids": [one["id"]], "action": "assign", "operator": carla});
    let assigned = app.post("/api/v1/requests/bulk", body).await.expect(200).json();
    assert_eq!(assigned["results"][0]["result"], "done");
    assert_eq!(app.again(&one).await["assignee"]["id"], carla);

    for (wrong, field) in [
        (json!({"ids": [], "action": "start"}), "ids"),
        (json!({"ids": [one["id"]], "action": "erase"}), "action"),
        (json!({"ids": [one["id"]], "action": "start", "reason": "x"}), "reason"),
        (json!({"ids": [one["id"]], "action": "deny"}), "ground"),
    ] {
        let refused = app.post("/api/v1/requests/bulk", wrong).await;
        assert!(refused.status == 400 || refused.status == 422, "{}", refused.text);
        let refused = refused.json();
        assert_eq!(refused["field"], field, "{refused:#}");
    }
    let works = app.api_key_for("connections").await;
    let body = json!({"ids": [one["id"]], "action": "start"});
    let answer = app
        .send(api_request(&works, Method::POST, "/api/v1/requests/bulk", Some(body)))
        .await;
    answer.expect(403);
}

#[tokio::test]
async fn what_was_found_is_for_those_who_work_on_it() {
    // SEC-16: whoever may only look sees the kinds of things, not what they say.
    let app = TestApp::with_ada().await;
    let made = app.make(json!({})).await;
    app.until(&made, "pending_review").await;
    let dossier = app.get(&path(&made, "/dossier")).await.expect(200).json();
    let object = dossier["objects"][0]["id"].as_str().unwrap().to_owned();
    for (scope, status) in [("read", 403), ("requests", 200)] {
        let key = app.api_key_for(scope).await;
        let list = app
            .send(api_request(&key, Method::GET, &path(&made, "/dossier"), None))
            .await;
        assert!(!list.expect(200).text.contains(ADA));
        let values = path(&made, &format!("/dossier/objects/{object}"));
        app.send(api_request(&key, Method::GET, &values, None))
            .await
            .expect(status);
    }
}

#[tokio::test]
async fn a_key_whose_first_request_is_being_made_is_told_so() {
    let app = TestApp::with_ada().await;
    let api_key = app.api_key().await;
    // The key's use is noted once a minute: not while the database is held.
    app.send(api_request(&api_key, Method::GET, "/api/v1/requests", None))
        .await
        .expect(200);
    let call = || {
        let body = json!({"type": "access", "identities": {"email": ADA}});
        let mut request = api_request(&api_key, Method::POST, "/api/v1/requests", Some(body));
        request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
        Box::pin(app.send(request))
    };
    let mut held = app.manager.store().write().await.unwrap();
    held.execute("UPDATE audit_head SET seq = seq", store::args![])
        .await
        .unwrap();
    let (quick, slow) = match futures_util::future::select(call(), call()).await {
        futures_util::future::Either::Left(done) | futures_util::future::Either::Right(done) => done,
    };
    assert_eq!(quick.status, 409, "{}", quick.text);
    assert!(
        quick.json()["type"]
            .as_str()
            .unwrap()
            .ends_with("/idempotency-key-in-use")
    );
    drop(held);
    slow.await.expect(201);
    assert_eq!(call().await.expect(201).headers["idempotency-replayed"], "true");
}

#[tokio::test]
async fn a_decision_takes_json_alone_and_an_assignee_must_be_named() {
    // SEC-15
    let app = TestApp::with_ada().await;
    let made = app.make(json!({"start": false})).await;
    app.api(Method::PUT, &path(&made, "/assignee"), Some(json!({})))
        .await
        .expect(400);
    app.api(Method::PUT, &path(&made, "/assignee"), Some(json!([null])))
        .await
        .expect(400);
    let api_key = app.api_key().await;
    let mut form = api_request(&api_key, Method::POST, &path(&made, "/pause"), Some(json!({})));
    form.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    app.send(form).await.expect(415);
    assert_eq!(app.again(&made).await["state"], "triage");
}
