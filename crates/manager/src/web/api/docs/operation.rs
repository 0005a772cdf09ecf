//! One operation, as the page shows it.

use serde_json::Value;

use super::{
    schema::{Field, fields, resolved, sample},
    text,
};

/// The methods, in the order in which they are shown.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// An operation.
pub(super) struct Operation {
    /// Its name in programs, and its place on the page.
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) parameters: Vec<Field>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    pub(super) curl: String,
}

/// What is sent.
pub(super) struct Body {
    pub(super) kinds: Vec<String>,
    pub(super) fields: Vec<Field>,
}

/// What comes back.
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) description: String,
    pub(super) fields: Vec<Field>,
}

/// The operations of a tag, in the order of the document.
pub(super) fn operations(document: &Value, tag: &str, base: &str) -> Vec<Operation> {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let tags = operation.get("tags").and_then(Value::as_array);
            if tags.is_some_and(|tags| tags.iter().any(|known| known == tag)) {
                found.push(read(document, (path, item), (method, operation), base));
            }
        }
    }
    found
}

fn read(document: &Value, (path, item): (&str, &Value), (method, operation): (&str, &Value), base: &str) -> Operation {
    let own = operation.get("parameters").and_then(Value::as_array);
    let shared = item.get("parameters").and_then(Value::as_array);
    let parameters = shared.into_iter().chain(own).flatten();
    let parameters: Vec<&Value> = parameters.map(|parameter| resolved(document, parameter)).collect();
    let content = |of: &Value| {
        of.get("content")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let body = operation.get("requestBody").map(|body| resolved(document, body));
    let responses = operation.get("responses").and_then(Value::as_object);
    Operation {
        id: text(operation, "operationId"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(operation, "summary"),
        description: text(operation, "description"),
        curl: curl(document, (method, path), &parameters, body, base),
        parameters: parameters
            .iter()
            .map(|parameter| Field::of_parameter(document, parameter))
            .collect(),
        body: body.map(|body| {
            let content = content(body);
            Body {
                fields: content
                    .values()
                    .find_map(|media| Some(fields(document, media.get("schema")?)))
                    .unwrap_or_default(),
                kinds: content.into_iter().map(|(kind, _)| kind).collect(),
            }
        }),
        answers: responses
            .into_iter()
            .flatten()
            .map(|(status, answer)| {
                let answer = resolved(document, answer);
                let media = content(answer);
                // Problems are all alike, and explained once.
                let schema = media.get("application/json").and_then(|media| media.get("schema"));
                Answer {
                    status: status.clone(),
                    description: text(answer, "description"),
                    fields: schema.map(|schema| fields(document, schema)).unwrap_or_default(),
                }
            })
            .collect(),
    }
}

/// The call as it is typed into a shell; ids are variables.
fn curl(
    document: &Value,
    (method, path): (&str, &str),
    parameters: &[&Value],
    body: Option<&Value>,
    base: &str,
) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in parameters {
        let name = text(parameter, "name");
        let is_required = parameter.get("required") == Some(&Value::Bool(true));
        match parameter.get("in").and_then(Value::as_str) {
            Some("path") => path = path.replace(&format!("{{{name}}}"), &format!("${}", name.to_uppercase())),
            Some("query") if is_required => query.push(format!("{name}=…")),
            _ => {}
        }
    }
    let mut call = vec!["curl".to_owned()];
    if method != "get" && !(method == "post" && body.is_some()) {
        call.push(format!("-X {}", method.to_uppercase()));
    }
    call.push("-H \"Authorization: Bearer $KEY\"".to_owned());
    let content = body.and_then(|body| body.get("content")?.as_object()?.iter().next());
    if let Some((kind, media)) = content {
        match kind.as_str() {
            "multipart/form-data" => call.push("-F file=@notes.pdf".to_owned()),
            "application/json" => {
                call.push("-H \"Content-Type: application/json\"".to_owned());
                let example = media.get("example").cloned();
                let example = example.or_else(|| Some(sample(document, media.get("schema")?)));
                // The only quote that a shell would take for its end.
                let example = example.unwrap_or_default().to_string().replace('\'', "’");
                call.push(format!("-d '{example}'"));
            }
            kind => call.push(format!("-H \"Content-Type: {kind}\" --data-binary @FILE")),
        }
    }
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    call.push(format!("\"{base}{path}{query}\""));
    call.join(" \\\n  ")
}
