//! Why a request could not be read.

use std::borrow::Cow;

use axum::{
    Router,
    extract::rejection::BytesRejection,
    middleware,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use crate::problem::{FieldError, Problem};

/// Where in the request the fault lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A segment of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// The body: its form fields or JSON members.
    Body,
}

/// A request that cannot be read. It never quotes what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// The status it deserves: 400, 404 (a path that cannot exist), 408, 413, 415 or 422.
    pub status: StatusCode,
    /// Where the fault lies.
    pub place: Place,
    /// The field, as a name or a path such as `changes[2].action`; absent if the fault is not one field's.
    pub field: Option<String>,
    /// In plain words, for whoever sent it: "is missing", "is given twice".
    pub reason: Cow<'static, str>,
}

impl Refusal {
    /// A refusal with status 400 that no single field is to blame for.
    pub fn new(place: Place, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            place,
            field: None,
            reason: reason.into(),
        }
    }

    /// The same, blaming `field`.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same with another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// One sentence for a person: the field, if there is one, and what is wrong with it.
    pub fn sentence(&self) -> String {
        self.field
            .as_ref()
            .map_or_else(|| self.reason.to_string(), |field| format!("`{field}` {}", self.reason))
    }

    pub(super) fn content_type(expected: &str) -> Self {
        Self::new(Place::Header, format!("must be {expected}"))
            .field("Content-Type")
            .status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }

    /// From a body that could not be read whole.
    pub(super) fn body(rejection: &BytesRejection) -> Self {
        match rejection.status() {
            status @ StatusCode::PAYLOAD_TOO_LARGE => Self::new(Place::Body, "the body is too long").status(status),
            _ => Self::new(Place::Body, "the body did not arrive whole"),
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let slug = match refusal.status {
            StatusCode::NOT_FOUND => "not-found",
            StatusCode::PAYLOAD_TOO_LARGE => "too-large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported-media-type",
            _ => "invalid-request",
        };
        let problem = Self::new(refusal.status, slug).detail(refusal.sentence());
        match &refusal.field {
            Some(field) => problem.error(FieldError {
                field: field.clone(),
                reason: refusal.reason.to_string(),
            }),
            None => problem,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Problem::from(&self).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Answers every refusal of `router` with what `render` makes of it, instead of problem+json.
pub fn answer_refusals_with<S>(router: Router<S>, render: fn(&Refusal) -> Response) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(middleware::map_response(move |response: Response| async move {
        response.extensions().get::<Refusal>().map(render).unwrap_or(response)
    }))
}
