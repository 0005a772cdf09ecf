//! What serde says, in words for whoever sent the request.

use std::fmt;

use super::{Place, Refusal};

/// Turns a deserialisation error into a refusal that names the field and never quotes a value.
pub(super) fn refusal<E: fmt::Display>(error: &serde_path_to_error::Error<E>, place: Place) -> Refusal {
    let message = error.inner().to_string();
    let path = error.path().to_string();
    let path = if path == "." { String::new() } else { path };

    // serde has no error codes; its texts are stable and begin in one of these ways.
    let named = |rest: &str| {
        rest.split('`')
            .next()
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    };
    let (name, reason) = if let Some(rest) = message.strip_prefix("missing field `") {
        (named(rest), "is missing".to_owned())
    } else if let Some(rest) = message.strip_prefix("duplicate field `") {
        (named(rest), "is given twice".to_owned())
    } else if message.starts_with("unknown field `") {
        // The path ends in the unknown field already.
        (None, "is not known here".to_owned())
    } else {
        (None, wanted(&message))
    };

    let field = match (path.as_str(), name) {
        ("", None) => None,
        ("", Some(name)) => Some(name),
        (path, Some(name)) if !path.ends_with(&name) => Some(format!("{path}.{name}")),
        (path, _) => Some(path.to_owned()),
    };
    let refusal = Refusal::new(place, reason);
    match field {
        Some(field) => refusal.field(field),
        None => refusal,
    }
}

/// Keeps of "invalid type: string \"…\", expected u32 at line 1 column 9" what was expected, for the rest quotes.
fn wanted(message: &str) -> String {
    let Some((_, expected)) = message.rsplit_once(", expected ") else {
        return "is not valid".to_owned();
    };
    match expected.split(" at line ").next().unwrap_or(expected) {
        "u8" | "u16" | "u32" | "u64" | "usize" => "must be a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "must be a whole number".to_owned(),
        expected => format!("must be {}", expected.replace('`', "")),
    }
}
