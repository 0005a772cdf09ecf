//! Taking many requests in.

use http::{Method, header};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::jobs::NewJob;

use crate::app::{Answer, TestApp, request};

const LIST: &str = "type,email,framework,start\r\n\
access,ada@example.com,gdpr,true\r\n\
deletion,not an address,gdpr,\r\n\
access,bob@example.com,hammurabi,\r\n\
erasure,eve@example.com,,\r\n\
access,ada@example.com,gdpr,true\r\n";

async fn hand_in(app: &TestApp, query: &str, media_type: &str, list: &str) -> Answer {
    let api_key = app.api_key().await;
    let request = request(Method::POST, &format!("/api/v1/requests/import{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {api_key}"))
        .header(header::CONTENT_TYPE, media_type)
        .body(list.to_owned().into())
        .unwrap();
    app.send(request).await
}

/// Hands a list in and lets it be taken in.
async fn import(app: &TestApp, media_type: &str, list: &str) -> Value {
    let taken = hand_in(app, "", media_type, list).await.expect(202);
    let path = taken.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(taken.json()["state"], "running");
    app.run_jobs().await;
    app.get(&path).await.expect(200).json()
}

async fn rows(app: &TestApp, import: &Value) -> Vec<Value> {
    let path = format!("/api/v1/imports/{}/rows", import["id"].as_str().unwrap());
    app.get(&path).await.expect(200).json()["rows"]
        .as_array()
        .unwrap()
        .clone()
}

async fn requests(app: &TestApp) -> usize {
    app.count("SELECT COUNT(*) AS n FROM request").await
}

/// A list of so many different people.
fn people(count: usize) -> String {
    let lines: Vec<_> = (0..count).map(|n| format!("access,person-{n}@example.com\n")).collect();
    format!("type,email\n{}", lines.concat())
}

