//! `/problems/{slug}`: what the `type` of an error leads to (RFC 9457 section 3.1.1).

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use rightful_http::{
    extract::Path,
    pages::{Layout, Shell},
};

use super::portal::PageError;
use crate::Manager;

/// A kind of error: its word, its name, what it means, and what helps.
type Kind = (&'static str, &'static str, &'static str, &'static str);

/// All kinds that the API answers.
const KINDS: &[Kind] = &[
    (
        "changed-meanwhile",
        "Changed meanwhile",
        "Somebody else changed the same thing between your reading and your writing.",
        "Read it again and decide anew.",
    ),
    (
        "conflict",
        "It does not fit",
        "What was asked does not fit how things stand; the detail says why.",
        "Look at the current state, then ask for something that fits.",
    ),
    (
        "connection-authorized",
        "Already authorized",
        "The connection has a grant that works.",
        "Nothing has to be done; to replace the grant, authorize it from its page.",
    ),
    (
        "connection-disabled",
        "The connection is disabled",
        "A disabled connection takes no part and can't be authorized.",
        "Enable it first.",
    ),
    (
        "connection-in-use",
        "The connection is in use",
        "Tasks that are not finished need the connection.",
        "Wait for them, or repeat the call with force=true: they are stopped then.",
    ),
    (
        "forbidden",
        "Not allowed",
        "The API key is known, but its scopes do not allow this.",
        "Use a key with the scope that the documentation names.",
    ),
    (
        "forged-form",
        "The form was not accepted",
        "A form was sent from elsewhere, or too late.",
        "Load the page again and send the form once more.",
    ),
    (
        "idempotency-key-in-use",
        "The first call still runs",
        "A call with the same Idempotency-Key has not been answered yet.",
        "Repeat it after Retry-After: the first answer comes back then.",
    ),
    (
        "idempotency-key-reused",
        "Idempotency key used again",
        "The same Idempotency-Key came with another request before.",
        "Use a new key for each new request, and the same key only to repeat one.",
    ),
    (
        "internal",
        "Something went wrong",
        "It is our fault and has been recorded.",
        "Try again later. The request_id helps whoever looks for the cause.",
    ),
    (
        "invalid",
        "A field is wrong",
        "The request can be read, but a value can't be taken; errors says which and why.",
        "Correct the named fields and send it again.",
    ),
    (
        "invalid-request",
        "It can't be read",
        "The body, the query or the path is not what this address understands; errors says where.",
        "Compare with the documentation: names, types, and that nothing is given twice.",
    ),
    (
        "method-not-allowed",
        "Not possible here",
        "The address exists, but not with this method.",
        "The Allow header names the methods that there are.",
    ),
    (
        "not-found",
        "Not found",
        "There is nothing at this address, or nothing that you may see.",
        "Check the address and the id.",
    ),
    (
        "nothing-to-authorize",
        "Nothing to authorize",
        "This kind of connection needs no grant.",
        "Nothing has to be done.",
    ),
    (
        "nothing-to-confirm",
        "Nothing to confirm",
        "No authorization for another account waits for a decision.",
        "Nothing has to be done.",
    ),
    (
        "shredded",
        "Destroyed",
        "The personal data of this request was destroyed at the end of its term.",
        "It can't be brought back; that the request was answered is still on record.",
    ),
    (
        "too-large",
        "Too large",
        "What was sent is larger than is taken here; the detail names the limit.",
        "Send less, or in parts.",
    ),
    (
        "too-many-requests",
        "Too many requests",
        "More came from you than is allowed in this time.",
        "Wait as long as Retry-After says.",
    ),
    (
        "unauthorized",
        "Not authenticated",
        "No API key was sent, or one that is unknown or was revoked.",
        "Send Authorization: Bearer and a key that works.",
    ),
    (
        "unavailable",
        "Not available just now",
        "Something that the manager needs does not answer, its database for one.",
        "Wait as long as Retry-After says and call again; nothing was done.",
    ),
    (
        "unsupported-media-type",
        "Another content type is needed",
        "The body is of a kind that this address does not read.",
        "Send JSON with Content-Type: application/json.",
    ),
    (
        "vendor-unavailable",
        "The other system can't be reached",
        "The system of the connection did not answer, or not as expected; the detail says how.",
        "Try again later; the connection's page shows since when it fails.",
    ),
    (
        "wrong-state",
        "Not in this state",
        "The request is in a state that does not allow this decision.",
        "The detail says in which it is, and the request's page what is possible.",
    ),
];

pub(super) fn router() -> Router<Manager> {
    Router::new()
        .route("/problems", get(all))
        .route("/problems/{slug}", get(one))
}

#[derive(Template)]
#[template(path = "problems/one.html")]
struct ProblemPage {
    kind: &'static Kind,
}

#[derive(Template)]
#[template(path = "problems/all.html")]
struct ProblemsPage {
    kinds: &'static [Kind],
}

async fn all(State(manager): State<Manager>) -> Response {
    Shell::new(&manager.settings().brand, "Errors of the API")
        .layout(Layout::Reading)
        .around(&ProblemsPage { kinds: KINDS })
}

async fn one(State(manager): State<Manager>, Path(slug): Path<String>) -> Result<Response, PageError> {
    let kind = KINDS
        .iter()
        .find(|(word, ..)| *word == slug)
        .ok_or(PageError::NotFound)?;
    let shell = Shell::new(&manager.settings().brand, kind.1).layout(Layout::Reading);
    Ok(shell.around(&ProblemPage { kind }))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// The words that stand in our sources where a problem is made.
    fn written(folder: &Path, words: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                written(&path, words);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap_or_default();
            for made in source
                .split("::new(")
                .skip(1)
                .filter(|rest| rest.trim_start().starts_with("StatusCode::"))
            {
                let Some((_, rest)) = made.split_once(',') else {
                    continue;
                };
                if let Some(word) = rest.trim_start().strip_prefix('"') {
                    words.insert(word.split('"').next().unwrap().to_owned());
                }
            }
        }
    }

    #[test]
    fn every_type_of_problem_leads_to_an_explanation() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut words = BTreeSet::new();
        written(&here.join("src"), &mut words);
        written(&here.join("../http/src"), &mut words);
        assert!(words.len() > 10 && words.contains("wrong-state"), "{words:?}");
        words.retain(|word| !KINDS.iter().any(|(known, ..)| known == word));
        assert!(words.is_empty(), "no explanation of {words:?}");
        assert!(KINDS.is_sorted_by_key(|(word, ..)| *word));
    }
}
