//! Schemas of the document, for people.

use serde_json::{Map, Value, json};

use super::text;

/// How deep examples and types are followed: no schema of ours goes deeper than it can be read.
const DEEPEST: usize = 8;

/// A field or a parameter.
pub(super) struct Field {
    pub(super) name: String,
    /// Of which type, in words.
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) purpose: String,
}

impl Field {
    pub(super) fn of_parameter(document: &Value, parameter: &Value) -> Self {
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        Self {
            name: text(parameter, "name"),
            kind: format!("{}, in the {}", kind(document, schema, 0), text(parameter, "in")),
            required: parameter.get("required") == Some(&Value::Bool(true)),
            purpose: text(parameter, "description"),
        }
    }
}

/// Follows a reference, if it is one.
pub(super) fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let target = value.get("$ref").and_then(Value::as_str);
    let found = target.and_then(|target| document.pointer(target.trim_start_matches('#')));
    found.unwrap_or(value)
}

/// The fields of an object, or of the objects of a list.
pub(super) fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let schema = resolved(document, schema);
    if let Some(items) = schema.get("items") {
        return fields(document, items);
    }
    let mut found = Vec::new();
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        found.extend(fields(document, part));
    }
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let described = resolved(document, property);
        let purpose = match text(property, "description") {
            empty if empty.is_empty() => text(described, "description"),
            purpose => purpose,
        };
        found.push(Field {
            name: name.clone(),
            kind: kind(document, property, 0),
            required: required.is_some_and(|required| required.iter().any(|known| known == name)),
            purpose,
        });
    }
    found
}

fn kind(document: &Value, schema: &Value, depth: usize) -> String {
    let schema = resolved(document, schema);
    if depth > DEEPEST {
        return "value".to_owned();
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = words
            .iter()
            .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
            .collect();
        return words.join(" | ");
    }
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec![if schema.get("allOf").is_some() {
            "object"
        } else {
            "value"
        }],
    };
    let one = |name: &str| match (name, schema.get("format").and_then(Value::as_str)) {
        ("array", _) => {
            let of = schema.get("items").map(|items| kind(document, items, depth + 1));
            format!("list of {}", of.unwrap_or_else(|| "values".to_owned()))
        }
        ("string", Some(format)) => format!("string ({format})"),
        (name, _) => name.to_owned(),
    };
    let names: Vec<String> = names.into_iter().map(one).collect();
    names.join(" or ")
}

/// A value that fits, with what is required alone.
pub(super) fn sample(document: &Value, schema: &Value) -> Value {
    value(document, schema, 0)
}

fn value(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(document, schema);
    if depth > DEEPEST {
        return Value::Null;
    }
    for known in ["example", "const", "default"] {
        if let Some(known) = schema.get(known) {
            return known.clone();
        }
    }
    if let Some(first) = schema.get("enum").and_then(|words| words.get(0)) {
        return first.clone();
    }
    let name = match schema.get("type") {
        Some(Value::Array(names)) => names.first().and_then(Value::as_str),
        name => name.and_then(Value::as_str),
    };
    match (name, schema.get("format").and_then(Value::as_str)) {
        (Some("string"), Some("uuid")) => json!("0190b0a0-3c52-7d14-9c0e-5a2f6f0c1b11"),
        (Some("string"), Some("date-time")) => json!("2026-11-22T08:00:00Z"),
        (Some("string"), Some("email")) => json!("ada@example.com"),
        (Some("string"), Some("uri")) => json!("https://example.com/"),
        (Some("string"), _) => json!("…"),
        (Some("integer" | "number"), _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) => {
            let items = schema.get("items").map(|items| value(document, items, depth + 1));
            Value::Array(items.into_iter().collect())
        }
        _ => object(document, schema, depth),
    }
}

fn object(document: &Value, schema: &Value, depth: usize) -> Value {
    let mut made = Map::new();
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        if let Value::Object(part) = value(document, part, depth + 1) {
            made.extend(part);
        }
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let property = name
            .as_str()
            .and_then(|name| Some((name, schema.get("properties")?.get(name)?)));
        if let Some((name, property)) = property {
            made.insert(name.to_owned(), value(document, property, depth + 1));
        }
    }
    Value::Object(made)
}
