//! Choosing what is handed over.

use http::Method;
use serde_json::{Value, json};

use super::{ADA, members, package};
use crate::app::{Answer, TestApp};

struct Reviewed {
    app: TestApp,
    made: Value,
}

impl Reviewed {
    async fn new() -> Self {
        let app = TestApp::with_ada().await;
        let made = app.make(json!({})).await;
        app.until(&made, "pending_review").await;
        Self { app, made }
    }

    fn path(&self) -> String {
        format!("/api/v1/requests/{}/dossier", self.made["id"].as_str().unwrap())
    }

    async fn dossier(&self) -> Value {
        self.app.get(&self.path()).await.expect(200).json()
    }

    async fn object(&self, name: &str) -> String {
        let dossier = self.dossier().await;
        let objects = dossier["objects"].as_array().unwrap();
        let object = objects.iter().find(|object| object["name"] == name).unwrap();
        object["id"].as_str().unwrap().to_owned()
    }

    async fn records(&self, name: &str) -> Value {
        let path = format!("{}/objects/{}", self.path(), self.object(name).await);
        self.app.get(&path).await.expect(200).json()["records"].clone()
    }

    async fn change(&self, body: Value) -> Answer {
        self.app.api(Method::PATCH, &self.path(), Some(body)).await
    }

    async fn handed_over(&self) -> Value {
        self.app.decide(&self.made, "approve", Value::Null).await.expect(200);
        let (status, zip) = package(&self.app, &self.made).await;
        assert_eq!(status, 200);
        let members = members(&zip);
        serde_json::from_str(&members["dossier.json"]).unwrap()
    }
}

#[tokio::test]
async fn objects_and_fields_are_shown_with_what_is_included() {
    let reviewed = Reviewed::new().await;
    let dossier = reviewed.dossier().await;
    let profile = &dossier["objects"][0];
    assert_eq!((&profile["name"], &profile["records"]), (&json!("profile"), &json!(1)));
    assert_eq!(
        profile["task_id"],
        reviewed.app.again(&reviewed.made).await["tasks"][0]["id"]
    );
    let paths: Vec<&str> = profile["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["card", "email", "name", "tags[*]"]);
    assert_eq!(
        profile["fields"][3],
        json!({"path": "tags[*]", "kinds": ["text"], "values": 2,
        "included": true, "redacted": false, "edited": false, "by_policy": false})
    );
    let records = reviewed.records("profile").await;
    let field = |path: &str| {
        let fields = records[0]["fields"].as_array().unwrap();
        fields.iter().find(|field| field["path"] == path).unwrap().clone()
    };
    assert_eq!(
        field("email"),
        json!({"path": "email", "value": ADA, "included": true, "redacted": false, "edited": false, "by_policy": false})
    );
    assert_eq!(field("tags[1]")["value"], "b");
}

#[tokio::test]
async fn the_package_holds_exactly_what_was_chosen() {
    let reviewed = Reviewed::new().await;
    let (profile, events) = (reviewed.object("profile").await, reviewed.object("events").await);
    let changes = json!({"changes": [
        {"object": profile, "field": "email", "action": "redact"},
        {"object": profile, "field": "name", "action": "edit", "value": "A.", "reason": "asked for"},
        {"object": profile, "field": "tags[0]", "action": "exclude"},
        {"object": events, "record": 1, "action": "exclude"},
        {"object": events, "field": "ip", "action": "exclude"},
    ]});
    let answer = reviewed.change(changes).await.expect(200).json();
    assert_eq!(answer["made"], json!([1, 2, 3, 4, 5]));
    assert_eq!(answer["objects"][0]["fields"][1]["redacted"], true);
    assert_eq!(answer["objects"][0]["fields"][2]["edited"], true);

    let dossier = reviewed.handed_over().await;
    let record = &dossier["objects"][0]["records"][0];
    assert_eq!(
        *record,
        json!({"card": "=1+1", "email": "[redacted]", "name": "A.", "tags": ["b"]})
    );
    assert_eq!(dossier["objects"][1]["records"], json!([{"at": 2, "event": "buy"}]));
    let (_, zip) = package(&reviewed.app, &reviewed.made).await;
    for (name, text) in members(&zip) {
        assert!(
            !text.contains(ADA) && !text.contains("192.0.2.1") && !text.contains("click"),
            "{name}"
        );
    }
    // The originals are as they were.
    assert_eq!(reviewed.records("events").await.as_array().unwrap().len(), 2);
    assert_eq!(reviewed.records("profile").await[0]["fields"][1]["value"], ADA);
}

#[tokio::test]
async fn changes_are_taken_back_one_by_one() {
    let reviewed = Reviewed::new().await;
    let profile = reviewed.object("profile").await;
    let changes = json!({"changes": [
        {"object": profile, "action": "exclude"},
        {"object": profile, "field": "email", "action": "exclude"},
    ]});
    let made = reviewed.change(changes).await.expect(200).json();
    assert_eq!(made["objects"][0]["included"], false);
    let undone = reviewed.change(json!({"undo": [1]})).await.expect(200).json();
    assert_eq!(undone["objects"][0]["included"], true);
    assert_eq!(undone["objects"][0]["fields"][1]["included"], false);
    reviewed.change(json!({"undo": [1]})).await.expect(422);
    reviewed.change(json!({"undo": [7]})).await.expect(422);
    reviewed.change(json!({"undo": [2]})).await.expect(200);
    let dossier = reviewed.handed_over().await;
    assert_eq!(dossier["objects"][0]["records"][0]["email"], ADA);
    let history = reviewed.app.history(&reviewed.made).await;
    let count = |action: &str| history.iter().filter(|event| *event == action).count();
    assert_eq!((count("dossier.changed"), count("dossier.change_undone")), (2, 2));
}

#[tokio::test]
async fn a_change_about_nothing_is_refused_and_none_of_its_company_made() {
    let reviewed = Reviewed::new().await;
    let profile = reviewed.object("profile").await;
    for (change, field) in [
        (json!({"object": "nothing", "action": "exclude"}), "changes[1].object"),
        (
            json!({"object": profile, "record": 2, "action": "exclude"}),
            "changes[1].record",
        ),
        (
            json!({"object": profile, "field": "emial", "action": "exclude"}),
            "changes[1].field",
        ),
        (
            json!({"object": profile, "field": "email", "action": "erase"}),
            "changes[1].action",
        ),
        (
            json!({"object": profile, "field": "email", "action": "edit"}),
            "changes[1].value",
        ),
    ] {
        let good = json!({"object": profile, "field": "name", "action": "exclude"});
        let answer = reviewed
            .change(json!({"changes": [good, change]}))
            .await
            .expect(422)
            .json();
        assert_eq!(answer["field"], field);
    }
    assert_eq!(reviewed.dossier().await["changes"], 0);
}

#[tokio::test]
async fn what_was_approved_is_what_is_handed_over() {
    let reviewed = Reviewed::new().await;
    let profile = reviewed.object("profile").await;
    reviewed
        .app
        .decide(&reviewed.made, "approve", Value::Null)
        .await
        .expect(200);
    let late = json!({"changes": [{"object": profile, "action": "exclude"}]});
    reviewed.change(late).await.expect(409);
    assert_eq!(reviewed.dossier().await["changeable"], false);
}
