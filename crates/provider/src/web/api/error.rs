//! The API's own error body: `{uuid, code, message, messages}`.

use std::{collections::BTreeMap, error::Error};

use axum::{
    body::Body,
    extract::{DefaultBodyLimit, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use rightful_http::{RequestId, extract::Refusal};
use serde_json::json;
use store::StoreError;

use super::LONGEST_BODY;
use crate::app::{sub_requests::SubRequestError, subject_access::SarError};

/// What went wrong, for a program to branch on (`code`) and a person to read.
#[derive(Debug, Clone)]
pub(super) struct ApiError(Box<Fault>);

#[derive(Debug, Clone)]
struct Fault {
    status: StatusCode,
    code: &'static str,
    message: String,
    messages: BTreeMap<String, String>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Fault {
            status,
            code,
            message: message.into(),
            messages: BTreeMap::new(),
            header: None,
        }))
    }

    /// A request that can't be understood.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// Fields that can't be used, each with a reason to be read after its name.
    pub(super) fn fields(messages: BTreeMap<String, String>) -> Self {
        let words: Vec<_> = messages
            .iter()
            .map(|(field, reason)| format!("{field} {reason}"))
            .collect();
        let mut error = Self::bad_request(words.join("; "));
        error.0.messages = messages;
        error
    }

    /// One field that can't be used.
    pub(super) fn field(field: &str, reason: impl Into<String>) -> Self {
        Self::fields(BTreeMap::from([(field.to_owned(), reason.into())]))
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// The vendor's words.
    pub(super) fn no_such_uri() -> Self {
        Self::not_found("Nothing matches the given URI")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This URI does not take that method",
        )
    }

    pub(super) fn throttled() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "The account calls too often; wait and call again",
        )
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// Our own fault, logged here and told nobody.
    fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error, "an API call failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "Something went wrong here; the uuid finds it in our log",
        )
    }

    /// Something that we need does not answer.
    fn unavailable(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error, "an API call could not be served");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "service_unavailable",
            "The service can't answer at the moment; try again later",
        )
    }

    fn respond(&self, request: Option<RequestId>) -> Response {
        let fault = &self.0;
        let mut body = json!({ "code": fault.code, "message": fault.message, "messages": fault.messages });
        if let (Some(id), Some(members)) = (request, body.as_object_mut()) {
            members.insert("uuid".to_owned(), id.to_string().into());
        }
        let content_type = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (fault.status, content_type, body.to_string()).into_response();
        if let Some((name, value)) = &fault.header {
            response.headers_mut().insert(name, value.clone());
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.respond(None);
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every error the id under which the log knows the request, and bounds its body.
pub(super) async fn rendered(mut request: Request, next: Next) -> Response {
    DefaultBodyLimit::max(LONGEST_BODY).apply(&mut request);
    let id = request.extensions().get::<RequestId>().copied();
    let response = next.run(request).await;
    let Some(error) = response.extensions().get::<ApiError>().cloned() else {
        return response;
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let (_, body) = error.respond(id).into_parts();
    Response::from_parts(parts, Body::new(body))
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.status {
            StatusCode::NOT_FOUND => return Self::no_such_uri(),
            StatusCode::PAYLOAD_TOO_LARGE => "payload_too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            _ => "bad_request",
        };
        let mut error = Self::new(refusal.status, code, refusal.sentence());
        if let Some(field) = refusal.field {
            error.0.messages.insert(field, refusal.reason.into_owned());
        }
        error
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(_) | StoreError::LeaseLost | StoreError::Stale { .. } => Self::unavailable(&error),
            StoreError::Corrupt { .. } | StoreError::Crashed => Self::internal(&error),
        }
    }
}

impl From<SarError> for ApiError {
    fn from(error: SarError) -> Self {
        match error {
            SarError::Forbidden => Self::forbidden(error.to_string()),
            SarError::NotFound | SarError::NotFailed => Self::no_such_uri(),
            SarError::Export(error) => Self::internal(&error),
            SarError::Store(error) => error.into(),
        }
    }
}

impl From<SubRequestError> for ApiError {
    fn from(error: SubRequestError) -> Self {
        match error {
            SubRequestError::Forbidden(_) => Self::forbidden(error.to_string()),
            SubRequestError::NotFound => Self::no_such_uri(),
            SubRequestError::Final(_) | SubRequestError::Backwards | SubRequestError::NotATeams => {
                Self::new(StatusCode::CONFLICT, "conflict", error.to_string())
            }
            SubRequestError::Location(_) | SubRequestError::Elsewhere { .. } => {
                Self::field("export_location", error.to_string())
            }
            SubRequestError::Export(error) => SarError::Export(error).into(),
            SubRequestError::Store(error) => error.into(),
        }
    }
}
