//! What stands in front of a whole service: what every request goes through. On the way in it gets an id and its
//! caller's address; on the way out an answer where a handler panicked or no route was found, absolute problem types,
//! the security headers, and a line in the access log.

mod access_log;
mod error_pages;
mod last_resort;
mod request_id;

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::{HeaderValue, StatusCode, header};
use tracing::Instrument as _;
use url::Url;
use vault::SharedEntropy;

pub use error_pages::{Asked, ErrorPages};
pub use request_id::RequestId;

use crate::{
    client_address::{ClientAddress, TrustedProxies},
    headers,
    problem::{self, Problem},
};

/// What it needs to know.
#[derive(Clone)]
pub struct Front {
    /// The service's name, for error pages.
    pub brand: Arc<str>,
    /// Where the service is reached from outside.
    pub public_url: Url,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: TrustedProxies,
    /// Gives request ids.
    pub entropy: SharedEntropy,
    /// Pages of the service's own for errors that nothing else has answered.
    pub error_pages: Option<Arc<dyn ErrorPages>>,
}

impl Front {
    /// Puts itself before `router`. Afterwards [`RequestId`] and [`ClientAddress`] can be extracted.
    pub fn before(&self, router: Router) -> Router {
        let front = Arc::new(Known {
            https: self.public_url.scheme() == "https",
            problems: self.public_url.as_str().trim_end_matches('/').to_owned(),
            front: self.clone(),
        });
        // One layer that does it all: each one costs every request several allocations.
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let front = Arc::clone(&front);
            async move { front.answer(request, next).await }
        }))
    }
}

/// The front, and what follows from it.
struct Known {
    front: Front,
    https: bool,
    /// What the types of problems begin with.
    problems: String,
}

impl Known {
    async fn answer(&self, mut request: Request, next: Next) -> Response {
        let caller = ClientAddress::of(&self.front.trusted_proxies, request.extensions(), request.headers());
        let id = RequestId::generate(&*self.front.entropy);
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(id);
        let name = id.to_string();
        let line = access_log::Line::begin(&request);
        let asked = last_resort::wants_page(&request).then(|| Asked::of(&request));

        let answered = if names_several_hosts(&request) {
            Ok(Problem::new(StatusCode::BAD_REQUEST, "invalid-request")
                .detail("the request names several hosts")
                .into_response())
        } else {
            let answered = AssertUnwindSafe(next.run(request)).catch_unwind();
            answered.instrument(line.span(&name)).await
        };
        let response = last_resort::answered(answered, &self.front, &name, asked.as_ref());
        let mut response = problem::completed(response, &self.problems, &name);
        headers::secure(&mut response, self.https);
        if let Ok(name) = HeaderValue::from_str(&name) {
            response.headers_mut().insert("x-request-id", name);
        }
        line.end(&name, &response);
        response
    }
}

/// RFC 9112 section 3.2: whoever stands in front of us may have looked at another of them than we would.
fn names_several_hosts(request: &Request) -> bool {
    request.headers().get_all(header::HOST).iter().nth(1).is_some()
}
