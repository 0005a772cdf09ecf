//! The people whose records the demo's vendor holds.

use serde_json::{Value, json};

/// The data subject: asks what is there, has it deleted, and asks again.
pub(super) const SUBJECT: &str = "ada@example.com";
/// Somebody else: what is held about her must stay.
pub(super) const NEIGHBOUR: &str = "grace@example.com";

/// All records, one JSON object a line, as `provider subject import` reads them.
pub(super) fn ndjson() -> String {
    let records = records();
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    lines.join("\n")
}

fn records() -> Vec<Value> {
    let mut records = Vec::new();
    for (email, name, city) in [
        (SUBJECT, "Ada Lovelace", "London"),
        (NEIGHBOUR, "Grace Hopper", "New York"),
    ] {
        let record = |source: &str, data_type: &str, object: &str, record: Value| {
            json!({
                "data_source": source,
                "data_type": data_type,
                "identifier_type": "email",
                "identifier": email,
                "object": object,
                "record": record,
            })
        };
        records.push(record(
            "app_backend",
            "user",
            "profile",
            json!({
                "email": email,
                "name": name,
                "language": "en",
                "created_at": "2024-03-01T09:30:00Z",
                "newsletter": true,
            }),
        ));
        for (number, project) in ["Spring campaign", "Checkout test"].iter().enumerate() {
            records.push(record(
                "app_backend",
                "user",
                "project_membership",
                json!({"project": project, "role": "editor", "position": number}),
            ));
        }
        records.push(record(
            "tse",
            "user",
            "support_ticket",
            json!({
                "subject": "Please change the name on the invoice",
                "from": email,
                "opened_at": "2025-06-11T14:02:00Z",
                "messages": 3,
            }),
        ));
        for (page, seconds) in [("/", 12), ("/pricing", 95), ("/signup", 41)] {
            records.push(record(
                "data_platform",
                "visitor",
                "page_view",
                json!({"page": page, "seconds": seconds, "browser": "Firefox", "city": city}),
            ));
        }
        records.push(record(
            "marketing",
            "visitor",
            "audience",
            json!({"audience": "Trial users", "since": "2025-01-15", "score": 0.82}),
        ));
    }
    records
}