#[tokio::test]
async fn a_list_is_tried_taken_and_taken_once() {
    let app = TestApp::with_ada().await;
    let tried = hand_in(&app, "?dry_run=true", "text/csv", LIST).await.expect(200);
    assert!(
        !tried.text.contains("example.com") && !tried.text.contains("address,"),
        "{}",
        tried.text
    );
    let tried = tried.json();
    assert_eq!((&tried["valid"], &tried["refused"]), (&json!(2), &json!(3)));
    let fields: Vec<Value> = tried["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["field"].clone())
        .collect();
    let wrong = [
        Value::Null,
        json!("identities.email"),
        json!("framework"),
        json!("type"),
        Value::Null,
    ];
    assert_eq!(fields, wrong);
    assert_eq!(requests(&app).await, 0);

    let taken = import(&app, "text/csv", LIST).await;
    assert_eq!(taken["state"], "finished");
    assert_eq!(
        (&taken["rows_read"], &taken["created"], &taken["refused"]),
        (&json!(5), &json!(2), &json!(3))
    );
    assert_eq!(taken["bytes_read"], taken["bytes"]);
    assert_eq!(requests(&app).await, 2);
    let outcomes = rows(&app, &taken).await;
    let fields: Vec<Value> = outcomes.iter().map(|row| row["field"].clone()).collect();
    assert_eq!(fields, wrong);
    // Nothing of what stood in it is left.
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM import_piece").await, 0);
    assert_eq!(
        app.count("SELECT COUNT(*) AS n FROM import WHERE data_key IS NOT NULL")
            .await,
        0
    );

    app.clock.advance(SignedDuration::from_mins(1));
    let again = import(&app, "text/csv", LIST).await;
    assert_eq!((&again["existing"], &again["created"]), (&json!(2), &json!(0)));
    assert_eq!(requests(&app).await, 2);
    let id = outcomes[0]["id"].as_str().unwrap();
    let made = app.get(&format!("/api/v1/requests/{id}")).await.json();
    assert_eq!(made["source"], "import");
    assert_ne!(made["state"], "triage");
    assert_eq!(app.history(&made).await[0], "request.imported");
    let all = app.get("/api/v1/imports").await.expect(200).json();
    assert_eq!(all["imports"].as_array().unwrap().len(), 2);
    assert_eq!(all["imports"][0]["id"], again["id"]);
}

#[tokio::test]
async fn a_list_of_lines_of_json_is_as_good() {
    let app = TestApp::with_ada().await;
    let list = "{\"type\": \"access\", \"identities\": {\"email\": \"ada@example.com\", \"dcp_id\": \"7\"}, \"key\": \"a\"}\n\
        {\"type\": \"deletion\", \"email\": \"ada@example.com\", \"start\": true, \"key\": \"b\"}\n\
        {\"type\": \"deletion\", \"email\": \"eve@example.com\", \"key\": \"b\"}\n\n\
        {\"type\": \"deletion\", \"email\": \"eve@example.com\", \"colour\": \"red\"}\n\
        nonsense";
    let tried = hand_in(&app, "?dry_run=true", "application/x-ndjson", list)
        .await
        .expect(200)
        .json();
    assert_eq!((&tried["valid"], &tried["refused"]), (&json!(2), &json!(3)));
    let taken = import(&app, "application/x-ndjson", list).await;
    let rows = rows(&app, &taken).await;
    let results: Vec<&str> = rows.iter().map(|row| row["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["created", "created", "refused", "refused", "refused"]);
    assert_eq!(rows[3]["field"], "colour");
    hand_in(&app, "", "application/json", list).await.expect(415);
}

#[tokio::test]
async fn a_list_longer_than_a_portion_is_taken_in_by_and_by_while_its_progress_is_told() {
    let app = TestApp::with_ada().await;
    // Rows that go on over lines and over the pieces that a list is kept in.
    let long = "long ".repeat(30_000);
    let long_and_last = format!("\"access\",\"person-120@example.com\n{long}\"\naccess,last@example.com");
    let list = people(120) + &long_and_last;
    let taken = hand_in(&app, "", "text/csv", &list).await.expect(202).json();
    let id = taken["id"].as_str().unwrap().parse().unwrap();
    let mut read = Vec::new();
    loop {
        let import = app.manager.import_on(id).await.unwrap().unwrap();
        read.push(import.rows_read);
        if import.has_ended() {
            break;
        }
    }
    assert_eq!(read, [50, 100, 122]);
    let ended = app.get(&format!("/api/v1/imports/{id}")).await.expect(200).json();
    assert_eq!((&ended["created"], &ended["refused"]), (&json!(121), &json!(1)));
    assert_eq!(requests(&app).await, 121);
    let refused = app
        .get(&format!("/api/v1/imports/{id}/rows?result=refused"))
        .await
        .expect(200)
        .json();
    assert_eq!(refused["rows"][0]["row"], 121);
}

#[tokio::test]
async fn a_list_that_can_not_be_read_says_why_and_a_cancelled_one_ends() {
    let app = TestApp::with_ada().await;
    let open = format!(
        "type,email\naccess,ada@example.com\naccess,\"{}",
        "never closed ".repeat(300_000)
    );
    let stopped = import(&app, "text/csv", &open).await;
    assert_eq!((&stopped["state"], &stopped["created"]), (&json!("stopped"), &json!(1)));
    let reason = stopped["reason"].as_str().unwrap();
    assert!(reason.starts_with("row 2 is longer"), "{reason}");
    let empty = import(&app, "text/csv", "").await;
    assert_eq!(empty["reason"], "the list is empty");

    let taken = hand_in(&app, "", "text/csv", &people(70)).await.expect(202).json();
    let id = taken["id"].as_str().unwrap();
    app.manager.import_on(id.parse().unwrap()).await.unwrap();
    let cancelled = app
        .post(&format!("/api/v1/imports/{id}/cancel"), Value::Null)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&cancelled["state"], &cancelled["created"]),
        (&json!("cancelled"), &json!(50))
    );
    app.after(SignedDuration::from_hours(1)).await;
    assert_eq!(requests(&app).await, 51);
}

/// Whatever dies, and however often the work comes, each row is taken once.
#[tokio::test]
async fn an_import_survives_a_crash_at_every_point_and_may_come_twice() {
    for number in 0.. {
        let app = TestApp::start().await;
        let taken = hand_in(&app, "", "text/csv", &people(120)).await.expect(202).json();
        let path = format!("/api/v1/imports/{}", taken["id"].as_str().unwrap());
        let died = app.dies_at(number).await;
        for _ in 0..2 {
            let mut tx = app.manager.store().write().await.unwrap();
            let run_at = tx.now();
            tx.enqueue(NewJob {
                kind: "requests.import",
                lane: "internal".to_owned(),
                run_at,
                payload: json!({"import": taken["id"]}),
                key: None,
            });
            tx.commit().await.unwrap();
        }
        app.after(SignedDuration::from_mins(1)).await;
        let ended = app.get(&path).await.expect(200).json();
        assert_eq!(
            (&ended["state"], &ended["created"], &ended["existing"]),
            (&json!("finished"), &json!(120), &json!(0)),
            "point {number}"
        );
        assert_eq!(requests(&app).await, 120, "point {number}");
        if !died {
            assert!(number > 5, "{number}");
            return;
        }
    }
}

#[tokio::test]
async fn what_becomes_of_a_list_is_written_down() {
    let app = TestApp::with_ada().await;
    let taken = hand_in(&app, "", "text/csv", &people(2)).await.expect(202).json();
    let object = format!("import:{}", taken["id"].as_str().unwrap());
    assert_eq!(app.events(&object).await, ["import.handed_in"]);
    app.run_jobs().await;
    assert_eq!(app.events(&object).await, ["import.handed_in", "import.finished"]);

    // One that never arrives to its end is given up when the next one begins, an hour later.
    app.clock.advance(SignedDuration::from_mins(1));
    let by = manager::By::command_line();
    let format = manager::app::ExportFormat::Csv;
    drop(app.manager.receive_import(format, &by).await.unwrap());
    let torn = app.manager.imports(None, 1).await.unwrap().imports.remove(0).id;
    app.clock.advance(SignedDuration::from_mins(61));
    hand_in(&app, "", "text/csv", &people(1)).await.expect(202);
    assert_eq!(app.events(&format!("import:{torn}")).await, ["import.finished"]);
    let torn = app.manager.import(torn).await.unwrap().unwrap();
    assert_eq!(torn.state.name(), "stopped");
    assert!(torn.ended_at.is_some() && torn.reason.unwrap().contains("did not arrive"));
}
