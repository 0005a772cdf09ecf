//! One line per request. It holds the route, never the path as sent, the query, a header or a body: those carry tokens
//! and people (SEC-43).

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use http::Method;
use tracing::Span;

/// A line that is not written yet.
pub(super) struct Line {
    began: Instant,
    method: Method,
    route: Option<MatchedPath>,
}

impl Line {
    pub(super) fn begin(request: &Request) -> Self {
        Self {
            began: Instant::now(),
            method: request.method().clone(),
            route: request.extensions().get().cloned(),
        }
    }

    fn route(&self) -> &str {
        self.route.as_ref().map_or("unmatched", MatchedPath::as_str)
    }

    /// What other log lines of the request stand in.
    pub(super) fn span(&self, id: &str) -> Span {
        tracing::info_span!("request", request.id = %id, route = self.route())
    }

    pub(super) fn end(self, id: &str, response: &Response) {
        let (status, duration_ms) = (response.status().as_u16(), self.began.elapsed().as_millis());
        let (method, route) = (&self.method, self.route());
        tracing::info!(target: "access", { request.id = %id, method = %method, route = %route, status, duration_ms }, "answered");
    }
}
