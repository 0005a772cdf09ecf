//! What the API answers is what its OpenAPI document says: every answer of every story is held against it.

use std::sync::LazyLock;

use http::{Method, header};
use manager::Settings;
use serde_json::Value;

use crate::app::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| manager::openapi(&Settings::default()));

/// Fails where the document does not know such an answer to a call of `path`, which may carry a query.
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap();
    let Some(path) = path.strip_prefix("/api/v1") else {
        return;
    };
    if path == "/openapi.json" || answer.status.is_server_error() {
        return;
    }
    if let Err(wrong) = fits(method, path, answer) {
        panic!("{method} {path} answered {}: {wrong}: {}", answer.status, answer.text);
    }
}

fn fits(method: &Method, path: &str, answer: &Answer) -> Result<(), String> {
    let Some(item) = item(path) else {
        return (answer.status == 404)
            .then_some(())
            .ok_or("there is no such path".to_owned());
    };
    let Some(operation) = item.get(method.as_str().to_lowercase()) else {
        return (answer.status == 405)
            .then_some(())
            .ok_or("there is no such method".to_owned());
    };
    let response = operation["responses"]
        .get(answer.status.as_str())
        .ok_or("a status that is not told")?;
    let response = resolved(response);
    let sent = answer
        .headers
        .get(header::CONTENT_TYPE)
        .map(|value| value.to_str().unwrap());
    let essence = sent.map(|value| value.split(';').next().unwrap().trim());
    match (response.get("content"), essence) {
        (None, _) if answer.text.is_empty() => Ok(()),
        (None, _) => Err("a body that is not told".to_owned()),
        (Some(_), None) => Err("no content type".to_owned()),
        (Some(content), Some(essence)) => {
            let media = content.get(essence).ok_or(format!("{essence} is not told"))?;
            match media.get("schema") {
                Some(schema) if essence == "application/json" || essence.ends_with("+json") => {
                    value_fits(schema, &answer.json(), "$", true)
                }
                _ => Ok(()),
            }
        }
    }
}

/// What is told of a path; the one that names most.
fn item(path: &str) -> Option<&'static Value> {
    let asked: Vec<&str> = path.split('/').collect();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let known = paths.iter().filter(|(template, _)| {
        let template: Vec<&str> = template.split('/').collect();
        let fits = |(part, asked): (&&str, &&str)| part.starts_with('{') || part == asked;
        template.len() == asked.len() && template.iter().zip(&asked).all(fits)
    });
    let variables = |template: &str| template.matches('{').count();
    known
        .min_by_key(|(template, _)| variables(template))
        .map(|(_, item)| item)
}

fn resolved(value: &'static Value) -> &'static Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(target) => resolved(DOCUMENT.pointer(target.trim_start_matches('#')).unwrap()),
        None => value,
    }
}

/// The part of JSON Schema that the document uses; `whole`: a member that no part of the schema names is wrong.
fn value_fits(schema: &'static Value, value: &Value, at: &str, whole: bool) -> Result<(), String> {
    let schema = resolved(schema);
    for part in list(schema, "allOf") {
        value_fits(part, value, at, false)?;
    }
    for ways in ["oneOf", "anyOf"] {
        let parts = list(schema, ways);
        if !parts.is_empty() {
            let tried: Vec<_> = parts.iter().map(|part| value_fits(part, value, at, whole)).collect();
            if tried.iter().all(Result::is_err) {
                return Err(format!("{at} fits none: {tried:?}"));
            }
        }
    }
    let names = match schema.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !names.is_empty() && !names.iter().any(|name| is_a(name, value)) {
        return Err(format!("{at} is no {}: {value}", names.join(" or ")));
    }
    if schema.get("enum").is_some() && !list(schema, "enum").iter().any(|known| known == value) {
        return Err(format!("{at} is not one of its words: {value}"));
    }
    if schema.get("const").is_some_and(|known| known != value) {
        return Err(format!("{at} is always the same, but not {value}"));
    }
    if let (Some(format), Some(text)) = (schema.get("format").and_then(Value::as_str), value.as_str()) {
        let fits = match format {
            "uuid" => uuid::Uuid::try_parse(text).is_ok(),
            "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
            "uri" => url::Url::parse(text).is_ok(),
            _ => true,
        };
        if !fits {
            return Err(format!("{at} is no {format}: {text}"));
        }
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(items) = schema.get("items") {
            value_fits(items, item, &format!("{at}[{number}]"), true)?;
        }
    }
    let Some(members) = value.as_object() else {
        return Ok(());
    };
    for name in list(schema, "required").iter().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            return Err(format!("{at}.{name} is missing"));
        }
    }
    let (mut told, mut open) = (Vec::new(), false);
    gather(schema, &mut told, &mut open);
    for (name, member) in members {
        let here = format!("{at}.{name}");
        if let Some(property) = schema.get("properties").and_then(|known| known.get(name)) {
            value_fits(property, member, &here, true)?;
        } else if whole && !open && !told.is_empty() && !told.contains(&name.as_str()) {
            return Err(format!("{here} is not told"));
        } else if let Some(any @ Value::Object(_)) = schema.get("additionalProperties") {
            value_fits(any, member, &here, true)?;
        }
    }
    Ok(())
}

/// The members that a schema and its parts name, and whether others may stand beside them.
fn gather(schema: &'static Value, named: &mut Vec<&'static str>, open: &mut bool) {
    let schema = resolved(schema);
    named.extend(
        schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str()),
    );
    *open |= schema
        .get("additionalProperties")
        .is_some_and(|others| others != &Value::Bool(false));
    for ways in ["allOf", "oneOf", "anyOf"] {
        for part in list(schema, ways) {
            gather(part, named, open);
        }
    }
}

fn list(schema: &'static Value, name: &str) -> &'static [Value] {
    schema.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
