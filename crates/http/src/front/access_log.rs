//! One line per request. It holds the route, never the path as sent, the query, a header or a body: those carry tokens
//! and people (SEC-43).

use std::time::Instant;

use axum::{extract::MatchedPath, response::Response};
use http::Method;
use tracing::Span;

/// A line that is not written yet.
pub(super) struct Line {
    began: Instant,
    method: Method,
    route: Route,
}

/// What a request asks for.
pub(super) enum Route {
    /// What the router found, if it found something.
    Matched(Option<MatchedPath>),
    /// What is answered without the router.
    Express(&'static str),
}

impl Line {
    pub(super) fn begin(method: Method, route: Route) -> Self {
        Self {
            began: Instant::now(),
            method,
            route,
        }
    }

    fn route(&self) -> &str {
        match &self.route {
            Route::Matched(route) => route.as_ref().map_or("unmatched", MatchedPath::as_str),
            Route::Express(route) => route,
        }
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
