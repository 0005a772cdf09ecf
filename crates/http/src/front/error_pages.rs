//! Error pages of a service's own.

use axum::{extract::Request, response::Response};
use http::{HeaderValue, StatusCode, Uri, header};

/// What is left of a request that nothing has answered.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What was asked for.
    pub uri: Uri,
    /// In which languages (RFC 9110 section 12.5.4).
    pub languages: Option<HeaderValue>,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Self {
        Self {
            uri: request.uri().clone(),
            languages: request.headers().get(header::ACCEPT_LANGUAGE).cloned(),
        }
    }
}

/// Says in a service's own words, and in its readers' languages, what the last resort would say in English.
pub trait ErrorPages: Send + Sync {
    /// The page for an answer of this status to the request that is called `id`; none: the last resort's.
    fn page(&self, asked: &Asked, status: StatusCode, id: &str) -> Option<Response>;
}
