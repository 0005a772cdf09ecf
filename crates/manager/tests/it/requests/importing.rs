//! Taking many requests in.

use http::{Method, header};
use serde_json::{Value, json};

use crate::app::{Answer, TestApp, request};

const LIST: &str = "type,email,framework,start\r\n\
access,ada@example.com,gdpr,true\r\n\
deletion,not an address,gdpr,\r\n\
access,bob@example.com,hammurabi,\r\n\
erasure,eve@example.com,,\r\n\
access,ada@example.com,gdpr,true\r\n";

async fn import(app: &TestApp, query: &str, media_type: &str, list: &str) -> Answer {
    let api_key = app.api_key().await;
    let request = request(Method::POST, &format!("/api/v1/requests/import{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {api_key}"))
        .header(header::CONTENT_TYPE, media_type)
        .body(list.to_owned().into())
        .unwrap();
    app.send(request).await
}

async fn requests(app: &TestApp) -> usize {
    app.get("/api/v1/requests").await.json()["requests"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_list_is_tried_taken_and_taken_once() {
    let app = TestApp::with_ada().await;
    let tried = import(&app, "?dry_run=true", "text/csv", LIST).await.expect(200);
    assert!(
        !tried.text.contains("example.com") && !tried.text.contains("address,"),
        "{}",
        tried.text
    );
    let tried = tried.json();
    assert_eq!(
        (&tried["valid"], &tried["refused"], &tried["created"]),
        (&json!(2), &json!(3), &json!(0))
    );
    let fields: Vec<Value> = tried["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["field"].clone())
        .collect();
    assert_eq!(
        fields,
        [
            Value::Null,
            json!("identities.email"),
            json!("framework"),
            json!("type"),
            Value::Null
        ]
    );
    assert_eq!(requests(&app).await, 0);

    let taken = import(&app, "", "text/csv", LIST).await.expect(200).json();
    assert_eq!((&taken["created"], &taken["refused"]), (&json!(2), &json!(3)));
    assert_eq!(requests(&app).await, 2);
    let again = import(&app, "", "text/csv", LIST).await.expect(200).json();
    assert_eq!((&again["existing"], &again["created"]), (&json!(2), &json!(0)));
    assert_eq!(requests(&app).await, 2);
    let id = taken["rows"][0]["id"].as_str().unwrap();
    let made = app.get(&format!("/api/v1/requests/{id}")).await.json();
    assert_eq!(
        (&made["source"], &made["state"]),
        (&json!("import"), &json!("collecting"))
    );
    assert_eq!(app.history(&made).await[0], "request.imported");
}

#[tokio::test]
async fn a_list_of_lines_of_json_is_as_good() {
    let app = TestApp::with_ada().await;
    let list = "{\"type\": \"access\", \"identities\": {\"email\": \"ada@example.com\", \"dcp_id\": \"7\"}, \"key\": \"a\"}\n\
        {\"type\": \"deletion\", \"email\": \"ada@example.com\", \"start\": true, \"key\": \"b\"}\n\
        {\"type\": \"deletion\", \"email\": \"eve@example.com\", \"key\": \"b\"}\n\
        {\"type\": \"deletion\", \"email\": \"eve@example.com\", \"colour\": \"red\"}\n\
        nonsense\n";
    let taken = import(&app, "", "application/x-ndjson", list).await.expect(200).json();
    let results: Vec<&str> = taken["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["result"].as_str().unwrap())
        .collect();
    assert_eq!(results, ["created", "created", "refused", "refused", "refused"]);
    assert_eq!(taken["rows"][3]["field"], "colour");
    import(&app, "", "application/json", list).await.expect(415);
}
