//! Whether an answer is what the vendor's own OpenAPI says: the part of JSON Schema that it uses.

use jiff::Timestamp;
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(include_str!("../../vendor-openapi.json")).unwrap()
}

/// The names of a schema's properties, in order.
pub(crate) fn properties(schema: &str) -> Vec<String> {
    let document = document();
    let properties = document["components"]["schemas"][schema]["properties"]
        .as_object()
        .unwrap();
    properties.keys().cloned().collect()
}

/// Panics where `value` is not of the schema; properties that the schema does not know are not allowed either.
pub(crate) fn check(schema: &str, value: &Value) {
    let document = document();
    let found = &document["components"]["schemas"][schema];
    assert!(found.is_object(), "there is no schema {schema}");
    walk(&document, found, value, schema);
}

fn walk(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        return walk(document, document.pointer(pointer).unwrap(), value, at);
    }
    if value.is_null() {
        assert_eq!(schema["nullable"], true, "{at} is null");
        return;
    }
    match schema["type"].as_str().unwrap() {
        "object" => {
            let members = value.as_object().unwrap_or_else(|| panic!("{at}: {value}"));
            for (name, member) in members {
                let at = format!("{at}.{name}");
                match (schema["properties"].get(name), schema.get("additionalProperties")) {
                    (Some(property), _) | (None, Some(property)) => walk(document, property, member, &at),
                    (None, None) => assert!(schema.get("properties").is_none(), "{at} is not in the schema"),
                }
            }
            for required in schema["required"].as_array().into_iter().flatten() {
                assert!(
                    members.contains_key(required.as_str().unwrap()),
                    "{at} lacks {required}"
                );
            }
        }
        "array" => {
            for item in value.as_array().unwrap_or_else(|| panic!("{at}: {value}")) {
                walk(document, &schema["items"], item, at);
            }
        }
        "integer" => assert!(value.is_i64(), "{at}: {value}"),
        "boolean" => assert!(value.is_boolean(), "{at}: {value}"),
        "string" => text(schema, value.as_str().unwrap_or_else(|| panic!("{at}: {value}")), at),
        other => panic!("{at}: the type {other} is not known here"),
    }
}

fn text(schema: &Value, text: &str, at: &str) {
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.iter().any(|word| word == text), "{at}: {text}");
    }
    if let Some(most) = schema["maxLength"].as_u64() {
        assert!(text.chars().count() as u64 <= most, "{at}: {text}");
    }
    match schema["format"].as_str() {
        Some("date-time") => assert!(text.parse::<Timestamp>().is_ok(), "{at}: {text}"),
        Some("uuid") => assert!(text.parse::<uuid::Uuid>().is_ok(), "{at}: {text}"),
        _ => {}
    }
}
