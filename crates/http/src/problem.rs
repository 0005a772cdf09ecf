//! Errors for programs: `application/problem+json` (RFC 9457).

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Its name, or its path in the body (`changes[2].action`).
    pub field: String,
    /// What is wrong with it, to be read after its name: "is missing".
    pub reason: String,
}

/// What went wrong, for a program to branch on (`slug`) and a person to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem(Box<Inner>);

/// Boxed, for every fallible function that answers with a problem carries its size.
#[derive(Debug, Clone, PartialEq)]
struct Inner {
    status: StatusCode,
    slug: &'static str,
    title: Cow<'static, str>,
    detail: Option<String>,
    errors: Vec<FieldError>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of the kind `slug` (kebab case, for ever stable): its `type` is `/problems/{slug}` under the public
    /// URL. The title is the slug in words until [`Self::title`] gives another.
    pub fn new(status: StatusCode, slug: &'static str) -> Self {
        let mut title = slug.replace('-', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self(Box::new(Inner {
            status,
            slug,
            title: title.into(),
            detail: None,
            errors: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
        }))
    }

    /// Names the kind for people; the same for every occurrence.
    #[must_use]
    pub fn title(mut self, title: &'static str) -> Self {
        self.0.title = title.into();
        self
    }

    /// Tells this occurrence: what and why, and what would help.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds a wrong field; they stand in `errors`.
    #[must_use]
    pub fn error(mut self, error: FieldError) -> Self {
        self.0.errors.push(error);
        self
    }

    /// Adds a member of our own, such as `cause`.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header, such as `Retry-After`.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The status it answers with.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What programs branch on.
    pub fn slug(&self) -> &'static str {
        self.0.slug
    }

    fn body(&self, base: &str) -> Value {
        let mut body = self.0.members.clone();
        body.insert("type".to_owned(), format!("{base}/problems/{}", self.0.slug).into());
        body.insert("title".to_owned(), self.0.title.as_ref().into());
        body.insert("status".to_owned(), self.0.status.as_u16().into());
        if let Some(detail) = &self.0.detail {
            body.insert("detail".to_owned(), detail.as_str().into());
        }
        // The first wrong field stands at the top as well: most callers look for one.
        if let Some(first) = self.0.errors.first() {
            body.insert("field".to_owned(), first.field.as_str().into());
            let errors = self
                .0
                .errors
                .iter()
                .map(|error| serde_json::json!({"field": error.field, "reason": error.reason}));
            body.insert("errors".to_owned(), errors.collect());
        }
        body.into()
    }

    fn answer(&self, base: &str) -> Response {
        let body = self.body(base).to_string();
        let mut response = (
            self.0.status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body,
        )
            .into_response();
        response.headers_mut().extend(self.0.headers.iter().cloned());
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.answer("");
        response.extensions_mut().insert(self);
        response
    }
}

/// Makes the `type` of an answer that is a problem absolute: `base` + `/problems/{slug}`. What is our own fault is told
/// by the request's id alone.
pub(crate) fn completed(response: Response, base: &str, id: &str) -> Response {
    let Some(mut problem) = response.extensions().get::<Problem>().cloned() else {
        return response;
    };
    if problem.0.status.is_server_error() {
        problem.0.members.insert("request_id".to_owned(), id.into());
    }
    let (mut parts, _) = response.into_parts();
    let (_, body) = problem.answer(base).into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body)
}
